"""What people did: visits read back, measures, clearings; each checked against the life of its alert, and kept once."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection, case, func, insert, select

from relapse_risk.errors import InputError
from relapse_risk.monitoring.ledger.late import AT_ONCE, Alerts
from relapse_risk.monitoring.ledger.ledger_rows import key_of, now
from relapse_risk.monitoring.ledger.live import LIVE_ENTRY, WITH_MONTH, Numbers, read_numbers
from relapse_risk.monitoring.ledger.schema import alerts, entries
from relapse_risk.monitoring.ledger.seals import add_rows
from relapse_risk.policy.mechanism import Lifecycle

__all__ = ["record_acts"]

_Row = dict[str, Any]

_NEEDED = ("kind", "on", "by")
_TEXTS = ("household_id", "kind", "by", "measure", "assignee", "note", "source")
_CONTENT = ("alert_id", "kind", "on", "by", "measure", "assignee", "note")
_ORIGIN = ("source", "alert_id", "kind", "measure")
# Telephone, identity and bank numbers: what slips into a note must not come to lie in what is never deleted.
_LONG_NUMBER = r"\d{11,}[Xx]?|\d{6}\s\d{8}\s\d{3}[\dXx]|\d{3}[\s-]\d{4}[\s-]\d{4}"


def record_acts(
    connection: Connection, acts: pl.DataFrame, cycle: Lifecycle, *, carried_by: int | None = None
) -> pl.DataFrame:
    """Record acts, see ``Ledger.act``; those that a run carries over count as often as a run does."""
    rows = _rows(acts)
    made, numbers = now(), read_numbers(connection)
    found = _number_found(connection, rows, numbers, cycle)
    _name_alerts(rows, numbers, found)
    lives = Alerts.read(connection, cycle, {row["alert_id"] for row in rows if row["alert_id"] is not None})
    kept = _entered_before(connection, sorted(lives.entries))
    first = (connection.execute(select(func.max(entries.c.entry_id))).scalar() or 0) + 1
    new: list[_Row] = []
    for row in sorted(rows, key=lambda row: _turn(row, cycle)):
        _judge(row, lives, kept, made.date(), first + len(new))
        if row["outcome"] == "done":
            entry = {name: row[name] for name in (*_CONTENT, "source", "tier", "state")}
            new.append(entry | {"recorded_at": made, "key": _key(row, carried_by)})
    begun = {entry["alert_id"] for entry in new}
    opened = [{"alert_id": alert, "household_id": household} for household, alert in found.items() if alert in begun]
    if opened:
        connection.execute(insert(alerts), opened)
    add_rows(connection, entries, new)
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


def _number_found(connection: Connection, rows: list[_Row], numbers: Numbers, cycle: Lifecycle) -> dict[str, int]:
    """Return the numbers of the alerts of households that were found and never had one, in the order of households."""
    found = {row["household_id"] for row in rows if cycle.opens(row["kind"] or "") and row["alert_id"] is None}
    first = (connection.execute(select(func.max(alerts.c.alert_id))).scalar() or 0) + 1
    return {household: first + at for at, household in enumerate(sorted(found - {None} - {*numbers.alert_of}))}


def _name_alerts(rows: list[_Row], numbers: Numbers, found: dict[str, int]) -> None:
    """Complete the number of the alert and the household in each row; no alert where the two disagree."""
    alert_of = {**numbers.alert_of, **found}
    current = {**numbers.current, **{alert: household for household, alert in found.items()}}
    for row in rows:
        named = alert_of.get(row["household_id"])
        alert = named if row["alert_id"] is None else row["alert_id"]
        household = None if alert is None else current.get(alert)
        known = household is not None and (row["household_id"] is None or alert == named)
        row |= {"alert": alert, "alert_id": alert, "household_id": household} if known else {"alert": None}


def _entered_before(connection: Connection, ids: list[int]) -> dict[tuple[Any, ...], bool]:
    """Return what was done about some alerts already, and whether it counts.

    Once by its content and once by where it came from. What was withdrawn with the month that carried it over is not
    there: the month may be run anew.
    """
    counts = case((LIVE_ENTRY, 1), else_=0).label("counts")
    acts = select(*(entries.c[name] for name in (*_CONTENT, "source")), counts).where(
        entries.c.run.is_(None), ~WITH_MONTH
    )
    kept: dict[tuple[Any, ...], bool] = {}
    for first in range(0, len(ids), AT_ONCE):
        for row in connection.execute(acts.where(entries.c.alert_id.in_(ids[first : first + AT_ONCE]))).mappings():
            for same in _same(dict(row)):
                kept[same] = bool(row["counts"]) or kept.get(same, False)
    return kept


def _same(row: _Row) -> Iterator[tuple[Any, ...]]:
    yield tuple(row[name] for name in _CONTENT)
    if row["source"] is not None:
        yield tuple(row[name] for name in _ORIGIN)


def _key(row: _Row, carried_by: int | None) -> bytes:
    by_run = () if carried_by is None else ("carried", carried_by)
    return key_of(["act", *by_run, *list(_same(row))[-1]])


def _turn(row: _Row, cycle: Lifecycle) -> tuple[Any, ...]:
    """Return when an act has its turn: by day, on one day in the order of a life; never by the order of rows."""
    kinds = list(cycle.kinds)
    place = kinds.index(row["kind"]) if row["kind"] in kinds else len(kinds)
    said = (row[name] or "" for name in ("household_id", "by", "measure", "assignee", "note", "source"))
    return row["on"] or date.min, place, row["alert_id"] or 0, *said


def _judge(row: _Row, lives: Alerts, kept: dict[tuple[Any, ...], bool], today: date, number: int) -> None:
    """Write into the row what becomes of it, and let its alert live on."""
    row |= {"rule": _refusal_rule(row, lives.cycle, today), "outcome": "refused", "tier": None, "state": None}
    begun = row["alert"] is not None and (lives.life(row["alert"]).state or lives.cycle.opens(row["kind"]))
    if row["rule"] is None and not begun:
        row["rule"] = "no_alert"
    if row["rule"] is not None:
        return
    there = [kept[same] for same in _same(row) if same in kept]
    if any(there):
        row["outcome"] = "already"
        return
    row["rule"] = "withdrawn" if there else lives.take(row, number)
    if row["rule"] is None:
        row["outcome"] = "done"
        kept.update(dict.fromkeys(_same(row), True))


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


def _with_outcomes(acts: pl.DataFrame, rows: list[_Row]) -> pl.DataFrame:
    schema = {"alert_id": pl.Int64, **dict.fromkeys(("household_id", "outcome", "rule"), pl.String)}
    answers = pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema)
    return acts.with_columns(answers.get_columns())
