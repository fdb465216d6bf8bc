"""What a table says on a day: rows recorded by then, endings that had come by then, the newest version of each."""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from relapse_risk.records.tables import Table

__all__ = ["first_known", "known_on", "known_state"]

_KNOWN = "_known_on"
_OWNER = "_whose"


def known_on(table: Table, frame: pl.DataFrame, export_day: date | None) -> pl.Expr:
    """Return the day each row is known from: recorded, else begun, else (known to be there only then) exported."""
    days = [name for name in ("recorded_on", table.begins) if name is not None and name in frame.columns]
    return pl.coalesce(*days, pl.lit(export_day, dtype=pl.Date))


def first_known(table: Table, frame: pl.DataFrame, export_day: date | None) -> date | None:
    """Return the first day any row is known from."""
    day: date | None = frame.select(known_on(table, frame, export_day).min()).item()
    return day


def known_state(table: Table, frame: pl.DataFrame, day: date, export_day: date | None) -> pl.DataFrame:
    """Return the newest version of every row of a table that was known by the end of a day, in the order of its key.

    Parameters
    ----------
    table : Table
    frame : pl.DataFrame
        Every version of its rows, in any order.
    day : date
        The as-of day.
    export_day : date or None
        The day rows without any date of their own are known from; None if that is not known.
    """
    known = frame.with_columns(known_on(table, frame, export_day).alias(_KNOWN)).filter(pl.col(_KNOWN) <= day)
    # Blanked before versions are compared: an ending still to come must not decide which version counts.
    for ending, hanging in table.endings.items():
        known = _without_later(known, ending, hanging, table.blank, day, export_day)
    state = _events(known) if table.event else _present(table, known, _newest(table, known, table.key))
    return _without_repeats(table, state).drop(_KNOWN)


def _without_repeats(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out what is said in passing where a row of a list of its own tells the same: two sources, one event."""
    if "in_passing" not in frame.columns or not frame["in_passing"].any():
        return frame
    passing = pl.col("in_passing").fill_null(False)
    return frame.filter(~(passing & (~passing).any().over(table.same_in(frame))))


def _without_later(
    known: pl.DataFrame,
    ending: str,
    hanging: tuple[str, ...],
    blank: Mapping[str, str],
    day: date,
    export_day: date | None,
) -> pl.DataFrame:
    """Blank an ending after a day, and what hangs on it.

    Where neither the ending nor the recording has a day, what hangs on it is what the export says, and known only then.
    """
    come = pl.lit(export_day is not None and day >= export_day)
    if "recorded_on" in known.columns:
        come = come | pl.col("recorded_on").is_not_null()
    if ending in known.columns:
        come = (pl.col(ending) <= day).fill_null(come)
    blanked = [
        pl.when(come).then(name).otherwise(pl.lit(blank.get(name))).alias(name)
        for name in hanging
        if name in known.columns
    ]
    if ending in known.columns:
        blanked.append(pl.when(pl.col(ending) <= day).then(ending).alias(ending))
    return known.with_columns(blanked)


def _newest(table: Table, known: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """Keep the newest version under each key; of one day the one that knows more, then the last in lexical order."""
    return _last(known, key, _order(table, known)).sort(key)


def _last(known: pl.DataFrame, key: Sequence[str], order: Sequence[str]) -> pl.DataFrame:
    """Return the newest row under each key, in any order; of those of one day the last by `order`."""
    newest = known.filter(pl.col(_KNOWN) == pl.col(_KNOWN).max().over(key))
    tied = newest.select(key).is_duplicated()
    if not tied.any():
        return newest
    best = newest.filter(tied).sort(order).unique(key, keep="last", maintain_order=True)
    return pl.concat([newest.filter(~tied), best])


def _order(table: Table, frame: pl.DataFrame) -> list[str]:
    """Return the columns versions are compared by: endings and what hangs on them first, then every other by name."""
    endings = dict.fromkeys(name for ending, hanging in table.endings.items() for name in (ending, *hanging))
    first = [name for name in endings if name in frame.columns]
    return [*first, *(name for name in sorted(frame.columns) if name not in first)]


def _events(known: pl.DataFrame) -> pl.DataFrame:
    """Keep the newest version of every event that has an id, and every row that is not identical of those without.

    One number may stand for a flood that struck many households: an event is a household's (or a village's) own.
    """
    order = sorted(known.columns)
    if "event_id" not in known.columns:
        return known.unique().sort(order)
    owner = pl.coalesce([name for name in ("household_id", "village_code") if name in known.columns])
    named = known.filter(pl.col("event_id").is_not_null()).with_columns(owner.alias(_OWNER))
    newest = _last(named, (_OWNER, "event_id"), order).drop(_OWNER)
    return pl.concat([known.filter(pl.col("event_id").is_null()).unique(), newest]).sort(order)


def _present(table: Table, known: pl.DataFrame, newest: pl.DataFrame) -> pl.DataFrame:
    """Drop persons who are absent from the newest snapshot of their household, where a source sends snapshots.

    Rows without a date of recording are no snapshot: each says that a person is there, not that nobody else is. A row
    that says nothing of it (``of_snapshot`` is blank) leaves it to the newest of the person's rows that do.
    """
    if table.name != "members" or "recorded_on" not in known.columns:
        return newest
    marked = "of_snapshot" in known.columns
    if not marked and "left_on" in known.columns:  # who left is said by name: no row is of a snapshot
        return newest
    whole = pl.col("of_snapshot") if marked else pl.repeat(True, pl.len())
    of_snapshot = pl.col("recorded_on").is_not_null() & whole
    # Over every known row, also of persons who were since seen elsewhere: their old household's snapshot counts still.
    snapshots = known.filter(of_snapshot).group_by("household_id").agg(_snapshot_on=pl.col("recorded_on").max())
    telling = _newest(table, known.filter(whole.is_not_null()), table.key) if marked else newest
    said = telling.select(*table.key, _whole=of_snapshot, _seen_on="recorded_on")
    gone = pl.col("_whole") & (pl.col("_seen_on") != pl.col("_snapshot_on"))
    return (
        newest.join(snapshots, on="household_id", how="left", maintain_order="left")
        .join(said, on=table.key, how="left", maintain_order="left")
        .filter(~gone.fill_null(False))
        .drop("_snapshot_on", "_whole", "_seen_on")
    )
