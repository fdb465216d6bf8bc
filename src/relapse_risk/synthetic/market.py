"""What households earn before support and before a relapse, and what stands behind it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from relapse_risk.synthetic.disasters import Disasters
from relapse_risk.synthetic.draws import NEVER, Array, RegisterSpec, day_number, total
from relapse_risk.synthetic.health import BILLS, STUDENTS, WEAK, Bills, Health
from relapse_risk.synthetic.parameters import parameters
from relapse_risk.synthetic.people import People
from relapse_risk.synthetic.places import Places
from relapse_risk.synthetic.work import JobSpells

__all__ = ["HouseholdYears", "Market", "account_days", "gather", "trade"]


@dataclass(frozen=True, kw_only=True)
class Market:
    """Income of each household and account year, shape (H, Y), yuan.

    Attributes
    ----------
    wage, farm, lost, property, cost : array
        `farm` is gross and before what a disaster took (`lost`); `cost` is of production.
    failure : array
        Drop of farm income against its level, as a share, disasters apart.
    land : array, shape (H,)
        Farmland, mu.
    """

    wage: Array
    farm: Array
    lost: Array
    property: Array
    cost: Array
    failure: Array
    land: Array


@dataclass(frozen=True, kw_only=True)
class HouseholdYears:
    """Counts and sums of each household at the end of each year (or over it), shape (H, Y)."""

    size: Array
    """Persons at the end of September, when the account closes."""
    living: Array
    """Persons at the end of the year."""
    able: Array
    aged: Array
    """Persons of 65 or more, or under 16."""
    pensioners: Array
    students: Array
    """Past junior school."""
    working: Array
    """Persons in work at the end of the year."""
    lost_jobs: Array
    """Persons whose last job ended in the second half of the year and who have none at its end."""
    months: Array
    """Months worked in the year, by all together."""
    self_paid: Array
    serious: Array
    """Serious bills in the year."""
    chronic_uninsured: Array
    disability: Array
    """Summed weights of the grades."""
    severe_mind: Array


def account_days(year: int) -> tuple[int, int]:
    """Return the first and the last day of a year's income account."""
    month = parameters().income.account_month
    return day_number(year - 1, month + 1, 1), day_number(year, month + 1, 1) - 1


def trade(
    plan: RegisterSpec,
    places: Places,
    group: NDArray[np.int64],
    people: People,
    health: Health,
    spells: JobSpells,
    disasters: Disasters,
) -> Market:
    """Draw the income of every household and year from its work, its land and its luck."""
    rng, law = plan.stream("market"), parameters().income
    count, years = plan.households, len(plan.years)
    ends = [account_days(year) for year in plan.years]
    wage = [total(people.household, spells.earned(*span, people.household.size), count) for span in ends]
    persons = np.bincount(people.household[people.joined < ends[0][1]], minlength=count)
    land = np.round(law.land_mu * persons * np.exp(0.45 * rng.standard_normal(count)), 1)
    level = np.array(law.household_std_dev.by_group())[group] * rng.standard_normal(count) + places.land[places.village]
    shock = _shocks(rng, law.persistence, law.shock, (count, years))
    able = np.stack([total(people.household, health.able[:, y] >= WEAK, count) for y in range(years)], axis=1)
    base = np.array(law.farm.by_group())[group] * land
    base = base[:, None] + law.animals * np.minimum(able, 2.0)
    normal = base * np.exp(level[:, None] + law.growth * np.arange(years))
    farm = normal * np.exp(shock - 0.5 * law.shock**2)
    return Market(
        wage=np.stack(wage, axis=1),
        farm=farm,
        lost=farm * disasters.shares(plan),
        property=law.property * rng.gamma(0.5, 2.0, (count, 1)) * np.exp(0.2 * rng.standard_normal((count, years))),
        cost=farm * np.clip(law.cost_share + 0.07 * rng.standard_normal((count, years)), 0.08, 0.5),
        failure=np.clip(1.0 - np.exp(shock), 0.0, 1.0),
        land=land,
    )


def _shocks(rng: np.random.Generator, persistence: float, std_dev: float, shape: tuple[int, int]) -> Array:
    """Draw log shocks that fade: half of the spread lasts, half passes within the year."""
    lasting = std_dev * rng.standard_normal(shape)
    passing = 0.6 * std_dev * rng.standard_normal(shape)
    for year in range(1, shape[1]):
        lasting[:, year] = persistence * lasting[:, year - 1] + np.sqrt(1 - persistence**2) * lasting[:, year]
    return lasting + passing


def gather(plan: RegisterSpec, people: People, health: Health, spells: JobSpells, bills: Bills) -> HouseholdYears:
    """Count, for every household and year, what the hazard and the accounts look at."""
    years = [
        {
            **_members(plan, place, people, health),
            **_jobs(plan, place, people, spells),
            **_costs(plan, place, people, bills),
        }
        for place in range(len(plan.years))
    ]
    return HouseholdYears(**{name: np.stack([year[name] for year in years], axis=1) for name in years[0]})


def _members(plan: RegisterSpec, place: int, people: People, health: Health) -> dict[str, Array]:
    year = plan.years[place]
    end = day_number(year, 12, 31)
    there, age = people.there(end), people.age(end)
    disabled = there & (health.certified_on <= end)
    weight = np.array([float(w) for _, w in sorted(parameters().hazard.disability.weight.items())])
    counted = {
        "size": people.there(account_days(year)[1]),
        "living": there,
        "able": there & (health.able[:, place] >= WEAK),
        "aged": there & ((age >= 65) | (age < 16)),
        "pensioners": there & (age >= 60),
        "students": there & (health.student[:, place] >= STUDENTS.index("senior")),
        "chronic_uninsured": there & (health.chronic_on <= end) & ~health.insured[:, place],
        "disability": disabled * weight[health.grade - 1],
        "severe_mind": disabled & (health.grade <= 2) & (health.category >= 4),
    }
    return {name: total(people.household, values, plan.households) for name, values in counted.items()}


def _jobs(plan: RegisterSpec, place: int, people: People, spells: JobSpells) -> dict[str, Array]:
    first, end = day_number(plan.years[place], 1, 1), day_number(plan.years[place], 12, 31)
    count = people.household.size
    there = people.there(end)
    runs = (spells.started <= end) & (spells.ended > end)
    over = (spells.ended > end - 183) & (spells.ended <= end) & (spells.ended != NEVER)
    working = (total(spells.person, runs, count) > 0) & there
    lost = (total(spells.person, over, count) > 0) & ~working & there
    counted = {"working": working, "lost_jobs": lost, "months": spells.months(first, end, count)}
    return {name: total(people.household, values, plan.households) for name, values in counted.items()}


def _costs(plan: RegisterSpec, place: int, people: People, bills: Bills) -> dict[str, Array]:
    now = bills.year == place
    household = people.household[bills.person[now]]
    serious = bills.kind[now] == BILLS.index("serious")
    return {
        "self_paid": total(household, (bills.cost - bills.corrected)[now], plan.households),
        "serious": total(household, serious, plan.households),
    }
