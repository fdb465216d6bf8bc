"""Who lives in each household, who is born, who leaves, and when."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from relapse_risk.synthetic.draws import NEVER, Array, Days, RegisterSpec, chance, day_number, pick
from relapse_risk.synthetic.law import GROUPS
from relapse_risk.synthetic.parameters import parameters

__all__ = ["LEFT", "RELATIONS", "People", "draw_groups", "raise_people"]

RELATIONS = ("head", "spouse", "child", "parent", "grandchild")
LEFT = ("death", "married", "moved")
HEAD, SPOUSE, CHILD, PARENT, GRANDCHILD = range(5)
_YEAR = 365.2425


@dataclass(frozen=True, kw_only=True)
class People:
    """One entry a person, household by household.

    Attributes
    ----------
    household : array of int, shape (P,)
        Index of the household.
    number : array of int, shape (P,)
        The person's number in the household, from 1.
    relation : array of int, shape (P,)
        Index into `RELATIONS`.
    male : array of bool, shape (P,)
    born, joined, left : Days, shape (P,)
        `left` is the first day away, `NEVER` for who stays.
    left_reason : array of int, shape (P,)
        Index into `LEFT`.
    """

    household: NDArray[np.int64]
    number: NDArray[np.int64]
    relation: NDArray[np.int64]
    male: NDArray[np.bool_]
    born: Days
    joined: Days
    left: Days
    left_reason: NDArray[np.int64]

    def there(self, day: int | Array) -> NDArray[np.bool_]:
        """Return who belongs to the household on a day."""
        present: NDArray[np.bool_] = (self.joined <= day) & (day < self.left)
        return present

    def age(self, day: int | Array) -> Array:
        """Return ages in years on a day."""
        return (day - self.born.astype(np.int64)) / _YEAR

    def empty_from(self, households: int) -> Days:
        """Return the day each household's last person left."""
        gone = np.zeros(households, dtype=np.int32)
        np.maximum.at(gone, self.household, self.left)
        return gone


def draw_groups(plan: RegisterSpec) -> NDArray[np.int64]:
    """Draw what each household is when the register begins: an index into `GROUPS`."""
    law = parameters().groups
    return pick(plan.stream("groups"), [law.registered, law.near_poor, law.general], plan.households)


def raise_people(plan: RegisterSpec, group: NDArray[np.int64]) -> People:
    """Fill the households, then let people be born, marry away, move and die through the years."""
    people = _founders(plan, group)
    people = _with_births(plan, people)
    return _with_departures(plan, people)


def _sizes(plan: RegisterSpec, group: NDArray[np.int64]) -> NDArray[np.int64]:
    rng, shares = plan.stream("sizes"), parameters().groups.size
    drawn = [pick(rng, shares[name], plan.households) + 1 for name in GROUPS]
    return np.choose(group, drawn)


def _founders(plan: RegisterSpec, group: NDArray[np.int64]) -> People:
    rng = plan.stream("founders")
    sizes = _sizes(plan, group)
    household = np.repeat(np.arange(plan.households), sizes)
    number = np.arange(household.size) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1
    head_age = np.clip(rng.normal(49.0, 12.5, plan.households), 22.0, 88.0)
    head_age += np.where(sizes <= 2, np.abs(rng.normal(0.0, 9.0, plan.households)), 0.0)
    relation = _relations(rng, number, sizes[household], head_age[household])
    head_male = chance(rng, 0.86, plan.households)[household]
    male = np.where(
        relation == HEAD, head_male, np.where(relation == SPOUSE, ~head_male, chance(rng, 0.51, household.size))
    )
    age = _ages(rng, relation, head_age[household])
    start = day_number(plan.years[0], 1, 1) - 30
    return People(
        household=household,
        number=number,
        relation=relation,
        male=male,
        born=(start - age * _YEAR).astype(np.int32),
        joined=np.full(household.size, day_number(2014, 1, 1), dtype=np.int32).clip(max=start),
        left=np.full(household.size, NEVER),
        left_reason=np.zeros(household.size, dtype=np.int64),
    )


def _relations(rng: np.random.Generator, number: Array, size: Array, head_age: Array) -> NDArray[np.int64]:
    """Draw what each person is to the head: the older the head, the fewer parents and the more grandchildren."""
    old = np.clip((head_age - 46.0) / 16.0, 0.0, 1.0)
    drawn = rng.random(number.size)
    parent, grandchild = 0.30 * (1.0 - old), 0.45 * old
    other = np.where(drawn < parent, PARENT, np.where(drawn < parent + grandchild, GRANDCHILD, CHILD))
    couple = chance(rng, parameters().people.spouse, number.size) & (number == 2) & (size >= 2)
    return np.where(number == 1, HEAD, np.where(couple, SPOUSE, other)).astype(np.int64)


