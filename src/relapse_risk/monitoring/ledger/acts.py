"""What people did: visits read back, measures, clearings; each checked against the life of its alert, and kept once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection, func, insert, select

from relapse_risk.errors import InputError
from relapse_risk.monitoring.ledger.alert_states import read_states
from relapse_risk.monitoring.ledger.ledger_rows import key_of, now, read_frame
from relapse_risk.monitoring.ledger.schema import entries
from relapse_risk.policy.mechanism import Lifecycle

__all__ = ["record_acts"]

_Row = dict[str, Any]

_NEEDED = ("kind", "on", "by")
_TEXTS = ("household_id", "kind", "by", "measure", "note", "source")
_CONTENT = ("alert_id", "kind", "on", "by", "measure", "note")
_ORIGIN = ("source", "alert_id", "kind", "measure")
_AT_ONCE = 10_000  # no database takes any number of parameters
# Telephone, identity and bank numbers: what slips into a note must not come to lie in what is never deleted.
_LONG_NUMBER = r"\d{11,}[Xx]?|\d{6}\s\d{8}\s\d{3}[\dXx]|\d{3}[\s-]\d{4}[\s-]\d{4}"


@dataclass(kw_only=True)
class _Alert:
    """Where an alert stands while acts are taken one after the other."""

    alert_id: int
    household_id: str
    state: str
    tier: str
    first_on: date
    opened_on: date
    closed_on: date | None
    proposed: bool


def record_acts(connection: Connection, acts: pl.DataFrame, cycle: Lifecycle) -> pl.DataFrame:
    """Record acts, see ``Ledger.act``."""
    rows = _rows(acts)
    made = now()
    found = _found(rows, read_states(connection, cycle))
    kept = _entered_before(connection, sorted({alert.alert_id for alert in found if alert}))
    new: list[_Row] = []
    for row, alert in sorted(zip(rows, found, strict=True), key=lambda pair: _turn(pair[0], cycle)):
        _judge(row, alert, cycle, kept, made.date())
        if row["outcome"] == "done":
            entry = {name: row[name] for name in (*_CONTENT, "source", "tier")}
            new.append(entry | {"recorded_at": made, "key": _key(row)})
    first = (connection.execute(select(func.max(entries.c.entry_id))).scalar() or 0) + 1
    if new:
        connection.execute(insert(entries), [entry | {"entry_id": first + n} for n, entry in enumerate(new)])
    return _with_outcomes(acts, rows)


def _rows(acts: pl.DataFrame) -> list[_Row]:
    """Return the acts as they are kept: texts stripped, empty ones null, long numbers in notes blanked."""
    missing = [name for name in _NEEDED if name not in acts.columns]
    if missing or not {"household_id", "alert_id"} & set(acts.columns):
        raise InputError("acts_columns", missing=", ".join(missing or ["household_id"]))
    absent = [name for name in (*_TEXTS, "alert_id") if name not in acts.columns]
    texts = (pl.col(name).cast(pl.String).str.strip_chars().replace("", None) for name in _TEXTS)
    whole = acts.with_columns(pl.lit(None).alias(name) for name in absent).select(
        *texts, pl.col("on").cast(pl.Date, strict=False), pl.col("alert_id").cast(pl.Int64, strict=False)
    )
    return whole.with_columns(pl.col("note").str.replace_all(_LONG_NUMBER, "***")).to_dicts()


def _found(rows: list[_Row], states: pl.DataFrame) -> list[_Alert | None]:
    """Return the alert that each row names, and complete its number and household in the row."""
    fields = ("alert_id", "household_id", "state", "tier", "first_on", "opened_on", "closed_on")
    known = states.select(*fields, proposed=pl.col("proposed_on").is_not_null())
    by_number = {row["alert_id"]: _Alert(**row) for row in known.iter_rows(named=True)}
    by_household = {alert.household_id: alert for alert in by_number.values()}
    found = []
    for row in rows:
        named = by_household.get(row["household_id"])
        alert = named if row["alert_id"] is None else by_number.get(row["alert_id"])
        if alert is not None and row["household_id"] is not None and alert is not named:
            alert = None  # its number is another household's
        if alert is not None:
            row |= {"alert_id": alert.alert_id, "household_id": alert.household_id}
        found.append(alert)
    return found


def _entered_before(connection: Connection, ids: list[int]) -> set[tuple[Any, ...]]:
    """Return what was done about some alerts already, once by its content and once by where it came from."""
    acts = select(*(entries.c[name] for name in (*_CONTENT, "source"))).where(entries.c.month.is_(None))
    kept: set[tuple[Any, ...]] = set()
    for first in range(0, len(ids), _AT_ONCE):
        there = read_frame(connection, acts.where(entries.c.alert_id.in_(ids[first : first + _AT_ONCE])))
        kept.update(there.select(_CONTENT).iter_rows())
        kept.update(there.filter(pl.col("source").is_not_null()).select(_ORIGIN).iter_rows())
    return kept


def _same(row: _Row) -> Iterator[tuple[Any, ...]]:
    yield tuple(row[name] for name in _CONTENT)
    if row["source"] is not None:
        yield tuple(row[name] for name in _ORIGIN)


def _key(row: _Row) -> bytes:
    return key_of(["act", *list(_same(row))[-1]])


def _turn(row: _Row, cycle: Lifecycle) -> tuple[Any, ...]:
    """Return when an act has its turn: by day, on one day in the order of a life; never by the order of rows."""
    kinds = list(cycle.kinds)
    place = kinds.index(row["kind"]) if row["kind"] in kinds else len(kinds)
    return row["on"] or date.min, place, *(row[name] or "" for name in ("by", "measure", "note", "source"))


def _judge(row: _Row, alert: _Alert | None, cycle: Lifecycle, kept: set[tuple[Any, ...]], today: date) -> None:
    """Write into the row what becomes of it, and move its alert."""
    row |= {"rule": _refusal_rule(row, cycle, today), "outcome": "refused", "tier": None}
    if row["rule"] is None and alert is None:
        row["rule"] = "no_alert"
    if row["rule"] is not None or alert is None:
        return
    if kept.intersection(_same(row)):
        row["outcome"] = "already"
        return
    row["rule"] = _impossible(row, alert, cycle)
    if row["rule"] is None:
        row["outcome"] = "done"
        kept.update(_same(row))
        _move(alert, row, cycle)


def _refusal_rule(row: _Row, cycle: Lifecycle, today: date) -> str | None:
    """Return the rule that an act breaks whatever state its alert is in."""
    if not cycle.is_for_persons(row["kind"]):
        return "no_kind"
    if row["on"] is None:
        return "no_day"
    if row["on"] > today + timedelta(days=1):  # where the day begins before it does in UTC, it is tomorrow
        return "day_ahead"
    if row["by"] is None:
        return "no_name"
    missing = [name for name in cycle.kinds[row["kind"]].required if row[name] is None]
    return f"no_{missing[0]}" if missing else None


def _impossible(row: _Row, alert: _Alert, cycle: Lifecycle) -> str | None:
    """Return the rule that an act breaks in the state its alert is in."""
    # A visit in an earlier life of the alert took place all the same.
    if row["on"] < (alert.first_on if row["kind"] == "visited" else alert.opened_on):
        return "before_opening"
    if cycle.next_state(alert.state, row["kind"], proposed=alert.proposed) is None:
        return "not_now"
    if row["kind"] == "reopened" and alert.closed_on is not None and row["on"] < alert.closed_on:
        return "not_now"
    return None


def _move(alert: _Alert, row: _Row, cycle: Lifecycle) -> None:
    if row["on"] < alert.opened_on:
        return
    after = cycle.next_state(alert.state, row["kind"], proposed=alert.proposed) or alert.state
    if row["kind"] == "reopened":
        row["tier"] = alert.tier
        alert.opened_on, alert.closed_on, alert.proposed = row["on"], None, False
    elif cycle.is_open(alert.state) and not cycle.is_open(after):
        alert.closed_on = row["on"]
    alert.state = after


def _with_outcomes(acts: pl.DataFrame, rows: list[_Row]) -> pl.DataFrame:
    schema = {"alert_id": pl.Int64, **dict.fromkeys(("household_id", "outcome", "rule"), pl.String)}
    told = pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema)
    return acts.with_columns(told.get_columns())
