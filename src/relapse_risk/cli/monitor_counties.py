"""Run a month of a lake or a folder of counties, one county after the other, each with a ledger of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relapse_risk.cli.counties import (
    CountyTask,
    counted,
    county_ledgers,
    end_partly,
    ledger_shown,
    make_ledger_folder,
    tell_counties,
    write_counties,
)
from relapse_risk.cli.day import DayInputs
from relapse_risk.cli.ledger_address import ledger_file
from relapse_risk.cli.month_of_county import MonthInputs, write_one_month
from relapse_risk.cli.session import Session, open_session
from relapse_risk.errors import InputError
from relapse_risk.monitoring import open_ledger
from relapse_risk.partitions import CountiesRun, CountySource, digest_of, find_counties
from relapse_risk.periods import AsOf

__all__ = ["monitor_counties"]


@dataclass(frozen=True, kw_only=True, eq=False)
class CountyMonth:
    """The month of one county.

    Attributes
    ----------
    by : MonthInputs
        What it goes by; the capacity is each county's.
    ledgers : Mapping of str to str
        By the name of the county.
    lang : str
    """

    by: MonthInputs
    ledgers: Mapping[str, str]
    lang: str

    def __call__(self, county: CountySource, folder: Path) -> Mapping[str, int]:
        """Write the month of a county and return what is counted."""
        ledger = self.ledgers[county.name]
        make_ledger_folder(ledger)
        done = write_one_month(Session(self.lang, True, folder), self.by, ledger, folder, county)
        counts, rows = done.month.summary, done.intake.accounts
        scores, entered, alerts = counts["scores"], counts["ledger"], counts["alerts"]
        return {
            **{name: int(rows[name].sum()) for name in ("read", "kept", "refused")},
            **{name: scores[name] for name in ("at_risk", "listed_by_risk", "listed_by_rule")},
            **{name: counts[name] for name in ("visits", "waiting")},
            **{name: entered[name] for name in ("opened", "reopened", "escalated", "eased", "proposed")},
            **{name: alerts[name] for name in ("open", "overdue")},
            "gaps": len(counts["gaps"]),
        }

    def in_ledger(self, county: CountySource) -> bool:
        """Return whether the month is in the county's ledger: who puts back an earlier copy takes it out."""
        try:
            book = open_ledger(self.ledgers[county.name], policy=self.by.policy, make=False)
            return AsOf.of(self.by.asked["as_of"]).day in book.months()
        except InputError:  # told when the county's month is run
            return False

    def digest(self, ledger: str) -> str:
        """Return the digest of everything a month depends on but the county's own files and ledger."""
        by, table = self.by, self.by.inputs.capacity.table
        capacity = None if table is None else table.read_bytes()
        policies, key = (by.policy, by.given["policy"]), by.given["key"]
        return digest_of("monitor", by.model.digest, *policies, by.account, capacity, key, self.lang, ledger)


def monitor_counties(
    inputs: DayInputs, asked: Mapping[str, Any], ledger: str, *, lang: str, quiet: bool, out: Path, overwrite: bool
) -> None:
    """Run every county's month, write the folder, say what was found; end with 3 where counties had to be left out."""
    counties = find_counties(Path(inputs.source))
    ledgers = county_ledgers(ledger, counties)
    files = [ledger_file(one) for one in ledgers.values()]
    _refuse_inside(files, Path(inputs.source))
    by = MonthInputs.of(inputs, asked)
    month = CountyMonth(by=by, ledgers=ledgers, lang=lang)
    task = CountyTask(
        verb="monitor",
        write=month,
        digest=month.digest(ledger),
        options={**by.account, "ledger": ledger_shown(ledger), "lang": lang},
        stands=month.in_ledger,
    )
    with open_session(lang, quiet, out) as session:
        run = write_counties(session, task, counties, out, overwrite=overwrite, inputs=(*inputs.paths, *files))
    tell_counties(session, run, _lines(session, run, asked["as_of"]), out)
    end_partly(session, run.failed)


def _refuse_inside(ledgers: list[Path | None], source: Path) -> None:
    """Raise where a ledger would lie among the counties: its folder would be read as one of them."""
    for file in ledgers:
        if file is not None and source.resolve() in file.resolve().parents:
            raise InputError("out_is_input", path=file, input=source)


def _lines(session: Session, run: CountiesRun, as_of: str) -> list[str]:
    counts, texts = counted(run), session.texts
    listed = {"risk": counts["listed_by_risk"], "rule": counts["listed_by_rule"]}
    scored = texts("cli", "counties_scored", as_of=as_of, done=len(run.done), scored=counts["at_risk"], **listed)
    return [scored, texts("cli", "counties_entered", **counts), texts("cli", "month_alerts", **counts)]
