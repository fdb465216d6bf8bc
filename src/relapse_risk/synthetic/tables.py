"""What the register holds of the years: record tables, every row with the day it was entered."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from relapse_risk.synthetic.course import RegisterHistory, World
from relapse_risk.synthetic.disasters import DISASTERS, Disasters
from relapse_risk.synthetic.draws import NEVER, Array, RegisterSpec, between, chance, day_number, days, lagged
from relapse_risk.synthetic.hazard import CAUSES
from relapse_risk.synthetic.health import BILLS, CATEGORIES, Bills, Health
from relapse_risk.synthetic.market import account_days
from relapse_risk.synthetic.parameters import parameters
from relapse_risk.synthetic.people import People
from relapse_risk.synthetic.places import Places
from relapse_risk.synthetic.support import KINDS, LOAN_STATUS
from relapse_risk.synthetic.work import CHANNELS, REGIONS, JobSpells

__all__ = ["Simulation", "coded", "event_tables", "income_table", "person_ids"]

MONITORING = ("unstable", "near_poor", "sudden")


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """Everything that was simulated."""

    plan: RegisterSpec
    places: Places
    people: People
    health: Health
    spells: JobSpells
    bills: Bills
    disasters: Disasters
    world: World
    course: RegisterHistory

    def household(self, index: NDArray[np.int64]) -> pl.Series:
        """Return household ids."""
        return self.places.households["household_id"].gather(index)

    def of_person(self, index: NDArray[np.int64]) -> list[pl.Series]:
        """Return the columns person_id and household_id."""
        return [person_ids(self)[index], self.household(self.people.household[index])]


def person_ids(simulation: Simulation) -> pl.Series:
    """Return the id of every person: that of the household and a number in it."""
    number = pl.Series(simulation.people.number).cast(pl.String).str.zfill(2)
    return (simulation.household(simulation.people.household) + number).alias("person_id")


def coded(name: str, index: Array, codes: tuple[str, ...] | list[str]) -> pl.Series:
    """Return codes by their index."""
    return pl.Series(codes, dtype=pl.String).gather(index).alias(name)


def yuan(name: str, values: Array) -> pl.Series:
    """Return amounts to the cent."""
    return pl.Series(name, np.round(values, 2))


def numbered(letter: str, count: int) -> pl.Series:
    """Return event ids."""
    return (letter + pl.Series(np.arange(count)).cast(pl.String).str.zfill(8)).alias("event_id")


def _entered(simulation: Simulation, stage: str, happened: Array) -> pl.Series:
    rng = simulation.plan.stream("entered", stage)
    return days("recorded_on", lagged(rng, happened, parameters().lags[stage]))


def event_tables(simulation: Simulation) -> dict[str, pl.DataFrame]:
    """Return every table of events and spells."""
    return {
        "illness": _illness(simulation),
        "disabilities": _disabilities(simulation),
        "disasters": _disasters(simulation),
        "employment": _employment(simulation),
        "loans": _loans(simulation),
        "assistance": _assistance(simulation),
        "monitoring": _monitoring(simulation),
        "relapses": _relapses(simulation),
    }


def income_table(simulation: Simulation) -> pl.DataFrame:
    """Return the yearly accounts, each entered weeks after its period, a few of them corrected later."""
    return pl.concat([_account(simulation, place) for place in range(len(simulation.plan.years))])


def _account(simulation: Simulation, place: int) -> pl.DataFrame:
    plan, law, lags = simulation.plan, parameters().income, parameters().lags
    rng, year = plan.stream("account", place), plan.years[place]
    first, last = account_days(year)
    size = simulation.world.homes.size[:, place]
    who = np.nonzero((size > 0) & (simulation.world.departed_on > last) & ~chance(rng, law.missing, plan.households))[0]
    late = chance(rng, law.late, who.size)
    lag = np.where(late, between(rng, lags["account_late"], who.size), between(rng, lags["account"], who.size))
    reported = _reported(simulation, place, rng)
    rows = pl.DataFrame(
        [
            simulation.household(who),
            days("period_start", np.full(who.size, first)),
            days("period_end", np.full(who.size, last)),
            days("recorded_on", lag + last),
            pl.Series("household_size", size[who].astype(np.int64)),
            *(yuan(name, values[who]) for name, values in reported.items()),
        ]
    )
    corrected = _corrected(rows.filter(pl.Series(chance(rng, law.correction, who.size))), rng)
    return pl.concat([rows, corrected]).with_columns(_net()).with_columns(_per_capita())


def _corrected(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return accounts as they are after a later correction."""
    later = between(rng, parameters().lags["account_correction"], rows.height)
    corrected = rows.with_columns(pl.Series("_factor", rng.uniform(0.7, 1.3, rows.height)), pl.Series("_later", later))
    return corrected.with_columns(
        (pl.col("wage", "business") * pl.col("_factor")).round(2),
        pl.col("recorded_on") + pl.duration(days="_later"),
    ).drop("_factor", "_later")


