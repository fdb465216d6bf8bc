"""What was recorded, in the order in which it was recorded."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, case, select

from relapse_risk.monitoring.ledger.earlier import read_earlier
from relapse_risk.monitoring.ledger.ledger_rows import read_frame
from relapse_risk.monitoring.ledger.live import LIVE_ENTRY, read_numbers
from relapse_risk.monitoring.ledger.schema import alerts, entries, months, sign_offs, withdrawals

__all__ = ["read_events", "read_history"]

_SAID = ("kind", "on", "by", "recorded_at")
_MORE = ("tier", "measure", "assignee", "note", "source")


def read_history(connection: Connection, alert_id: int | None = None) -> pl.DataFrame:
    """Return the entries as they were recorded, see ``Ledger.history``."""
    withdrawn = case((LIVE_ENTRY, 0), else_=1).label("withdrawn")
    chosen = (
        select(
            *(entries.c.entry_id, entries.c.alert_id, alerts.c.household_id),
            *(entries.c[name] for name in _SAID),
            months.c.as_of.label("month"),
            *(entries.c[name] for name in _MORE),
            withdrawn,
        )
        .join_from(entries, alerts)
        .join(months, entries.c.run == months.c.run, isouter=True)
        .order_by(entries.c.entry_id)
    )
    found = read_frame(connection, chosen if alert_id is None else chosen.where(entries.c.alert_id == alert_id))
    history = read_numbers(connection).renamed(found)
    return history.with_columns(pl.col("recorded_at").dt.replace_time_zone("UTC"), pl.col("withdrawn").cast(pl.Boolean))


_EVENT: dict[str, Any] = {
    **{"recorded_at": pl.Datetime("us", "UTC"), "event": pl.String, "number": pl.Int64, "on": pl.Date},
    **{"household_id": pl.String, "by": pl.String, "note": pl.String, "withdrawn": pl.Boolean},
}


def read_events(connection: Connection, backups: Iterable[Path], household: str | None) -> pl.DataFrame:
    """Return what happened to a ledger, see ``Ledger.events``."""
    history = read_history(connection)
    if household is None:
        acts = history.filter(pl.col("month").is_null())
    else:
        alert = read_numbers(connection).alert_of.get(household)
        acts = history.filter(pl.col("alert_id") == (-1 if alert is None else alert))
    of_acts = acts.select(
        *("recorded_at", pl.col("kind").alias("event"), pl.col("entry_id").alias("number"), "on", "household_id", "by"),
        pl.concat_str("measure", "assignee", "note", separator=" ", ignore_nulls=True).replace("", None).alias("note"),
        "withdrawn",
    )
    rows = [
        *_withdrawals(connection, set(of_acts["number"]), of_months=household is None or acts.height > 0),
        *([] if household else [*_months(connection), *_sign_offs(connection), *_upgrades(connection)]),
    ]
    rows += (
        [] if household else [(_moment(path), "backup", None, None, None, None, path.name, False) for path in backups]
    )
    return pl.concat([of_acts, pl.DataFrame(rows, schema=_EVENT, orient="row")]).sort(
        "recorded_at", maintain_order=True
    )


def _upgrades(connection: Connection) -> list[tuple[Any, ...]]:
    """Return when the ledger got a later layout; what was recorded before was not sealed then."""
    earlier = read_earlier(connection)
    if earlier is None:
        return []
    note = f"{earlier.found} → {earlier.became}"
    return [(earlier.upgraded_at, "upgrade", None, None, None, None, note, False)]


def _months(connection: Connection) -> list[tuple[Any, ...]]:
    gone = set(connection.execute(select(withdrawals.c.run).where(withdrawals.c.run.is_not(None))).scalars())
    chosen = select(months.c.recorded_at, months.c.run, months.c.as_of, months.c.by).order_by(months.c.run)
    return [
        (_utc(at), "month", run, day, None, by, None, run in gone) for at, run, day, by in connection.execute(chosen)
    ]


def _sign_offs(connection: Connection) -> list[tuple[Any, ...]]:
    """Return who signed which area off; the level and the area are the note."""
    chosen = select(*(sign_offs.c[name] for name in ("recorded_at", "sign_off_id", "on", "by", "level", "area")))
    rows = connection.execute(chosen.order_by(sign_offs.c.sign_off_id))
    return [
        (_utc(at), "sign_off", number, on, None, by, f"{level} {area}", False)
        for at, number, on, by, level, area in rows
    ]


def _withdrawals(connection: Connection, shown: set[int], *, of_months: bool) -> list[tuple[Any, ...]]:
    """Return the withdrawals of months, and those of some entries."""
    found = connection.execute(select(withdrawals).order_by(withdrawals.c.withdrawal_id)).mappings()
    rows = []
    for row in found:
        number = row["entry_id"] if row["run"] is None else row["run"]
        what = "entry_withdrawn" if row["run"] is None else "month_withdrawn"
        if number in shown if row["run"] is None else of_months:
            rows.append((_utc(row["recorded_at"]), what, number, row["on"], None, row["by"], row["note"], False))
    return rows


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def _moment(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
