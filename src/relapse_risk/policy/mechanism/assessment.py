"""Hard rules, factors, classes and measures: what ``rules.toml``, ``classes.toml`` and ``measures.toml`` hold."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from relapse_risk.policy.bilingual import Bilingual
from relapse_risk.policy.conditions import ColumnCondition
from relapse_risk.policy.mechanism.cited import Cited, Dated, one_of
from relapse_risk.policy.model import Entries, PolicyModel
from relapse_risk.policy.reasons import REASONS

__all__ = [
    "AssessmentLevel",
    "Classes",
    "Factor",
    "HardRule",
    "HouseholdType",
    "Measures",
    "Points",
    "Population",
    "ReliefMeasure",
    "Scheme",
    "SuddenHardship",
]

HouseholdType = Literal["exited", "poor", "general", "near_poor"]
"""What the register calls a household."""

Population = Literal[
    "at_risk", "rule_only", "not_scored", "exited", "poor", "general", "near_poor", "monitored", "sudden"
]
"""What a hard rule may keep to."""

Conditions = tuple[ColumnCondition, ...]
Located = Iterator[tuple[str, ColumnCondition]]


def _located(key: str, conditions: Conditions) -> Located:
    """Yield conditions with the place of each in its table, counted from 1."""
    for place, condition in enumerate(conditions, start=1):
        yield f"{key}.{place}", condition


def _of_levels(levels: Mapping[str, "AssessmentLevel"]) -> Located:
    for code, level in levels.items():
        yield from _located(f"level.{code}.all", level.all_of)
        yield from _located(f"level.{code}.any", level.any_of)


class HardRule(Dated, ColumnCondition):
    """A hard rule: its condition, the tier it demands, and its document.

    Attributes
    ----------
    tier : str
        ``red``, ``orange`` or ``yellow`` lists a household; ``none`` only reports it; ``off`` does not look.
    only : tuple of str
        The populations it keeps to; everybody if empty.
    """

    tier: Literal["red", "orange", "yellow", "none", "off"]
    only: tuple[Population, ...] = ()


class AssessmentLevel(Bilingual):
    """A level or class: all of some conditions and one of others must hold; without any, it takes everybody left."""

    all_of: Conditions = Field(default=(), alias="all", min_length=1)
    any_of: Conditions = Field(default=(), alias="any", min_length=1)


class Factor(Cited):
    """One of the four factors: its levels, the first that holds counts."""

    level: Mapping[str, AssessmentLevel]

    def conditions(self) -> Located:
        """Yield what it looks at, with the key of each condition."""
        yield from _of_levels(self.level)


class Scheme(Dated):
    """A scheme of classes: of which households (one of the conditions holds), of which never, and its classes."""

    of: Entries[ColumnCondition]
    never: Conditions = ()
    level: Mapping[str, AssessmentLevel]

    def conditions(self) -> Located:
        """Yield what it looks at, with the key of each condition."""
        yield from _located("of", self.of)
        yield from _located("never", self.never)
        yield from _of_levels(self.level)


class SuddenHardship(Cited):
    """Who is in sudden hardship: one of the shocks, and what was lost or paid for it."""

    shock: Entries[ColumnCondition]
    cost: Entries[str]

    def conditions(self) -> Located:
        """Yield what it looks at, with the key of each condition."""
        yield from _located("shock", self.shock)


class Populations(PolicyModel):
    """Populations."""

    near_poor: Cited
    sudden: SuddenHardship


class Cause(Cited):
    """The columns of which the first known one is the cause."""

    columns: Entries[str]


class Classes(PolicyModel):
    """What ``classes.toml`` holds."""

    cause: Cause
    factor: Mapping[Annotated[str, one_of("depth", "result", "risk")], Factor]
    scheme: Mapping[Annotated[str, one_of("class_three", "class_four")], Scheme]
    population: Populations

    @property
    def levels(self) -> Mapping[str, Mapping[str, AssessmentLevel]]:
        """The levels of every factor and scheme, by the column that says which a household has."""
        parts: Mapping[str, Factor | Scheme] = {**self.factor, **self.scheme}
        return {name: part.level for name, part in parts.items()}

    def conditions(self) -> Located:
        """Yield what every entry looks at, with the key of each condition."""
        parts: Mapping[str, Factor | Scheme | SuddenHardship] = {
            **{f"factor.{name}": factor for name, factor in self.factor.items()},
            **{f"scheme.{name}": scheme for name, scheme in self.scheme.items()},
            "population.sudden": self.population.sudden,
        }
        for name, part in parts.items():
            for key, condition in part.conditions():
                yield f"{name}.{key}", condition


class ReliefMeasure(Dated):
    """A measure that may be suggested.

    Attributes
    ----------
    when : tuple of ColumnCondition
        It fits where one of them holds.
    reasons : tuple of str
        It fits households of one of them.
    classes : tuple of str
        It fits exited households of one of these classes.
    never : tuple of ColumnCondition
        It is not suggested where one of them holds.
    kinds : tuple of str
        Kinds of assistance: where one is in force, so is the measure.
    held : tuple of ColumnCondition
        It is in force too where one of them holds.
    """

    when: Conditions = ()
    reasons: tuple[Annotated[str, one_of(*REASONS)], ...] = ()
    classes: tuple[str, ...] = ()
    never: Conditions = ()
    kinds: tuple[str, ...] = ()
    held: Conditions = ()

    def conditions(self) -> Located:
        """Yield what it looks at, with the key of each condition."""
        yield from _located("never", self.never)
        yield from _located("when", self.when)
        yield from _located("held", self.held)


class Suggestions(PolicyModel):
    """How many measures not in force are named of a household."""

    most: int = Field(ge=0)


Weight = Annotated[int, Field(ge=0)]


class Points(PolicyModel):
    """What each thing that fits adds; the sum orders the measures."""

    when: Weight
    cause: Weight
    reason_1: Weight
    reason_2: Weight
    reason_3: Weight
    of_class: Weight = Field(alias="class")


class Measures(PolicyModel):
    """What ``measures.toml`` holds."""

    suggest: Suggestions
    points: Points
    measure: Mapping[str, ReliefMeasure]

    def conditions(self) -> Located:
        """Yield what every measure looks at, with the key of each condition."""
        for code, one in self.measure.items():
            for key, condition in one.conditions():
                yield f"measure.{code}.{key}", condition
