"""What counts: months and entries that nobody withdrew, and the number that each household has now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from relapse_risk.monitoring.ledger.ledger_rows import read_frame
from relapse_risk.monitoring.ledger.schema import alerts, entries, listings, months, renumberings, withdrawals

__all__ = [
    *("LIVE_ENTRY", "WITH_MONTH", "Numbers", "live_listings", "live_months", "live_run", "newest_listings"),
    *("read_listings", "read_numbers"),
]


def live_run(run: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a run was not withdrawn."""
    return run.not_in(select(withdrawals.c.run).where(withdrawals.c.run.is_not(None)))


LIVE_ENTRY = and_(
    or_(entries.c.run.is_(None), live_run(entries.c.run)),
    entries.c.entry_id.not_in(select(withdrawals.c.entry_id).where(withdrawals.c.entry_id.is_not(None))),
)
"""The condition that an entry counts: neither it nor its month was withdrawn."""


_WITHDRAWN_RUN = withdrawals.alias()
WITH_MONTH = entries.c.entry_id.in_(
    select(withdrawals.c.entry_id)
    .join(_WITHDRAWN_RUN, _WITHDRAWN_RUN.c.recorded_at == withdrawals.c.recorded_at)
    .where(_WITHDRAWN_RUN.c.run.is_not(None), withdrawals.c.entry_id.is_not(None))
)
"""The condition that an act was withdrawn together with a month."""


def live_months() -> Select[Any]:
    """Select run and day of the months that count, the first one first."""
    return select(months.c.run, months.c.as_of).where(live_run(months.c.run)).order_by(months.c.as_of)


def live_listings(*columns: str) -> Select[Any]:
    """Select day, household and other columns of the listings that count."""
    chosen = select(months.c.as_of, listings.c.household_id, *(listings.c[name] for name in columns))
    return chosen.join_from(listings, months).where(live_run(listings.c.run))


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """By which numbers households went and go.

    Attributes
    ----------
    alert_of : Mapping of str to int
        The alert of a household, by every number it ever went by.
    current : Mapping of int to str
        The number that the household of an alert has now.
    """

    alert_of: Mapping[str, int]
    current: Mapping[int, str]

    @property
    def frame(self) -> pl.DataFrame:
        """Every number with its alert and with the number the household has now: number, alert_id, household_id."""
        rows = [(number, alert, self.current[alert]) for number, alert in self.alert_of.items()]
        schema = {"number": pl.String, "alert_id": pl.Int64, "household_id": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def renamed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return a frame whose household_id is the number that a household has now."""
        renumbered = self.frame.filter(pl.col("number") != pl.col("household_id"))
        return frame.with_columns(pl.col("household_id").replace(renumbered["number"], renumbered["household_id"]))


def read_numbers(connection: Connection) -> Numbers:
    """Return by which numbers households go, by all months that count."""
    first = read_frame(connection, select(alerts.c.household_id, alerts.c.alert_id).order_by(alerts.c.alert_id))
    alert_of: dict[str, int] = dict(first.iter_rows())
    current = {alert: household for household, alert in alert_of.items()}
    chosen = select(renumberings.c.household_id, renumberings.c.became).where(live_run(renumberings.c.run))
    for household, became in connection.execute(chosen.order_by(renumberings.c.run, renumberings.c.household_id)):
        alert = alert_of[household]
        alert_of[became], current[alert] = alert, became
    return Numbers(alert_of=alert_of, current=current)


def read_listings(connection: Connection, as_of: date | None) -> pl.DataFrame:
    """Return who was listed in the months that count, or in one of them, see ``Ledger.listings``."""
    names = [column.name for column in listings.columns if column.name not in ("run", "household_id")]
    chosen = live_listings(*names).order_by(months.c.as_of, listings.c.household_id)
    if as_of is not None:
        chosen = chosen.where(months.c.as_of == as_of)
    return read_numbers(connection).renamed(read_frame(connection, chosen))


def newest_listings(connection: Connection, numbers: Numbers, until: date | None, *columns: str) -> pl.DataFrame:
    """Return alert_id, listed_on and other columns of the newest listing of every alert's household."""
    turn = func.row_number().over(partition_by=listings.c.household_id, order_by=months.c.as_of.desc()).label("turn")
    chosen = live_listings(*columns).add_columns(turn)
    ranked = (chosen if until is None else chosen.where(months.c.as_of <= until)).subquery()
    newest_of = select(*(ranked.c[name] for name in ("as_of", "household_id", *columns))).where(ranked.c.turn == 1)
    listed = read_frame(connection, newest_of)  # by number; a household may have had several
    known = numbers.frame.select("alert_id", household_id="number")
    named = listed.rename({"as_of": "listed_on"}).join(known, on="household_id").sort("alert_id", "listed_on")
    newest = named.group_by("alert_id", maintain_order=True).last()
    return newest.select("alert_id", "listed_on", *columns)
