"""What counts no longer: a month or an entry is withdrawn by who says why, and nothing is taken away."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Connection, func, select

from relapse_risk.errors import InputError, Phrase
from relapse_risk.monitoring.ledger.acts import record_acts
from relapse_risk.monitoring.ledger.alert_states import read_entries, read_idle
from relapse_risk.monitoring.ledger.carried_acts import carried_entries
from relapse_risk.monitoring.ledger.late import Alerts
from relapse_risk.monitoring.ledger.ledger_rows import now, read_frame
from relapse_risk.monitoring.ledger.life import live_through
from relapse_risk.monitoring.ledger.live import LIVE_ENTRY, live_months
from relapse_risk.monitoring.ledger.schema import entries, withdrawals
from relapse_risk.monitoring.ledger.seals import add_rows
from relapse_risk.policy.bilingual import Bilingual
from relapse_risk.policy.mechanism import Lifecycle

__all__ = ["WithdrawnMonth", "correct", "withdraw_entry", "withdraw_month"]

_CORRECTABLE = ("kind", "on", "by", "measure", "assignee", "note")


class _Rule(Phrase):
    """A rule of ``ledger.toml`` as a part of a message."""

    def __init__(self, rule: Bilingual) -> None:
        self.rule = rule

    def in_language(self, lang: str) -> str:
        """Return its wording."""
        return self.rule.zh if lang == "zh" else self.rule.en


@dataclass(frozen=True, kw_only=True)
class WithdrawnMonth:
    """What became of a month that was withdrawn.

    Attributes
    ----------
    as_of : date
    entries : int
        Entries of its run that count no longer.
    acts_idle : int
        Acts of persons that stay on file and move nothing now; a month that is run anew and lists their households
        takes them up again.
    """

    as_of: date
    entries: int
    acts_idle: int


def withdraw_month(
    connection: Connection, cycle: Lifecycle, as_of: date, *, by: str, on: date, reason: str
) -> WithdrawnMonth:
    """Withdraw a month, see ``Ledger.withdraw_month``."""
    there = {day: run for run, day in connection.execute(live_months())}
    if as_of not in there:
        raise InputError("ledger_no_month", day=as_of, known=_days(list(there)) or "-")
    if later := [day for day in there if day > as_of]:
        raise InputError("ledger_month_built_on", day=as_of, later=_days(later[::-1]))
    counted = select(func.count()).where(entries.c.run == there[as_of], LIVE_ENTRY)
    made = connection.execute(counted).scalar_one()
    idle = set(read_idle(connection, cycle))
    carried = [{"entry_id": number} for number in carried_entries(connection, there[as_of])]
    _insert(connection, [{"run": there[as_of]}, *carried], by=by, on=on, reason=reason)
    return WithdrawnMonth(as_of=as_of, entries=made, acts_idle=len(set(read_idle(connection, cycle)) - idle))


def withdraw_entry(
    connection: Connection, cycle: Lifecycle, entry_id: int, *, by: str, on: date, reason: str
) -> pl.DataFrame:
    """Withdraw an act, see ``Ledger.withdraw_entry``."""
    before = _acts_idle(connection, cycle, entry_id)
    _withdraw(connection, cycle, entry_id, by=by, on=on, reason=reason)
    return _acts_idle(connection, cycle, entry_id).join(before, on="entry_id", how="anti", maintain_order="left")


def _acts_idle(connection: Connection, cycle: Lifecycle, entry_id: int) -> pl.DataFrame:
    """Return the acts of the alert of an entry that move nothing where they stand: entry_id, kind, on, by."""
    alert = connection.execute(select(entries.c.alert_id).where(entries.c.entry_id == entry_id)).scalar()
    idle: list[int] = []
    for _, of_alert in read_entries(connection, [] if alert is None else [alert]):
        live_through(of_alert, cycle, idle)
    chosen = select(*(entries.c[name] for name in ("entry_id", "kind", "on", "by"))).where(
        entries.c.entry_id.in_(idle), entries.c.run.is_(None)
    )
    return read_frame(connection, chosen.order_by(entries.c.on, entries.c.entry_id))


def _withdraw(
    connection: Connection, cycle: Lifecycle, entry_id: int, *, by: str, on: date, reason: str
) -> dict[str, Any]:
    """Withdraw an act and return it."""
    found = connection.execute(select(entries).where(entries.c.entry_id == entry_id)).mappings().one_or_none()
    counts = select(entries.c.entry_id).where(entries.c.entry_id == entry_id, LIVE_ENTRY)
    if found is None or found["run"] is not None or connection.execute(counts).scalar() is None:
        raise InputError("ledger_no_entry", entry=entry_id)
    alerts = Alerts.read(connection, cycle, [found["alert_id"]])
    others = [one for one in alerts.entries[found["alert_id"]] if one.entry_id != entry_id]
    if month := alerts.disturbed(found["alert_id"], others, found["on"]):
        later = [day for day in alerts.months if day >= month]
        raise InputError("ledger_entry_built_on", entry=entry_id, later=_days(later[::-1]))
    _insert(connection, [{"entry_id": entry_id}], by=by, on=on, reason=reason)
    return dict(found)


def correct(
    connection: Connection, cycle: Lifecycle, entry_id: int, changes: dict[str, Any], *, by: str, on: date, reason: str
) -> pl.DataFrame:
    """Withdraw an act and record it otherwise, see ``Ledger.correct``."""
    if strange := [name for name in changes if name not in _CORRECTABLE]:
        raise InputError("ledger_not_correctable", found=", ".join(strange), known=", ".join(_CORRECTABLE))
    before = _acts_idle(connection, cycle, entry_id)
    was = _withdraw(connection, cycle, entry_id, by=by, on=on, reason=reason)
    corrected = {name: was[name] for name in ("alert_id", *_CORRECTABLE)} | changes
    schema = {
        "alert_id": pl.Int64,
        "on": pl.Date,
        **dict.fromkeys([name for name in _CORRECTABLE if name != "on"], pl.String),
    }
    acts = record_acts(connection, pl.DataFrame([corrected], schema=schema), cycle)
    rule = acts["rule"][0]
    if rule is not None:
        raise InputError("ledger_correction_refused", entry=entry_id, why=_Rule(cycle.rules[rule]))
    idle = _acts_idle(connection, cycle, entry_id).join(before, on="entry_id", how="anti")["entry_id"].sort()
    return acts.with_columns(idle=pl.lit(idle.to_list(), dtype=pl.List(pl.Int64)))


def _insert(connection: Connection, what: list[dict[str, int]], *, by: str, on: date, reason: str) -> None:
    """Withdraw runs and entries, all at one moment: what goes with a month is known by it."""
    said = {"on": on, "note": reason, "by": by, "recorded_at": now()}
    add_rows(connection, withdrawals, [one | said for one in what])


def _days(days: list[date]) -> str:
    return ", ".join(map(str, days))
