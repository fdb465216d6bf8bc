"""The report on models tested on rows they were not fitted on. Every figure is weighted."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from relapse_risk.evaluation.plain import plain
from relapse_risk.evaluation.verdict import Verdict
from relapse_risk.metrics import CurvePoint, Interval, LargestError, Spiegelhalter

__all__ = ["BenefitReport", "BinReport", "DayReport", "GroupReport", "ModelReport", "ModelReports"]


@dataclass(frozen=True, kw_only=True)
class BinReport:
    """Rows of about equal probability: what was predicted for them and what happened.

    Attributes
    ----------
    low, high : float
        Smallest and largest probability among them.
    predicted : float
    observed : Interval
    rows, events : int
    """

    low: float
    high: float
    predicted: float
    observed: Interval
    rows: int
    events: int


@dataclass(frozen=True, kw_only=True)
class DayReport:
    """One as-of day.

    Attributes
    ----------
    day : str
        As ``2019-12-31``.
    rows, events : int
    observed, predicted : float
    expected_observed_ratio, log_loss, brier, slope : Interval
        `slope` is the calibration slope of the day's rows alone.
    """

    day: str
    rows: int
    events: int
    observed: float
    predicted: float
    expected_observed_ratio: Interval
    log_loss: Interval
    brier: Interval
    slope: Interval


@dataclass(frozen=True, kw_only=True)
class GroupReport:
    """One group of households, over all days.

    Attributes
    ----------
    kind, group : str
        For example ``ethnicity`` and ``yi``.
    rows, events : int
    observed, predicted : float
    error : Interval
        Predicted minus observed.
    z : float
        The error over its noise, see `relapse_risk.metrics.group_errors`.
    smallest_seen : float
        The smallest error, above or below zero, that would have been noticed with 80 % probability.
    auc, exclusion_error : Interval
        Within the group; the list is that of all households.
    """

    kind: str
    group: str
    rows: int
    events: int
    observed: float
    predicted: float
    error: Interval
    z: float
    smallest_seen: float
    auc: Interval
    exclusion_error: Interval


@dataclass(frozen=True, kw_only=True)
class BenefitReport:
    """Net benefit per household if all at or above a threshold are visited; visiting none has net benefit 0.

    Attributes
    ----------
    threshold : float
    model, visit_all : Interval
    gain : Interval
        The model's minus that of the better of visiting all and visiting none.
    """

    threshold: float
    model: Interval
    visit_all: Interval
    gain: Interval


@dataclass(frozen=True, kw_only=True)
class ModelReport:
    """Everything that is said of one model.

    Attributes
    ----------
    name : str
    figures : Mapping of str to Interval
        ``auc``, ``average_precision``, ``brier``, ``log_loss``, of the last two ``_miscalibration``,
        ``_discrimination`` and ``_uncertainty``; ``predicted``, ``observed``, ``expected_observed_ratio``,
        ``calibration_intercept``, ``calibration_slope``; ``exclusion_error``, ``inclusion_error``,
        ``lead_time_months`` (mean), ``lead_time_months_median``. Not a number where a figure is not defined.
        Intervals of miscalibration and discrimination: see `relapse_risk.metrics.bias_corrected_interval`.
    over_default : Mapping of str to Interval
        ``log_loss``, ``brier``, ``auc`` and ``exclusion_error``: the paired difference to the default model; above
        zero: this one is worse, but for ``auc``.
    spiegelhalter : Spiegelhalter
    bands : tuple of BinReport
    curve : tuple of CurvePoint
        The reliability curve without bins, with its consistency band; of the default model alone.
    days : tuple of DayReport
        In order of time.
    groups : tuple of GroupReport
        By kind and group; rows of unknown group are left out.
    largest_group_error : LargestError or None
        None where no group's error has a known noise.
    net_benefit : tuple of BenefitReport
        In rising order of threshold.
    """

    name: str
    figures: Mapping[str, Interval]
    over_default: Mapping[str, Interval]
    spiegelhalter: Spiegelhalter
    bands: tuple[BinReport, ...]
    curve: tuple[CurvePoint, ...] = ()
    days: tuple[DayReport, ...]
    groups: tuple[GroupReport, ...]
    largest_group_error: LargestError | None
    net_benefit: tuple[BenefitReport, ...]


@dataclass(frozen=True, kw_only=True)
class ModelReports:
    """Every model tried on the same rows.

    Attributes
    ----------
    households, rows, events, clusters : int
        Over rows with a positive weight. Clusters are what the bootstrap draws whole.
    days : tuple of str
        The as-of days, in order.
    observed : float
    level : float
        Of the intervals.
    capacity_share : float
        Share of each day's households that are listed.
    n_draws : int
        Of the cluster bootstrap.
    models : tuple of ModelReport
        The default model first.
    """

    households: int
    rows: int
    events: int
    clusters: int
    days: tuple[str, ...]
    observed: float
    level: float
    capacity_share: float
    n_draws: int
    models: tuple[ModelReport, ...]

    @property
    def default(self) -> str:
        """Name of the model the others are compared with."""
        return self.models[0].name

    @property
    def verdict(self) -> Verdict:
        """What the default model's list finds, and which other models are better."""
        compared = {one.name: one.over_default for one in self.models}
        missed = {one.name: one.figures["exclusion_error"] for one in self.models}
        return Verdict.of(missed, compared, capacity_share=self.capacity_share, level=self.level)

    @property
    def better(self) -> tuple[str, ...]:
        """Models whose log loss is lower than the default's by more than chance."""
        return tuple(one.name for one in self.models if one.over_default["log_loss"].upper < 0)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data; what is not a number becomes None."""
        data: dict[str, Any] = plain(asdict(self))
        return data
