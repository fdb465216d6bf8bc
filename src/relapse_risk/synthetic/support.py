"""Help and credit through the years: who gets what from when, and what becomes of houses, water and loans."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relapse_risk.synthetic.draws import NEVER, Array, Days, RegisterSpec, chance, day_number, pick
from relapse_risk.synthetic.law import GROUPS
from relapse_risk.synthetic.parameters import parameters

__all__ = [
    "KINDS",
    "LOAN_STATUS",
    "TYPES",
    "Events",
    "PriorYear",
    "Support",
    "begin_support",
    "help_in_year",
    "lend_in_year",
]

TYPES = ("exited", "poor", "near_poor", "general")
EXITED, POOR, NEAR_POOR, GENERAL = range(4)
KINDS = (
    *("industry", "job", "subsistence", "temporary_relief", "medical_aid", "insurance", "education", "housing"),
    "social_assistance",
)
LOAN_STATUS = ("none", "normal", "extended", "overdue", "repaid")
NONE, NORMAL, EXTENDED, OVERDUE, REPAID = range(5)

Events = dict[str, Array]
"""Columns of equal length; ``household`` holds indices."""


@dataclass(frozen=True, kw_only=True)
class Support:
    """What each household has at the end of a year; every attribute an array of shape (H,).

    ``subsistence_from``, ``insured_from``: since when, `NEVER` for none. ``withdrawn``: subsistence ended in the year.
    ``industry``: a grant came in the year. ``paid``: yuan of help in the year. ``grade``: of the house, 0 for A.
    ``loan``: number of the latest loan; ``status`` an index into `LOAN_STATUS`.
    """

    subsistence_from: Days
    insured_from: Days
    withdrawn: NDArray[np.bool_]
    industry: NDArray[np.bool_]
    paid: Array
    grade: NDArray[np.int64]
    unsafe_water: NDArray[np.bool_]
    loan: NDArray[np.int64]
    principal: Array
    started: Days
    due: Days
    status: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class PriorYear:
    """What the year's help depends on: the year before, and events of the year; arrays of shape (H,)."""

    type: NDArray[np.int64]
    ratio: Array
    relapse_entered: Days
    hit_loss: Array
    self_paid: Array
    students: Array
    size: Array
    there: NDArray[np.bool_]


def begin_support(plan: RegisterSpec, group: NDArray[np.int64]) -> Support:
    """Return what households have when the register begins: no help yet, and the houses they live in."""
    rng, law, count = plan.stream("houses"), parameters().support, plan.households
    never, no = np.full(count, NEVER), np.zeros(count, dtype=bool)
    grade = pick(rng, list(law.house_grade.values()), count)
    return Support(
        subsistence_from=never,
        insured_from=never,
        withdrawn=no,
        industry=no,
        paid=np.zeros(count),
        grade=np.where(group == GROUPS.index("general"), np.minimum(grade, 2), grade),
        unsafe_water=chance(rng, np.array(law.unsafe_water.by_group())[group], count),
        loan=np.zeros(count, dtype=np.int64),
        principal=np.zeros(count),
        started=never,
        due=never,
        status=np.zeros(count, dtype=np.int64),
    )


def help_in_year(
    plan: RegisterSpec, place: int, group: NDArray[np.int64], support: Support, before: PriorYear
) -> tuple[Support, list[Events]]:
    """Give a year's help; return what households have at its end, and the measures begun or ended in it."""
    rng, year = plan.stream("support", plan.years[place]), plan.years[place]
    support, changes = _subsistence(rng, year, support, before)
    insured, insurances = _insurance(rng, year, support, before)
    grants = _grants(rng, year, group, support, before)
    # What repairs a house is not income.
    earned = [grant for kind, grant in grants.items() if kind != "housing"]
    paid = np.bincount(
        np.concatenate([grant["household"] for grant in earned]),
        weights=np.concatenate([grant["amount"] for grant in earned]),
        minlength=plan.households,
    )
    helped = np.zeros(plan.households, dtype=bool)
    helped[grants["industry"]["household"]] = True
    grade, water = support.grade.copy(), support.unsafe_water
    grade[grants["housing"]["household"]] = 0
    fixed = water & chance(rng, parameters().support.water, water.size) & before.there
    support = replace(
        support, insured_from=insured, paid=paid, industry=helped, grade=grade, unsafe_water=water & ~fixed
    )
    return support, [*changes, *grants.values(), insurances]


