"""Clearing from below: households clear their group, groups their village, on to the prefecture (003, four, seven)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, func, select

from relapse_risk.errors import InputError
from relapse_risk.monitoring.ledger.alert_states import read_alerts
from relapse_risk.monitoring.ledger.ledger_rows import now, read_frame
from relapse_risk.monitoring.ledger.life import OPENINGS
from relapse_risk.monitoring.ledger.live import LIVE_ENTRY
from relapse_risk.monitoring.ledger.schema import PLACES, entries, sign_offs
from relapse_risk.monitoring.ledger.seals import add_rows
from relapse_risk.policy.mechanism import Lifecycle
from relapse_risk.records import AREA_LEVELS

__all__ = ["CLEARING_LEVELS", "read_clearing", "record_sign_offs"]

CLEARING_LEVELS = AREA_LEVELS[::-1]
"""From below."""

_UNKNOWN = "-"
_DEPTH = {level: len(PLACES) - place for place, level in enumerate(CLEARING_LEVELS)}


def read_clearing(
    connection: Connection, cycle: Lifecycle, level: str | None, until: date | None = None
) -> pl.DataFrame:
    """Return what is open and cleared in every area of a level, or of all, see ``Ledger.clearing``."""
    of_levels = _cleared(connection, cycle, level or CLEARING_LEVELS[-1], until)
    if level is not None:
        return of_levels[level].drop("newest", "turned")
    named = [areas.with_columns(level=pl.lit(step)) for step, areas in of_levels.items()]
    return pl.concat(named, how="diagonal_relaxed").drop("newest", "turned")


def record_sign_offs(
    connection: Connection, cycle: Lifecycle, level: str, areas: Sequence[str], by: str, on: date
) -> pl.DataFrame:
    """Record that areas are cleared, see ``Ledger.sign_offs``."""
    asked = pl.DataFrame({"area": list(areas)}, schema={"area": pl.String}).unique(maintain_order=True)
    cleared = _cleared(connection, cycle, level)[level]
    strange = asked.join(cleared, on="area", how="anti")["area"]
    if not strange.is_empty():
        raise InputError("area_unknown", level=level, found=strange[0])
    outcome = (
        pl.when(pl.col("signed_by").is_not_null())
        .then(pl.lit("already"))
        .when((pl.col("open") > 0) | (pl.col("unsigned") > 0))
        .then(pl.lit("refused"))
        .otherwise(pl.lit("done"))
    )
    found = asked.join(cleared, on="area", how="left", maintain_order="left").with_columns(outcome=outcome)
    made = {"level": level, "on": on, "by": by, "recorded_at": now()}
    done = found.filter(outcome="done").select("area", after_entry="newest").to_dicts()
    add_rows(connection, sign_offs, [row | made for row in done])
    return found.select("area", "outcome", "open", "unsigned")


def _cleared(
    connection: Connection, cycle: Lifecycle, level: str, until: date | None = None
) -> dict[str, pl.DataFrame]:
    """Return the clearing of the levels up to one.

    With the newest entry of each area, and the newest that opened or closed any.
    """
    if level not in CLEARING_LEVELS:
        raise InputError("level_unknown", found=level, known=", ".join(CLEARING_LEVELS))
    placed = _with_entries(connection, read_alerts(connection, cycle, until), until)
    signed = read_frame(connection, _by(until, select(sign_offs).order_by(sign_offs.c.after_entry), sign_offs.c.on))
    of_levels: dict[str, pl.DataFrame] = {}
    below = pl.DataFrame(schema={"above": pl.String, "unsigned": pl.UInt32})
    for step in CLEARING_LEVELS[: CLEARING_LEVELS.index(level) + 1]:
        areas = _signed(_counted(placed, step), signed, step)
        areas = areas.join(below, left_on="area", right_on="above", how="left", maintain_order="left")
        above = pl.col("area").str.replace(r"/[^/]*$", "")
        # An area without a name is nobody's to sign off: what is open in it counts above all the same.
        open_below = pl.col("signed_by").is_null() & (pl.col(PLACES[_DEPTH[step] - 1]) != _UNKNOWN)
        below = areas.group_by(above.alias("above")).agg(unsigned=open_below.sum())
        of_levels[step] = _told(areas, step)
    return of_levels


def _told(areas: pl.DataFrame, level: str) -> pl.DataFrame:
    """Return the areas of a level as ``Ledger.clearing`` tells of them, with the newest entries."""
    places = PLACES[: _DEPTH[level]]
    return areas.select(
        "area",
        *(pl.col(place).replace(_UNKNOWN, None) for place in places),
        *("open", "cleared", "refused"),
        clear=pl.col("open") == 0,
        unsigned=pl.col("unsigned").fill_null(0).cast(pl.Int64),
        **{name: name for name in ("signed_by", "signed_on", "newest", "turned")},
    )


def _by(until: date | None, chosen: Select[Any], on: ColumnElement[date]) -> Select[Any]:
    """Return what of a choice had happened by the end of a day."""
    return chosen if until is None else chosen.where(on <= until)


def _with_entries(connection: Connection, states: pl.DataFrame, until: date | None) -> pl.DataFrame:
    """Add the newest entry of each alert, and the newest that opened or closed it; name places as areas do."""
    newest = select(entries.c.alert_id, func.max(entries.c.entry_id).label("newest")).where(LIVE_ENTRY)
    turned = select(entries.c.alert_id, func.max(entries.c.entry_id).label("turned")).where(LIVE_ENTRY)
    turned = turned.where(entries.c.kind.in_((*OPENINGS, "refused")) | (entries.c.state == "cleared"))
    both = (_by(until, one, entries.c.on).group_by(entries.c.alert_id) for one in (newest, turned))
    numbers, turns = (read_frame(connection, one) for one in both)
    names = (pl.col(place).str.replace_all("/", "／").replace("", None).fill_null(_UNKNOWN) for place in PLACES)
    return states.join(numbers.join(turns, on="alert_id"), on="alert_id").with_columns(*names)


def _counted(placed: pl.DataFrame, level: str) -> pl.DataFrame:
    places = PLACES[: _DEPTH[level]]
    area = pl.concat_str(places, separator="/").alias("area")
    return (
        placed.group_by(area, *places)
        .agg(
            open=pl.col("open").sum().cast(pl.Int64),
            cleared=(pl.col("state") == "cleared").sum().cast(pl.Int64),
            refused=(pl.col("state") == "refused").sum().cast(pl.Int64),
            newest=pl.col("newest").max(),
            turned=pl.col("turned").max(),
        )
        .sort("area")
    )


def _signed(areas: pl.DataFrame, signed: pl.DataFrame, level: str) -> pl.DataFrame:
    """Add who signed an area off and when, as long as nothing was opened, or closed otherwise, in it since."""
    last = (
        signed.filter(pl.col("level") == level)
        .unique("area", keep="last", maintain_order=True)
        .select("area", "after_entry", signed_by="by", signed_on="on")
    )
    # Also what is open again because its closing was withdrawn.
    stands = (pl.col("after_entry") >= pl.col("turned")) & (pl.col("open") == 0)
    return areas.join(last, on="area", how="left", maintain_order="left").with_columns(
        pl.when(stands).then("signed_by").alias("signed_by"), pl.when(stands).then("signed_on").alias("signed_on")
    )
