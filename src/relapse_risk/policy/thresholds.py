"""Figures of the rule in force, of the rule alone and of the tiers: what ``thresholds.toml`` holds."""

from collections.abc import Mapping
from itertools import pairwise
from math import sqrt
from typing import Self

from pydantic import Field, model_validator

from relapse_risk.policy.conditions import ColumnCondition
from relapse_risk.policy.model import PolicyModel, refuse

__all__ = [
    "CHANGE_STATES",
    "URGENT_FIRST",
    "AssumedRates",
    "IntervalWidth",
    "NearTie",
    "Thresholds",
    "TierReach",
    "UsualCapacity",
]

URGENT_FIRST = ("red", "orange", "yellow")
"""The tiers, the most urgent first."""

CHANGE_STATES = ("new", "worse", "better", "same", "gone", "not_sent")
"""What can become of a listed household from month to month; ``gone`` from the list, or from the input."""


class UsualCapacity(PolicyModel):
    """The share of the cohort that is listed where no capacity is given."""

    share: float = Field(gt=0, le=1)


class TierReach(PolicyModel):
    """Up to which share of the capacity each tier reaches.

    Examples
    --------
    >>> TierReach(red=0.25, orange=0.5, yellow=1.0).by_tier["orange"]
    0.5
    """

    red: float = Field(gt=0, le=1)
    orange: float = Field(gt=0, le=1)
    yellow: float = Field(gt=0, le=1)

    @model_validator(mode="after")
    def _rise_to_one(self) -> Self:
        reaches = tuple(self.by_tier.values())
        if any(before > after for before, after in pairwise(reaches)) or reaches[-1] != 1:
            refuse("allowed_tiers")
        return self

    @property
    def by_tier(self) -> Mapping[str, float]:
        """The shares by tier, the most urgent first."""
        return {"red": self.red, "orange": self.orange, "yellow": self.yellow}


class NearTie(PolicyModel):
    """By how much odds may differ from those of the last household listed, to nearly tie with it."""

    odds: float = Field(ge=1)


class IntervalWidth(PolicyModel):
    """When an interval of a probability is called narrow, medium or wide.

    Attributes
    ----------
    narrow, medium : float
        By what factor the odds may be off either way at most; above it is wide.

    Examples
    --------
    >>> width = IntervalWidth(narrow=2.0, medium=3.5)
    >>> width.code(0.02, 0.05), width.code(0.02, 0.1), width.code(0.02, 0.4), width.code(0.0, 0.1)
    ('narrow', 'medium', 'wide', 'wide')
    """

    narrow: float = Field(ge=1)
    medium: float = Field(ge=1)

    @model_validator(mode="after")
    def _rise(self) -> Self:
        if self.narrow > self.medium:
            refuse("allowed_interval_width")
        return self

    def code(self, lower: float, upper: float) -> str:
        """Return how wide an interval with these bounds is called."""
        if lower <= 0 or upper >= 1:
            return "wide" if lower < upper else "narrow"
        factor = sqrt(upper * (1 - lower) / (lower * (1 - upper)))
        return "narrow" if factor <= self.narrow else "medium" if factor <= self.medium else "wide"


class AssumedRates(PolicyModel):
    """The risks that the rule alone assumes without outcomes.

    Attributes
    ----------
    risk : float
        A year, of a household that meets no condition.
    odds_ratio : float
        By which every condition met multiplies the odds.
    factor : float
        By which the odds may be off either way.
    """

    risk: float = Field(gt=0, lt=1)
    odds_ratio: float = Field(ge=1)
    factor: float = Field(ge=1)


class Thresholds(PolicyModel):
    """What ``thresholds.toml`` holds.

    Attributes
    ----------
    capacity : UsualCapacity
    tiers : TierReach
    near_tie : NearTie
    interval_width : IntervalWidth
    assumed : AssumedRates
    rule : Mapping of str to ColumnCondition
        The conditions of the rule in force, by name.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> read_policy().thresholds.rule["low_income"].below
    1.5
    """

    capacity: UsualCapacity
    tiers: TierReach
    near_tie: NearTie
    interval_width: IntervalWidth
    assumed: AssumedRates
    rule: Mapping[str, ColumnCondition]