def _net() -> pl.Expr:
    parts = pl.sum_horizontal("wage", "business", "property", "transfer") - pl.col("production_cost")
    return parts.round(2).alias("net_income")


def _per_capita() -> pl.Expr:
    return (pl.col("net_income") / pl.col("household_size")).round(2).alias("net_income_per_capita")


def _reported(simulation: Simulation, place: int, rng: np.random.Generator) -> dict[str, Array]:
    """Return what the account says: the truth, each amount a little off."""
    market, yearly = simulation.world.market, simulation.course.yearly
    share = yearly["market_share"][:, place]
    true = {
        "wage": share * market.wage[:, place],
        "business": share * (market.farm - market.lost)[:, place],
        "property": market.property[:, place],
        "transfer": yearly["transfer"][:, place],
        "production_cost": share * market.cost[:, place],
    }
    noise = parameters().income.account_noise
    return {name: values * np.exp(noise * rng.standard_normal(values.size)) for name, values in true.items()}


def _illness(simulation: Simulation) -> pl.DataFrame:
    bills, law = simulation.bills, parameters().health.bills
    diseases = [disease for kind in BILLS for disease in law[kind].diseases]
    before = np.cumsum([0] + [len(law[kind].diseases) for kind in BILLS])[:-1]
    rows = pl.DataFrame(
        [
            *simulation.of_person(bills.person)[::-1],
            days("occurred_on", bills.day),
            numbered("M", bills.day.size),
            _entered(simulation, "bill", bills.day),
            coded("disease", before[bills.kind] + bills.disease, diseases),
            coded("kind", bills.kind, BILLS),
            yuan("total_cost", bills.cost),
            yuan("reimbursed", bills.reimbursed),
            yuan("corrected", bills.corrected),
            _entered(simulation, "bill_correction", bills.day + 30).alias("corrected_on"),
        ]
    )
    corrected = rows.filter(pl.col("corrected") > pl.col("reimbursed")).with_columns(
        reimbursed="corrected", recorded_on=pl.max_horizontal("corrected_on", pl.col("recorded_on").dt.offset_by("1d"))
    )
    self_paid = (pl.col("total_cost") - pl.col("reimbursed")).round(2).alias("self_paid")
    return pl.concat([rows, corrected]).drop("corrected", "corrected_on").with_columns(self_paid)


def _disabilities(simulation: Simulation) -> pl.DataFrame:
    people, health = simulation.people, simulation.health
    who = np.nonzero((health.certified_on != NEVER) & (health.certified_on < people.left))[0]
    certified = np.maximum(health.certified_on[who], people.born[who] + 400)
    return pl.DataFrame(
        [
            *simulation.of_person(who),
            days("certified_on", certified),
            _entered(simulation, "disability", certified),
            coded("category", health.category[who], CATEGORIES),
            pl.Series("grade", health.grade[who]),
        ]
    )


def _disasters(simulation: Simulation) -> pl.DataFrame:
    """Return losses by household, and one line for the village of each disaster."""
    disasters, years = simulation.disasters, np.array([day_number(year, 12, 31) for year in simulation.plan.years])
    day = disasters.day[disasters.event]
    loss = disasters.share * simulation.world.market.farm[disasters.household, np.searchsorted(years, day)]
    here = (simulation.world.departed_on[disasters.household] > day) & (loss >= 1.0)
    event, household = disasters.event[here], disasters.household[here]
    losses = pl.DataFrame(
        [
            simulation.household(household),
            days("occurred_on", day[here]),
            numbered("L", event.size),
            _entered(simulation, "disaster", day[here]),
            coded("kind", disasters.kind[event], DISASTERS),
            yuan("loss", loss[here]),
        ]
    )
    villages = pl.DataFrame(
        [
            simulation.places.villages["village_code"].gather(disasters.village),
            days("occurred_on", disasters.day),
            numbered("V", disasters.day.size),
            _entered(simulation, "disaster", disasters.day),
            coded("kind", disasters.kind, DISASTERS),
        ]
    )
    return pl.concat([losses, villages], how="diagonal")


