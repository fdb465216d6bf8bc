"""What a roster says, before it is put on paper or a page: data only, in no language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from relapse_risk.alerts import Allocation, VisitPlan
from relapse_risk.evaluation import Evaluation, ModelChoice
from relapse_risk.periods import AsOf, Horizon
from relapse_risk.policy import URGENT_FIRST, IntervalWidth

__all__ = ["ModelFacts", "Remark", "RosterReport"]

Remark = tuple[str, Mapping[str, Any]]
"""A code (``wordings.toml``, table ``remarks``) and what its placeholders stand for."""


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """What a reader should know of the model behind the scores.

    Attributes
    ----------
    digest : str
        SHA-256 of the bundle's file.
    origin : str
        Where it is from, see ``bundle.Origin``.
    label, cohort : str
        ``recorded`` or ``income``; ``wide`` or ``narrow``.
    horizon : int
        Months.
    as_of : tuple of date
        The days it was trained as of.
    trained_through : date or None
        The last day its outcomes touch; None where nothing was trained.
    rows, households, relapses, features : int
        What it was trained on.
    protected : tuple of Mapping of str to str
        What it was not given as no household is ranked by it, in words by language.
    evaluation : Evaluation or None
        The comparison of the model with its baselines, if it was trained.
    release : str
        Of this library, when it was trained.
    choice : ModelChoice or None
        Why it and not the other one was returned, where `train` could choose.
    controls : float
        Share of the rows without a relapse that it was trained on.
    """

    digest: str
    origin: str
    label: str
    cohort: str
    horizon: int
    as_of: tuple[date, ...]
    trained_through: date | None
    rows: int
    households: int
    relapses: int
    features: int
    protected: tuple[Mapping[str, str], ...]
    evaluation: Evaluation | None
    release: str
    choice: ModelChoice | None = None
    controls: float = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class RosterReport:
    """What a roster says.

    Attributes
    ----------
    as_of : date
    risk : pl.DataFrame
        One row per household known on the day: household_id, population, why, stale, probability, lower, upper, tier,
        rank, tier_model, listed_again, override, listed_for, visit_for, waiting_for, waiting_since, reason_1 to
        reason_3.
    places : pl.DataFrame
        One row per household: household_id and, as far as known, prefecture, county, town, village, group_name,
        household_type.
    areas : pl.DataFrame
        One row per area, see `alerts.assess_areas`.
    sentences : pl.DataFrame
        household_id, ``sentence_<n>_<lang>`` and ``reason_text_<lang>`` for every listed household that is scored.
    shared : Allocation
        How many households can be visited in which area, and where each list ends.
    plan : VisitPlan
        Who is visited, who is in hand, who waits.
    capacity_share : float or None
        The share of the cohort that the capacity is, where none was given.
    tiers : Mapping of str to float
        Up to which share of the capacity red and orange reach.
    interval_width : IntervalWidth
        Which intervals are called narrow, medium and wide.
    rules : pl.DataFrame
        One row per hard rule: rule, tier, zh, en, met, listed, unknown, see ``alerts.rule_counts``.
    remarks : tuple of Remark
        What a reader must know before using it.
    model : ModelFacts
    past_range : tuple of float, or None
        Relapses to expect if the year were as the best and as the worst of the past ones; none where they are not
        known.
    curve : pl.DataFrame or None
        Relapses expected by the number of visits, see `alerts.visit_curve`; none where probabilities are assumed.
    """

    as_of: date
    risk: pl.DataFrame
    places: pl.DataFrame
    areas: pl.DataFrame
    sentences: pl.DataFrame
    shared: Allocation
    plan: VisitPlan
    capacity_share: float | None
    tiers: Mapping[str, float]
    interval_width: IntervalWidth
    rules: pl.DataFrame
    remarks: tuple[Remark, ...]
    model: ModelFacts
    past_range: tuple[float, float] | None = None
    curve: pl.DataFrame | None = None

    @property
    def capacity(self) -> int:
        """Households that can be visited."""
        return self.shared.visits

    @property
    def end(self) -> date:
        """The last day of the horizon."""
        return Horizon(months=self.model.horizon).end(AsOf(self.as_of))

    @cached_property
    def at_risk(self) -> pl.DataFrame:
        """The rows of `risk` in the cohort."""
        return self.risk.filter(pl.col("population") == "at_risk")

    @cached_property
    def listed(self) -> pl.DataFrame:
        """The rows of `risk` that are listed: the most urgent tier first, in it by rank, those without a rank last."""
        return _by_urgency(self.risk.filter(pl.col("listed_for").is_not_null()))

    @cached_property
    def waiting(self) -> pl.DataFrame:
        """The rows of `risk` that wait for a visit, in the order of the list."""
        return _by_urgency(self.risk.filter(pl.col("waiting_for").is_not_null()))

    @cached_property
    def by_risk(self) -> pl.DataFrame:
        """The listed within the capacity, first rank first."""
        return self.risk.filter(listed_for="model").sort("rank")

    @cached_property
    def by_rule(self) -> pl.DataFrame:
        """The listed that only a hard rule lists."""
        return self.listed.filter(listed_for="rule")

    @property
    def assumed(self) -> bool:
        """Whether probabilities are assumed, so that no number of relapses may be told from them."""
        return self.model.origin == "rule"

    @cached_property
    def expected(self) -> float:
        """Relapses expected in the cohort: the sum of the probabilities."""
        return float(self.at_risk["probability"].sum())

    @cached_property
    def expected_listed(self) -> float:
        """Relapses expected among those listed by their risk."""
        return float(self.by_risk["probability"].sum())


def _by_urgency(rows: pl.DataFrame) -> pl.DataFrame:
    urgency = {tier: place for place, tier in enumerate(URGENT_FIRST)}
    ordered = pl.col("tier").replace_strict(urgency, default=len(urgency), return_dtype=pl.Int64)
    return rows.sort(ordered, "rank", "household_id", nulls_last=True)
