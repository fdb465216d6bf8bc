"""The years in turn: income, help, exits, and relapses simulated from the known law."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from relapse_risk.policy import Lines
from relapse_risk.progress import Progress
from relapse_risk.synthetic.draws import NEVER, Array, Days, RegisterSpec, chance, day_number, lagged
from relapse_risk.synthetic.hazard import CAUSES, Truth, hazard_parts, risk_of
from relapse_risk.synthetic.law import GROUPS
from relapse_risk.synthetic.market import HouseholdYears, Market
from relapse_risk.synthetic.parameters import parameters
from relapse_risk.synthetic.support import (
    EXITED,
    GENERAL,
    NEAR_POOR,
    OVERDUE,
    POOR,
    Events,
    PriorYear,
    Support,
    begin_support,
    help_in_year,
    lend_in_year,
)

__all__ = ["RegisterHistory", "World", "pass_years"]


@dataclass(frozen=True, kw_only=True)
class World:
    """What does not depend on relapses."""

    group: NDArray[np.int64]
    departed_on: Days
    """The day each household's last person left."""
    market: Market
    homes: HouseholdYears
    village: Array
    """What its village adds to each household's log-odds."""


@dataclass(frozen=True, kw_only=True)
class HouseholdStates:
    """The state of each household at the end of a year; every attribute an array of shape (H,)."""

    type: NDArray[np.int64]
    exit_year: NDArray[np.int64]
    """0 for who never exited."""
    unexited: NDArray[np.bool_]
    """Registered and never yet out of poverty."""
    relapsed: NDArray[np.bool_]
    """Ever relapsed."""
    relapsed_on: Days
    """A relapse in the coming year."""
    entered_on: Days


@dataclass(frozen=True, kw_only=True)
class RegisterHistory:
    """What happened, year by year.

    Attributes
    ----------
    start : Mapping of str to array, shape (H,)
        ``type``, ``exit_year``, ``grade`` and ``safe_water`` when the register begins.
    yearly : Mapping of str to array, shape (H, Y)
        ``net`` income, ``transfer`` and what the line asks for, ``needed`` (yuan),
        ``market_share`` (what a relapse left of market income), ``ratio``
        (income over line) and ``risk`` (probability of a relapse within the twelve months after the year's end; NaN for
        who is not at risk).
    parts : Mapping of str to array, shape (H, Y)
        The log-odds of the risk by reason.
    events : Mapping of str to Mapping of str to array
        ``exits``, ``relapses``, ``measures``, ``loans``, ``monitoring``, ``repairs``: one entry an event.
    """

    start: Mapping[str, Array]
    yearly: Mapping[str, Array]
    parts: Mapping[str, Array]
    events: Mapping[str, Events]


@dataclass(frozen=True, kw_only=True)
class _Year:
    """One year's outcome, as in `RegisterHistory`."""

    columns: Mapping[str, Array]
    parts: Mapping[str, Array]
    events: Mapping[str, Events]


def pass_years(plan: RegisterSpec, world: World, lines: Lines, progress: Progress) -> RegisterHistory:
    """Let the years pass, and draw each year's relapses from the risk at the end of the year before."""
    status = _first_status(plan, world)
    support = begin_support(plan, world.group)
    monitored = np.full(plan.households, NEVER)
    frailty = parameters().hazard.frailty * plan.stream("frailty").standard_normal(plan.households)
    start: Events = {"type": status.type, "exit_year": status.exit_year, "grade": support.grade}
    start["safe_water"] = ~support.unsafe_water
    logs = np.empty((plan.households, 0))
    years: list[_Year] = []
    for place in range(len(plan.years)):
        line = lines.of_year(plan.years[place]) or 1.0
        share, before = _before(plan, place, world, status, years, line)
        helped, measures = help_in_year(plan, place, world.group, support, before)
        columns = _accounts(plan, place, world, helped, share, line)
        lent, loans = lend_in_year(plan, place, world.group, helped, columns["ratio"], before.there)
        status, exits = _exits(plan, place, status, columns["ratio"], before.there)
        logs = np.column_stack([logs, np.log(np.maximum(columns["net"] / world.homes.size[:, place].clip(1), 50.0))])
        truth = _truth(plan, place, world, status, lent, columns, logs, frailty)
        parts = hazard_parts(truth, interacting=plan.interacting)
        at_risk = (status.type != POOR) & (world.departed_on > day_number(plan.years[place], 12, 31))
        columns["risk"] = np.where(at_risk, risk_of(parts), np.nan)
        monitored, monitoring = _monitor(plan, place, world, status, monitored, columns["risk"], parts)
        status, relapses = _relapse(plan, place, world, status, columns["risk"], parts)
        events = {
            "exits": exits,
            "relapses": relapses,
            "monitoring": monitoring,
            "repairs": _repairs(plan, place, support, lent),
        }
        events |= {"measures": _joined(measures), "loans": _joined(loans)}
        years.append(_Year(columns=columns, parts=parts, events=events))
        support = lent
        progress("synthesise", 0.4 + 0.3 * (place + 1) / len(plan.years))
    return _course(start, years)


