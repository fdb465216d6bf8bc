"""The members of every household, stated anew whenever something of them changes."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from relapse_risk.synthetic.draws import NEVER, Array, chance, day_number, days, lagged, pick
from relapse_risk.synthetic.health import ABLE, STUDENTS
from relapse_risk.synthetic.invented_numbers import identities
from relapse_risk.synthetic.parameters import parameters
from relapse_risk.synthetic.people import LEFT, RELATIONS, People
from relapse_risk.synthetic.register import first_entered, visits
from relapse_risk.synthetic.tables import Simulation, coded, person_ids
from relapse_risk.synthetic.work import REGIONS

__all__ = ["member_table"]

HEALTH = (
    *("healthy", "chronic", "serious", "chronic+serious"),
    *("disabled", "chronic+disabled", "serious+disabled", "chronic+serious+disabled"),
)
EDUCATION = ("none", "primary", "junior", "senior", "college")
_NO_REGION = len(REGIONS)


def member_table(simulation: Simulation) -> pl.DataFrame:
    """Return the members: a line when first entered, for each yearly visit that finds a change, and for leaving.

    Whoever becomes head when the head leaves has a line for that too.
    """
    people, seen, states = simulation.people, _seen(simulation), _states(simulation)
    person, column = np.nonzero(_stated(simulation, seen, states))
    gone = np.nonzero(people.left != NEVER)[0]
    entered = _leaving_entered(simulation, gone, seen)
    heir, heads_from = _heirs(people, gone, entered, seen)
    stays = np.full(person.size + heir.size, NEVER)
    last = np.append(_last_seen(seen, heir, heads_from), _last_seen(seen, gone, people.left[gone]))
    lines = _lines(states, np.concatenate([person, heir, gone]), np.append(column, last)).with_columns(
        days("recorded_on", np.concatenate([seen[person, column], heads_from, entered])),
        days("left_on", np.append(stays, people.left[gone])),
        coded("left_reason", np.append(stays, people.left_reason[gone]).clip(max=len(LEFT)), (*LEFT, "")),
    )
    heads = pl.DataFrame([pl.Series("person", heir), days("heads_from", heads_from)])
    return (
        lines.join(_fixed(simulation), on="person", how="left")
        .join(heads, on="person", how="left")
        .with_columns(
            left_reason=pl.when(pl.col("left_on").is_not_null()).then("left_reason"),
            relation=pl.when(pl.col("recorded_on") >= pl.col("heads_from")).then(pl.lit("head")).otherwise("relation"),
        )
    )


def _last_seen(seen: Array, person: Array, before: Array) -> Array:
    """Return which of the days of `_seen` was the last before another day; the first if none was."""
    return np.asarray((seen[person] < before[:, None]).sum(axis=1).clip(min=1) - 1)


def _heirs(people: People, gone: Array, entered: Array, seen: Array) -> tuple[Array, Array]:
    """Return who becomes head where the head left, the first adult of the household still there, and from when."""
    heads = gone[people.relation[gone] == RELATIONS.index("head")]
    households = int(people.household[-1]) + 1
    left, known = np.full(households, -1), np.full(households, -1)
    left[people.household[heads]] = people.left[heads]
    known[people.household[heads]] = entered[people.relation[gone] == RELATIONS.index("head")]
    day = left[people.household]
    fit = (day >= 0) & people.there(day) & (people.left > day) & (people.age(day) >= 16)
    candidates = np.nonzero(fit)[0]
    heir = candidates[np.unique(people.household[candidates], return_index=True)[1]]
    return heir, np.maximum(known[people.household[heir]], seen[heir, 0] + 1)


def _lines(states: dict[str, NDArray[np.int8]], person: Array, column: Array) -> pl.DataFrame:
    """Return what was found of persons, each at one of the days of `_seen`."""
    found = {name: values[person, column] for name, values in states.items()}
    lines = pl.DataFrame(
        [
            pl.Series("person", person),
            coded("student_status", found["student"], STUDENTS),
            coded("health_status", found["health"], HEALTH),
            coded("labour_capacity", found["able"], ABLE),
            coded("work_region", found["region"], (*REGIONS, "")),
            pl.Series("work_months", found["months"].astype(float)),
            pl.Series("medical_insured", found["insured"] > 0),
        ]
    )
    return lines.with_columns(work_region=pl.when(pl.col("work_region") != "").then("work_region"))


def _fixed(simulation: Simulation) -> pl.DataFrame:
    plan, people, law = simulation.plan, simulation.people, parameters().people
    rng, size = plan.stream("members"), people.household.size
    ethnicity = pick(rng, list(law.ethnicity.values()), plan.households)[people.household]
    adult = people.age(day_number(plan.years[0], 1, 1)) >= 16
    return identities(plan, people).with_columns(
        pl.Series("person", np.arange(size)),
        person_ids(simulation),
        simulation.household(people.household),
        coded("relation", people.relation, RELATIONS),
        coded("ethnicity", ethnicity, list(law.ethnicity)),
        coded("education", np.where(adult, simulation.health.schooling, 0), EDUCATION).set(pl.Series(~adult), None),
        pl.Series("pension_insured", chance(rng, parameters().health.pension_insured, size) & adult),
    )


def _seen(simulation: Simulation) -> Array:
    """Return the day of each person's first entry, then of each yearly visit, shape (P, 1 + Y)."""
    people = simulation.people
    founder = people.joined < day_number(simulation.plan.years[0], 1, 1)
    born = lagged(simulation.plan.stream("entered", "member"), people.joined, parameters().lags["left"])
    first = np.where(founder, first_entered(simulation)[people.household], born)
    return np.column_stack([first, visits(simulation)[people.household]])


