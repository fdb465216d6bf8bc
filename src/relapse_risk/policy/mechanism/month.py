"""The month's judgement and its page: what ``drift.toml`` and ``bulletin.toml`` hold."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from relapse_risk.policy.bilingual import Bilingual
from relapse_risk.policy.mechanism.cited import one_of, only_built_in
from relapse_risk.policy.model import PolicyModel, refuse

__all__ = ["BulletinPolicy", "DriftBounds", "DriftPolicy"]


class DriftTest(PolicyModel):
    """Of the flags, how many at most may be chance."""

    false_discovery_rate: float = Field(gt=0, lt=1)


class DriftBounds(PolicyModel):
    """From which change on to watch, and to be alarmed."""

    watch: float = Field(ge=0)
    alarm: float = Field(ge=0)

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if self.alarm < self.watch:
            refuse("allowed_at_least", key="alarm", found=self.alarm, ge=self.watch)
        return self


class ExpectedPerformance(PolicyModel):
    """The level of the intervals of expected figures, and how many outcomes are drawn for them."""

    level: float = Field(gt=0, lt=1)
    draws: int = Field(ge=1)


class DriftPolicy(PolicyModel):
    """What ``drift.toml`` holds.

    Attributes
    ----------
    test : DriftTest
    bounds : Mapping of str to DriftBounds
        By measure.
    expected : ExpectedPerformance
    measures, states, assumes : Mapping of str to Bilingual
    """

    test: DriftTest
    bounds: Mapping[Annotated[str, one_of("stability", "missing", "unseen")], DriftBounds]
    expected: ExpectedPerformance
    measures: Annotated[Mapping[str, Bilingual], only_built_in("drift", "measures")]
    states: Annotated[Mapping[str, Bilingual], only_built_in("drift", "states")]
    assumes: Annotated[Mapping[str, Bilingual], only_built_in("drift", "assumes")]


class BulletinPolicy(PolicyModel):
    """What ``bulletin.toml`` holds: the words of the page, by what they stand for."""

    texts: Annotated[Mapping[str, Bilingual], only_built_in("bulletin", "texts")]
    absent: Annotated[Mapping[str, Bilingual], only_built_in("bulletin", "absent")]
    short: Annotated[Mapping[str, Bilingual], only_built_in("bulletin", "short")]
    sections: Annotated[Mapping[str, Bilingual], only_built_in("bulletin", "sections")]
    sentences: Annotated[Mapping[str, Bilingual], only_built_in("bulletin", "sentences")]
    notes: Annotated[Mapping[str, Bilingual], only_built_in("bulletin", "notes")]
    headers: Annotated[Mapping[str, Bilingual], only_built_in("bulletin", "headers")]
    labels: Annotated[Mapping[str, Bilingual], only_built_in("bulletin", "labels")]
    states: Annotated[Mapping[str, Bilingual], only_built_in("bulletin", "states")]
    levels: Annotated[Mapping[str, Bilingual], only_built_in("bulletin", "levels")]