def _measure(kind: str, household: NDArray[np.int64], started: Array, ended: Array, amount: Any) -> Events:
    return {
        "household": household,
        "kind": np.full(household.size, KINDS.index(kind)),
        "started": started.astype(np.int32),
        "ended": ended.astype(np.int32),
        "amount": np.broadcast_to(np.round(amount, 2), household.shape).astype(float),
    }


def _subsistence(
    rng: np.random.Generator, year: int, support: Support, before: PriorYear
) -> tuple[Support, list[Events]]:
    """Start and end the subsistence allowance; a measure that lasts is paid so much a year."""
    law, size = parameters().support, before.ratio.size
    has = support.subsistence_from != NEVER
    off = np.where(before.ratio > 2.0, law.subsistence_off.above, law.subsistence_off.other)
    # Help stays where a relapse was just entered.
    off = np.where(before.relapse_entered != NEVER, 0.0, off)
    ending = has & (chance(rng, off, size) | ~before.there)
    on = np.where(before.ratio < 1.6, law.subsistence_on.low, law.subsistence_on.other)
    on = np.where(before.type == POOR, law.subsistence_on.poor, on)
    fresh = before.relapse_entered != NEVER
    starting = ~has & before.there & chance(rng, np.where(fresh, 0.5, on), size)
    first = day_number(year, 1, 1)
    started = np.where(fresh, before.relapse_entered.clip(max=first + 700) + 12, first + rng.integers(3, 180, size))
    ended = np.maximum(first + rng.integers(10, 360, size), support.subsistence_from.clip(max=first) + 1)
    amount = np.round(law.subsistence_yuan * before.size * (1.0 + 0.06 * (year - 2015)), -1)
    since = np.where(starting, started, np.where(ending, NEVER, support.subsistence_from)).astype(np.int32)
    over, new = np.nonzero(ending)[0], np.nonzero(starting)[0]
    never = np.full(size, NEVER)
    changes = [
        _measure("subsistence", new, started[new], never[new], amount[new]),
        _measure("subsistence", over, support.subsistence_from[over], ended[over], amount[over]),
    ]
    return replace(support, subsistence_from=since, withdrawn=ending & before.there), changes


def _insurance(rng: np.random.Generator, year: int, support: Support, before: PriorYear) -> tuple[Days, Events]:
    """Insure near-poor households and exited ones close to the line; the premium is not paid to the household."""
    law = parameters().support
    meant = (before.type == NEAR_POOR) | ((before.type == EXITED) & (before.ratio < 1.4))
    new = np.nonzero((support.insured_from == NEVER) & meant & before.there & chance(rng, law.insurance, meant.size))[0]
    started = day_number(year, 3, 1) + rng.integers(0, 200, new.size)
    insured = support.insured_from.copy()
    insured[new] = started
    return insured, _measure("insurance", new, started, np.full(new.size, NEVER), 0.0)


def _grants(
    rng: np.random.Generator, year: int, group: NDArray[np.int64], support: Support, before: PriorYear
) -> dict[str, Events]:
    """Pay the year's grants: each begins and ends with the day it is paid."""
    law, size = parameters().support, before.ratio.size
    factor = np.exp(0.35 * rng.standard_normal(size))
    dangerous = support.grade >= 2
    student = law.education * (before.students > 0)
    relief = np.where(before.hit_loss > 0, law.relief, 0.0)
    aid = np.where(before.self_paid >= law.medical_aid_from, law.medical_aid, 0.0)
    plans: tuple[tuple[str, Any, Any, int, int], ...] = (
        ("industry", np.array(law.industry.by_group())[group], law.industry_yuan * factor, 60, 300),
        ("job", np.array(law.job.by_group())[group], law.job_yuan * factor, 30, 330),
        ("education", student, law.education_yuan * factor, 245, 330),
        ("temporary_relief", relief, law.relief_share * before.hit_loss, 200, 362),
        ("medical_aid", aid, law.medical_aid_share * before.self_paid, 300, 363),
        ("housing", law.housing * dangerous, 9000 * factor, 100, 320),
    )
    return {kind: _paid(rng, year, kind, before.there, *plan) for kind, *plan in plans}


