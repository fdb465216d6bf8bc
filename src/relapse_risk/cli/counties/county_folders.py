"""A folder for each county: what a verb writes of one county, done for all of them, kept, put together and told."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from relapse_risk.bundle import versions_in_use
from relapse_risk.cli.output import county_folder, write_run
from relapse_risk.cli.session import Session
from relapse_risk.partitions import (
    CountiesRun,
    CountySource,
    FinishedCounties,
    connected,
    county_table,
    run_counties,
)

__all__ = ["COUNTIES", "CountyFolder", "CountyTask", "counted", "tell_counties", "write_counties"]

COUNTIES = "counties.parquet"

Write = Callable[[CountySource, Path], Mapping[str, int]]
"""Writes the output of one county into a folder, as the verb does for that county alone, and returns counts of it."""


@dataclass(frozen=True, kw_only=True)
class CountyFolder:
    """The work on one county: what a verb writes into a folder of it, as bytes, and what is counted.

    Attributes
    ----------
    write : callable
    place : Path, optional
        The folder in which it is written first; by default that of the system. What a killed run leaves in the output
        is cleared away by the next one, and lies where the households' data may lie.

    Examples
    --------
    >>> def write(county, folder):
    ...     return {"letters": folder.joinpath("name.txt").write_text(county.name)}
    >>> CountyFolder(write=write)(CountySource(name="county=C", path=Path("C.xlsx")))
    ({'name.txt': b'county=C'}, {'letters': 8})
    """

    write: Write
    place: Path | None = None

    def __call__(self, county: CountySource) -> tuple[Mapping[str, bytes], Mapping[str, Any]]:
        """Return the files of a county by their paths in its folder, and the counts."""
        if self.place is not None:
            self.place.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.place) as place:
            folder = Path(place)
            counts = self.write(county, folder)
            written = sorted(path for path in folder.rglob("*") if path.is_file())
            return {path.relative_to(folder).as_posix(): path.read_bytes() for path in written}, counts


@dataclass(frozen=True, kw_only=True, eq=False)
class CountyTask:
    """What a verb does county by county.

    Attributes
    ----------
    verb : str
    write : callable
        Of one county.
    digest : str
        Of everything the work depends on but the county's own files.
    options : Mapping of str to Any
        What was asked, for ``run.json``.
    stands : callable
        Whether what an earlier run finished of a county still is so.
    """

    verb: str
    write: Write
    digest: str
    options: Mapping[str, Any]
    stands: Callable[[CountySource], bool] = lambda _: True


def write_counties(
    session: Session,
    task: CountyTask,
    counties: Sequence[CountySource],
    out: Path,
    *,
    overwrite: bool,
    inputs: Sequence[Path | str | None],
    cluster: str | None = None,
) -> CountiesRun:
    """Do the work on every county and write a folder for each, ``counties.parquet`` and the account of the run.

    A run that was killed goes on with the counties that are left; a county of which nothing can be made is left out.
    """
    with (
        county_folder(out, verb=task.verb, overwrite=overwrite, inputs=inputs) as (folder, kept),
        connected(cluster) as client,
    ):
        finished = FinishedCounties(folder=kept)
        for one in counties:
            if finished.holds(one) and not task.stands(one):
                finished.forget(one)
        run = run_counties(
            counties,
            CountyFolder(write=task.write, place=None if client else kept),
            finished,
            digest=task.digest,
            releases=versions_in_use,
            client=client,
            progress=session.bars,
        )
        session.bars("write", 0.0)
        for done in run.done:
            finished.copy(done.county, folder / done.county.name)
        _table(run).write_parquet(folder / COUNTIES)
        session.bars.close()
        write_run(folder, {"verb": task.verb, "options": task.options, **_account(run)}, session.bars.seconds)
        if not run.failed:
            finished.remove()
    return run


def counted(run: CountiesRun) -> dict[str, int]:
    """Return the counts of all counties that are done, added up."""
    names = dict.fromkeys(name for one in run.done for name in one.account)
    return {name: sum(one.account.get(name) or 0 for one in run.done) for name in names}


def tell_counties(session: Session, run: CountiesRun, lines: Iterable[str], out: Path) -> None:
    """Say how many rows were read, what the verb has to say, what an earlier run had finished, and where all is."""
    counts = counted(run)
    session.say("rows_read", read=counts["read"], kept=counts["kept"], refused=counts["refused"])
    for line in lines:
        session.tell(line)
    if reused := sum(one.reused for one in run.done):
        session.say("counties_reused", count=reused)
    session.say("written", what=session.texts("cli", "what_counties"), path=out / COUNTIES)
    session.say("written", what=session.texts("cli", "what_folder"), path=out)


def _table(run: CountiesRun) -> pl.DataFrame:
    return county_table(run.done, [one.account for one in run.done], run.failed, dict.fromkeys(counted(run), pl.Int64))


def _account(run: CountiesRun) -> dict[str, Any]:
    failed = [{"county": one.county, "code": one.code} for one in run.failed]
    return {"counties_done": len(run.done), "counties_failed": failed, "counts": counted(run)}
