"""Job spells: who works where, from when to when, for what wage."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from relapse_risk.synthetic.draws import NEVER, Array, Days, RegisterSpec, chance, day_number, pick, total
from relapse_risk.synthetic.health import LOST, Health
from relapse_risk.synthetic.parameters import parameters
from relapse_risk.synthetic.people import People

__all__ = ["CHANNELS", "REGIONS", "JobSpells", "draw_spells"]

REGIONS = ("county", "province", "outside")
CHANNELS = ("market", "public_post", "workshop")
_MONTH = 365.2425 / 12


@dataclass(frozen=True, kw_only=True)
class JobSpells:
    """One entry a job.

    Attributes
    ----------
    person : array of int, shape (S,)
    started, ended : Days, shape (S,)
        `ended` is the last day in it, `NEVER` while it lasts.
    region, channel : array of int, shape (S,)
        Indices into `REGIONS` and `CHANNELS`.
    wage : array, shape (S,)
        Yuan a month.
    """

    person: NDArray[np.int64]
    started: Days
    ended: Days
    region: NDArray[np.int64]
    channel: NDArray[np.int64]
    wage: Array

    def months(self, first: int, last: int, people: int) -> Array:
        """Return the months each person worked between two days."""
        return total(self.person, self._within(first, last), people)

    def earned(self, first: int, last: int, people: int) -> Array:
        """Return what each person earned between two days."""
        return total(self.person, self._within(first, last) * self.wage, people)

    def _within(self, first: int, last: int) -> Array:
        held = np.minimum(self.ended.astype(np.int64), last) - np.maximum(self.started, first) + 1
        return np.asarray(np.maximum(held, 0) / _MONTH)


def draw_spells(plan: RegisterSpec, people: People, health: Health, group: NDArray[np.int64]) -> JobSpells:
    """Draw every job of the years: most adults keep one, many work for a season, some find another after it ends."""
    taste = plan.stream("taste").standard_normal(people.household.size)
    skill = parameters().work.std_dev * plan.stream("skill").standard_normal(people.household.size)
    open_jobs = _none(0)
    finished = []
    # The first account looks back into the year before the first.
    for place, year in enumerate((plan.years[0] - 1, *plan.years), start=-1):
        rng = plan.stream("work", year)
        willing = _willing(plan, place, health, group[people.household], taste)
        jobs = _with_ends(rng, year, open_jobs)
        jobs = _joined(jobs, _started(rng, plan, place, _starters(rng, willing, jobs), people, group, skill))
        again = _again(rng, year, jobs, willing)
        jobs = _joined(jobs, _draw_jobs(rng, plan, place, again, people, group, skill))
        jobs = _until_left(jobs, people)
        over = jobs.ended <= day_number(year, 12, 31)
        finished.append(_kept(jobs, over))
        open_jobs = _kept(jobs, ~over)
    return _joined(*finished, open_jobs)


def _none(size: int) -> JobSpells:
    whole = np.zeros(size, dtype=np.int64)
    days = np.zeros(size, dtype=np.int32)
    return JobSpells(person=whole, started=days, ended=days, region=whole, channel=whole, wage=np.zeros(size))


def _kept(spells: JobSpells, keep: NDArray[np.bool_]) -> JobSpells:
    return JobSpells(**{name: getattr(spells, name)[keep] for name in JobSpells.__dataclass_fields__})


def _joined(*parts: JobSpells) -> JobSpells:
    return JobSpells(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in JobSpells.__dataclass_fields__}
    )


def _willing(
    plan: RegisterSpec, place: int, health: Health, group: NDArray[np.int64], taste: Array
) -> NDArray[np.bool_]:
    """Return who works this year if there is work: an inclination against a threshold that falls with the years."""
    law = parameters().work
    share = np.clip(np.array(law.first.by_group()) + place * np.array(law.rise.by_group()), 0.02, 0.9)[group]
    able = health.able[:, max(place, 0)]
    share = share * np.array([0.0, 0.0, 0.5, 1.0, 1.25])[able]
    inclined = 1.0 / (
        1.0 + np.exp(-1.7 * (0.85 * taste + 0.5 * plan.stream("mood", place).standard_normal(taste.size)))
    )
    willing: NDArray[np.bool_] = (inclined > 1.0 - share) & (able > LOST)
    return willing


def _with_ends(rng: np.random.Generator, year: int, jobs: JobSpells) -> JobSpells:
    """End some of the open jobs within the year."""
    law = parameters().work
    hazard = np.array([law.end[region] for region in REGIONS])[jobs.region] * law.crisis.get(str(year), 1.0)
    hazard = np.where(jobs.channel > 0, 0.5 * hazard, hazard)
    ends = day_number(year, 1, 1) + rng.integers(0, 365, jobs.person.size)
    ending = chance(rng, hazard, jobs.person.size) & (jobs.ended == NEVER)
    ended = np.where(ending, np.maximum(ends, jobs.started + 1), jobs.ended).astype(np.int32)
    return _ended(jobs, ended)


def _ended(jobs: JobSpells, ended: Days) -> JobSpells:
    return JobSpells(
        person=jobs.person,
        started=jobs.started,
        ended=ended,
        region=jobs.region,
        channel=jobs.channel,
        wage=jobs.wage,
    )


def _starters(rng: np.random.Generator, willing: NDArray[np.bool_], jobs: JobSpells) -> NDArray[np.int64]:
    free = willing & chance(rng, 0.85, willing.size)
    free[jobs.person] = False
    return np.nonzero(free)[0]


def _started(
    rng: np.random.Generator,
    plan: RegisterSpec,
    place: int,
    person: NDArray[np.int64],
    people: People,
    group: NDArray[np.int64],
    skill: Array,
) -> JobSpells:
    """Start jobs after the new year, most of them by April."""
    days = np.minimum(np.floor(rng.gamma(2.0, 24.0, person.size)), 330).astype(np.int64)
    first = day_number(plan.years[0] + place, 1, 4) + days
    return _draw_jobs(rng, plan, place, (person, first), people, group, skill)


def _draw_jobs(
    rng: np.random.Generator,
    plan: RegisterSpec,
    place: int,
    begun: tuple[NDArray[np.int64], NDArray[np.int64]],
    people: People,
    group: NDArray[np.int64],
    skill: Array,
) -> JobSpells:
    law = parameters().work
    person, first = begun
    size = person.size
    region = pick(rng, [law.region[name] for name in REGIONS], size)
    channel = np.where(region == 0, pick(rng, [law.channel[name] for name in CHANNELS], size), 0)
    seasonal = chance(rng, law.seasonal, size)
    level = np.log(np.array(law.wage.by_group()))[group[people.household[person]]] + law.growth * place
    level += np.array([0.0, 0.14, 0.25])[region] + skill[person] + 0.10 * rng.standard_normal(size)
    wage = np.round(np.where(channel == 1, 0.55, 1.0) * np.exp(level), -1)
    kept = first >= people.joined[person]
    jobs = JobSpells(
        person=person,
        started=first.astype(np.int32),
        ended=np.where(seasonal, first + rng.integers(60, 240, size), NEVER).astype(np.int32),
        region=region,
        channel=channel,
        wage=wage,
    )
    return _kept(jobs, kept & (first < people.left[person]))


def _again(
    rng: np.random.Generator, year: int, jobs: JobSpells, willing: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return who finds another job after one that ended early enough in the year, and from when."""
    last = day_number(year, 12, 31)
    first = np.minimum(jobs.ended, last).astype(np.int64) + rng.integers(15, 120, jobs.person.size)
    finds = willing[jobs.person] & chance(rng, parameters().work.again, jobs.person.size)
    finds &= (jobs.ended >= day_number(year, 1, 1)) & (first <= last)
    return jobs.person[finds], first[finds]


def _until_left(jobs: JobSpells, people: People) -> JobSpells:
    """End jobs at the latest when the person leaves the household."""
    left = people.left[jobs.person]
    ended = np.where((left != NEVER) & (jobs.ended >= left), np.maximum(left - 1, jobs.started), jobs.ended)
    return _ended(jobs, ended.astype(np.int32))
