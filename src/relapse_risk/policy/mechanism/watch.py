"""Watch lists and focus lists: what ``watch.toml`` and ``focus.toml`` hold."""

from collections.abc import Mapping
from typing import Annotated, Generic, Literal, Self, TypeVar

from pydantic import Field, model_validator

from relapse_risk.policy.bilingual import Bilingual
from relapse_risk.policy.mechanism.assessment import HouseholdType
from relapse_risk.policy.mechanism.cited import Dated, require_built_in
from relapse_risk.policy.model import Entries, PolicyModel, refuse

__all__ = [
    "BoundedList",
    "FocusCriterion",
    "FocusList",
    "FocusPolicy",
    "IndustryBounds",
    "SchoolingBounds",
    "ShockBounds",
    "WatchLists",
    "WatchPolicy",
    "WatchedList",
]

Amount = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Whole = Annotated[int, Field(ge=0)]
Codes = Entries[str]
Bounds = TypeVar("Bounds", bound=PolicyModel)


class FactBounds(PolicyModel):
    """Bounds of what several lists look at."""

    work_months: Amount
    industry_months: Whole


class MicrocreditBounds(PolicyModel):
    """How soon a loan falls due."""

    days: Whole


class TypeBounds(PolicyModel):
    """The households a list covers besides those under monitoring."""

    whom: tuple[HouseholdType, ...] = ()


class IndustryBounds(PolicyModel):
    """Who is watched besides those under monitoring; which income from enterprise counts as a stable one."""

    whom: tuple[HouseholdType, ...] = ()
    business: Amount
    periods: Whole


class SchoolingBounds(PolicyModel):
    """Whose schooling is compulsory, and which codes say that somebody is out of school, or unwell."""

    from_age: Whole = Field(alias="from")
    until: Whole
    finished_from: Whole
    finished: Codes
    out: Codes
    unwell: Codes

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.until < self.from_age:
            refuse("allowed_at_least", key="until", found=self.until, ge=self.from_age)
        return self


class MedicalCostBounds(PolicyModel):
    """Over how many months bills count, and above which share paid by oneself."""

    months: Whole
    share: Share


class WithdrawnBounds(PolicyModel):
    """Which kinds of support count, from how long they last, and how long it is open whether one is renewed."""

    kinds: Codes
    days: Whole
    renewal_days: Whole


class KeyGroupBounds(PolicyModel):
    """Who counts as ill of late, hit by a disaster of late, elderly, poor, of poor health."""

    illness_months: Whole
    disaster_months: Whole
    elderly: Whole
    poor: Entries[HouseholdType]
    poor_health: Codes


class ShockBounds(PolicyModel):
    """Which losses of a household, and which disasters of a village, are large."""

    months: Whole
    years: Amount
    illness_kinds: Codes
    village_share: Share
    village_households: Whole


class WatchedList(Dated):
    """A watch list: its name, its base, where the records fall short, and its states."""

    base: Bilingual
    approximation: Bilingual
    states: Mapping[str, Bilingual]


class BoundedList(WatchedList, Generic[Bounds]):
    """A watch list with bounds of its own."""

    bounds: Bounds


class WatchLists(PolicyModel):
    """Every watch list."""

    insurance: BoundedList[TypeBounds]
    microcredit: BoundedList[MicrocreditBounds]
    resettlement: WatchedList
    idle_labour: BoundedList[TypeBounds]
    industry: BoundedList[IndustryBounds]
    schooling: BoundedList[SchoolingBounds]
    medical_insurance: WatchedList
    medical_cost: BoundedList[MedicalCostBounds]
    housing: WatchedList
    water: WatchedList
    withdrawn: BoundedList[WithdrawnBounds]
    key_groups: BoundedList[KeyGroupBounds]
    shocks: BoundedList[ShockBounds]

    @property
    def by_name(self) -> Mapping[str, WatchedList]:
        """Every list by its name, in order."""
        return dict(self)

    @model_validator(mode="after")
    def _known_states(self) -> Self:
        for name, one in self.by_name.items():
            require_built_in(one.states, ("watch", "lists", name, "states"), f"{name}.states")
        return self


class WatchPolicy(PolicyModel):
    """What ``watch.toml`` holds."""

    facts: FactBounds
    lists: WatchLists


class FocusCriterion(Bilingual):
    """A column of areas (or of resettlement sites), with a bound that it is above or at least."""

    column: str
    above: float | None = None
    at_least: float | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if (self.above is None) == (self.at_least is None):
            refuse("allowed_one_test", tests="above, at_least")
        return self

    @property
    def test(self) -> Literal["above", "at_least"]:
        """The name of its test."""
        return "at_least" if self.above is None else "above"

    @property
    def bound(self) -> float:
        """What the column is compared with."""
        return next(bound for bound in (self.above, self.at_least) if bound is not None)


class FocusList(Dated):
    """Areas of a level that are supervised by name where they meet one of the criteria."""

    level: Literal["prefecture", "county", "town", "village", "group", "site"]
    criteria: Mapping[str, FocusCriterion]


class FocusPolicy(PolicyModel):
    """What ``focus.toml`` holds."""

    lists: Mapping[str, FocusList]
