"""What is proposed for headers and cells that are not understood: shown, written to a file, or accepted."""

from dataclasses import dataclass, replace
from pathlib import Path

from relapse_risk.cli.headers import tell_headers
from relapse_risk.cli.output import out_files
from relapse_risk.cli.session import Session, tell_remarks
from relapse_risk.errors import InputError
from relapse_risk.ingest import Intake, Proposals, describe_source, proposal_file, propose_source, saved_notes
from relapse_risk.policy import Policy, note_text
from relapse_risk.records import sheet_remarks

__all__ = ["Accepted", "AskedProposals", "describe"]


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A policy to read by, and the proposals that were accepted into it.

    Attributes
    ----------
    policy : Policy
    proposals : Proposals
    """

    policy: Policy
    proposals: Proposals

    def listed_in(self, intake: Intake) -> Intake:
        """Return what was read, with the proposals it was read by listed at its sheets."""
        return replace(intake, records=self.proposals.listed_in(intake.records))


@dataclass(frozen=True, kw_only=True)
class AskedProposals:
    """What is to become of proposals.

    Attributes
    ----------
    accept : float or None
        The least confidence of those that are used; None: none is.
    hidden_sheets : bool
        Whether hidden sheets are read too.
    propose : Path or None
        The file they are written to.

    Raises
    ------
    InputError
        If the confidence is not from 0 to 1 (``cli_value``).
    """

    accept: float | None
    hidden_sheets: bool
    propose: Path | None = None

    def __post_init__(self) -> None:
        if self.accept is not None and not 0 < self.accept <= 1:
            raise InputError("cli_value", name="--accept-proposals", value=self.accept, expected="0.9, 0.95, …, 1")

    def accepted(self, source: Path | str, policy: Policy) -> Accepted:
        """Return the policy by which the source is read."""
        none = Proposals(sheets=())
        found = none if self.accept is None else self._of(source, policy).from_confidence(self.accept)
        return Accepted(policy=found.accepted_into(policy), proposals=found)

    def _of(self, source: Path | str, policy: Policy) -> Proposals:
        return propose_source(source, policy=policy, hidden_sheets=self.hidden_sheets)

    def write(self, session: Session, source: Path | str, policy: Policy) -> None:
        """Write the file, where one was asked for, and say how many lines it has to confirm."""
        if self.propose is None:
            return
        if self.propose.is_file():  # never replaced: somebody may have confirmed lines of it
            raise InputError("proposals_taken", path=self.propose)
        found = self._of(source, policy)
        with out_files((self.propose,), overwrite=False, inputs=(source,)) as (path,):
            path.write_text(proposal_file(found, session.texts), encoding="utf-8")
        session.say("proposals_written", count=found.count, path=self.propose)


def describe(session: Session, source: Path | str, policy: Policy, asked: AskedProposals) -> None:
    """Say how files, sheets and headers are understood, and what is proposed, accepted or as it was saved."""
    accepted = asked.accepted(source, policy)
    tell_headers(session, describe_source(source, policy=accepted.policy, hidden_sheets=asked.hidden_sheets))
    tell_remarks(session, sheet_remarks(accepted.proposals.source_sheets))
    for code, details in saved_notes(source, policy=policy, hidden_sheets=asked.hidden_sheets):
        session.tell("  " + note_text(code, details, session.texts))
    asked.write(session, source, policy)
