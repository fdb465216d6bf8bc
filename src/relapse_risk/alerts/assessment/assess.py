"""Every household by the four factors, in the classes of both schemes, with the measures that fit it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from relapse_risk.alerts.assessment.household_facts import HouseholdFacts, find_facts
from relapse_risk.alerts.assessment.measures import fitting_measures
from relapse_risk.features import FeatureTable
from relapse_risk.features.conditions import any_of, check_column, check_conditions, first_level
from relapse_risk.policy import Policy
from relapse_risk.policy.mechanism import Scheme, in_force
from relapse_risk.records import AsOfView

__all__ = ["MissingInputs", "assess", "missing_inputs", "suggest"]

_FACTORS = ("depth", "result", "risk")
_POPULATIONS = ("near_poor", "sudden")
_COLUMNS = ("household_id", "cause", *_FACTORS, "class_three", "class_four", *_POPULATIONS, "measures")


@dataclass(frozen=True, kw_only=True)
class MissingInputs:
    """The inputs that an assessment was missing.

    Attributes
    ----------
    columns : Mapping of str to str
        Columns that cannot be computed, each with what is missing in the records (``table illness``).
    left_out : Mapping of str to tuple of str
        By factor, class, population and measure (``factor.result``): the columns for which conditions were left out.
    """

    columns: Mapping[str, str]
    left_out: Mapping[str, tuple[str, ...]]


def assess(view: AsOfView, table: FeatureTable, risk: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Assess every household known on a day.

    Parameters
    ----------
    view : AsOfView
        Of the day.
    table : FeatureTable
        The features of the day (`build_features`).
    risk : pl.DataFrame
        The risk of every household (``Roster.frame``).
    policy : Policy
        Of its mechanism the parts ``classes`` and ``measures``.

    Returns
    -------
    pl.DataFrame
        One row per household, in order: household_id, cause (a code of ``REASONS``), depth, result and risk
        (levels of ``classes.toml``), class_three, class_four, near_poor, sudden, and measures (codes of those
        that the household is not known to have, joined by ``+``, most fitting first; ``?`` after those to be checked
        first). Null where it is not known, and where the class is not for the household.

    Raises
    ------
    InputError
        If a condition of the data files cannot be meant (`check_conditions`).
    """
    frame = _assessed(view, table, risk, policy).frame
    new = fitting_measures(frame, policy.mechanism.measures, view.as_of.day).filter(~pl.col("held").fill_null(False))
    measures = new.group_by("household_id", maintain_order=True).agg(measures=_marked().str.join("+"))
    joined = frame.join(measures, on="household_id", how="left", maintain_order="left")
    missing = [pl.lit(None, dtype=pl.Boolean).alias(name) for name in _POPULATIONS if name not in frame.columns]
    return joined.with_columns(missing).select(_COLUMNS).sort("household_id")


def _marked() -> pl.Expr:
    """Return the codes of measures, marked where it is to be checked first whether they may be taken."""
    return pl.when("check").then(pl.col("measure") + "?").otherwise("measure")


def suggest(view: AsOfView, table: FeatureTable, risk: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Return the measures that fit every household, as suggestions for a person to decide.

    Parameters as `assess`.

    Returns
    -------
    pl.DataFrame
        By household and place: household_id, place (from 1), measure, held (has it already: those come last;
        null where that is not known) and points.
    """
    return fitting_measures(_assessed(view, table, risk, policy).frame, policy.mechanism.measures, view.as_of.day)


def missing_inputs(view: AsOfView, table: FeatureTable, risk: pl.DataFrame, policy: Policy) -> MissingInputs:
    """Return the inputs of `assess` that the records do not have. Parameters as `assess`."""
    facts = _assessed(view, table, risk, policy)
    left_out: dict[str, tuple[str, ...]] = {}
    for name, column in _looked_at(policy):
        if column in facts.missing:
            left_out[name] = tuple(dict.fromkeys((*left_out.get(name, ()), column)))
    columns = {column: facts.missing[column] for missing in left_out.values() for column in missing}
    return MissingInputs(columns=columns, left_out=left_out)


def _looked_at(policy: Policy) -> Iterator[tuple[str, str]]:
    """Yield every column that conditions look at, after the factor, class, population or measure whose they are."""
    mechanism = policy.mechanism
    for key, condition in (*mechanism.classes.conditions(), *mechanism.measures.conditions()):
        yield ".".join(key.split(".")[:2]), condition.column


def _assessed(view: AsOfView, table: FeatureTable, risk: pl.DataFrame, policy: Policy) -> HouseholdFacts:
    """Return what is known of every household, with cause, factors and classes."""
    classes, measures, file = policy.mechanism.classes, policy.mechanism.measures, policy.file("mechanism")
    facts = find_facts(table, risk.drop("as_of", strict=False), view, policy)
    sudden = classes.population.sudden
    check = partial(check_conditions, missing=facts.missing, file=file, codes=facts.codes)
    frame = facts.frame.with_columns(cause=_cause(facts.frame.columns, classes.cause.columns))
    for key, names in (("cause.columns", classes.cause.columns), ("population.sudden.cost", sudden.cost)):
        for name in names:
            check_column(f"classes.{key}", name, facts.frame.columns, facts.missing, file=file)
    check("classes.population.sudden", sudden.conditions(), frame)
    for name, factor in classes.factor.items():
        check(f"classes.factor.{name}", factor.conditions(), frame)
        frame = frame.with_columns(first_level(factor.level, frame.columns).alias(name))
    for name, scheme in classes.scheme.items():
        check(f"classes.scheme.{name}", scheme.conditions(), frame)
        classed = _class(scheme, frame.columns) if in_force(scheme, view.as_of.day) else pl.lit(None, dtype=pl.String)
        frame = frame.with_columns(classed.alias(name))
    check("measures", measures.conditions(), frame)
    return replace(facts, frame=frame)


def _cause(columns: Collection[str], wanted: Sequence[str]) -> pl.Expr:
    return pl.coalesce(*(name for name in wanted if name in columns), pl.lit(None, dtype=pl.String))


def _class(scheme: Scheme, columns: Collection[str]) -> pl.Expr:
    """Return the class of the households a scheme is for, null for others."""
    of, never = any_of(scheme.of, columns), any_of(scheme.never, columns)
    return pl.when(of & ~never.fill_null(False)).then(first_level(scheme.level, columns))
