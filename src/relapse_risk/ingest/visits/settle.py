"""Rows of visits, kept or refused: household, date, finding, and whether rows contradict each other."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from relapse_risk.ingest.visits.visit_intake import CODES, PLACE, REJECTED, VISITS
from relapse_risk.policy.mechanism import VisitFinding

__all__ = ["accepted_lines", "refused_lines", "visit_key", "with_codes"]

_FILLED_IN = ("visited_on", "finding", "measure", "by", "remark")


def with_codes(lines: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """Return rows with both numbers, if one gives the other, and with the date of the list, if any row has it.

    Parameters
    ----------
    lines : pl.DataFrame
        Of all sheets.
    listed : pl.DataFrame
        alert_id and household_id of the alerts that are known; where there are none, the lines complete each other.

    Returns
    -------
    pl.DataFrame
        With owner: the household that the alert is known to be of.
    """
    pairs = (lines.select(CODES.names()) if listed.is_empty() else listed).drop_nulls().unique(maintain_order=True)
    owners = pairs.unique("alert_id", keep="none", maintain_order=True).rename({"household_id": "owner"})
    single = pairs.unique("household_id", keep="none", maintain_order=True).rename({"alert_id": "only"})
    joined = lines.join(owners, on="alert_id", how="left", maintain_order="left").join(
        single, on="household_id", how="left", maintain_order="left"
    )
    return joined.with_columns(
        alert_id=pl.coalesce("alert_id", "only"),
        household_id=pl.coalesce("household_id", "owner"),
        as_of=pl.coalesce("as_of", pl.col("as_of").max().over("source")),
    ).drop("only")


def refused_lines(
    lines: pl.DataFrame,
    faults: pl.DataFrame,
    listed: pl.DataFrame,
    findings: Mapping[str, VisitFinding],
    today: date,
    *,
    since_list: bool,
) -> pl.DataFrame:
    """Return every fault of every filled-in line (``REJECTED``).

    Parameters
    ----------
    lines : pl.DataFrame
        Filled-in lines, see `with_codes`, with head and written_head: digests of the head's name that stands in the
        line, and of the one the workbook was written with.
    faults : pl.DataFrame
        Their cells that could not be read.
    listed : pl.DataFrame
        alert_id and household_id of the alerts that are known; where there are none, codes are taken as they are.
    findings : Mapping of str to VisitFinding
    today : date
        No visit lies after it.
    since_list : bool
        Whether none may lie before the list either: where nobody knows since when the alerts are open.
    """
    own = [*(_of_code(lines, listed)), *_of_day(lines, today, since_list), *_of_finding(lines, findings)]
    missing = _without_read(pl.concat([REJECTED.to_frame(), *own]), faults)
    single = pl.concat([faults, missing])
    return pl.concat([single, _twice(lines.join(single, on=[*PLACE], how="anti", maintain_order="left"))])


def _fault(lines: pl.DataFrame, condition: pl.Expr, column: str, rule: str) -> pl.DataFrame:
    refusal = {"column": column, "rule": rule, "value_masked": None}
    wrong = lines.filter(condition.fill_null(False))
    return wrong.select(*PLACE, **{name: pl.lit(value, dtype=pl.String) for name, value in refusal.items()})


def _of_code(lines: pl.DataFrame, listed: pl.DataFrame) -> list[pl.DataFrame]:
    alert, household, unlisted = pl.col("alert_id"), pl.col("household_id"), pl.col("found")
    nameless = alert.is_null() & household.is_null()
    found = [
        _fault(lines, nameless & ~unlisted, "alert_id", "code_missing"),
        _fault(lines, nameless & unlisted, "household_id", "found_without_number"),
        _fault(lines, household != pl.col("owner"), "household_id", "codes_disagree"),
        _fault(lines, pl.col("head") != pl.col("written_head"), "head_name", "name_differs"),
    ]
    if listed.is_empty():
        return found
    strange = ~alert.is_in(listed["alert_id"].drop_nulls().implode())
    unknown = ~household.is_in(listed["household_id"].drop_nulls().implode())
    return [
        *found,
        _fault(lines, strange, "alert_id", "code_unknown"),
        _fault(lines, alert.is_null() & unknown & ~unlisted, "household_id", "code_unknown"),
    ]


def _of_day(lines: pl.DataFrame, today: date, since_list: bool) -> list[pl.DataFrame]:
    day = pl.col("visited_on")
    return [
        _fault(lines, day.is_null(), "visited_on", "day_missing"),
        _fault(lines, day > today, "visited_on", "day_in_future"),
        _fault(lines, (day < pl.col("as_of")) & pl.lit(since_list), "visited_on", "day_before_list"),
    ]


def _of_finding(lines: pl.DataFrame, findings: Mapping[str, VisitFinding]) -> list[pl.DataFrame]:
    with_remark = [code for code, finding in findings.items() if finding.remark]
    needed = pl.col("finding").is_in(with_remark) & pl.col("remark").is_null()
    return [
        _fault(lines, pl.col("finding").is_null(), "finding", "finding_missing"),
        _fault(lines, needed, "remark", "remark_missing"),
        _fault(lines, pl.col("by").is_null(), "by", "by_missing"),
    ]


def _without_read(found: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    """Leave out that something is missing where it is there and could not be read, and all else of rows so refused."""
    nowhere = faults.filter(pl.col("rule") == "headers_missing")
    found = found.join(nowhere, on=[*PLACE], how="anti", maintain_order="left")
    return found.join(faults, on=[*PLACE, "column"], how="anti", maintain_order="left")


def visit_key() -> pl.Expr:
    """Return what identifies the visit of a row: the alert (its number, else that of the household), day and person."""
    return pl.struct(*_alert(), "visited_on", "by")


def _alert() -> tuple[pl.Expr, pl.Expr]:
    alert = pl.col("alert_id")
    return alert, pl.when(alert.is_null()).then("household_id").alias("household_id")


def _twice(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the lines of one visit that are filled in differently, and of visits of a day that found another thing."""
    one_visit = pl.struct("household_id", *_FILLED_IN).n_unique().over(visit_key()) > 1
    one_day = pl.col("finding").n_unique().over(pl.struct(*_alert(), "visited_on")) > 1
    return _fault(lines, one_visit | one_day, "alert_id", "filled_in_twice")


def accepted_lines(lines: pl.DataFrame, rejected: pl.DataFrame) -> pl.DataFrame:
    """Return the filled-in lines that were not refused (``VISITS``)."""
    kept = lines.join(rejected, on=[*PLACE], how="anti", maintain_order="left")
    return kept.select(VISITS.names()).cast(VISITS)
