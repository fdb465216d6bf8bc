"""A month's run: listings open, reopen, escalate or ease alerts; where they stay away, clearing is proposed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Column, Connection, func, insert, select

from relapse_risk.errors import InputError
from relapse_risk.monitoring.ledger.alert_states import read_states
from relapse_risk.monitoring.ledger.carried_acts import carry_acts, count_carried
from relapse_risk.monitoring.ledger.ledger_rows import insert_frame, key_of, now
from relapse_risk.monitoring.ledger.live import LIVE_ENTRY, live_months, newest_listings, read_numbers
from relapse_risk.monitoring.ledger.schema import PLACES, alerts, entries, listings, months, renumberings
from relapse_risk.monitoring.ledger.seals import add_rows, seal_of
from relapse_risk.monitoring.packed import known_households, waiting_households
from relapse_risk.periods import add_months
from relapse_risk.policy import URGENT_FIRST
from relapse_risk.policy.mechanism import Lifecycle

__all__ = ["Month", "MonthAccount", "followed", "foresee", "is_to_add", "month_seal", "record"]

_NEEDED = {"household_id": pl.String, "listed_for": pl.String, "tier": pl.String, "inclusion_probability": pl.Float64}
_OTHER = {
    **{"rank": pl.Int64, "probability": pl.Float64},
    **dict.fromkeys(("override", "reasons", "measures", *PLACES), pl.String),
}
_TIERS = (*URGENT_FIRST, "none")  # the most urgent first; none is listed by chance alone
_LISTED_FOR = ("model", "rule", "random")
_SHOWN = 6
_KINDS = ("opened", "reopened", "escalated", "eased", "relisted", "returned", "proposed")


@dataclass(frozen=True, kw_only=True, eq=False)
class Month:
    """What a month's run hands to the ledger.

    Attributes
    ----------
    as_of : date
    digest : str
        Of inputs, bundle and options: the same digest is the same run.
    listings : pl.DataFrame
        One row per listed household: household_id, listed_for (``model``, ``rule``, ``random``), tier, chance of being
        listed; where known also rank, probability, override, reasons, measures, prefecture, county, town, village,
        group_name.
    scores : bytes
        What `pack` made of everybody's risk. Who is not in it is unknown this month, not unlisted, and so is who waits.
    inputs : bytes
        What `InputProfile.pack` made of the month's input; empty where nothing is known of it.
    renumbered : pl.DataFrame, optional
        household_id (as it was) and became, of households that have another number now (``Continuity.changes``): they
        keep their alerts.
    relapsed : frozenset of str
        Households that relapsed and have not left poverty again: clearing is never proposed for them, listed or not,
        and what was on the way to be cleared is sent back.
    """

    as_of: date
    digest: str
    listings: pl.DataFrame
    scores: bytes
    inputs: bytes = b""
    renumbered: pl.DataFrame | None = None
    relapsed: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class MonthAccount:
    """The result of recording a month: how many households were listed, and how many entries of each kind were made.

    Attributes
    ----------
    as_of : date
    listed, opened, reopened, escalated, eased, proposed : int
    relisted : int
        Open alerts that the run had proposed to clear, and whose household is listed again: the proposal falls.
    returned : int
        Alerts on the way to be cleared that are sent back: the listing brings news, or the household has relapsed.
    renumbered : int
        Households with an alert that have another number from this month on.
    already : bool
        Whether the month was recorded before; the counts are then those of that time.
    backup : Path or None
        The copy that was made of a ledger in a file before the month was added.
    unlisted : int
        Of the returned, those that are not listed: they have relapsed.
    carried, not_carried : int
        Acts on an alert that was opened for a household under its new number before the month was known to renumber it:
        carried over to the alert it had, and those that are not possible there and move nothing.
    """

    as_of: date
    listed: int
    opened: int
    reopened: int
    escalated: int
    eased: int
    relisted: int
    returned: int
    proposed: int
    renumbered: int
    already: bool
    backup: Path | None = None
    unlisted: int = 0
    carried: int = 0
    not_carried: int = 0

    @property
    def unchanged(self) -> int:
        """Listed households with an unchanged alert."""
        return self.listed - self.opened - self.reopened - self.escalated - self.eased - (self.returned - self.unlisted)


def record(connection: Connection, month: Month, cycle: Lifecycle, by: str) -> MonthAccount:
    """Record a month, or find that it is recorded; see ``Ledger.record_month``."""
    listed = _checked(month)
    there = {day: run for run, day in connection.execute(live_months())}
    run = there.get(month.as_of)
    if run is None:
        _refuse_other_days(max(there, default=None), month.as_of, now())
        made = _insert(connection, month, listed, cycle, by)
        return _account(connection, month.as_of, made, already=False)
    if connection.execute(select(months.c.digest).where(months.c.run == run)).scalar() != month.digest:
        raise InputError("ledger_month_other", day=month.as_of)
    return _account(connection, month.as_of, run, already=True)


def is_to_add(connection: Connection, as_of: date) -> bool:
    """Return whether a month is to be added to others."""
    recorded = connection.execute(select(func.count()).select_from(months)).scalar_one()
    newest = max((day for _, day in connection.execute(live_months())), default=None)
    return bool(recorded) and (newest is None or newest < as_of)


def _checked(month: Month) -> pl.DataFrame:
    """Return the listings as the table has them, by household."""
    missing = [name for name in _NEEDED if name not in month.listings.columns]
    if missing:
        raise InputError("listings_columns", missing=", ".join(missing))
    there = {name: kind for name, kind in _OTHER.items() if name in month.listings.columns}
    absent = (pl.lit(None, dtype=kind).alias(name) for name, kind in _OTHER.items() if name not in there)
    listed = month.listings.select(*(pl.col(name).cast(kind) for name, kind in (_NEEDED | there).items()), *absent)
    for name, usable in _usable().items():
        wrong = listed.filter(~usable.fill_null(False)).height
        if wrong:
            raise InputError("listings_value", column=name, rows=wrong)
    if listed["household_id"].is_duplicated().any():
        raise InputError("listings_twice", rows=int(listed["household_id"].is_duplicated().sum()))
    return listed.sort("household_id")


def _usable() -> dict[str, pl.Expr]:
    return {
        "household_id": pl.col("household_id") != "",
        "listed_for": pl.col("listed_for").is_in(_LISTED_FOR),
        "tier": pl.col("tier").is_in(_TIERS),
        "inclusion_probability": (pl.col("inclusion_probability") > 0) & (pl.col("inclusion_probability") <= 1),
    }


def _refuse_other_days(newest: date | None, as_of: date, made: datetime) -> None:
    """Refuse a day that is still to come (a slip that would bar every true month until then) or before the newest."""
    if as_of > made.date() + timedelta(days=1):  # where the day begins before it does in UTC, it is tomorrow
        raise InputError("ledger_month_ahead", day=as_of)
    if newest is not None and newest > as_of:
        raise InputError("ledger_month_earlier", day=as_of, newest=newest)


def _insert(connection: Connection, month: Month, listed: pl.DataFrame, cycle: Lifecycle, by: str) -> int:
    made = {"by": by, "recorded_at": now()}
    _refuse_reused(connection, month)
    run = _next(connection, months.c.run)
    values = {
        "run": run,
        "as_of": month.as_of,
        "digest": month.digest,
        **made,
        "scores": month.scores,
        "inputs": month.inputs,
    }
    connection.execute(insert(months).values(**values, seal=month_seal(values, listed)))
    _renumber(connection, month, run)
    before = month.as_of - timedelta(days=1)  # acts of the day itself come after the run, whenever they are entered
    states = _with_rules(connection, read_states(connection, cycle, before), before)
    insert_frame(connection, listings, listed, run=run)
    # Who waits for a visit is not unlisted: nothing proposes to clear it.
    known = known_households(month.scores)
    known = known.filter(~known.is_in(waiting_households(month.scores).implode()))
    changes = _numbered(connection, _changes(states, listed, month.as_of, known, month.relapsed, cycle))
    insert_frame(connection, alerts, changes.filter("new"))
    keys = [key_of(["month", run, *row]) for row in changes.select("household_id", "kind").iter_rows()]
    rows = changes.select("alert_id", "kind", "tier", key=pl.Series(keys, dtype=pl.Binary)).to_dicts()
    add_rows(connection, entries, [row | {"on": month.as_of, "run": run, **made} for row in rows])
    carry_acts(connection, run, cycle)
    return run


def month_seal(month: Mapping[str, Any], listed: pl.DataFrame) -> bytes:
    """Return the seal of a row of months and its listings."""
    names = ("run", "as_of", "digest", "by", "recorded_at", "scores", "inputs")
    columns = [column.name for column in listings.columns if column.name != "run"]
    rows = listed.sort("household_id").select(columns).iter_rows()
    return seal_of(b"", [*(month[name] for name in names), *rows])


def _next(connection: Connection, number: Column[int]) -> int:
    """Return the next number of a kind."""
    return int(connection.execute(select(func.max(number))).scalar() or 0) + 1


def _renumber(connection: Connection, month: Month, run: int) -> None:
    """Let alerts follow their households to other numbers."""
    found = _followed(connection, month.renumbered)
    if found:
        rows = [{"run": run, "household_id": household, "became": became} for household, became in found.items()]
        connection.execute(insert(renumberings), rows)


def _refuse_reused(connection: Connection, month: Month) -> None:
    """Refuse a number that an alert left, and that is another household's now: the ledger cannot tell them apart.

    By an old number, a workbook or a listing of before still means the household that left it.
    """
    numbers, renamed = read_numbers(connection), _new_numbers(month.renumbered)
    now_by = {alert: renamed.get(household, household) for alert, household in numbers.current.items()}
    left = {number for number, alert in numbers.alert_of.items() if now_by[alert] != number}
    taken = {now_by[alert] for alert, household in numbers.current.items() if household in renamed}
    reused = sorted(left & (taken | set(month.listings["household_id"])))
    if reused:
        some = ", ".join(reused[:_SHOWN]) + (", …" if len(reused) > _SHOWN else "")
        raise InputError("ledger_number_reused", day=month.as_of, count=len(reused), numbers=some)


def _new_numbers(renumbered: pl.DataFrame | None) -> dict[str, str]:
    """Return by household the number it goes by from the month on."""
    if renumbered is None:
        return {}
    return dict(renumbered.select("household_id", "became").drop_nulls().sort("household_id").iter_rows())


def _followed(connection: Connection, renumbered: pl.DataFrame | None) -> dict[str, str]:
    """Return to which number the household of an alert goes, unless that one has an alert of its own."""
    if renumbered is None:
        return {}
    numbers = read_numbers(connection)
    opened = select(entries.c.alert_id).where(LIVE_ENTRY, entries.c.kind.in_(("opened", "found")))
    standing = set(connection.execute(opened).scalars())
    renamed = _new_numbers(renumbered)
    found = {}
    for alert, household in sorted(numbers.current.items()):
        became = renamed.get(household)
        if became is not None and alert in standing and numbers.alert_of.get(became) not in standing - {alert}:
            found[became] = household  # of several the newest alert follows
    return {household: became for became, household in found.items()}


def followed(connection: Connection, frame: pl.DataFrame, renumbered: pl.DataFrame | None) -> pl.DataFrame:
    """Return a frame of alerts by the numbers their households will have once a month is recorded."""
    return frame.with_columns(pl.col("household_id").replace(_followed(connection, renumbered)))


def foresee(
    connection: Connection,
    as_of: date,
    listed: pl.DataFrame,
    known: pl.Series,
    relapsed: frozenset[str],
    cycle: Lifecycle,
    renumbered: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return household_id and kind of every entry that a month would make; see ``Ledger.foresee``."""
    before = as_of - timedelta(days=1)
    states = _with_rules(connection, read_states(connection, cycle, before), before)
    states = followed(connection, states, renumbered)
    return _changes(states, listed, as_of, known, relapsed, cycle).select("household_id", "kind")


