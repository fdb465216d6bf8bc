"""Areas under named supervision: the focus lists each is on, by which criterion and by how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.policy import Policy, near_names
from relapse_risk.policy.mechanism import FocusCriterion, FocusList, in_force
from relapse_risk.records import AREA_COLUMNS

__all__ = ["Focus", "find_focus"]

_NAMES = (*AREA_COLUMNS.values(), "resettlement_site")
_SITE = "site"
_ENTRIES = pl.Schema(
    {
        **dict.fromkeys(("list", "criterion", "state", "level", *_NAMES), pl.String),
        **dict.fromkeys(("value", "least", "most", "bound", "over"), pl.Float64),
        "unit": pl.String,
        **dict.fromkeys(("households", "persons"), pl.Int64),
    }
)
_COUNTS = pl.Schema(
    {
        **dict.fromkeys(("list", "criterion", "level"), pl.String),
        **dict.fromkeys(("n_on", "n_known", "unknown", "unplaced"), pl.Int64),
    }
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Focus:
    """The focus lists of a day.

    Attributes
    ----------
    entries : pl.DataFrame
        One row for every area and criterion that it meets, or of which nobody knows whether it does: list, criterion,
        state (``on``, ``unknown``), level, the names of the area (prefecture to group_name, resettlement_site), value
        (of what is known), least and most (whatever the unknown may be), bound, over (value less bound), unit
        (``share`` or ``count``), households and persons. Most over the bound first.
    counts : pl.DataFrame
        One row per criterion: n_on, n_known (areas of which it is known), unknown (areas) and unplaced (households of
        which it is not said in which area they live; null where there is no such level at all).
    """

    entries: pl.DataFrame
    counts: pl.DataFrame


def find_focus(areas: pl.DataFrame, sites: pl.DataFrame, policy: Policy, as_of: date) -> Focus:
    """Return the focus lists in force on a day.

    An area is on a list where it meets a criterion even if all that is not known speaks against it, and unknown where
    it meets it only if that speaks for it.

    Parameters
    ----------
    areas : pl.DataFrame
        From `assess_areas`.
    sites : pl.DataFrame
        ``Watch.sites``.
    policy : Policy
        The lists and their criteria (``mechanism``, part ``focus``).
    as_of : date
        The day of the areas.

    Returns
    -------
    Focus

    Raises
    ------
    InputError
        If a criterion looks at a column that there is not (``focus_column``).
    """
    found = [
        _judged(name, one, criterion, sites if one.level == _SITE else areas.filter(level=one.level), policy)
        for name, one in policy.mechanism.focus.lists.items()
        if in_force(one, as_of)
        for criterion in one.criteria
    ]
    entries = pl.concat([pl.DataFrame(schema=_ENTRIES), *(entries for entries, _ in found)], how="diagonal_relaxed")
    return Focus(
        entries=entries.select(_ENTRIES.names()).cast(_ENTRIES),
        counts=pl.DataFrame([counts for _, counts in found], schema=_COUNTS),
    )


def _judged(
    name: str, one: FocusList, criterion: str, areas: pl.DataFrame, policy: Policy
) -> tuple[pl.DataFrame, Mapping[str, object]]:
    """Return the entries of a criterion and its counts."""
    asked = one.criteria[criterion]
    column = asked.column
    if column not in areas.columns or not areas.schema[column].is_numeric():
        numbers = [place for place, kind in areas.schema.items() if kind.is_numeric()]
        like = near_names(column, numbers)
        raise InputError(
            "focus_column", path=policy.file("mechanism"), list=name, name=criterion, column=column, like=like
        )
    own = "resettlement_site" if one.level == _SITE else AREA_COLUMNS[one.level]
    least, most = (f"{column}_{end}" if f"{column}_{end}" in areas.columns else column for end in ("least", "most"))
    judged = (
        areas.drop_nulls(own)
        .with_columns(list=pl.lit(name), criterion=pl.lit(criterion), level=pl.lit(one.level))
        .with_columns(unit=pl.lit("share" if areas.schema[column].is_float() else "count"))
        .with_columns(value=column, least=least, most=most, bound=pl.lit(asked.bound))
        .with_columns(over=pl.col("value") - pl.col("bound"), state=_state(asked))
    )
    states = judged["state"]
    counts = {
        "list": name,
        "criterion": criterion,
        "level": one.level,
        "n_on": (states == "on").sum(),
        "n_known": (states != "unknown").sum(),
        "unknown": (states == "unknown").sum(),
        "unplaced": areas.filter(pl.col(own).is_null())["households"].sum() if areas.height else None,
    }
    named = [place for place in _NAMES if place in judged.columns]
    entries = judged.filter(pl.col("state") != "off")
    return entries.sort("over", *named, descending=[True, *[False] * len(named)], nulls_last=True), counts


def _state(asked: FocusCriterion) -> pl.Expr:
    least, most = (
        pl.col(end) >= pl.col("bound") if asked.above is None else pl.col(end) > pl.col("bound")
        for end in ("least", "most")
    )
    return pl.when(least).then(pl.lit("on")).when(most.fill_null(True)).then(pl.lit("unknown")).otherwise(pl.lit("off"))
