"""The life cycle of an alert, as data: which entry leads from which state to which, and by when."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relapse_risk.errors import InputError
from relapse_risk.policy import URGENT_FIRST

__all__ = ["OPENINGS", "TIERS", "Lifecycle"]

OPENINGS = ("opened", "reopened")
"""Kinds of entries that begin a life of an alert."""

TIERS = (*URGENT_FIRST, "none")
"""The most urgent first; ``none`` is listed by chance alone."""

_DUE = ("visited", "cleared")
_BY = ("run", "person", "either")
_NEW = "new"  # the state of a household that never had an alert


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """The rules of ``policy/data/mechanism/ledger.toml``.

    Attributes
    ----------
    states : Mapping
        What is due in a state, by its code; None where it is closed.
    kinds : Mapping
        Of each kind of entry, in the order of a life: by, needs, leads, leads_proposed.
    deadlines : Mapping
        Days by tier and by what is due.
    propose_after : int
        Months without a listing after which the run proposes to clear.
    rest : int
        Months after closing before a listing alone reopens an alert.
    """

    states: Mapping[str, str | None]
    kinds: Mapping[str, Mapping[str, Any]]
    deadlines: Mapping[str, Mapping[str, int]]
    propose_after: int
    rest: int

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Lifecycle":
        """Make one from the data file's tables.

        Raises
        ------
        InputError
            If they name a state that is none, or lack a deadline or a number (``ledger_rules``).

        Examples
        --------
        >>> from relapse_risk.policy import read_policy
        >>> cycle = Lifecycle.from_data(read_policy().mechanism["ledger"])
        >>> cycle.next_state("open", "visited"), cycle.next_state("open", "cleared")
        ('visited', None)
        """
        states = {state: entry.get("due") for state, entry in data["states"].items()}
        cycle = cls(
            states=states,
            kinds=data["kinds"],
            deadlines=data["deadlines"],
            propose_after=data["clearing"]["propose_after_months"],
            rest=data["reopening"]["rest_months"],
        )
        cycle._check()
        return cycle

    def next_state(self, state: str, kind: str, *, proposed: bool = False) -> str | None:
        """Return the state that an entry leads to, or None where it is not possible.

        Parameters
        ----------
        state : str
        kind : str
        proposed : bool
            Whether the run has proposed to clear the alert.
        """
        rules = self.kinds[kind]
        if not rules["leads"]:
            return state
        found: str | None = rules["leads"].get(state)
        if found is None and proposed:
            found = rules.get("leads_proposed", {}).get(state)
        return found

    def begins(self, kind: str) -> str:
        """Return the state that a life begins in with an opening of a kind."""
        state: str = next(iter(self.kinds[kind]["leads"].values()))
        return state

    def is_open(self, state: str) -> bool:
        """Return whether something is still due in a state."""
        return self.states[state] is not None

    def is_for_persons(self, kind: str) -> bool:
        """Return whether a person may make entries of a kind."""
        return kind in self.kinds and self.kinds[kind]["by"] != "run"

    def _check(self) -> None:
        self._check_number("clearing", "propose_after_months", self.propose_after)
        self._check_number("reopening", "rest_months", self.rest, least=0)
        for tier in TIERS:
            for due in _DUE:
                self._check_number(f"deadlines.{tier}", due, self.deadlines.get(tier, {}).get(due))
        for state, step in self.states.items():
            if step not in (*_DUE, None):
                raise InputError("ledger_rules", table=f"states.{state}", name="due")
        for kind, rules in self.kinds.items():
            self._check_kind(kind, rules)

    def _check_kind(self, kind: str, rules: Mapping[str, Any]) -> None:
        if rules.get("by") not in _BY:
            raise InputError("ledger_rules", table=f"kinds.{kind}", name="by")
        if not set(rules.get("needs", ())) <= {"note", "measure"}:
            raise InputError("ledger_rules", table=f"kinds.{kind}", name="needs")
        for name in ("leads", "leads_proposed"):
            leads = rules.get(name, {} if name == "leads_proposed" else None)
            if not isinstance(leads, Mapping) or not {*leads, *leads.values()} <= {_NEW, *self.states}:
                raise InputError("ledger_rules", table=f"kinds.{kind}", name=name)

    @staticmethod
    def _check_number(table: str, name: str, found: Any, least: int = 1) -> None:
        if isinstance(found, bool) or not isinstance(found, int) or found < least:
            raise InputError("ledger_rules", table=table, name=name)
