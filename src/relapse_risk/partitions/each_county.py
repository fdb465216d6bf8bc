"""Work on each county, here or on a cluster: one that fails is told, and the others finish."""

import hashlib
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relapse_risk.errors import InputError, Phrase, RelapseRiskError
from relapse_risk.partitions.county_sources import CountySource
from relapse_risk.partitions.finished import FinishedCounties
from relapse_risk.progress import Progress, silent

__all__ = ["CountiesRun", "CountyDone", "CountyFailure", "Unit", "attempt", "run_counties"]

Made = tuple[Mapping[str, bytes], Mapping[str, Any]]
Unit = Callable[[CountySource], Made]
"""Makes of a county its files and what is said of it, and touches nothing else: it may run on another machine."""


@dataclass(frozen=True, kw_only=True)
class CountyDone:
    """A county of which the work is finished.

    Attributes
    ----------
    county : CountySource
    account : Mapping of str to Any
        What is said of it.
    reused : bool
        Whether an earlier run had finished it.
    """

    county: CountySource
    account: Mapping[str, Any]
    reused: bool


@dataclass(frozen=True, kw_only=True)
class CountyFailure:
    """A county of which nothing could be made, and why.

    Attributes
    ----------
    county : str
        Its name.
    code : str
        Of the message.
    details : Mapping of str to Any
    """

    county: str
    code: str
    details: Mapping[str, Any]

    def line(self, lang: str) -> str:
        """Return what was asked, what was found and what to do, in ``zh`` or ``en``."""
        said = " ".join(self.phrase.in_language(lang).split())
        return Phrase("county_failed", county=self.county, said=said).in_language(lang)

    @property
    def phrase(self) -> Phrase:
        """The same without the county."""
        return Phrase(self.code, **self.details)


@dataclass(frozen=True, kw_only=True)
class CountiesRun:
    """What became of all counties.

    Attributes
    ----------
    done : tuple of CountyDone
        By name.
    failed : tuple of CountyFailure
        By name.
    """

    done: tuple[CountyDone, ...]
    failed: tuple[CountyFailure, ...]


Mapper = Callable[[Unit, Iterable[CountySource]], Iterator[tuple[CountySource, Made | CountyFailure]]]


def run_counties(
    counties: Sequence[CountySource],
    unit: Unit,
    finished: FinishedCounties,
    *,
    digest: str,
    releases: Callable[[], Mapping[str, str]],
    client: Any = None,
    progress: Progress = silent,
) -> CountiesRun:
    """Do the work on every county that is not finished, one after the other or on a cluster.

    Parameters
    ----------
    counties : sequence of CountySource
    unit : callable
        The work.
    finished : FinishedCounties
        Where what was made is kept, and what an earlier run finished is found.
    digest : str
        Of everything the work depends on but the county's own files.
    releases : callable
        Returns the release of each library that figures depend on: a cluster has the same ones.
    client : distributed.Client, optional
        Of a Dask cluster whose machines read the same files at the same paths; without it the work is done here.
    progress : Progress
        Told the stage ``counties``.

    Raises
    ------
    InputError
        If nothing could be made of any county (``counties_all_failed``).
    """
    progress("counties", 0.0)
    basis = f"{digest} {sorted(releases().items())}"
    digests = {one.name: hashlib.sha256(f"{basis} {one.digest}".encode()).hexdigest() for one in counties}
    kept = {one.name: finished.account(one, digests[one.name]) for one in counties}
    done = [
        CountyDone(county=one, account=account, reused=True)
        for one, account in zip(counties, kept.values(), strict=True)
        if account is not None
    ]
    failed: list[CountyFailure] = []
    for county, made in _mapped(client, releases)(unit, (one for one in counties if kept[one.name] is None)):
        if isinstance(made, CountyFailure):
            failed.append(made)
        else:
            files, account = made
            finished.keep(county, digests[county.name], files, account)
            done.append(CountyDone(county=county, account=account, reused=False))
        progress("counties", (len(done) + len(failed)) / len(counties))
    failed.sort(key=lambda one: one.county)
    if not done:
        raise InputError("counties_all_failed", count=len(failed), county=failed[0].county, said=failed[0].phrase)
    return CountiesRun(done=tuple(sorted(done, key=lambda one: one.county.name)), failed=tuple(failed))


def attempt(unit: Unit, county: CountySource) -> Made | CountyFailure:
    """Do the work on one county; whatever is wrong with it is the county's."""
    try:
        return unit(county)
    except RelapseRiskError as error:
        return CountyFailure(county=county.name, code=error.code, details=error.details)
    except Exception as error:  # of one county among many: the others must not be lost by it
        return CountyFailure(county=county.name, code="county_our_error", details={"what": _what(error)})


def _mapped(client: Any, releases: Callable[[], Mapping[str, str]]) -> Mapper:
    if client is None:
        return lambda unit, counties: ((one, attempt(unit, one)) for one in counties)
    from relapse_risk.partitions.cluster import on_cluster  # Dask is an extra

    return lambda unit, counties: on_cluster(client, unit, counties, releases)


def _what(error: Exception) -> str:
    """Return the kind of an error and where it arose: never its text, which may quote a record."""
    own = [one for one in traceback.extract_tb(error.__traceback__) if "relapse_risk" in Path(one.filename).parts]
    return f"{type(error).__name__}, {Path(own[-1].filename).stem}:{own[-1].lineno}" if own else type(error).__name__
