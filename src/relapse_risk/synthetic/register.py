"""The households, stated anew whenever something of them changes."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from relapse_risk.synthetic.draws import Array, Days, chance, day_number, days, pick
from relapse_risk.synthetic.law import GROUPS
from relapse_risk.synthetic.parameters import parameters
from relapse_risk.synthetic.support import TYPES
from relapse_risk.synthetic.tables import Simulation, coded

__all__ = ["first_entered", "household_table", "visits"]

GRADES = ("A", "B", "C", "D")


def visits(simulation: Simulation) -> NDArray[np.int64]:
    """Return the day of each household's yearly visit, shape (H, Y)."""
    plan = simulation.plan
    first = np.array([day_number(year, 11, 8) for year in plan.years])
    return first + plan.stream("rounds").integers(0, 45, (plan.households, len(plan.years)))


def first_entered(simulation: Simulation) -> Days:
    """Return the day each household was first entered: late in the year before the first."""
    plan = simulation.plan
    first = day_number(plan.years[0] - 1, 11, 1)
    return (first + plan.stream("founded").integers(0, 55, plan.households)).astype(np.int32)


def household_table(simulation: Simulation) -> pl.DataFrame:
    """Return the households: a line when first entered, and one more each time something changes."""
    changes = [change(simulation) for change in (_first_lines, _exits, _relapses, _repairs, _sizes)]
    lines = pl.concat(changes, how="diagonal").sort("household_id", "recorded_on", maintain_order=True)
    changing = ("household_type", "exit_year", "house_grade", "safe_water", "size")
    return (
        lines.with_columns(pl.col(changing).forward_fill().over("household_id"))
        .unique(("household_id", "recorded_on"), keep="last", maintain_order=True)
        .join(_fixed(simulation), on="household_id", how="left", maintain_order="left")
    )


def _fixed(simulation: Simulation) -> pl.DataFrame:
    plan, group = simulation.plan, simulation.world.group
    rng = plan.stream("fixed")
    registered = group == GROUPS.index("registered")
    causes = parameters().groups.cause
    cause = coded("poverty_cause", pick(rng, list(causes.values()), group.size), list(causes))
    relocated = registered & chance(rng, parameters().support.relocated, group.size)
    places = simulation.places.households.with_columns(
        cause.set(pl.Series(~registered), None), pl.Series("relocated", relocated)
    )
    site = pl.when("relocated").then(pl.col("town") + "安置点")
    return places.with_columns(resettlement_site=site, farmland_mu=pl.Series(simulation.world.market.land))


def _first_lines(simulation: Simulation) -> pl.DataFrame:
    """Return each household as first entered; what it was is undone from the first year's exits."""
    start = simulation.course.start
    return pl.DataFrame(
        [
            simulation.household(np.arange(simulation.plan.households)),
            days("recorded_on", first_entered(simulation)),
            coded("household_type", start["type"], TYPES),
            pl.Series("exit_year", start["exit_year"]).cast(pl.Int64).replace(0, None),
            coded("house_grade", start["grade"], GRADES),
            pl.Series("safe_water", start["safe_water"]),
            pl.Series("size", _founders(simulation)),
        ]
    )


def _founders(simulation: Simulation) -> Array:
    """Return the number of persons each household was first entered with."""
    people = simulation.people
    first = people.joined < day_number(simulation.plan.years[0], 1, 1)
    return np.bincount(people.household[first], minlength=simulation.plan.households)


def _exits(simulation: Simulation) -> pl.DataFrame:
    exits = simulation.course.events["exits"]
    return pl.DataFrame(
        [
            simulation.household(exits["household"]),
            days("recorded_on", exits["entered"]),
            pl.Series("exit_year", exits["year"]),
        ]
    ).with_columns(household_type=pl.lit("exited"))


def _relapses(simulation: Simulation) -> pl.DataFrame:
    """Return the change of type that follows a relapse some weeks after its entry."""
    fell = simulation.course.events["relapses"]
    rng = simulation.plan.stream("retyped")
    day = fell["entered"] + rng.integers(2, 40, fell["entered"].size)
    return pl.DataFrame([simulation.household(fell["household"]), days("recorded_on", day)]).with_columns(
        household_type=pl.lit("poor")
    )


def _repairs(simulation: Simulation) -> pl.DataFrame:
    repairs = simulation.course.events["repairs"]
    return pl.DataFrame(
        [
            simulation.household(repairs["household"]),
            days("recorded_on", repairs["day"]),
            coded("house_grade", repairs["grade"], GRADES),
            pl.Series("safe_water", repairs["safe_water"]),
        ]
    )


def _sizes(simulation: Simulation) -> pl.DataFrame:
    """Return the size found at each yearly visit where it is not that of the year before."""
    people, rounds = simulation.people, visits(simulation)
    count = simulation.plan.households
    sizes = np.stack(
        [
            np.bincount(people.household[people.there(rounds[people.household, place])], minlength=count)
            for place in range(rounds.shape[1])
        ],
        axis=1,
    )
    changed = (np.diff(np.column_stack([_founders(simulation), sizes]), axis=1) != 0) & (sizes > 0)
    who, place = np.nonzero(changed)
    return pl.DataFrame(
        [simulation.household(who), days("recorded_on", rounds[who, place]), pl.Series("size", sizes[who, place])]
    )
