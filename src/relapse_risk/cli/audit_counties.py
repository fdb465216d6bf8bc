"""Audit a lake or a folder of counties one by one: a folder of findings for each, and one summary."""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from relapse_risk.bundle import versions_in_use
from relapse_risk.cli.auditing import audited, write_audit
from relapse_risk.cli.counties import end_partly
from relapse_risk.cli.output import county_folder, write_run
from relapse_risk.cli.session import Session, open_session, remark_records
from relapse_risk.ingest import Intake, read_records
from relapse_risk.partitions import (
    CountiesRun,
    CountySource,
    FinishedCounties,
    connected,
    find_counties,
    numbers_of_several,
    run_counties,
)
from relapse_risk.policy import Policy

__all__ = ["CountyAudit", "audit_counties"]

_NUMBERS = "numbers.parquet"
_COUNTS = ("read", "kept", "refused", "findings")


@dataclass(frozen=True, kw_only=True, eq=False)
class CountyAudit:
    """The work on one county: reads its exports and writes what an audit of them finds."""

    policy: Policy
    lang: str
    key: bytes | None = None
    hidden_sheets: bool = False
    split_by: str | None = None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that an audit depends on but the county's files and the libraries' releases."""
        key = hashlib.sha256(self.key or b"").hexdigest()
        return hashlib.sha256(
            f"{self.policy!r} {self.lang} {key} {self.hidden_sheets} {self.split_by}".encode()
        ).hexdigest()

    def __call__(self, county: CountySource) -> tuple[Mapping[str, bytes], Mapping[str, Any]]:
        """Return the files of a county's audit and what is said of it."""
        session = Session(self.lang, True, county.path)
        intake = read_records(county.path, policy=self.policy, key=self.key, hidden_sheets=self.hidden_sheets)
        content = audited(session, intake, self.policy)
        with TemporaryDirectory() as place:
            write_audit(session, content, Path(place), self.split_by)
            written = sorted(path for path in Path(place).rglob("*") if path.is_file())
            files = {path.relative_to(place).as_posix(): path.read_bytes() for path in written}
        account = {
            **{name: int(intake.accounts[name].sum()) for name in ("read", "kept", "refused")},
            "findings": content.findings.height,
            "severities": dict(content.findings.group_by("severity").len().sort("severity").rows()),
            "rules": dict(content.findings.group_by("rule").len().sort("rule").rows()),
            "remarks": remark_records(content.remarks),
            "notes": remark_records(intake.notes),
        }
        return files | {_NUMBERS: _numbers(intake)}, account


def audit_counties(
    source: Path,
    unit: CountyAudit,
    *,
    out: Path,
    quiet: bool,
    overwrite: bool,
    inputs: tuple[Path | None, ...],
    cluster: str | None,
) -> None:
    """Audit every county, write the folder, say what was found; end with 3 where counties had to be left out."""
    with (
        county_folder(out, verb="audit", overwrite=overwrite, inputs=inputs) as (folder, work),
        open_session(unit.lang, quiet, out) as session,
        connected(cluster) as client,
    ):
        finished = FinishedCounties(folder=work)
        run = run_counties(
            find_counties(source),
            unit,
            finished,
            digest=unit.digest,
            releases=versions_in_use,
            client=client,
            progress=session.bars,
        )
        twice = _put_together(run, finished, folder)
        summary = _summary(run, twice)
        text = json.dumps(summary, ensure_ascii=False, indent=2, default=str)
        folder.joinpath("summary.json").write_text(text + "\n", encoding="utf-8")
        if not run.failed:
            finished.remove()
        session.bars.close()
        options = {
            "lang": unit.lang,
            "hidden_sheets": unit.hidden_sheets,
            "split_by": unit.split_by,
            "cluster": cluster,
        }
        write_run(folder, {"verb": "audit", "options": options, "counties": summary}, session.bars.seconds)
    _tell(session, run, summary, out)
    end_partly(session, run.failed)


def _numbers(intake: Intake) -> bytes:
    """Return the household numbers of a county."""
    named = [
        table.select(pl.col("household_id").cast(pl.String))
        for table in intake.records.tables.values()
        if "household_id" in table
    ]
    into = BytesIO()
    pl.concat([pl.DataFrame(schema={"household_id": pl.String}), *named]).drop_nulls().unique().sort(
        "household_id"
    ).write_parquet(into)
    return into.getvalue()


def _put_together(run: CountiesRun, finished: FinishedCounties, folder: Path) -> pl.DataFrame:
    """Copy what was made of each county to its folder, and return the numbers that stand in several."""
    numbers = [pl.DataFrame(schema={"household_id": pl.String, "county": pl.String})]
    for one in run.done:
        made = finished.file(one.county, "")
        numbers.append(pl.read_parquet(made / _NUMBERS).with_columns(county=pl.lit(one.county.name)))
        shutil.copytree(made, folder / one.county.name, ignore=shutil.ignore_patterns(_NUMBERS, "account.json"))
    twice = numbers_of_several(pl.concat(numbers))
    twice.write_parquet(folder / "twice.parquet")
    return twice


def _summary(run: CountiesRun, twice: pl.DataFrame) -> dict[str, Any]:
    done = [one.account for one in run.done]
    failed = [
        {"county": one.county, "state": "failed", "code": one.code}
        | {lang: one.phrase.in_language(lang) for lang in ("zh", "en")}
        for one in run.failed
    ]
    return {
        "counties_done": len(run.done),
        "counties_failed": len(run.failed),
        **{name: sum(one[name] for one in done) for name in _COUNTS},
        **{
            name: dict(sorted(sum((Counter(one[name]) for one in done), Counter()).items()))
            for name in ("severities", "rules")
        },
        "twice": twice.height,
        "counties": [{"county": one.county.name, "state": "done", **one.account} for one in run.done] + failed,
    }


def _tell(session: Session, run: CountiesRun, summary: Mapping[str, Any], out: Path) -> None:
    session.say("rows_read", read=summary["read"], kept=summary["kept"], refused=summary["refused"])
    severities = {name: summary["severities"].get(name, 0) for name in ("refuse", "warn", "note")}
    session.say("counties_audited", done=summary["counties_done"], **severities)
    if reused := sum(one.reused for one in run.done):
        session.say("counties_reused", count=reused)
    if summary["twice"]:
        session.say("households_twice", count=summary["twice"])
    session.say("written", what=session.texts("cli", "what_folder"), path=out)
