"""The life of an alert: what its entries, one after the other, make of it.

Entries count by the day they happened on, whenever they were recorded: on one day the month's run first, then acts in
the order they were entered. An entry that is not possible at its place (because what made it possible was withdrawn)
stays on file and moves nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from relapse_risk.policy.mechanism import Due, Lifecycle

__all__ = ["OPENINGS", "Entry", "Facts", "Life", "broken_rule", "live_through"]

OPENINGS = ("opened", "found", "reopened")
"""Kinds of entries that begin a life of an alert; who is found again in one that is open changes nothing."""

_CLEARED = "cleared"
_DUE: tuple[Due, Due] = ("visited", "cleared")


class Entry(NamedTuple):
    """An entry, as far as it moves an alert; entries sort in the order in which they count."""

    on: date
    by_person: bool
    entry_id: int
    kind: str
    by: str
    tier: str | None
    led_to: str | None
    assignee: str | None = None


class Facts(NamedTuple):
    """What a month's run looks at in an alert."""

    open: bool
    clearing: bool
    closed_on: date | None
    tier: str | None


@dataclass(slots=True, kw_only=True)
class Life:
    """The state of an alert.

    Attributes
    ----------
    state : str
        Empty before it is opened.
    tier : str or None
    first_on, opened_on : date or None
        When its first and its newest life began.
    closed_on : date or None
    flagged_on : date or None
        Since when the run proposes to clear, as long as the household is not listed again.
    proposed_on : date or None
        Since when a person does, as long as clearing is under way.
    step_on, step_by : date, str or None
        When the newest step of clearing was taken, and by whom.
    assignee : str or None
        Who it was assigned to last in its newest life.
    visited_by, cleared_by : date or None
        Deadlines.
    last : Entry or None
        The newest act of the newest life; proposals do not count.
    idle : list of int
        The entries that moved nothing because they were not possible.
    """

    state: str = ""
    tier: str | None = None
    first_on: date | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    flagged_on: date | None = None
    proposed_on: date | None = None
    step_on: date | None = None
    step_by: str | None = None
    assignee: str | None = None
    visited_by: date | None = None
    cleared_by: date | None = None
    last: Entry | None = None

    def facts(self, cycle: Lifecycle) -> Facts:
        """Return what a month's run looks at."""
        is_open = bool(self.state) and cycle.is_open(self.state)
        return Facts(is_open, is_open and cycle.is_clearing(self.state), self.closed_on, self.tier)


def live_through(entries: Iterable[Entry], cycle: Lifecycle, idle: list[int] | None = None) -> Life:
    """Return the state of an alert after its entries, given in the order in which they count.

    Parameters
    ----------
    entries : iterable of Entry
    cycle : Lifecycle
    idle : list of int, optional
        Gets the numbers of the entries that are not possible at their place.
    """
    life = Life()
    for entry in entries:
        after = _after(life, entry, cycle) if entry.by_person else None
        if _is_possible(life, entry, after, cycle):
            _move(life, entry, after, cycle)
        elif idle is not None:
            idle.append(entry.entry_id)
    return life


def broken_rule(life: Life, entry: Entry, cycle: Lifecycle) -> str | None:
    """Return the rule that an act breaks in an alert's state, None if it is possible."""
    if not life.state and not cycle.opens(entry.kind):
        return "before_opening"
    if entry.kind in cycle.clearing.step and entry.kind not in cycle.clearing.steps:
        return "no_step"
    if _after(life, entry, cycle) is None:
        return "not_now"
    if entry.kind in cycle.clearing.step:
        return _broken_step(life, entry, cycle)
    return None


def _broken_step(life: Life, entry: Entry, cycle: Lifecycle) -> str | None:
    before = cycle.clearing.step.get(life.state)
    if before is not None and life.step_on is not None and entry.on < life.step_on + timedelta(days=before.days):
        return "notice_runs"
    entitled = cycle.clearing.step[entry.kind].operators
    return "not_entitled" if entitled and entry.by not in entitled else None


