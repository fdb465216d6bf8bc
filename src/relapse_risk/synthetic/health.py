"""Illness, disability, schooling and what they leave of a person's power to work."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from relapse_risk.synthetic.draws import NEVER, Array, Days, RegisterSpec, chance, day_number, logistic, pick
from relapse_risk.synthetic.law import BillsLaw
from relapse_risk.synthetic.parameters import parameters
from relapse_risk.synthetic.people import People

__all__ = ["ABLE", "BILLS", "CATEGORIES", "STUDENTS", "Bills", "Health", "draw_bills", "draw_health"]

ABLE = ("none", "lost", "weak", "ordinary", "skilled")
STUDENTS = ("none", "preschool", "primary", "junior", "senior", "college")
CATEGORIES = ("physical", "visual", "hearing", "speech", "intellectual", "mental", "multiple")
BILLS = ("chronic", "serious", "ordinary", "accident")
NOT_ABLE, LOST, WEAK, ORDINARY, SKILLED = range(5)


@dataclass(frozen=True, kw_only=True)
class Health:
    """The state of each person, and of each person and year.

    Attributes
    ----------
    chronic_on, serious_on, certified_on : Days, shape (P,)
        First day of a chronic illness, of a serious one, of a disability certificate.
    category, grade : array of int, shape (P,)
        Of the disability: index into `CATEGORIES`, and 1 (most severe) to 4.
    schooling : array of int, shape (P,)
        How far a person goes or went: index into ``none, primary, junior, senior, college``.
    insured : array of bool, shape (P, Y)
    student, able : array of int, shape (P, Y)
        Indices into `STUDENTS` and `ABLE`, in the autumn of the year.
    """

    chronic_on: Days
    serious_on: Days
    certified_on: Days
    category: NDArray[np.int64]
    grade: NDArray[np.int64]
    schooling: NDArray[np.int64]
    insured: NDArray[np.bool_]
    student: NDArray[np.int8]
    able: NDArray[np.int8]


@dataclass(frozen=True, kw_only=True)
class Bills:
    """One entry a bill: the person, the day, index into `BILLS`, index of the disease, amounts, and what came later."""

    person: NDArray[np.int64]
    year: NDArray[np.int64]
    day: Days
    kind: NDArray[np.int64]
    disease: NDArray[np.int64]
    cost: Array
    reimbursed: Array
    corrected: Array
    """What is reimbursed in the end; more than `reimbursed` for the few bills corrected later."""


def draw_health(plan: RegisterSpec, people: People, group: NDArray[np.int64]) -> Health:
    """Draw every person's illness, disability, schooling and insurance through the years."""
    law = parameters().health
    age = people.age(day_number(plan.years[0], 9, 1))[:, None] + np.arange(len(plan.years))
    chronic_on = _chronic(plan, age)
    serious_on = _serious(plan, age)
    certified_on, category, grade = _disabilities(plan, age)
    schooling = _schooling(plan, people)
    student = _students(age, schooling)
    insured_share = np.asarray(law.insured.by_group())[group][people.household]
    insured = chance(plan.stream("insured"), insured_share[:, None], age.shape)
    able = _able(plan, age, student, schooling, (chronic_on, serious_on, certified_on, grade))
    return Health(
        chronic_on=chronic_on,
        serious_on=serious_on,
        certified_on=certified_on,
        category=category,
        grade=grade,
        schooling=schooling,
        insured=insured,
        student=student,
        able=able,
    )


def _starts(plan: RegisterSpec) -> NDArray[np.int64]:
    return np.array([day_number(year, 1, 1) for year in plan.years])


def _onset(plan: RegisterSpec, rng: np.random.Generator, happens: NDArray[np.bool_]) -> Days:
    day = _starts(plan)[happens.argmax(axis=1)] + rng.integers(0, 365, happens.shape[0])
    onset: Days = np.where(happens.any(axis=1), day, NEVER).astype(np.int32)
    return onset


def _before(plan: RegisterSpec, rng: np.random.Generator, size: int) -> Array:
    """Return days in the ten years before the first."""
    return np.asarray(_starts(plan)[0] - 60 - rng.integers(0, 3650, size))