def _changes(
    states: pl.DataFrame,
    listed: pl.DataFrame,
    as_of: date,
    known_now: pl.Series,
    relapsed: frozenset[str],
    cycle: Lifecycle,
) -> pl.DataFrame:
    """Return alert_id (null for a new one), household_id, kind and tier of every entry that the month makes."""
    now_listed = listed.select("household_id", "listed_for", tier_now="tier", rules_now=_rules("override"))
    known = pl.DataFrame({"household_id": known_now, "known": True}).unique()
    both = states.join(now_listed, on="household_id", how="full", coalesce=True).join(
        known, on="household_id", how="left"
    )
    urgency = {tier: place for place, tier in enumerate(_TIERS)}
    was, is_now = (pl.col(name).replace_strict(urgency, return_dtype=pl.Int64) for name in ("tier", "tier_now"))
    is_listed, is_open = pl.col("tier_now").is_not_null(), pl.col("open")
    # Who was closed lately is left in peace.
    rested = pl.col("closed_on") <= add_months(as_of, -cycle.reopening.rest_months)
    drawn, by_rule = (pl.col("listed_for").eq_missing(one) for one in ("random", "rule"))
    news = (is_now < was) | drawn | (by_rule & (pl.col("tier_now") == "red")) | _has_new_rule()
    again = is_listed & ~is_open & (rested | news)
    flagged = pl.col("flagged_on").is_not_null()
    fallen = pl.col("household_id").is_in(list(relapsed))
    kind = (
        pl.when(pl.col("alert_id").is_null())
        .then(pl.lit("opened"))
        .when(again)
        .then(pl.lit("reopened"))
        .when(is_listed & pl.col("next_step").is_not_null() & news & ~drawn)
        .then(pl.lit("returned"))
        .when(is_open & fallen & (pl.col("next_step").is_not_null() | flagged))
        .then(pl.lit("returned"))
        .when(is_open & (is_now < was))
        .then(pl.lit("escalated"))
        .when(is_open & (is_now > was) & ~drawn)
        .then(pl.lit("eased"))
        .when(is_open & is_listed & flagged)
        .then(pl.lit("relisted"))
        .when(is_open & ~is_listed & pl.col("known") & _long_unlisted(as_of, cycle) & ~fallen)
        .then(pl.lit("proposed"))
    )
    changed = both.with_columns(kind=kind).filter(pl.col("kind").is_not_null())
    return changed.select("alert_id", "household_id", "kind", tier="tier_now").sort("household_id")


