"""Acts at their place in the life of their alerts, also when entered late: what a month's run found stays true."""

from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from sqlalchemy import Connection

from relapse_risk.monitoring.ledger.alert_states import read_entries
from relapse_risk.monitoring.ledger.life import OPENINGS, Entry, Facts, Life, broken_rule, live_through
from relapse_risk.monitoring.ledger.live import live_listings, live_months, read_numbers
from relapse_risk.policy.mechanism import Lifecycle

__all__ = ["AT_ONCE", "Alerts"]

AT_ONCE = 10_000
"""Parameters of a statement: no database takes any number."""


@dataclass(frozen=True, kw_only=True)
class Alerts:
    """Some alerts with their entries, while acts are taken one after the other.

    Attributes
    ----------
    cycle : Lifecycle
    entries : Mapping of int to list of Entry
        In the order in which they count.
    months : sequence of date
        The days of the months that count, the first one first.
    listed : Mapping of int to set of date
        In which of them the household of an alert was listed.
    """

    cycle: Lifecycle
    entries: Mapping[int, list[Entry]]
    months: Sequence[date]
    listed: Mapping[int, set[date]]

    @classmethod
    def read(cls, connection: Connection, cycle: Lifecycle, ids: Iterable[int]) -> Self:
        """Read some alerts."""
        wanted = sorted(ids)
        found: dict[int, list[Entry]] = {alert: [] for alert in wanted}
        for first in range(0, len(wanted), AT_ONCE):
            found.update(read_entries(connection, wanted[first : first + AT_ONCE]))
        alert_of = read_numbers(connection).alert_of
        listed: dict[int, set[date]] = {alert: set() for alert in wanted}
        for day, household in connection.execute(live_listings()):
            if (alert := alert_of.get(household)) in listed:
                listed[alert].add(day)
        return cls(
            cycle=cycle, entries=found, months=[day for _, day in connection.execute(live_months())], listed=listed
        )

    def life(self, alert: int, *, before: Entry | None = None) -> Life:
        """Return the state of an alert, by all its entries or by those before another one."""
        there = self.entries[alert]
        return live_through(there if before is None else (one for one in there if one < before), self.cycle)

    def take(self, act: dict[str, Any], number: int) -> str | None:
        """Take an act at its place, or return the rule that it breaks; complete the tier and state it leads to."""
        alert, newest = act["alert"], self.life(act["alert"])
        entry = Entry(act["on"], True, number, act["kind"], act["by"], None, None, act["assignee"])
        before = self.life(alert, before=entry)
        # A visit in an earlier life of the alert took place all the same.
        if act["kind"] != "visited" and newest.opened_on is not None and act["on"] < newest.opened_on:
            return "before_opening"
        if rule := broken_rule(before, entry, self.cycle):
            return rule
        step = act["kind"] in self.cycle.clearing.step
        act["state"] = (
            self.cycle.next_state(before.state, act["kind"], proposed=before.flagged_on is not None) if step else None
        )
        opens = act["kind"] in OPENINGS  # what was never listed has no tier: a list raises it
        act["tier"] = before.tier or "none" if opens else None
        there = self.entries[alert]
        placed = [*there]
        insort(placed, entry._replace(tier=act["tier"], led_to=act["state"]))
        if self.disturbed(alert, placed, act["on"]) is not None:
            return "list_since"
        there[:] = placed
        return None

    def disturbed(self, alert: int, others: Sequence[Entry], since: date) -> date | None:
        """Return the first month after a day whose run would have found an alert otherwise, by other entries.

        What a run looks at must be the same where the household was listed; where it was not, an alert that was closed
        must not have been open, since it might have been proposed to clear.
        """
        for month in self.months:
            if month <= since:
                continue
            was, would_be = (self._facts(of, month) for of in (self.entries[alert], others))
            if was != would_be and (month in self.listed[alert] or (would_be.open and not was.open)):
                return month
        return None

    def _facts(self, of: Iterable[Entry], month: date) -> Facts:
        """Return what the run of a month finds: of acts, those of the days before."""
        day_before = month - timedelta(days=1)
        return live_through((one for one in of if one.on <= day_before), self.cycle).facts(self.cycle)
