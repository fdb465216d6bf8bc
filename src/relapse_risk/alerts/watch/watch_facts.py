"""Facts that several watch lists use: households, their members and work, the support they get."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from relapse_risk.alerts.assessment.populations import near_poor, over_lines
from relapse_risk.alerts.persons import count_persons
from relapse_risk.features import DEFAULT_BUILDERS, FeatureTable, build_features
from relapse_risk.periods import Window
from relapse_risk.policy import Policy
from relapse_risk.records import AsOfView, is_of_types

__all__ = ["WatchFacts", "find_facts", "is_any", "lasts"]

_FEATURES = ("in_spells", "unsafe_house", "unsafe_water")
_TEXTS = ("house_grade", "resettlement_site")


@dataclass(frozen=True, kw_only=True, eq=False)
class WatchFacts:
    """What is known on a day.

    Attributes
    ----------
    view : AsOfView
        Of the day.
    households : pl.DataFrame
        Every household somebody is left of, with the columns the register has, persons, the current income (income,
        line, ratio, stale), the features that lists use (0 or 1), and, null where not known: kept_types (whether the
        register calls any household anything), state and monitored (see ``AsOfView.states``), near_poor (see
        `near_poor`), able (how many can work),
        has_labour, working (somebody is in work), industry (support for enterprise in force or recently given).
    members : pl.DataFrame
        Who lives in them, with age; empty where no members are known.
    """

    view: AsOfView
    households: pl.DataFrame
    members: pl.DataFrame

    def are(self, whom: Sequence[str]) -> pl.Expr:
        """Return whether a household is of some types, or monitored; all are, where the register keeps no types."""
        return pl.when("kept_types").then(is_of_types(whom) | pl.col("monitored")).otherwise(True)

    def here(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of households that are there."""
        return rows.join(self.households, on="household_id", how="semi", maintain_order="left")

    def with_own(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return every household with the columns of its row among some, null where it has none."""
        return self.households.join(rows, on="household_id", how="left", maintain_order="left")


def find_facts(view: AsOfView, cohort: pl.DataFrame, table: FeatureTable | None, policy: Policy) -> WatchFacts:
    """Return what is known on a day.

    Parameters
    ----------
    view : AsOfView
    cohort : pl.DataFrame
        Of the day, from `find_cohort`.
    table : FeatureTable or None
        Features of the day, where they are built already.
    policy : Policy
        Its mechanism has the monitoring lines (part ``classes``) and what counts as work (part ``watch``).
    """
    bounds = policy.mechanism.watch.facts
    known, members = view.known, view.residents
    here = cohort.filter(pl.col("exclusion_reason").ne_missing("departed"))
    households = known.require("households").join(
        here.select("household_id", "income", "line", "ratio", "stale"), on="household_id"
    )
    for one in (
        count_persons(view),
        _features(view, table),
        view.able_to_work,
        view.states.select("household_id", "state", "monitored"),
        over_lines(view, policy.monitoring).drop("persons"),
        _months_worked(members, bounds.work_months),
        _industry(view, bounds.industry_months),
    ):
        households = households.join(one, on="household_id", how="left")
    households = households.with_columns(
        *(pl.lit(None, dtype=pl.String).alias(name) for name in _TEXTS if name not in households.columns),
        # A table without rows does not say who is not helped.
        industry=pl.col("industry").fill_null(pl.lit(False if view.notes_help("industry") else None, pl.Boolean())),
    ).with_columns(
        kept_types=pl.lit(view.keeps_types),
        near_poor=near_poor(),
        working=_working(households),
    )
    return WatchFacts(view=view, households=households.sort("household_id"), members=members)


def is_any(*flags: pl.Expr) -> pl.Expr:
    """Return true where one of several sources says so, else what the first of them that says anything says."""
    return pl.when(pl.any_horizontal(flags)).then(True).otherwise(pl.coalesce(*flags, pl.lit(None, dtype=pl.Boolean)))


def lasts(days: int) -> pl.Expr:
    """Return whether a measure lasts, or lasted, so many days: what is shorter is a payment."""
    ended_on = pl.col("ended_on")
    return ended_on.is_null() | ((ended_on - pl.col("started_on")).dt.total_days() >= days)


def _features(view: AsOfView, table: FeatureTable | None) -> pl.DataFrame:
    """Return the features that lists use, as far as the records have what these need."""
    if table is None or not set(_FEATURES) <= {feature.name for feature in table.features} | set(table.missing):
        builders = [builder for builder in DEFAULT_BUILDERS if any(f.name in _FEATURES for f in builder.features)]
        table = build_features(view, builders=builders)
    made = [name for name in _FEATURES if name in table.frame.columns and name not in table.missing]
    return table.frame.select("household_id", *made)


def _months_worked(members: pl.DataFrame, least: float) -> pl.DataFrame:
    """Return whether anybody of a household worked so many months by the register's own count: months_worked."""
    months = pl.col("work_months") if "work_months" in members.columns else pl.lit(None, dtype=pl.Float64)
    return members.group_by("household_id").agg(months_worked=(months >= least).any(ignore_nulls=False))


def _working(households: pl.DataFrame) -> pl.Expr:
    spells = pl.col("in_spells") > 0 if "in_spells" in households.columns else pl.lit(None, dtype=pl.Boolean)
    return is_any(spells, pl.col("months_worked"))


def _industry(view: AsOfView, months: int) -> pl.DataFrame:
    """Return the households with support for enterprise in force, or that ended so many months ago at most."""
    lately = pl.col("in_force") | Window(months=months).holds(pl.col("ended_on"), view.as_of)
    measures = view.assistance.filter(pl.col("kind") == "industry", lately)
    return measures.select(pl.col("household_id").unique(), industry=pl.lit(True))