def _stated(simulation: Simulation, seen: Array, states: dict[str, NDArray[np.int8]]) -> NDArray[np.bool_]:
    """Return which of those days make a line: the first entry, and every visit that finds a change."""
    people = simulation.people
    changed = np.zeros(seen.shape, dtype=bool)
    for values in states.values():
        changed[:, 1:] |= values[:, 1:] != values[:, :-1]
    changed &= (people.joined[:, None] <= seen) & (seen < people.left[:, None])
    changed[:, 0] = True
    return changed


def _leaving_entered(simulation: Simulation, gone: Array, seen: Array) -> Array:
    """Return the day each leaving was entered: after the first entry of the person, however late that came."""
    entered = lagged(simulation.plan.stream("entered", "left"), simulation.people.left[gone], parameters().lags["left"])
    return np.asarray(np.maximum(entered, seen[gone, 0] + 1))


def _states(simulation: Simulation) -> dict[str, NDArray[np.int8]]:
    """Return what is found of each person on the days of `_seen`; the first entry knows of no work yet."""
    health, people, seen = simulation.health, simulation.people, _seen(simulation)
    ill = (health.chronic_on[:, None] <= seen) + 2 * _lately(health.serious_on, seen)
    months, region = _work(simulation)
    return {
        "student": _with_first(health.student, health.student[:, 0]),
        "able": _with_first(health.able, health.able[:, 0]),
        "health": (ill + 4 * (health.certified_on[:, None] <= seen)).astype(np.int8),
        "insured": _with_first(health.insured.astype(np.int8), health.insured[:, 0]),
        "months": _with_first(months, np.zeros(people.household.size)),
        "region": _with_first(region, np.full(people.household.size, _NO_REGION)),
    }


def _with_first(values: NDArray[np.int8], first: Array) -> NDArray[np.int8]:
    return np.column_stack([first.astype(np.int8), values])


def _lately(onset: Array, seen: Array) -> NDArray[np.bool_]:
    recent: NDArray[np.bool_] = (onset[:, None] <= seen) & (seen < onset[:, None].astype(np.int64) + 3 * 365)
    return recent


def _work(simulation: Simulation) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return months worked in the twelve months to the end of October, and where the last of them were."""
    count, spells = simulation.people.household.size, simulation.spells
    months, regions = [], []
    for year in simulation.plan.years:
        first, last = day_number(year - 1, 11, 1), day_number(year, 10, 31)
        worked = np.round(np.minimum(spells.months(first, last, count), 12.0))
        inside = np.nonzero((spells.started <= last) & (spells.ended >= first))[0]
        latest = inside[np.argsort(spells.started[inside], kind="stable")]
        region = np.full(count, _NO_REGION)
        region[spells.person[latest]] = spells.region[latest]
        months.append(worked.astype(np.int8))
        regions.append(np.where(worked > 0, region, _NO_REGION).astype(np.int8))
    return np.stack(months, axis=1), np.stack(regions, axis=1)