def _course(start: Mapping[str, Array], years: list[_Year]) -> RegisterHistory:
    return RegisterHistory(
        start=start,
        yearly={name: np.stack([year.columns[name] for year in years], axis=1) for name in years[0].columns},
        parts={name: np.stack([year.parts[name] for year in years], axis=1) for name in years[0].parts},
        events={name: _joined([year.events[name] for year in years]) for name in years[0].events},
    )


def _joined(events: list[Events]) -> Events:
    return {name: np.concatenate([part[name] for part in events]) for name in events[0]}


def _first_status(plan: RegisterSpec, world: World) -> HouseholdStates:
    """Return where households stand before the first year: the best-off of the registered have just exited."""
    law, rng = parameters().remaining, plan.stream("begin")
    registered = world.group == GROUPS.index("registered")
    market = world.market
    earned = (market.wage + market.farm - market.cost)[:, 0] / world.homes.size[:, 0].clip(1)
    score = np.log(np.maximum(earned, 100.0)) + parameters().exits.noise * rng.standard_normal(plan.households)
    remaining = law.get(str(plan.years[0] - 1), min(law.values()))
    exited = registered & (score > np.quantile(score[registered], remaining)) if registered.any() else registered
    never = np.full(plan.households, NEVER)
    other = np.where(world.group == GROUPS.index("near_poor"), NEAR_POOR, GENERAL)
    return HouseholdStates(
        type=np.where(exited, EXITED, np.where(registered, POOR, other)),
        exit_year=np.where(exited, plan.years[0] - 1, 0),
        unexited=registered & ~exited,
        relapsed=np.zeros(plan.households, dtype=bool),
        relapsed_on=never,
        entered_on=never,
    )


def _before(
    plan: RegisterSpec, place: int, world: World, status: HouseholdStates, years: list[_Year], line: float
) -> tuple[Array, PriorYear]:
    """Return what a relapse leaves of the year's market income, and what the year's help looks at."""
    rng, law, homes, market = plan.stream("year", place), parameters().income, world.homes, world.market
    fell = status.relapsed_on != NEVER
    left = np.where(fell, rng.uniform(law.relapse_low, law.relapse_high, plan.households), 1.0)
    earned = (market.wage + market.farm - market.cost)[:, place] / homes.size[:, place].clip(1) / line
    return left, PriorYear(
        type=status.type,
        ratio=years[-1].columns["ratio"] if years else earned,
        relapse_entered=status.entered_on,
        hit_loss=market.lost[:, place],
        self_paid=homes.self_paid[:, place],
        students=homes.students[:, place],
        size=homes.living[:, place],
        there=world.departed_on > day_number(plan.years[place], 12, 31),
    )


def _accounts(
    plan: RegisterSpec, place: int, world: World, support: Support, share: Array, line: float
) -> dict[str, Array]:
    """Close the year's accounts."""
    law, market, homes = parameters().income, world.market, world.homes
    pensions = law.pension * (1.0 + 0.05 * place) * homes.pensioners[:, place]
    end = day_number(plan.years[place], 12, 31)
    months = np.clip((end - support.subsistence_from.clip(max=end)) / 365.0, 0.0, 1.0)
    allowance = parameters().support.subsistence_yuan * (1.0 + 0.06 * (plan.years[place] - 2015)) * months
    transfer = pensions + law.subsidy_mu * market.land + allowance * homes.size[:, place] + support.paid
    farm = (market.farm - market.lost)[:, place]
    earned = share * (market.wage[:, place] + farm) + market.property[:, place]
    net = earned + transfer - market.cost[:, place] * share
    needed = line * homes.size[:, place].clip(1)
    ratio = np.maximum(net / needed, 0.05)
    return {"net": net, "needed": needed, "transfer": transfer, "market_share": share, "ratio": ratio}


