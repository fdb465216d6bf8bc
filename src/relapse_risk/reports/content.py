"""What a roster says, before it is put on paper or a page: data only, in no language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from relapse_risk.evaluation import Evaluation
from relapse_risk.periods import AsOf, Horizon

__all__ = ["Content", "ModelFacts", "Remark"]

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
    evaluation : Evaluation or None
        The model beside its baselines, where it was trained.
    release : str
        Of this library, when it was trained.
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
    evaluation: Evaluation | None
    release: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Content:
    """What a roster says.

    Attributes
    ----------
    as_of : date
    risk : pl.DataFrame
        One row per household known on the day: household_id, population, why, stale, probability, lower, upper, tier,
        rank, reason_1 to reason_3.
    places : pl.DataFrame
        One row per household: household_id and, as far as known, prefecture, county, town, village, group_name,
        household_type.
    areas : pl.DataFrame
        One row per area, see `alerts.assess_areas`.
    sentences : pl.DataFrame
        household_id and ``sentence_<n>_<lang>`` for every listed household.
    capacity : int
        Households that can be visited.
    capacity_share : float or None
        The share of the cohort that the capacity is, where none was given.
    tiers : Mapping of str to float
        Up to which share of the capacity red and orange reach.
    remarks : tuple of Remark
        What a reader must know before using it.
    model : ModelFacts
    past_range : tuple of float, or None
        Relapses to expect if the year were as the best and as the worst of the past ones; none where they are not
        known.
    """

    as_of: date
    risk: pl.DataFrame
    places: pl.DataFrame
    areas: pl.DataFrame
    sentences: pl.DataFrame
    capacity: int
    capacity_share: float | None
    tiers: Mapping[str, float]
    remarks: tuple[Remark, ...]
    model: ModelFacts
    past_range: tuple[float, float] | None = None

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
        """The rows of `risk` within the capacity, first rank first."""
        return self.risk.filter(pl.col("rank") <= self.capacity).sort("rank")

    @cached_property
    def expected(self) -> float:
        """Relapses expected in the cohort: the sum of the probabilities."""
        return float(self.at_risk["probability"].sum())

    @cached_property
    def expected_listed(self) -> float:
        """Relapses expected among the listed."""
        return float(self.listed["probability"].sum())
