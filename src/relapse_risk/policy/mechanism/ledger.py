"""The life cycle of an alert, as data: which entry leads from which state to which, and by when (``ledger.toml``)."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from relapse_risk.policy.bilingual import Bilingual
from relapse_risk.policy.mechanism.cited import one_of, only_ours
from relapse_risk.policy.model import PolicyModel, refuse

__all__ = ["Due", "EntryKind", "Lifecycle"]

Due = Literal["visited", "cleared"]
"""What may be due in a state of an alert."""

Days = Annotated[int, Field(ge=1)]

_NEW = "new"  # the state of a household that never had an alert


class ClearingRule(PolicyModel):
    """Months without a listing after which the run proposes to clear."""

    propose_after_months: int = Field(ge=1)
    source: str


class ReopeningRule(PolicyModel):
    """Months after closing before a listing alone reopens an alert."""

    rest_months: int = Field(ge=0)
    source: str


class Deadline(PolicyModel):
    """Days until an alert is visited, and cleared."""

    visited: Days
    cleared: Days


class LedgerState(Bilingual):
    """A state of an alert, and what is due in it; nothing where it is closed."""

    due: Due | None = None


class EntryKind(Bilingual):
    """A kind of entry.

    Attributes
    ----------
    by : {"run", "person", "either"}
        Who makes such entries.
    required : tuple of str
        What must be said with it.
    leads : Mapping of str to str
        From which state to which.
    leads_proposed : Mapping of str to str
        What is also possible once clearing is proposed.
    """

    by: Literal["run", "person", "either"]
    required: tuple[Literal["note", "measure"], ...] = ()
    leads: Mapping[str, str]
    leads_proposed: Mapping[str, str] = Field(default_factory=dict)


class Lifecycle(PolicyModel):
    """What ``ledger.toml`` holds.

    Attributes
    ----------
    clearing : ClearingRule
    reopening : ReopeningRule
    deadlines : Mapping of str to Deadline
        By tier; ``none`` is listed by chance alone.
    states : Mapping of str to LedgerState
    kinds : Mapping of str to EntryKind
        In the order of a life.
    rules : Mapping of str to Bilingual
        Why an act is refused.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> cycle = read_policy().mechanism.ledger
    >>> cycle.next_state("open", "visited"), cycle.next_state("open", "cleared")
    ('visited', None)
    """

    clearing: ClearingRule
    reopening: ReopeningRule
    deadlines: Mapping[Annotated[str, one_of("red", "orange", "yellow", "none")], Deadline]
    states: Mapping[str, LedgerState]
    kinds: Mapping[str, EntryKind]
    rules: Annotated[Mapping[str, Bilingual], only_ours("ledger", "rules")]

    @model_validator(mode="after")
    def _known_states(self) -> Self:
        known = (_NEW, *self.states)
        for kind, rules in self.kinds.items():
            for name, leads in (("leads", rules.leads), ("leads_proposed", rules.leads_proposed)):
                for before, after in leads.items():
                    if not {before, after} <= set(known):
                        key = f"kinds.{kind}.{name}.{before}"
                        refuse("allowed_states", key=key, found=after, known=", ".join(known))
        return self

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
        if not rules.leads:
            return state
        after = rules.leads.get(state)
        return rules.leads_proposed.get(state) if after is None and proposed else after

    def begins(self, kind: str) -> str:
        """Return the state in which a life begins that an entry of a kind opens."""
        return next(iter(self.kinds[kind].leads.values()))

    def is_open(self, state: str) -> bool:
        """Return whether something is still due in a state."""
        return self.states[state].due is not None

    def is_for_persons(self, kind: str) -> bool:
        """Return whether a person may make entries of a kind."""
        return kind in self.kinds and self.kinds[kind].by != "run"

    def days(self, due: Due) -> Mapping[str, int]:
        """Return the days by tier until something is due."""
        visited = due == "visited"
        return {tier: one.visited if visited else one.cleared for tier, one in self.deadlines.items()}