def _exits(
    plan: RegisterSpec, place: int, status: HouseholdStates, ratio: Array, there: NDArray[np.bool_]
) -> tuple[HouseholdStates, Events]:
    """Let the year's best-off poor households exit, as many as the plan of the year has, and relapsed ones return."""
    rng, law, year = plan.stream("exits", place), parameters().exits, plan.years[place]
    fell = status.relapsed_on != NEVER
    score = np.log(ratio) + law.noise * rng.standard_normal(ratio.size)
    first = status.unexited & there & (score > _bar(plan, place, status, score, there))
    again = (status.type == POOR) & ~status.unexited & ~fell & there & (ratio > 1.0)
    leaving = first | (again & chance(rng, law.again, ratio.size))
    who = np.nonzero(leaving)[0]
    day = day_number(year, 11, 20) + rng.integers(0, 36, who.size)
    late = np.where(chance(rng, law.late, who.size), rng.integers(16, 50, who.size), rng.integers(0, 6, who.size))
    exits: Events = {"household": who, "day": day.astype(np.int32), "entered": (day + late).astype(np.int32)}
    exits["year"] = np.full(who.size, year)
    stays = np.where(fell, POOR, status.type)
    return replace(
        status,
        type=np.where(leaving, EXITED, stays),
        exit_year=np.where(leaving, year, status.exit_year),
        unexited=status.unexited & ~first,
        relapsed=status.relapsed | fell,
    ), exits


def _bar(plan: RegisterSpec, place: int, status: HouseholdStates, score: Array, there: NDArray[np.bool_]) -> float:
    """Return the score above which poor households exit, so that the planned share remains."""
    law = parameters().remaining
    remaining = law.get(str(plan.years[place]), min(law.values()))
    registered = (status.exit_year > 0) | status.unexited
    stay = round(remaining * registered.sum())
    candidates = np.sort(score[status.unexited & there])
    return float(candidates[min(stay, candidates.size) - 1]) if stay and candidates.size else -np.inf


def _truth(
    plan: RegisterSpec,
    place: int,
    world: World,
    status: HouseholdStates,
    support: Support,
    columns: Mapping[str, Array],
    logs: Array,
    frailty: Array,
) -> Truth:
    """Return everything the hazard looks at, as it is at the end of the year."""
    market, homes, law = world.market, world.homes, parameters().hazard.group
    net = np.maximum(columns["net"], 0.5 * columns["needed"])
    recent = logs[:, -3:]
    level = np.array([law.exited, 0.0, law.near_poor, law.general])[status.type]
    names = (
        *("self_paid", "serious", "chronic_uninsured", "disability", "severe_mind", "lost_jobs", "working", "months"),
        *("able", "aged", "living", "students"),
    )
    return Truth(
        **{name: getattr(homes, name)[:, place] for name in names},
        ratio=columns["ratio"],
        net=net,
        log_std_dev=recent.std(axis=1, ddof=1) if recent.shape[1] > 1 else np.zeros(plan.households),
        disaster_loss=market.lost[:, place],
        hit_before=(market.lost[:, place - 1] > 0) * 1.0 if place else np.zeros(plan.households),
        failure=market.failure[:, place],
        farm_share=np.clip(market.farm[:, place] / (market.farm[:, place] + market.wage[:, place]), 0.0, 1.0),
        overdue=(support.status == OVERDUE) * 1.0,
        principal=support.principal,
        dangerous=(support.grade >= 2) * 1.0,
        unsafe_water=support.unsafe_water * 1.0,
        subsistence=(support.subsistence_from != NEVER) * 1.0,
        industry=support.industry * 1.0,
        withdrawn=support.withdrawn * 1.0,
        years_out=np.where(status.exit_year > 0, plan.years[place] - status.exit_year, np.inf),
        relapsed_before=status.relapsed * 1.0,
        type_level=level,
        village=world.village,
        frailty=frailty,
    )


