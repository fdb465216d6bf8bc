"""One month: what it goes by, and the folder it is written to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from relapse_risk.bundle import Bundle
from relapse_risk.cli.day import DayInputs
from relapse_risk.cli.ledgers import opened_by
from relapse_risk.cli.output import write_run
from relapse_risk.cli.session import Session, account_of
from relapse_risk.cycle import MonthRun, monitor
from relapse_risk.ingest import Intake
from relapse_risk.partitions import CountySource
from relapse_risk.policy import Policy, read_policy

__all__ = ["MonthDone", "MonthInputs", "write_one_month"]


@dataclass(frozen=True, kw_only=True, eq=False)
class MonthInputs:
    """What a month goes by, the same for every county.

    Attributes
    ----------
    inputs : DayInputs
    asked : Mapping of str to Any
        The options of the request.
    policy : Policy
        By which records are read.
    model : Bundle
    given : Mapping of str to Any
        The fields of the request that files say.
    """

    inputs: DayInputs
    asked: Mapping[str, Any]
    policy: Policy
    model: Bundle
    given: Mapping[str, Any]

    @classmethod
    def of(cls, inputs: DayInputs, asked: Mapping[str, Any]) -> Self:
        """Read policy, bundle, key and capacity."""
        policy = read_policy(**inputs.files)
        model = inputs.model(policy)
        return cls(inputs=inputs, asked=asked, policy=policy, model=model, given=inputs.given(model, policy))

    @property
    def account(self) -> dict[str, Any]:
        """What was asked for, for ``run.json``."""
        return {**self.asked, **self.inputs.account}


@dataclass(frozen=True, kw_only=True, eq=False)
class MonthDone:
    """A month that was run, and written.

    Attributes
    ----------
    intake : Intake
    month : MonthRun
    place : str
        The ledger, without a password.
    """

    intake: Intake
    month: MonthRun
    place: str


def write_one_month(
    session: Session, by: MonthInputs, ledger: str, folder: Path, county: CountySource | None = None
) -> MonthDone:
    """Read the records, those of one county where one is given, run the month and write the folder with its account."""
    inputs = by.inputs if county is None else replace(by.inputs, source=county.path)
    lang = session.texts.lang
    book = opened_by(by.policy, ledger, lang, make=True)
    intake = inputs.read(by.policy, by.given["key"], session)
    records = intake.records if county is None else county.placed(intake.records)
    same = intake.continuity
    renumbered = None if same is None else same.changes.filter(why="renumbered")
    month = monitor(
        records, by.model, book, **by.asked, **by.given, renumbered=renumbered, lang=lang, progress=session.bars
    )
    session.bars("write", 0.0)
    month.write(folder, carried=intake.carried, accounts=intake.accounts)
    intake.rejected.write_parquet(folder / "rejected.parquet")
    session.bars.close()
    said = {**by.account, "ledger": book.store.place, "lang": lang}
    account = {"verb": "monitor", "options": said, **account_of(intake, inputs.source), "month": month.summary}
    write_run(folder, account, session.bars.seconds)
    return MonthDone(intake=intake, month=month, place=book.store.place)