def _paid(
    rng: np.random.Generator,
    year: int,
    kind: str,
    there: NDArray[np.bool_],
    share: Array,
    amount: Array,
    first: int,
    last: int,
) -> Events:
    who = np.nonzero(there & chance(rng, share, there.size))[0]
    day = day_number(year, 1, 1) + rng.integers(first, last, who.size)
    return _measure(kind, who, day, day, amount[who])


def lend_in_year(
    plan: RegisterSpec, place: int, group: NDArray[np.int64], support: Support, ratio: Array, there: NDArray[np.bool_]
) -> tuple[Support, list[Events]]:
    """Settle the loans that fall due in a year, chase the overdue ones, and grant new ones."""
    rng, year = plan.stream("loans", plan.years[place]), plan.years[place]
    support, settled = _settled(rng, year, support, ratio)
    support, granted = _granted(rng, year, group, support, there)
    return support, [settled, granted]


def _settled(rng: np.random.Generator, year: int, support: Support, ratio: Array) -> tuple[Support, Events]:
    law, size = parameters().support, ratio.size
    end = day_number(year, 12, 31)
    falls_due = np.isin(support.status, (NORMAL, EXTENDED)) & (support.due <= end)
    bad = np.clip(law.overdue * (1.5 / np.clip(ratio, 0.2, None)) ** 1.3, 0.0, 0.8)
    drawn = rng.random(size)
    extended = falls_due & (support.status == NORMAL) & (drawn > 1.0 - law.extended)
    overdue = falls_due & (drawn < bad)
    chased = (support.status == OVERDUE) & chance(rng, law.recovered, size)
    repaid = (falls_due & ~extended & ~overdue) | chased
    status = np.select([overdue, extended, repaid], [OVERDUE, EXTENDED, REPAID], support.status)
    early = support.due.clip(max=end) - rng.integers(0, 20, size)
    on = np.where(overdue, support.due.clip(max=end - 1) + 1, np.maximum(early, support.started.clip(max=end) + 1))
    on = np.where(chased, end - rng.integers(0, 360, size), on)
    due = np.where(extended, support.due.clip(max=end) + 365, support.due).astype(np.int32)
    support = replace(support, status=status, due=due)
    return support, _loan_events(support, np.nonzero(overdue | extended | repaid)[0], on)


def _granted(
    rng: np.random.Generator, year: int, group: NDArray[np.int64], support: Support, there: NDArray[np.bool_]
) -> tuple[Support, Events]:
    law, size = parameters().support, there.size
    free = np.isin(support.status, (NONE, REPAID)) & there
    new = free & chance(rng, np.array(law.loan.by_group())[group], size)
    started = np.where(new, day_number(year, 4, 1) + rng.integers(0, 240, size), support.started)
    length = 365 * np.array(law.loan_years)[rng.integers(0, len(law.loan_years), size)]
    amount = np.array(law.loan_yuan, dtype=float)[pick(rng, [0.25, 0.3, 0.25, 0.2], size)]
    support = replace(
        support,
        loan=support.loan + new,
        principal=np.where(new, amount, support.principal),
        started=started.astype(np.int32),
        due=np.where(new, started + length, support.due).astype(np.int32),
        status=np.where(new, NORMAL, support.status),
    )
    return support, _loan_events(support, np.nonzero(new)[0], support.started)


def _loan_events(support: Support, who: NDArray[np.int64], on: Array) -> Events:
    return {
        "household": who,
        "loan": support.loan[who],
        "principal": support.principal[who],
        "started": support.started[who],
        "due": support.due[who],
        "status": support.status[who],
        "on": on[who].astype(np.int32),
    }