def _log_odds(share: float) -> float:
    return float(np.log(share / (1.0 - share)))


def _chronic(plan: RegisterSpec, age: Array) -> Days:
    rng, law = plan.stream("chronic"), parameters().health
    share = logistic(_log_odds(law.chronic_at_50) + law.chronic_growth * (age[:, 0] - 50.0))
    already = chance(rng, share, age.shape[0]) & (age[:, 0] > 14)
    new = _onset(plan, rng, chance(rng, law.chronic_onset * np.clip(age / 50.0, 0.0, 1.6), age.shape))
    onset: Days = np.where(already, _before(plan, rng, age.shape[0]), new).astype(np.int32)
    return onset


def _serious(plan: RegisterSpec, age: Array) -> Days:
    rng, law = plan.stream("serious"), parameters().health
    hazard = law.serious * np.exp(law.serious_growth * (np.clip(age, 0.0, 85.0) - 50.0))
    return _onset(plan, rng, chance(rng, hazard, age.shape))


def _disabilities(plan: RegisterSpec, age: Array) -> tuple[Days, NDArray[np.int64], NDArray[np.int64]]:
    rng, law = plan.stream("disability"), parameters().health
    size = age.shape[0]
    share = logistic(_log_odds(law.disabled_at_50) + law.disabled_growth * (age[:, 0] - 50.0))
    already = chance(rng, share, size) & (age[:, 0] > 3)
    new = _onset(plan, rng, chance(rng, law.disabled_onset, age.shape) & (age > 3))
    on = np.where(already, _before(plan, rng, size), new).astype(np.int32)
    category = pick(rng, [law.category[name] for name in CATEGORIES], size)
    grade = pick(rng, [law.grade[str(step)] for step in range(1, 5)], size) + 1
    return on, category, grade


