"""The life cycle of an alert, as data: which entry leads from which state to which, and by when (``ledger.toml``)."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from relapse_risk.policy.bilingual import Bilingual
from relapse_risk.policy.mechanism.cited import one_of, only_built_in
from relapse_risk.policy.model import PolicyModel, refuse

__all__ = ["Due", "EntryKind", "InputLimits", "Lifecycle"]

Due = Literal["visited", "cleared"]
"""What may be due in a state of an alert."""

Days = Annotated[int, Field(ge=1)]

_NEW = "new"  # the state of a household that never had an alert
_PROPOSED, _CLEARED = "proposed", "cleared"


class ClearingStep(PolicyModel):
    """A step of clearing: who takes it, and how many days it lasts at least before the next.

    Attributes
    ----------
    level : {"village", "town", "county"}
    days : int
    operators : tuple of str
        Names that may take it; empty: anybody.
    """

    level: Literal["village", "town", "county"]
    days: int = Field(default=0, ge=0)
    operators: tuple[str, ...] = ()


class ClearingRule(PolicyModel):
    """How an alert is cleared.

    Attributes
    ----------
    steps : tuple of str
        Kinds of entries, in this order after the proposal; the last one clears.
    step : Mapping of str to ClearingStep
        Every step there may be.
    level : Mapping of str to Bilingual
    propose_after_months : int
        Months without a listing after which the run proposes to clear.
    source : str
    """

    steps: tuple[str, ...] = Field(min_length=1)
    step: Mapping[str, ClearingStep]
    level: Mapping[str, Bilingual]
    propose_after_months: int = Field(ge=1)
    source: str


class InputLimits(PolicyModel):
    """From which loss on a month's input counts as missing what the one before had."""

    household_share: float = Field(ge=0, lt=1)
    village_households: int = Field(ge=1)
    row_share: float = Field(ge=0, lt=1)
    older_days: int = Field(ge=0)
    most_named: int = Field(ge=1)


class BackupRule(PolicyModel):
    """How many copies of a ledger are kept."""

    keep: int = Field(ge=1)


class ReopeningRule(PolicyModel):
    """Months after closing before a listing alone reopens an alert."""

    rest_months: int = Field(ge=0)
    source: str


class RevisitRule(PolicyModel):
    """Months from the list that led to a visit to that on which a passed deadline, or a relapse, demands another."""

    months: int = Field(ge=1)
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
    """

    by: Literal["run", "person", "either"]
    required: tuple[Literal["note", "measure", "assignee"], ...] = ()
    leads: Mapping[str, str]


class Lifecycle(PolicyModel):
    """What ``ledger.toml`` holds.

    Attributes
    ----------
    clearing : ClearingRule
    inputs : InputLimits
    backup : BackupRule
    reopening : ReopeningRule
    revisits : RevisitRule
    deadlines : Mapping of str to Deadline
        By tier; ``none`` is listed by chance alone.
    states : Mapping of str to LedgerState
    kinds : Mapping of str to EntryKind
        In the order of a life.
    rules : Mapping of str to Bilingual
        Why an act is refused.
    checks : Mapping of str to Bilingual
        What may be wrong with a ledger.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> cycle = read_policy().mechanism.ledger
    >>> cycle.next_state("open", "visited"), cycle.next_state("open", "cleared")
    ('visited', None)
    """

    clearing: ClearingRule
    inputs: InputLimits
    backup: BackupRule
    reopening: ReopeningRule
    revisits: RevisitRule
    deadlines: Mapping[Annotated[str, one_of("red", "orange", "yellow", "none")], Deadline]
    states: Mapping[str, LedgerState]
    kinds: Mapping[str, EntryKind]
    rules: Annotated[Mapping[str, Bilingual], only_built_in("ledger", "rules")]
    checks: Annotated[Mapping[str, Bilingual], only_built_in("ledger", "checks")]

    @model_validator(mode="after")
    def _known_states(self) -> Self:
        known = (_NEW, *self.states)
        for kind, rules in self.kinds.items():
            for before, after in rules.leads.items():
                if not {before, after} <= set(known):
                    refuse("allowed_states", key=f"kinds.{kind}.leads.{before}", found=after, known=", ".join(known))
        return self

    @model_validator(mode="after")
    def _known_steps(self) -> Self:
        steps = self.clearing.steps
        known = [name for name in self.clearing.step if name in self.kinds and name in self.states]
        for place, step in enumerate(steps):
            if step not in known or step in steps[:place]:
                refuse("allowed_codes", key=f"clearing.steps.{place + 1}", found=step, known=", ".join(known))
        return self

    def next_state(self, state: str, kind: str, *, proposed: bool = False) -> str | None:
        """Return the state that an entry leads to, or None where it is not possible.

        Parameters
        ----------
        state : str
            Empty for a household that never had an alert.
        kind : str
        proposed : bool
            Whether the run has proposed to clear the alert.
        """
        if kind in self.clearing.step:
            return self._after_step(state, kind, proposed=proposed)
        leads = self.kinds[kind].leads
        return leads.get(state or _NEW) if leads else state

    def _after_step(self, state: str, kind: str, *, proposed: bool) -> str | None:
        steps = self.clearing.steps
        if kind not in steps:
            return None
        flagged = proposed and self.is_open(state) and not self.is_clearing(state)
        first = flagged or state in self.kinds[kind].leads
        if self.next_step(state) != kind and not (first and kind == steps[0]):
            return None
        return _CLEARED if kind == steps[-1] else kind

    def next_step(self, state: str) -> str | None:
        """Return the step of clearing that an alert waits for, None where clearing is not under way.

        Examples
        --------
        >>> from relapse_risk.policy import read_policy
        >>> cycle = read_policy().mechanism.ledger
        >>> cycle.next_step("proposed"), cycle.next_step("published"), cycle.next_step("visited")
        ('reviewed', 'checked', None)
        """
        steps = self.clearing.steps
        if state in steps[:-1]:
            return steps[steps.index(state) + 1]
        return steps[0] if self.is_clearing(state) else None  # also after a step that is none any more

    def is_clearing(self, state: str) -> bool:
        """Return whether clearing is under way in a state."""
        return state in (_PROPOSED, *self.clearing.step) and self.is_open(state)

    def begins(self, kind: str) -> str:
        """Return the state in which a life begins that an entry of a kind opens."""
        return next(iter(self.kinds[kind].leads.values()))

    def opens(self, kind: str) -> bool:
        """Return whether an entry of a kind may be the first of an alert."""
        return kind in self.kinds and _NEW in self.kinds[kind].leads

    def is_open(self, state: str) -> bool:
        """Return whether something is still due in a state."""
        return self.states[state].due is not None

    def is_for_persons(self, kind: str) -> bool:
        """Return whether a person may make entries of a kind."""
        return kind in self.kinds and self.kinds[kind].by != "run"

    def days(self, due: Due, tier: str | None) -> int:
        """Return the days until something is due; who was drawn at random has no tier."""
        deadline = self.deadlines[tier or "none"]
        return deadline.visited if due == "visited" else deadline.cleared
