"""Options that `score` and `monitor` share: what to read, how many can be visited, and which policy files apply."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import click

from relapse_risk.bundle import Bundle, read_bundle, rule_bundle
from relapse_risk.cli.commands import accept_option, file_option, hidden_option, option
from relapse_risk.cli.keys import read_key
from relapse_risk.cli.options import AskedCapacity, capacity_options, policy_files
from relapse_risk.cli.proposing import AskedProposals
from relapse_risk.cli.session import Session
from relapse_risk.errors import InputError
from relapse_risk.ingest import Intake, read_records
from relapse_risk.policy import Policy, Texts

__all__ = ["DayInputs", "day_options", "policy_over"]

_COMMAS = re.compile("[,，、]")


def day_options(texts: Texts) -> list[click.Option]:
    """Return the options that `DayInputs` reads, but for those of the policy."""
    return [
        file_option(texts, "--bundle", "FILE.rrb"),
        option(texts, "--rule", is_flag=True),
        *capacity_options(texts),
        option(texts, "--carry", metavar="COLUMNS", default=""),
        file_option(texts, "--key-file", "FILE"),
        hidden_option(texts),
        accept_option(texts),
    ]


@dataclass(frozen=True, kw_only=True)
class DayInputs:
    """What to read for the scores of a day.

    Attributes
    ----------
    source : Path or str
        The records.
    bundle, key_file : Path, optional
        No bundle: the rule alone scores.
    carry : tuple of str
        Identifying columns to hand through.
    proposals : AskedProposals
        Which are used, and whether hidden sheets are read too.
    capacity : AskedCapacity
    files : Mapping of str to Path or None
        A user's own data files, by the data that they override.
    """

    source: Path | str
    bundle: Path | None
    key_file: Path | None
    carry: tuple[str, ...]
    proposals: AskedProposals
    capacity: AskedCapacity
    files: Mapping[str, Path | None]

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Return what the options of a run ask for.

        Raises
        ------
        InputError
            Unless it is either a bundle or the rule that scores (``score_by_what``).
        """
        if (values["bundle"] is None) == (not values["rule"]):
            raise InputError("score_by_what")
        return cls(
            source=values["source"],
            bundle=values["bundle"],
            key_file=values["key_file"],
            carry=tuple(name.strip() for name in _COMMAS.split(values["carry"]) if name.strip()),
            proposals=AskedProposals(accept=values["accept_proposals"], hidden_sheets=values["hidden_sheets"]),
            capacity=AskedCapacity.of(values),
            files=policy_files(values),
        )

    @property
    def paths(self) -> tuple[Path | str | None, ...]:
        """Every file that is read."""
        return self.source, self.bundle, self.key_file, self.capacity.table, *self.files.values()

    @property
    def account(self) -> dict[str, Any]:
        """What was asked for, for ``run.json``."""
        return {
            **self.capacity.account,
            "carry": list(self.carry),
            "hidden_sheets": self.proposals.hidden_sheets,
            "accept_proposals": self.proposals.accept,
            "rule": self.bundle is None,
        }

    def model(self, policy: Policy) -> Bundle:
        """Return the bundle that scores."""
        return rule_bundle(policy=policy) if self.bundle is None else read_bundle(self.bundle)

    def given(self, model: Bundle, policy: Policy) -> dict[str, Any]:
        """Return the fields of the request that files say."""
        return {
            "capacity": self.capacity.of_policy(policy),
            "key": read_key(self.key_file),
            "policy": policy_over(model, policy, self.files),
            "rules_beyond_capacity": self.capacity.rules_beyond_capacity,
        }

    def read(self, policy: Policy, key: bytes | None, session: Session) -> Intake:
        """Return the records."""
        accepted = self.proposals.accepted(self.source, policy)
        intake = read_records(
            self.source,
            policy=accepted.policy,
            carry=self.carry,
            key=key,
            hidden_sheets=self.proposals.hidden_sheets,
            progress=session.bars,
        )
        return accepted.listed_in(intake)


def policy_over(bundle: Bundle, policy: Policy, files: Mapping[str, Path | None]) -> Policy:
    """Return the bundle's own lines and thresholds, but for those that a user's file replaces."""
    own = {name: getattr(bundle, name) for name in ("lines", "thresholds") if files[name] is None}
    return replace(policy, **own)