def _is_possible(life: Life, entry: Entry, after: str | None, cycle: Lifecycle) -> bool:
    if entry.by_person:
        # What was recorded kept the rules of its day; of them only the order of states can be undone.
        begun = bool(life.state) or cycle.opens(entry.kind)
        return begun and after is not None
    if entry.kind == "opened":
        return not life.state
    is_open = bool(life.state) and cycle.is_open(life.state)
    return bool(life.state) and not is_open if entry.kind == "reopened" else is_open


def _after(life: Life, entry: Entry, cycle: Lifecycle) -> str | None:
    after = cycle.next_state(life.state, entry.kind, proposed=life.flagged_on is not None)
    if entry.led_to is None or entry.kind not in cycle.clearing.step:
        return after
    steps = cycle.clearing.steps
    if entry.kind in steps and (entry.kind == steps[-1]) == (entry.led_to == _CLEARED):
        return after
    # The office had other steps then: what was a step then, and what cleared, did so.
    started = (
        cycle.is_clearing(life.state) or life.flagged_on is not None or life.state in cycle.kinds["proposed"].leads
    )
    return entry.led_to if started and cycle.is_open(life.state) else None


def _move(life: Life, entry: Entry, after: str | None, cycle: Lifecycle) -> None:
    is_open = bool(life.state) and cycle.is_open(life.state)
    if entry.kind in OPENINGS and not is_open:
        _open(life, entry, cycle)
    elif entry.by_person:
        _act(life, entry, after or life.state, cycle)
    elif entry.kind == "proposed":
        life.flagged_on = entry.on
    else:
        _list(life, entry, cycle)


def _open(life: Life, entry: Entry, cycle: Lifecycle) -> None:
    life.first_on = life.first_on or entry.on
    life.state, life.opened_on, life.closed_on = cycle.begins(entry.kind), entry.on, None
    life.tier = entry.tier or life.tier
    life.flagged_on = life.proposed_on = life.step_on = life.step_by = None
    life.visited_by = life.cleared_by = life.assignee = None
    life.last = entry
    _urge(life, entry.on, cycle)


def _list(life: Life, entry: Entry, cycle: Lifecycle) -> None:
    """Take what a month's run says of an open alert that is listed again."""
    life.flagged_on = None
    life.tier = entry.tier or life.tier
    if entry.kind == "returned":
        _return(life, entry, cycle)
    if entry.kind in ("escalated", "returned"):
        _urge(life, entry.on, cycle)


def _act(life: Life, entry: Entry, after: str, cycle: Lifecycle) -> None:
    before = life.state
    if entry.kind == "proposed":
        life.proposed_on = entry.on
    else:
        life.last = entry
    life.assignee = entry.assignee or life.assignee
    if entry.kind == "proposed" or entry.kind in cycle.clearing.step:
        life.step_on, life.step_by = entry.on, entry.by
    if entry.kind == "returned":
        _return(life, entry, cycle)
    life.state = after
    if cycle.is_open(before) and not cycle.is_open(after):
        life.closed_on, life.flagged_on, life.proposed_on = entry.on, None, None
    elif before != after and not cycle.is_clearing(after):
        life.proposed_on = life.step_on = life.step_by = None


def _return(life: Life, entry: Entry, cycle: Lifecycle) -> None:
    """Send an alert back: it is to be visited again, within the days of its tier."""
    life.state = cycle.kinds[entry.kind].leads.get(life.state, life.state)
    life.proposed_on = life.flagged_on = life.step_on = life.step_by = None
    life.visited_by = entry.on + timedelta(days=cycle.days("visited", life.tier))


def _urge(life: Life, on: date, cycle: Lifecycle) -> None:
    """Let the deadlines of the tier run from a day; the earliest counts."""
    visited, cleared = (on + timedelta(days=cycle.days(due, life.tier)) for due in _DUE)
    life.visited_by = min(visited, life.visited_by or visited)
    life.cleared_by = min(cleared, life.cleared_by or cleared)
