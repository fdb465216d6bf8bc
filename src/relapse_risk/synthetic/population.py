"""The whole population: simulated, written as a register would be, together with the truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.policy import Lines, read_policy
from relapse_risk.progress import Progress, silent
from relapse_risk.records import TABLES
from relapse_risk.synthetic.course import World, pass_years
from relapse_risk.synthetic.disasters import strike
from relapse_risk.synthetic.draws import RegisterSpec
from relapse_risk.synthetic.health import draw_bills, draw_health
from relapse_risk.synthetic.market import gather, trade
from relapse_risk.synthetic.members import member_table
from relapse_risk.synthetic.people import draw_groups, raise_people
from relapse_risk.synthetic.places import settle
from relapse_risk.synthetic.register import household_table
from relapse_risk.synthetic.tables import Simulation, event_tables, income_table
from relapse_risk.synthetic.work import draw_spells

__all__ = ["Population", "synthesise"]

YEARS = tuple(range(2015, 2021))


@dataclass(frozen=True, kw_only=True, eq=False)
class Population:
    """An invented register and what is true of it.

    Attributes
    ----------
    tables : Mapping of str to pl.DataFrame
        The record tables, as exported on the last day: nothing entered later is in them.
    truth : Mapping of str to pl.DataFrame
        ``risk``: household_id, as_of, risk (the probability, by the law the population follows, that a relapse dated in
        the twelve months after ``as_of`` is entered, given all that is true of the household then), and
        ``part_<reason>`` (log-odds; they add up to those of the risk), with ``part_interaction`` where reasons
        interact. One row per household at risk and December.
        ``relapses``: household_id, relapsed_on, recorded_on, cause: every relapse, also those not yet entered on the
        last day.
    exported_on : date
        The last day.
    seed : int
        The parameters of the simulation.
    """

    tables: Mapping[str, pl.DataFrame]
    truth: Mapping[str, pl.DataFrame]
    exported_on: date
    seed: int


def synthesise(
    *,
    households: int,
    seed: int,
    years: Sequence[int] = YEARS,
    interacting: bool = False,
    progress: Progress = silent,
) -> Population:
    """Invent a register whose relapses follow a known law (``parameters.toml``).

    The same arguments give the same tables. Relapses begin in the second year: the risk at the end of a December is
    that of the year after.

    Parameters
    ----------
    households : int
        How many households, from 1.
    seed : int
        Of all draws, from 0.
    years : sequence of int, default 2015 to 2020
        Consecutive years the register covers, at least two.
    interacting : bool
        Whether pairs of reasons raise the risk by more, or less, together than each by itself.
    progress : Progress
        Told how far it is.

    Returns
    -------
    Population

    Raises
    ------
    InputError
        If one of the numbers is out of its range (``synthetic_unreasonable``).

    Examples
    --------
    >>> population = synthesise(households=200, seed=1)
    >>> population.exported_on, population.tables["households"]["household_id"].n_unique()
    (datetime.date(2020, 12, 31), 200)
    """
    plan = _plan(households, seed, years, interacting)
    simulation = _draw(plan, progress)
    tables = {"households": household_table(simulation)}
    progress("synthesise", 0.75)
    tables["members"] = member_table(simulation)
    progress("synthesise", 0.9)
    tables |= {"incomes": income_table(simulation), **event_tables(simulation)}
    exported = {name: _exported(name, frame, plan.last_day) for name, frame in tables.items()}
    progress("synthesise", 1.0)
    return Population(
        tables=exported, truth=_truth(simulation, tables["relapses"]), exported_on=plan.last_day, seed=seed
    )


def _plan(households: int, seed: int, years: Sequence[int], interacting: bool) -> RegisterSpec:
    span = tuple(years)
    consecutive = len(span) > 1 and span == tuple(range(span[0], span[0] + len(span)))
    if households < 1 or seed < 0 or not consecutive:
        raise InputError("synthetic_unreasonable", households=households, seed=seed, years=list(span))
    return RegisterSpec(households=households, years=span, seed=seed, interacting=interacting)


def _draw(plan: RegisterSpec, progress: Progress) -> Simulation:
    places, group = settle(plan), draw_groups(plan)
    people = raise_people(plan, group)
    progress("synthesise", 0.1)
    health = draw_health(plan, people, group)
    bills = draw_bills(plan, people, health, group)
    progress("synthesise", 0.25)
    spells = draw_spells(plan, people, health, group)
    disasters = strike(plan, places)
    progress("synthesise", 0.35)
    world = World(
        group=group,
        departed_on=people.empty_from(plan.households),
        market=trade(plan, places, group, people, health, spells, disasters),
        homes=gather(plan, people, health, spells, bills),
        village=places.effect[places.village],
    )
    return Simulation(
        plan=plan,
        places=places,
        people=people,
        health=health,
        spells=spells,
        bills=bills,
        disasters=disasters,
        world=world,
        course=pass_years(plan, world, _lines(), progress),
    )


def _lines() -> Lines:
    return read_policy().lines


def _exported(name: str, frame: pl.DataFrame, day: date) -> pl.DataFrame:
    """Return what the register holds on the day of the export, columns and types as declared, by its key."""
    table = TABLES[name]
    columns = [column for column in table.columns if column in frame.columns]
    held = frame.filter(pl.col("recorded_on") <= day).select(
        pl.col(column).cast(table.columns[column].dtype) for column in columns
    )
    begins = ["event_id"] if table.event else []
    return held.sort(*(table.key or begins), "recorded_on", maintain_order=True)


def _truth(simulation: Simulation, relapses: pl.DataFrame) -> dict[str, pl.DataFrame]:
    course, plan = simulation.course, simulation.plan
    who, place = np.nonzero(~np.isnan(course.yearly["risk"]))
    ends = pl.Series([date(year, 12, 31) for year in plan.years])
    risk = pl.DataFrame(
        [
            simulation.household(who),
            ends.gather(place).alias("as_of"),
            pl.Series("risk", course.yearly["risk"][who, place]),
            *(pl.Series(f"part_{reason}", values[who, place]) for reason, values in course.parts.items()),
        ]
    )
    entries = relapses.select("household_id", "relapsed_on", "recorded_on", "cause")
    return {"risk": risk.sort("as_of", "household_id"), "relapses": entries.sort("household_id", "relapsed_on")}
