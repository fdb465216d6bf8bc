"""Score counties one by one, in bounded memory, here or on a cluster, and list their households as one whole."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl

from relapse_risk.alerts import rule_counts
from relapse_risk.bundle import Bundle, versions_in_use
from relapse_risk.errors import InputError, require_kind
from relapse_risk.partitions import (
    CountiesRun,
    CountyFailure,
    FinishedCounties,
    find_counties,
    run_counties,
)
from relapse_risk.policy import Policy, read_policy
from relapse_risk.reports import Remark
from relapse_risk.requests import takes
from relapse_risk.scoring.day_request import DayRequest
from relapse_risk.scoring.partitions.county_scores import MET, REJECTED, SCORED, CountyScoring
from relapse_risk.scoring.partitions.pooled_areas import areas_of_group, gather_areas, prefectures
from relapse_risk.scoring.partitions.pooled_listing import pool_counties
from relapse_risk.scoring.partitions.run_summary import RunSummary, add_rules, counts_of, scored_table
from relapse_risk.scoring.remarks import plan_remarks, rule_remarks, share_remarks
from relapse_risk.scoring.shared_demand import RISK_COLUMNS

__all__ = ["PartitionedScores", "PartitionsRequest", "score_partitions"]

RISK = "risk.parquet"
_OF_AREAS = ("population", "probability", "tier", "listed_for", "waiting_for", "reason_1")


@dataclass(frozen=True, kw_only=True, eq=False)
class PartitionsRequest(DayRequest):
    """What to score county by county, where to write it, and where to work.

    Attributes
    ----------
    out : str or Path
        A folder that is missing or empty, or holds what an interrupted run of this left.
    reading : Policy, optional
        Wordings by which exports are read; by default `policy`, else built-in.
    hidden_sheets : bool
        Whether hidden sheets are read too.
    client : distributed.Client, optional
        Of a Dask cluster whose machines read the source at the same path; without it counties are scored here.
    work : str or Path, optional
        Where finished counties are kept until all are done; by default a folder in `out`.
    """

    out: str | Path
    reading: Policy | None = None
    hidden_sheets: bool = False
    client: Any = field(default=None, repr=False)
    work: str | Path | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class PartitionedScores:
    """What `score_partitions` found; households are in the files it wrote.

    Attributes
    ----------
    out : Path
    counties : pl.DataFrame
        One row per county: county, state (``done``, ``failed``), reused, households, at_risk, rule_only, not_scored,
        stale, listed, expected, read, kept, refused (rows), zh and en (why it failed).
    areas : pl.DataFrame
        See `Roster.areas`; of several prefectures together only what adds up.
    rules : pl.DataFrame
        What every hard rule does, see `rule_counts`.
    twice : pl.DataFrame
        household_id and counties of numbers that stand in several counties. They stay households of each.
    failed : tuple of CountyFailure
    remarks : tuple of (str, Mapping)
        On the listing; those on a county's records are in ``summary["counties"]``.
    summary : dict of str to Any
        The counts, as JSON data (``summary.json``).
    """

    out: Path
    counties: pl.DataFrame
    areas: pl.DataFrame
    rules: pl.DataFrame
    twice: pl.DataFrame
    failed: tuple[CountyFailure, ...]
    remarks: tuple[Remark, ...]
    summary: dict[str, Any]

    def scan(self) -> pl.LazyFrame:
        """Return the risk of all households, county by county, to be collected as far as it is needed."""
        return pl.scan_parquet(self.out / "**" / RISK, hive_partitioning=True)


@takes(PartitionsRequest)
def score_partitions(source: str | Path, bundle: Bundle, request: PartitionsRequest) -> PartitionedScores:
    """Score every county of a lake by itself and list the households of all of them by one capacity.

    A county is read, scored and forgotten; then ranks, tiers and visits are shared out over all counties from a few
    figures of each household. They are those of `score` on the records of all counties together. A run that was killed
    goes on with the counties that are left; a county that cannot be scored is told, and the others finish.

    Parameters
    ----------
    source : str or Path
        A hive layout (``county=甲县/households.parquet`` …, perhaps below ``province=…`` and ``prefecture=…``), or a
        folder with a workbook, an archive or a folder for each county.
    bundle : Bundle
    %(options)s

    Returns
    -------
    PartitionedScores
        Written are ``county=…/risk.parquet`` (columns of `Roster.frame`), ``areas.parquet``, ``rejected.parquet``,
        ``twice.parquet`` and ``summary.json``.

    Raises
    ------
    InputError
        If no county is found (``counties_none``, ``counties_same_name``) or none can be scored
        (``counties_all_failed``), if something else is in `out` (``counties_out_taken``); as `score` for the
        capacity; of a cluster, if it has no workers or other releases (``cluster_no_workers``,
        ``cluster_other_releases``).

    Examples
    --------
    >>> import relapse_risk as rr
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     for county, seed in (("甲县", 1), ("乙县", 2)):
    ...         tables = rr.synthesise(households=60, seed=seed).tables
    ...         folder = Path(place, "lake", f"county={county}")
    ...         folder.mkdir(parents=True)
    ...         for name, table in tables.items():
    ...             _ = table.write_parquet(folder / f"{name}.parquet")
    ...     scores = rr.score_partitions(
    ...         Path(place, "lake"), rr.rule_bundle(), out=Path(place, "scored"), as_of="2019-12-31", capacity=10
    ...     )
    ...     scores.counties.select("county", "state", "households").rows()
    [('county=乙县', 'done', 60), ('county=甲县', 'done', 60)]
    """
    require_kind("bundle", bundle, Bundle)
    counties = find_counties(source)
    unit = _unit(bundle, request)
    out = Path(request.out)
    work = Path(request.work) if request.work is not None else out / f".counties.{unit.digest[:8]}.partial"
    _refuse_taken(out, work)
    finished = FinishedCounties(folder=work)
    run = run_counties(
        counties,
        unit,
        finished,
        digest=unit.digest,
        releases=versions_in_use,
        client=request.client,
        progress=request.progress,
    )
    scores = _listed(run, finished, bundle, request)
    if not run.failed:
        finished.remove()
    return scores


def _unit(bundle: Bundle, request: PartitionsRequest) -> CountyScoring:
    day = DayRequest(
        as_of=request.as_of, key=request.key, builders=request.builders, policy=request.policy, lang=request.lang
    )
    reading = request.reading or request.policy or read_policy()
    return CountyScoring(bundle=bundle, request=day, reading=reading, hidden_sheets=request.hidden_sheets)


def _refuse_taken(out: Path, work: Path) -> None:
    """Raise where another output would be mixed with this one; a run that was interrupted left its work."""
    there = [entry for entry in out.iterdir() if entry != work] if out.is_dir() else [out] if out.exists() else []
    if there and not work.exists():
        raise InputError("counties_out_taken", path=out, name=there[0].name)


def _listed(
    run: CountiesRun, finished: FinishedCounties, bundle: Bundle, request: PartitionsRequest
) -> PartitionedScores:
    """Share out the visits over all counties and write what was found."""
    policy = request.rules(bundle)
    request.progress("listing", 0.0)
    pooled = pool_counties([one.county for one in run.done], finished, request, policy)
    rules = policy.mechanism.rules_in_force(request.day.day)
    met, listed, areas = {}, {}, []
    for group in prefectures(run.done):
        risk = {}
        for place in group:
            county, decided = run.done[place].county, pooled.county(place)
            scored = pl.read_parquet(finished.file(county, SCORED))
            whole = scored.hstack(decided.drop("household_id")).select(RISK_COLUMNS)
            _write(whole, Path(request.out) / county.name / RISK)
            met[place] = rule_counts(pl.read_parquet(finished.file(county, MET)), rules, whole)
            listed[place] = counts_of(whole)
            ids = decided["household_id"], whole["household_id"].alias("original")
            risk[place] = whole.select(_OF_AREAS).with_columns(ids)
            request.progress("listing", len(listed) / len(run.done))
        areas.append(areas_of_group(run.done, risk, finished, bundle, policy))
    in_order = [listed[place] for place in range(len(run.done))]
    counted = add_rules([met[place] for place in range(len(run.done))])
    remarks = (*share_remarks(pooled.shared, request.visits), *plan_remarks(pooled.plan), *rule_remarks(counted))
    summary = RunSummary(run=run, pooled=pooled, listed=in_order, rules=counted, remarks=remarks)
    scores = PartitionedScores(
        out=Path(request.out),
        counties=scored_table(run, in_order),
        areas=gather_areas(areas),
        rules=counted,
        twice=pooled.twice,
        failed=run.failed,
        remarks=remarks,
        summary=summary.of(bundle, request.day),
    )
    _write_whole(scores, run, finished)
    return scores


def _write_whole(scores: PartitionedScores, run: CountiesRun, finished: FinishedCounties) -> None:
    """Write what there is one of; the summary last: without it nothing looks whole."""
    refused = [
        pl.read_parquet(finished.file(one.county, REJECTED)).select(pl.lit(one.county.name).alias("county"), pl.all())
        for one in run.done
    ]
    _write(pl.concat(refused, how="vertical_relaxed"), scores.out / "rejected.parquet")
    _write(scores.areas, scores.out / "areas.parquet")
    _write(scores.twice, scores.out / "twice.parquet")
    text = json.dumps(scores.summary, ensure_ascii=False, indent=2, default=str) + "\n"
    _whole(scores.out / "summary.json", lambda path: path.write_text(text, encoding="utf-8"))


def _write(frame: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    _whole(path, frame.write_parquet)


def _whole(path: Path, write: Any) -> None:
    """Write a file aside, then move it into place."""
    made = path.with_name(f".{path.name}.{uuid4().hex[:8]}.partial")
    try:
        write(made)
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)
