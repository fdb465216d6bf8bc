"""Whether the parts of a bundle, each of its own type, fit together."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from relapse_risk.periods import MOST_HORIZON

if TYPE_CHECKING:
    from relapse_risk.bundle.bundle import Bundle

__all__ = ["validate"]


def validate(bundle: "Bundle") -> Iterator[str]:
    """Yield each field that cannot be what a training left behind, or the rule without one, given the others."""
    trained = bundle.origin != "rule"
    fits = {
        "columns": _are_columns(bundle),
        "features": set(bundle.columns) <= {feature.name for feature in bundle.features},
        "horizon": 1 <= bundle.horizon <= MOST_HORIZON,
        "as_of": (len(bundle.as_of) > 0) == trained,
        "known_by": (bundle.known_by is not None) == trained,
        "trained_through": (bundle.trained_through is not None) == trained,
        "rows": 0 < bundle.households <= bundle.rows if trained else bundle.households == bundle.rows == 0,
        "relapses": 0 <= bundle.relapses <= bundle.rows,
        "unreported_share": 0 <= bundle.unreported_share <= 1,
        "carried_forward_line": 0 <= bundle.carried_forward_line <= bundle.rows or bundle.controls < 1,
        "controls": 0 < bundle.controls <= 1,
        "past_years": bundle.past_years is None or len(bundle.past_years.days) == len(bundle.past_years.shifts),
        "reference": _is_of_columns(bundle),
        "evaluation": _was_tried(bundle) == trained,
        "moved": (bundle.moved is not None) == (bundle.origin in ("recalibrated", "prevalence")),
    }
    return (name for name, fit in fits.items() if not fit)


def _are_columns(bundle: "Bundle") -> bool:
    """Return whether the columns are those the model was fitted on, in its order, each once."""
    fitted_on = tuple(getattr(bundle.model, "feature_names_in_", ()))  # a model of unnamed columns has none
    return len(set(bundle.columns)) == len(bundle.columns) > 0 and bundle.columns == fitted_on


def _is_of_columns(bundle: "Bundle") -> bool:
    """Return whether a reference, if there is one, is of the model's columns and of no more rows than it saw."""
    if bundle.reference is None:
        return True
    columns = (*bundle.reference.columns, bundle.reference.score)
    names = tuple(column.name for column in bundle.reference.columns)
    rows = {column.rows + column.missing for column in columns}
    counted = len(rows) == 1 and (rows == {bundle.rows} or (bundle.controls < 1 and max(rows) < bundle.rows))
    return names == bundle.columns and counted and 0 < bundle.reference.clusters <= bundle.rows


def _was_tried(bundle: "Bundle") -> bool | None:
    """Return whether an evaluation says something of some model; None, which is neither, where it says nothing."""
    if bundle.evaluation is None:
        return False
    return len(bundle.evaluation.comparisons) > 0 or None
