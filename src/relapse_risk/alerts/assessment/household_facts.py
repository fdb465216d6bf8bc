"""What rules, factors, classes and measures use: features, the place in the cohort, the lines, measures in force."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from relapse_risk.alerts.assessment.populations import near_poor, over_lines, sudden
from relapse_risk.features import DEFAULT_BUILDERS, FeatureTable
from relapse_risk.features.conditions import codes_of
from relapse_risk.features.lower_bounds import PARTLY
from relapse_risk.labels import EXCLUSION_REASONS
from relapse_risk.policy import URGENT_FIRST, Policy
from relapse_risk.records import STATES, AsOfView, Records

__all__ = ["HouseholdFacts", "find_facts"]

_NOBODY = "a value of anybody"
_OF_INCOME = ("monitoring_line", "income_over_monitoring", "left_over_monitoring", "near_poor")
_CODES: Mapping[str, Collection[str]] = {
    **codes_of(DEFAULT_BUILDERS),
    "state": STATES,
    "exclusion_reason": ("at_risk", *EXCLUSION_REASONS),
    "tier": (*URGENT_FIRST, "none"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class HouseholdFacts:
    """What is known of every household on a day.

    Attributes
    ----------
    frame : pl.DataFrame
        One row per household: its features, the columns of its risk (exclusion_reason: ``at_risk`` where it is), and,
        where the records allow it: state and monitored (see ``AsOfView.states``), monitoring_line,
        income_over_monitoring, left_over_monitoring, near_poor, sudden, registered_sudden, in_public_post, and
        assistance (the kinds it has, see ``AsOfView.assistance``).
    missing : Mapping of str to str
        Columns that cannot be computed, each with what is missing: ``table illness``,
        ``column safe_water of households``, ``a value of anybody``.
    codes : Mapping of str to collection of str
        What its columns of codes may hold.
    """

    frame: pl.DataFrame
    missing: Mapping[str, str]
    codes: Mapping[str, Collection[str]]


def find_facts(table: FeatureTable, risk: pl.DataFrame, view: AsOfView, policy: Policy) -> HouseholdFacts:
    """Return what is known of every household on a day.

    Parameters
    ----------
    table : FeatureTable
        The features of the day.
    risk : pl.DataFrame
        household_id, population and exclusion_reason of every household, and whatever else of its risk may be looked
        at.
    view : AsOfView
        Of the day.
    policy : Policy
    """
    classes = policy.mechanism.classes
    sudden_when = classes.population.sudden
    missing = _missing_inputs(table, view.known, sudden_when.cost)
    frame = table.frame.drop("as_of").join(risk, on="household_id", how="left", maintain_order="left")
    frame = frame.with_columns(pl.col("exclusion_reason").fill_null("at_risk"))  # known, and none of those
    frame = _with_register(frame, view)
    if "income_over_monitoring" not in missing:
        lines = over_lines(view, policy.monitoring).drop("income_over_line")
        frame = frame.join(lines, on="household_id", how="left", maintain_order="left")
    if "left_over_monitoring" not in missing:
        frame = frame.with_columns(left_over_monitoring=_left_over(sudden_when.cost, frame.columns))
    if "near_poor" not in missing:
        frame = frame.with_columns(near_poor=near_poor())
    frame = frame.with_columns(sudden(frame, sudden_when))
    empty = [name for name in frame.columns if frame.height and frame[name].is_null().all()]
    missing = {**dict.fromkeys(empty, _NOBODY), **missing}
    return HouseholdFacts(frame=frame.drop(empty), missing=missing, codes=_CODES)


def _missing_inputs(table: FeatureTable, known: Records, cost: Sequence[str]) -> dict[str, str]:
    """Return the columns that the records do not allow, each with what they lack."""
    found = {name: why for name, why in table.missing.items() if name != "monitored"}
    if "income_over_line" in found:
        found |= dict.fromkeys(_OF_INCOME, found["income_over_line"])
    elif all(name in found for name in cost):
        found["left_over_monitoring"] = found[cost[0]]
    if "household_type" in found:
        found["near_poor"] = found["household_type"]
    if not known.tells("employment", "channel"):
        found["in_public_post"] = "column channel of employment" if known.tells("employment") else "table employment"
    if not known.tells("assistance"):
        found["assistance"] = "table assistance"
    return found


def _left_over(cost: Sequence[str], columns: Collection[str]) -> pl.Expr:
    """Return what is left of the income after the cost of a shock, over the monitoring line."""
    known = [pl.col(name) if name in columns else pl.lit(None, dtype=pl.Float64) for name in cost]
    flags = sorted({flag for name in cost if (flag := PARTLY.get(name)) in columns and flag})
    spent = pl.sum_horizontal(known) / pl.col("persons") / pl.col("monitoring_line")
    whole = pl.all_horizontal(
        spent.is_not_null(), *(one.is_not_null() for one in known), *(pl.col(flag) == 0 for flag in flags)
    )
    left = pl.col("income_over_monitoring") - spent.fill_null(0.0)
    # What is not known of the cost cannot lift an income that is too low already, and may press down another.
    return pl.when((left < 1) | whole).then(left)


def _with_register(frame: pl.DataFrame, view: AsOfView) -> pl.DataFrame:
    """Add who is monitored, identified as in sudden hardship, holds a public post, and the kinds of assistance held."""
    sudden_now = pl.col("monitored") & (pl.col("monitoring_type") == "sudden")
    states = view.states.select(
        "household_id", "state", pl.col("monitored").cast(pl.Float64), registered_sudden=sudden_now
    )
    frame = frame.drop("monitored", strict=False).join(states, on="household_id", how="left", maintain_order="left")
    if view.known.tells("employment", "channel"):
        frame = _with_posts(frame, view)
    if not view.known.tells("assistance"):
        return frame
    held = view.assistance.filter("held").group_by("household_id").agg(assistance=pl.col("kind").unique().sort())
    frame = frame.join(held, on="household_id", how="left", maintain_order="left")
    return frame.with_columns(pl.col("assistance").fill_null([]))


def _with_posts(frame: pl.DataFrame, view: AsOfView) -> pl.DataFrame:
    """Add whether somebody holds a public post, null where it is not said how somebody found the work he has."""
    spells = view.happened("employment", "started_on")
    spells = spells.filter(pl.col("ended_on").is_null()) if "ended_on" in spells.columns else spells
    held = (pl.col("channel") == "public_post").any(ignore_nulls=False)
    posts = spells.group_by("household_id").agg(in_public_post=held, works=pl.lit(True))
    rows = frame.join(posts, on="household_id", how="left", maintain_order="left")
    in_post = pl.when("works").then("in_public_post").otherwise(False)  # who has no spell has no post
    return rows.with_columns(in_public_post=in_post).drop("works")