def _schooling(plan: RegisterSpec, people: People) -> NDArray[np.int64]:
    """Draw how far each person goes at school, by decade of birth."""
    rng, law = plan.stream("schooling"), parameters().people
    shares = law.education
    steps = np.array([shares.none, shares.primary, shares.junior, shares.senior, shares.college])
    born = 1970 + people.born / 365.2425
    decade = np.clip((born - shares.first_decade) // 10, 0, steps.shape[1] - 1).astype(np.int64)
    edges = np.cumsum(steps.T, axis=1)
    drawn = rng.random(born.size)
    reached = (drawn[:, None] >= edges[decade][:, :-1]).sum(axis=1)
    young = people.age(day_number(plan.years[0], 9, 1)) < 22
    further = np.where(chance(rng, law.college, born.size), 4, pick(rng, [0.0, 0.02, 0.56, 0.42], born.size))
    return np.where(young, further, reached).astype(np.int64)


def _students(age: Array, schooling: NDArray[np.int64]) -> NDArray[np.int8]:
    step = np.digitize(age, (3.0, 6.0, 12.0, 15.0, 18.0, 22.0))
    highest = np.array([1, 2, 3, 4, 5], dtype=np.int8)[schooling][:, None]
    stage = np.array([0, 1, 2, 3, 4, 5, 0], dtype=np.int8)[step]
    students: NDArray[np.int8] = np.where(stage <= np.maximum(highest, 3), stage, 0).astype(np.int8)
    return students


def _able(
    plan: RegisterSpec,
    age: Array,
    student: NDArray[np.int8],
    schooling: NDArray[np.int64],
    ill: tuple[Days, Days, Days, NDArray[np.int64]],
) -> NDArray[np.int8]:
    """Return how able each person is to work in each year."""
    rng = plan.stream("able")
    chronic_on, serious_on, certified_on, grade = ill
    ends = _starts(plan) + 300
    skilled = chance(rng, 0.06 + 0.07 * schooling, schooling.size)
    frail = chance(rng, 0.45, schooling.size)
    able = np.where(skilled, SKILLED, ORDINARY)[:, None]
    weak = (age >= 62) | ((chronic_on[:, None] <= ends) & frail[:, None])
    weak |= (certified_on[:, None] <= ends) & (grade >= 3)[:, None]
    lost = (certified_on[:, None] <= ends) & (grade <= 2)[:, None]
    lost |= (serious_on[:, None] <= ends) & (serious_on[:, None] + 540 > ends)
    able = np.where(lost, LOST, np.where(weak, WEAK, able))
    without: NDArray[np.int8] = np.where((age < 16) | (student > 0) | (age >= 76), NOT_ABLE, able).astype(np.int8)
    return without


def draw_bills(plan: RegisterSpec, people: People, health: Health, group: NDArray[np.int64]) -> Bills:
    """Draw every medical bill of the years."""
    rng = plan.stream("bills")
    person, year, kind = _billed(plan, rng, people, health)
    law = [parameters().health.bills[name] for name in BILLS]
    day = _billed_on(plan, rng, year, np.where(kind == BILLS.index("serious"), health.serious_on[person], 0))
    cost = _of_kind([one.cost for one in law], kind) * np.exp(
        _of_kind([one.std_dev for one in law], kind) * rng.standard_normal(person.size)
    )
    share = _reimbursed(rng, law, kind, health.insured[person, year], group[people.household[person]])
    more = chance(rng, parameters().health.correction, person.size) & (share > 0)
    there = (people.joined[person] <= day) & (day < people.left[person])
    bills = Bills(
        person=person,
        year=year,
        day=day,
        kind=kind,
        disease=np.floor(rng.random(person.size) * np.array([len(x.diseases) for x in law])[kind]).astype(np.int64),
        cost=np.round(cost, 2),
        reimbursed=np.round(cost * share, 2),
        corrected=np.round(cost * np.where(more, np.minimum(share + 0.25, 0.95), share), 2),
    )
    return _kept(bills, there)


def _billed(
    plan: RegisterSpec, rng: np.random.Generator, people: People, health: Health
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Draw how many bills of each kind each person has in each year, and lay them out one by one."""
    law = parameters().health.bills
    starts = _starts(plan)
    since = starts + 364 - health.serious_on[:, None].astype(np.int64)
    serious = np.where((since >= 0) & (since < 365), 1.0, np.where((since >= 365) & (since < 730), 0.5, 0.0))
    age = people.age(int(starts[0]))
    weights = (
        (health.chronic_on[:, None] <= starts + 180) * 1.0,
        serious,
        np.clip(age / 45.0, 0.4, 1.8)[:, None] * np.ones(starts.size),
        np.ones((age.size, starts.size)),
    )
    found = []
    for kind, (name, weight) in enumerate(zip(BILLS, weights, strict=True)):
        counts = rng.poisson(law[name].number * weight)
        person, year = np.nonzero(counts)
        times = counts[person, year]
        found.append((np.repeat(person, times), np.repeat(year, times), np.full(times.sum(), kind)))
    person, year, kinds = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return person, year, kinds


def _billed_on(plan: RegisterSpec, rng: np.random.Generator, year: NDArray[np.int64], onset: Array) -> Days:
    """Draw a day in each year, not before the onset."""
    first = _starts(plan)[year]
    left = np.clip(first + 365 - onset, 1, 365)
    day: Days = (first + 364 - np.floor(rng.random(year.size) * left)).astype(np.int32)
    return day


def _of_kind(figures: list[float], kind: NDArray[np.int64]) -> Array:
    return np.array(figures)[kind]


def _reimbursed(
    rng: np.random.Generator,
    law: list[BillsLaw],
    kind: NDArray[np.int64],
    insured: NDArray[np.bool_],
    group: NDArray[np.int64],
) -> Array:
    """Draw the share an insurance pays: more for registered households, nothing for the uninsured."""
    share = (
        _of_kind([one.reimbursed for one in law], kind)
        + np.where(group == 0, 0.13, 0.0)
        + rng.normal(0.0, 0.07, kind.size)
    )
    return np.where(insured, np.clip(share, 0.05, 0.95), 0.0)


def _kept(bills: Bills, keep: NDArray[np.bool_]) -> Bills:
    return Bills(**{name: getattr(bills, name)[keep] for name in Bills.__dataclass_fields__})
