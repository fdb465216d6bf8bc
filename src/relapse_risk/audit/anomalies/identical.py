"""The same answers in several households of a village in a year.

The null: two households of a village agree in all their figures as often as two of different villages do, or as the
very answer is found in other villages. Households that agree come in pairs at least, so half their number is taken as
Poisson.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from relapse_risk.audit.anomalies.anomaly_frames import TESTS, Anomaly, flagged_rows, missing, nothing, placed, tests_of
from relapse_risk.audit.anomalies.upper_tails import poisson_upper_tail
from relapse_risk.policy import IdenticalLimits

__all__ = ["identical"]

RULE = "identical_answers"


def identical(rows: Mapping[str, pl.DataFrame], settings: IdenticalLimits) -> list[Anomaly]:
    """Return the rows that agree with those of other households, where a village has more of them than chance lets."""
    return [_found(rows, table, columns, settings) for table, columns in settings.columns.items()]


def _found(rows: Mapping[str, pl.DataFrame], table: str, columns: Sequence[str], settings: IdenticalLimits) -> Anomaly:
    present = [name for name in columns if table in rows and name in rows[table].columns]
    if len(present) < settings.answered:
        return nothing(RULE, missing(rows, table, columns) or table)
    frame = placed(rows, table, ["period_end"]).drop_nulls(["household_id", "village", "year"])
    answered = pl.sum_horizontal((pl.col(name).fill_null(0) != 0) for name in present) >= settings.answered
    frame = frame.filter(answered).with_columns(answer=pl.struct(present))
    if frame.is_empty():
        return nothing(RULE, "households.village_code")
    answers = _answers(frame)
    labels = {"table": table, "column": "(all amounts)", "rule": RULE}
    tests = _tested(answers, settings, labels)
    flagged = tests.filter("flagged").select(village="unit", year="year")
    shared = answers.filter(pl.col("here") > 1).select("answer", "village", "year")
    found = frame.join(shared, on=["answer", "village", "year"], how="semi", nulls_equal=True)
    return Anomaly(rows=flagged_rows(found.join(flagged, on=["village", "year"], how="semi"), **labels), tests=tests)


def _answers(frame: pl.DataFrame) -> pl.DataFrame:
    """Return by village, year and answer how many households gave it ``here``, and its chance to be given twice."""
    here = frame.group_by("village", "year", "answer").agg(
        pl.col("household_id").n_unique().cast(pl.Int64).alias("here")
    )
    here = here.with_columns(
        elsewhere=pl.col("here").sum().over("year", "answer") - pl.col("here"),
        households=pl.col("here").sum().over("village", "year"),
        others=pl.col("here").sum().over("year") - pl.col("here").sum().over("village", "year"),
    )
    agreeing = (pl.col("here") * pl.col("elsewhere")).sum().over("year")
    pairs = (pl.col("here") * pl.col("others")).sum().over("year")
    usual = (agreeing + 1.0) / (pairs + 1.0)
    alike = pl.max_horizontal(pl.col("elsewhere") / pl.col("others").clip(lower_bound=1), usual)
    return here.with_columns(chance=1.0 - (1.0 - alike.clip(upper_bound=1.0)) ** (pl.col("households") - 1))


def _tested(answers: pl.DataFrame, settings: IdenticalLimits, labels: Mapping[str, str]) -> pl.DataFrame:
    units = answers.group_by("year", unit="village").agg(
        n=pl.col("here").sum(),
        statistic=pl.when(pl.col("here") > 1).then(pl.col("here")).otherwise(0).sum(),
        expected=(pl.col("here") * pl.col("chance")).sum(),
    )
    units = units.filter(pl.col("n") >= settings.at_least).sort("unit", "year")
    if units.is_empty():
        return TESTS.to_frame()
    count = units["statistic"].to_numpy().astype(float)
    chance = poisson_upper_tail(np.ceil(count / 2.0), units["expected"].to_numpy() / 2.0)
    chance = np.where(count >= settings.at_least, chance, 1.0)
    return tests_of(units.with_columns(p_value=chance), settings.level, unit_kind="village", **labels)