def _employment(simulation: Simulation) -> pl.DataFrame:
    spells = simulation.spells
    begun = pl.DataFrame(
        [
            *simulation.of_person(spells.person),
            days("started_on", spells.started),
            days("ended_on", spells.ended),
            _entered(simulation, "job", spells.started),
            _entered(simulation, "job_end", spells.ended).alias("end_recorded_on"),
            coded("region", spells.region, REGIONS),
            coded("channel", spells.channel, CHANNELS),
            pl.Series("monthly_wage", spells.wage),
        ]
    )
    return _with_endings(begun, "ended_on")


def _with_endings(begun: pl.DataFrame, ending: str) -> pl.DataFrame:
    """Return each spell as it was entered when it began, and again when its end was."""
    ended = begun.filter(pl.col(ending).is_not_null()).with_columns(
        recorded_on=pl.max_horizontal("end_recorded_on", pl.col("recorded_on").dt.offset_by("1d"))
    )
    open_ones = begun.with_columns(pl.lit(None, dtype=pl.Date).alias(ending))
    return pl.concat([open_ones, ended]).drop("end_recorded_on")


def _loans(simulation: Simulation) -> pl.DataFrame:
    loans = simulation.course.events["loans"]
    household = simulation.household(loans["household"])
    return pl.DataFrame(
        [
            ("XH" + household + pl.Series(loans["loan"]).cast(pl.String).str.zfill(2)).alias("loan_id"),
            household,
            yuan("principal", loans["principal"]),
            days("started_on", loans["started"]),
            days("due_on", loans["due"]),
            _entered(simulation, "loan", loans["on"]),
            coded("status", loans["status"], LOAN_STATUS),
            days("status_on", loans["on"]),
        ]
    )


def _assistance(simulation: Simulation) -> pl.DataFrame:
    measures = simulation.course.events["measures"]
    ends = measures["ended"]
    rows = pl.DataFrame(
        [
            simulation.household(measures["household"]),
            coded("kind", measures["kind"], KINDS),
            days("started_on", measures["started"]),
            days("ended_on", ends),
            _entered(simulation, "support", measures["started"]),
            _entered(simulation, "support_end", ends).alias("end_recorded_on"),
            yuan("amount", measures["amount"]),
        ]
    )
    # A measure that lasts has a line of its own for its end; a grant ends with the day it is paid.
    ended = pl.col("ended_on") > pl.col("started_on")
    last = pl.max_horizontal("end_recorded_on", pl.col("recorded_on").dt.offset_by("1d"))
    return rows.with_columns(recorded_on=pl.when(ended).then(last).otherwise("recorded_on")).drop("end_recorded_on")


def _monitoring(simulation: Simulation) -> pl.DataFrame:
    found = simulation.course.events["monitoring"]
    identified = _entered(simulation, "monitoring", found["identified"])
    cleared = _entered(simulation, "monitoring", found["cleared"])
    rows = pl.DataFrame(
        [
            simulation.household(found["household"]),
            days("identified_on", found["identified"]),
            coded("monitoring_type", found["type"], MONITORING),
            coded("risk", found["risk"], CAUSES),
            days("cleared_on", found["cleared"]),
            identified.alias("entered"),
            cleared.alias("recorded_on"),
        ]
    )
    key = ("household_id", "identified_on")
    return (
        rows.with_columns(pl.col("recorded_on").fill_null(pl.col("entered")))
        .sort(*key, "recorded_on")
        .with_columns(pl.col("monitoring_type", "risk").first().over(key))
        .drop("entered")
    )


def _relapses(simulation: Simulation) -> pl.DataFrame:
    fell = simulation.course.events["relapses"]
    return pl.DataFrame(
        [
            simulation.household(fell["household"]),
            days("relapsed_on", fell["day"]),
            numbered("R", fell["day"].size),
            coded("cause", fell["cause"], (*CAUSES, "other")),
            days("recorded_on", fell["entered"]),
        ]
    )