def _relapse(
    plan: RegisterSpec, place: int, world: World, status: HouseholdStates, risk: Array, parts: Mapping[str, Array]
) -> tuple[HouseholdStates, Events]:
    """Draw next year's relapses: exactly by the risk, on a day before the household is gone, put down to a cause."""
    rng = plan.stream("relapses", place)
    falls = chance(rng, np.nan_to_num(risk), risk.size) & (place + 1 < len(plan.years))
    first = day_number(plan.years[place] + 1, 1, 1)
    last = np.minimum(world.departed_on, first + 365).astype(np.int64)
    day = first + np.floor(rng.random(risk.size) * np.clip(last - first, 1, 365)).astype(np.int64)
    relapsed_on = np.where(falls, day, NEVER).astype(np.int32)
    entered_on = lagged(rng, relapsed_on, parameters().lags["relapse"])
    who = np.nonzero(falls)[0]
    events: Events = {
        "household": who,
        "day": relapsed_on[who],
        "entered": entered_on[who],
        "cause": _causes(rng, {reason: values[who] for reason, values in parts.items()}),
    }
    return replace(status, relapsed_on=relapsed_on, entered_on=entered_on), events


def _causes(rng: np.random.Generator, parts: Mapping[str, Array]) -> Array:
    """Draw the cause each relapse is put down to, in proportion to what each reason adds to its log-odds.

    The index after the last of `CAUSES` stands for another cause.
    """
    other = np.full(parts["other"].size, parameters().hazard.other_cause)
    weights = np.stack([*(np.maximum(parts[reason], 0.0) for reason in CAUSES), other], axis=1)
    edges = np.cumsum(weights, axis=1)
    drawn = rng.random((len(weights), 1)) * edges[:, -1:]
    return np.asarray((drawn >= edges[:, :-1]).sum(axis=1))


def _monitor(
    plan: RegisterSpec,
    place: int,
    world: World,
    status: HouseholdStates,
    monitored: Days,
    risk: Array,
    parts: Mapping[str, Array],
) -> tuple[Days, Events]:
    """Clear some monitored households in the year and identify new ones at its end; nobody sees the risk itself."""
    rng, law, size = plan.stream("monitoring", place), parameters().monitoring, plan.households
    year = plan.years[place]
    free, here = monitored == NEVER, ~np.isnan(risk)
    cleared = ~free & chance(rng, law.cleared, size)
    seen = np.log(np.nan_to_num(risk, nan=1e-6)) + law.noise * rng.standard_normal(size)
    exited = here & (status.type == EXITED)
    bar = np.quantile(seen[exited], 1.0 - law.unstable) if exited.any() else np.inf
    sudden = here & (world.homes.self_paid[:, place] >= law.sudden_from) & chance(rng, law.sudden, size)
    near = here & (status.type == NEAR_POOR) & chance(rng, law.near_poor, size)
    new = free & ((exited & (seen >= bar)) | near | sudden)
    day = day_number(year, 11, 10) + rng.integers(0, 45, size)
    clear_day = np.maximum(day_number(year, 1, 10) + rng.integers(0, 330, size), monitored.clip(max=day.max()) + 45)
    strongest = np.argmax(np.stack([parts[reason] for reason in CAUSES]), axis=0)
    began, over = np.nonzero(new)[0], np.nonzero(cleared)[0]
    who = np.concatenate([began, over])
    events = {
        "household": who,
        "type": np.select([exited, near], [0, 1], 2)[who],
        "risk": strongest[who],
        "identified": np.concatenate([day[began], monitored[over]]).astype(np.int32),
        "cleared": np.concatenate([np.full(began.size, NEVER), clear_day[over]]).astype(np.int32),
    }
    return np.where(cleared, NEVER, np.where(new, day, monitored)).astype(np.int32), events


def _repairs(plan: RegisterSpec, place: int, before: Support, after: Support) -> Events:
    """Return the houses whose grade or water changed, with what they are now."""
    rng = plan.stream("repairs", place)
    who = np.nonzero((before.grade != after.grade) | (before.unsafe_water != after.unsafe_water))[0]
    day = day_number(plan.years[place], 9, 1) + rng.integers(0, 110, who.size)
    return {
        "household": who,
        "day": day.astype(np.int32),
        "grade": after.grade[who],
        "safe_water": ~after.unsafe_water[who],
    }