def _ages(rng: np.random.Generator, relation: NDArray[np.int64], head_age: Array) -> Array:
    """Draw ages that fit the head's."""
    size = relation.size
    spouse = head_age + rng.normal(-2.0, 3.0, size)
    child = head_age - 23.0 - rng.gamma(2.0, 3.0, size)
    parent = head_age + 22.0 + rng.gamma(2.0, 2.5, size)
    grandchild = head_age - 47.0 - rng.gamma(2.0, 3.0, size)
    young = rng.uniform(0.2, 16.0, size)
    age = np.choose(relation, [head_age, spouse, child, parent, grandchild])
    grown = np.isin(relation, (HEAD, SPOUSE))
    return np.where(grown, np.clip(age, 19.0, 96.0), np.where(age < 0.2, young, np.minimum(age, 96.0)))


def _with_births(plan: RegisterSpec, people: People) -> People:
    rng, law = plan.stream("births"), parameters().people
    first = day_number(plan.years[0], 1, 1)
    age = people.age(first)[:, None] + np.arange(len(plan.years))
    couple = np.isin(people.relation, (HEAD, SPOUSE)) & ~people.male
    mother, year = np.nonzero(couple[:, None] & (age >= 20) & (age < 38) & chance(rng, law.birth, age.shape))
    starts = np.array([day_number(y, 1, 1) for y in plan.years])
    born = (starts[year] + rng.integers(0, 365, mother.size)).astype(np.int32)
    count = mother.size
    return _joined(
        people,
        People(
            household=people.household[mother],
            number=np.full(count, 99),
            relation=np.full(count, CHILD),
            male=chance(rng, 0.51, count),
            born=born,
            joined=born,
            left=np.full(count, NEVER),
            left_reason=np.zeros(count, dtype=np.int64),
        ),
    )


def _joined(people: People, newborn: People) -> People:
    """Put the newborn behind the others of their household and number everybody."""
    names = tuple(People.__dataclass_fields__)
    whole = {name: np.concatenate([getattr(people, name), getattr(newborn, name)]) for name in names}
    order = np.lexsort((whole["born"] * (whole["number"] == 99), whole["number"], whole["household"]))
    ordered = {name: values[order] for name, values in whole.items()}
    household = ordered["household"]
    ordered["number"] = np.arange(household.size) - np.searchsorted(household, household) + 1
    return People(**ordered)


def _with_departures(plan: RegisterSpec, people: People) -> People:
    died, married = _deaths(plan, people), _marriages(plan, people)
    moved = _moves(plan)[people.household]
    ways = np.stack([died, married, moved])
    ways = np.where(ways <= people.joined, NEVER, ways)
    return replace(people, left=ways.min(axis=0).astype(np.int32), left_reason=ways.argmin(axis=0))


def _first(plan: RegisterSpec, rng: np.random.Generator, happens: NDArray[np.bool_]) -> Days:
    """Return a day in the first year in which it happens, from flags of shape (n, years)."""
    starts = np.array([day_number(y, 1, 1) for y in plan.years])
    day = starts[happens.argmax(axis=1)] + rng.integers(0, 365, happens.shape[0])
    first: Days = np.where(happens.any(axis=1), day, NEVER).astype(np.int32)
    return first


def _ages_by_year(plan: RegisterSpec, people: People) -> Array:
    return people.age(day_number(plan.years[0], 7, 1))[:, None] + np.arange(len(plan.years))


def _deaths(plan: RegisterSpec, people: People) -> Days:
    rng, law = plan.stream("deaths"), parameters().people
    age = _ages_by_year(plan, people)
    hazard = law.death_at_30 * np.exp(law.death_growth * (np.maximum(age, 20.0) - 30.0))
    return _first(plan, rng, chance(rng, hazard, age.shape))


def _marriages(plan: RegisterSpec, people: People) -> Days:
    rng, law = plan.stream("marriages"), parameters().people
    age = _ages_by_year(plan, people)
    young = (people.relation == CHILD)[:, None] & (age >= 19) & (age < 32)
    return _first(plan, rng, young & chance(rng, law.marriage, age.shape))


def _moves(plan: RegisterSpec) -> Days:
    rng, law = plan.stream("moves"), parameters().people
    return _first(plan, rng, chance(rng, law.departure, (plan.households, len(plan.years))))