def _with_rules(connection: Connection, states: pl.DataFrame, until: date) -> pl.DataFrame:
    """Add the hard rules that the newest listing of each household names."""
    newest = newest_listings(connection, read_numbers(connection), until, "override")
    rules = newest.select("alert_id", rules_before=_rules("override"))
    return states.join(rules, on="alert_id", how="left")


def _rules(override: str) -> pl.Expr:
    return pl.col(override).fill_null("").str.split("+")


def _has_new_rule() -> pl.Expr:
    new = pl.col("rules_now").list.set_difference(pl.col("rules_before"))
    return (new.list.len() > 0) & (pl.col("rules_now").list.first() != "")


def _long_unlisted(as_of: date, cycle: Lifecycle) -> pl.Expr:
    """Return whether a household was not listed for long, and the run has not proposed to clear yet."""
    long_ago = add_months(as_of, -cycle.clearing.propose_after_months)
    return (pl.col("listed_on") <= long_ago) & pl.col("flagged_on").is_null()


def _numbered(connection: Connection, changes: pl.DataFrame) -> pl.DataFrame:
    """Give new alerts the next numbers, in the order of their households.

    A household whose alert counts no longer, because its month was withdrawn, gets the same one again.
    """
    numbers = read_numbers(connection)
    known = numbers.frame.select("household_id", there="alert_id").unique()
    first = _next(connection, alerts.c.alert_id)
    numbered = changes.join(known, on="household_id", how="left", maintain_order="left")
    new = pl.col("alert_id").is_null()
    numbered = numbered.with_columns(alert_id=pl.coalesce("alert_id", "there")).with_columns(new=new)
    return numbered.with_columns(
        alert_id=pl.when("new").then(first - 1 + pl.col("new").cum_sum()).otherwise("alert_id")
    )


def _account(connection: Connection, as_of: date, run: int, *, already: bool) -> MonthAccount:
    counted = select(entries.c.kind, func.count()).where(entries.c.run == run, LIVE_ENTRY).group_by(entries.c.kind)
    made = {kind: int(count) for kind, count in connection.execute(counted)}
    listed, renumbered = (
        select(func.count()).select_from(table).where(table.c.run == run) for table in (listings, renumberings)
    )
    unlisted = counted.where(entries.c.kind == "returned", entries.c.tier.is_(None))
    counts: dict[str, Any] = {kind: made.get(kind, 0) for kind in _KINDS}
    counts["carried"], counts["not_carried"] = count_carried(connection, run)
    return MonthAccount(
        as_of=as_of,
        listed=connection.execute(listed).scalar_one(),
        **counts,
        renumbered=connection.execute(renumbered).scalar_one(),
        already=already,
        unlisted=sum(int(count) for _, count in connection.execute(unlisted)),
    )
