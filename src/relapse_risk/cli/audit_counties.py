"""Audit a lake or a folder of counties one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from relapse_risk.cli.audit_of_county import AuditInputs, severities, write_one_audit
from relapse_risk.cli.counties import (
    COUNTIES,
    CountyTask,
    counted,
    end_partly,
    tell_counties,
    write_counties,
)
from relapse_risk.cli.output import RUN
from relapse_risk.cli.session import Session, open_session
from relapse_risk.errors import InputError
from relapse_risk.partitions import CountiesRun, CountySource, digest_of, find_counties
from relapse_risk.policy import Policy, read_policy

__all__ = ["audit_counties"]


@dataclass(frozen=True, kw_only=True)
class CountyAudit:
    """The audit of one county.

    Attributes
    ----------
    inputs : AuditInputs
        Of all counties: of `source` and `since` each county has its own folder.
    policy : Policy
    lang : str
    compared : frozenset of str
        Names of the counties that the earlier audit has.
    """

    inputs: AuditInputs
    policy: Policy
    lang: str
    compared: frozenset[str] = frozenset()

    def __call__(self, county: CountySource, folder: Path) -> Mapping[str, int]:
        """Write the audit of a county and return what is counted."""
        since = self.inputs.since / county.name if self.inputs.since and county.name in self.compared else None
        inputs = replace(self.inputs, source=county.path, since=since)
        found = write_one_audit(Session(self.lang, True, folder), inputs, self.policy, folder)
        closing = found.content.closing
        return {
            **{name: int(found.intake.accounts[name].sum()) for name in ("read", "kept", "refused")},
            **{f"findings_{name}": count for name, count in severities(found.content.findings).items()},
            **({} if closing is None else closing.totals),
        }


def audit_counties(
    inputs: AuditInputs,
    files: Mapping[str, Path | None],
    *,
    lang: str,
    quiet: bool,
    out: Path,
    overwrite: bool,
    paths: Sequence[Path | str | None],
    cluster: str | None,
) -> None:
    """Audit every county, write the folder, say what was found; end with 3 where counties had to be left out."""
    counties, policy = find_counties(Path(inputs.source)), read_policy(**files)
    earlier, compared = (b"", frozenset[str]()) if inputs.since is None else _earlier(inputs.since)
    task = CountyTask(
        verb="audit",
        write=CountyAudit(inputs=inputs, policy=policy, lang=lang, compared=compared),
        digest=digest_of("audit", policy, {**inputs.account, "since": None}, inputs.key, lang, earlier),
        options={**inputs.account, "cluster": cluster, "lang": lang},
    )
    with open_session(lang, quiet, out) as session:
        run = write_counties(session, task, counties, out, overwrite=overwrite, inputs=paths, cluster=cluster)
    tell_counties(session, run, _lines(session, run, inputs.since is not None), out)
    end_partly(session, run.failed)


def _earlier(since: Path) -> tuple[bytes, frozenset[str]]:
    """Return the account of an earlier audit, which has the digests of all that it wrote, and the counties it has.

    Raises
    ------
    InputError
        If it was not made county by county (``audit_no_counties``).
    """
    try:
        found = pl.read_parquet(since / COUNTIES).filter(state="done")
        return (since / RUN).read_bytes(), frozenset(found["county"])
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError("audit_no_counties", path=since, file=COUNTIES) from error


def _lines(session: Session, run: CountiesRun, compared: bool) -> list[str]:
    counts, texts = counted(run), session.texts
    found = {name.removeprefix("findings_"): count for name, count in counts.items()}
    said = [texts("cli", "counties_audited", done=len(run.done), **found)]
    if "closed" in counts:
        said.append(texts("cli", "closed_since", **counts))
    if compared and (new := sum("closed" not in one.account for one in run.done)):
        said.append(texts("cli", "counties_first_audit", count=new))
    return said
