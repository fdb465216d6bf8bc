"""Train on counties that are read one by one: all their relapses, and of the other rows as many as fit."""

from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from relapse_risk.bundle import Bundle, versions_in_use
from relapse_risk.features import conditions_on
from relapse_risk.partitions import (
    CountiesRun,
    CountyFailure,
    FinishedCounties,
    county_table,
    find_counties,
    run_counties,
)
from relapse_risk.policy import Policy
from relapse_risk.requests import takes
from relapse_risk.training.partitions.county_bounds import CountyBounds, CountyReading, plan_of
from relapse_risk.training.partitions.county_rows import CountyRows
from relapse_risk.training.partitions.pooled_rows import pool_rows
from relapse_risk.training.train import train_on
from relapse_risk.training.train_request import TrainRequest

__all__ = ["PartitionedTraining", "TrainPartitionsRequest", "train_partitions"]

_BOUNDS, _ROWS = "bounds", "rows"
_COUNTS = ("labelled", "rows", "relapses", "read", "kept", "refused")


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainPartitionsRequest(TrainRequest):
    """What to train county by county, and where to work.

    Attributes
    ----------
    reading : Policy, optional
        Wordings by which exports are read; by default `policy`, else built-in.
    hidden_sheets : bool
        Whether hidden sheets are read too.
    client : distributed.Client, optional
        Of a Dask cluster whose machines read the source at the same path; without it counties are read here.
    work : str or Path, optional
        A folder in which finished counties are kept until all are done, so that a run that was killed goes on with the
        others; by default nothing is kept.
    """

    reading: Policy | None = None
    hidden_sheets: bool = False
    client: Any = field(default=None, repr=False)
    work: str | Path | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class PartitionedTraining:
    """What `train_partitions` made.

    Attributes
    ----------
    bundle : Bundle
    counties : pl.DataFrame
        One row per county: county, state (``done``, ``failed``), reused, labelled (rows with a known outcome), rows (of
        them those trained on), relapses, read, kept, refused (rows of its files), zh and en (why it failed).
    failed : tuple of CountyFailure
    """

    bundle: Bundle
    counties: pl.DataFrame
    failed: tuple[CountyFailure, ...]


@takes(TrainPartitionsRequest)
def train_partitions(source: str | Path, request: TrainPartitionsRequest) -> PartitionedTraining:
    """Train a model on the counties of a lake, read one by one.

    Of each county only its rows are kept: all relapses, and the share `controls` of the others, each of which then
    counts for those left out. With a share of 1 the bundle is that of `train` on the records of all counties together.
    A county that cannot be read is told, and the model is trained on the others.

    Parameters
    ----------
    source : str or Path
        A hive layout (``county=甲县/households.parquet`` …, perhaps below ``province=…`` and ``prefecture=…``), or a
        folder with a workbook, an archive or a folder for each county.
    %(options)s

    Returns
    -------
    PartitionedTraining

    Raises
    ------
    InputError
        If no county is found (``counties_none``, ``counties_same_name``) or none can be read
        (``counties_all_failed``); as `train`; of a cluster, if it has no workers or other releases
        (``cluster_no_workers``, ``cluster_other_releases``).

    Examples
    --------
    >>> import relapse_risk as rr
    >>> from relapse_risk.models import IncomeOnlyClassifier
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     for county, seed in (("甲县", 1), ("乙县", 2)):
    ...         folder = Path(place, f"county={county}")
    ...         folder.mkdir(parents=True)
    ...         for name, table in rr.synthesise(households=200, seed=seed).tables.items():
    ...             _ = table.write_parquet(folder / f"{name}.parquet")
    ...     trained = rr.train_partitions(
    ...         place, as_of="2019-12-31", controls=0.5, baselines=(), model=IncomeOnlyClassifier("income_over_line")
    ...     )
    >>> trained.counties["state"].to_list(), trained.bundle.rows < trained.counties["labelled"].sum()
    (['done', 'done'], True)
    """
    counties = find_counties(source)
    # Refused before hours of work, not after.
    conditions_on(request.rules.thresholds.rule, request.builders, file=request.rules.file("thresholds"))
    how = CountyReading.of(request, request.reading, request.hidden_sheets)
    place = TemporaryDirectory(ignore_cleanup_errors=True) if request.work is None else nullcontext(str(request.work))
    with place as work:
        bounds, rows = (FinishedCounties(folder=Path(work, name)) for name in (_BOUNDS, _ROWS))
        first = _run(counties, CountyBounds(how=how), bounds, request)
        plan = plan_of(request, [one.account for one in first.done])
        second = _run([one.county for one in first.done], CountyRows(how=how, plan=plan), rows, request)
        failed = tuple(sorted((*first.failed, *second.failed), key=lambda one: one.county))
        bundle = train_on(pool_rows(second.done, rows, request, plan), request)
        if not failed:
            bounds.remove()
            rows.remove()
            with suppress(OSError):  # others may keep something there too
                Path(work).rmdir()
    return PartitionedTraining(bundle=bundle, counties=_table(second, failed), failed=failed)


def _run(
    counties: Sequence[Any], unit: Any, finished: FinishedCounties, request: TrainPartitionsRequest
) -> CountiesRun:
    return run_counties(
        counties,
        unit,
        finished,
        digest=unit.digest,
        releases=versions_in_use,
        client=request.client,
        progress=request.progress,
    )


def _table(run: CountiesRun, failed: Sequence[CountyFailure]) -> pl.DataFrame:
    return county_table(run.done, [one.account for one in run.done], failed, dict.fromkeys(_COUNTS, pl.Int64))
