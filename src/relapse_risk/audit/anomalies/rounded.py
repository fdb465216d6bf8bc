"""Last digits heaped on 0 and 5, by village and by town: figures estimated rather than counted.

The statistic is Whipple's: how many whole yuan end on such a digit. The null: no more of a village's figures do than of
the others', nor than two in ten, beyond the breadth in which they differ anyway (`excess`).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from relapse_risk.audit.anomalies.anomaly_frames import TESTS, Anomaly, flagged_rows, missing, nothing, placed, tests_of
from relapse_risk.audit.anomalies.excess import differing, excess
from relapse_risk.policy import RoundedLimits

__all__ = ["rounded"]

RULE = "rounded_figures"


def rounded(rows: Mapping[str, pl.DataFrame], settings: RoundedLimits) -> list[Anomaly]:
    """Return the rows of which every figure ends on such a digit, in villages and towns where these are heaped."""
    return [_found(rows, table, columns, settings) for table, columns in settings.columns.items()]


def _found(rows: Mapping[str, pl.DataFrame], table: str, columns: Sequence[str], settings: RoundedLimits) -> Anomaly:
    present = [name for name in columns if table in rows and name in rows[table].columns]
    if not present:
        return nothing(RULE, missing(rows, table, columns) or table)
    frame = _counted(placed(rows, table), present, settings)
    if frame.drop_nulls("village").is_empty():
        return nothing(RULE, "households.village_code")
    labels = {"table": table, "column": "(all amounts)", "rule": RULE}
    tests = [_tested(frame, area, settings, labels) for area in settings.areas]
    every = frame.filter((pl.col("count") == pl.col("n")) & (pl.col("n") > 1))
    whole = pl.concat(tests)
    flagged = [pl.struct(unit_kind=pl.lit(area), unit=area) for area in settings.areas]
    units = whole.filter("flagged").select(pl.struct("unit_kind", "unit")).to_series()
    found = every.filter(pl.any_horizontal(one.is_in(units.implode()) for one in flagged))
    return Anomaly(rows=flagged_rows(found, **labels), tests=whole)


def _counted(frame: pl.DataFrame, columns: Sequence[str], settings: RoundedLimits) -> pl.DataFrame:
    """Return rows with how many figures they bear (``n``) and how many of them end on one of the digits (``count``)."""
    large = [pl.col(name) >= settings.smallest for name in columns]
    ends = [(pl.col(name).floor().cast(pl.Int64, strict=False) % 10).is_in(list(settings.digits)) for name in columns]
    both = [(one & end).fill_null(False) for one, end in zip(large, ends, strict=True)]
    return frame.with_columns(n=pl.sum_horizontal(one.fill_null(False) for one in large), count=pl.sum_horizontal(both))


def _tested(frame: pl.DataFrame, area: str, settings: RoundedLimits, labels: Mapping[str, str]) -> pl.DataFrame:
    parts = (
        frame.drop_nulls(area).group_by(*dict.fromkeys([area, "village"])).agg(pl.col("n").sum(), pl.col("count").sum())
    )
    units = parts.group_by(unit=area).agg(pl.col("n", "count").sum(), squares=(pl.col("n") ** 2).sum())
    units = units.filter(pl.col("n") >= settings.at_least).sort("unit")
    if units.is_empty():
        return TESTS.to_frame()
    n, count, squares = (units[name].to_numpy().astype(float) for name in ("n", "count", "squares"))
    usual = len(settings.digits) / 10.0
    # Villages differ, so towns do: the fewer villages a town has, the more.
    between = differing(parts["n"].to_numpy().astype(float), parts["count"].to_numpy().astype(float), usual)
    share, chance = excess(n, count, usual, between * float(np.median(squares / n**2)))
    tested = units.rename({"count": "statistic"}).with_columns(
        year=pl.lit(None, dtype=pl.Int64), expected=pl.Series(n * share), p_value=pl.Series(chance)
    )
    return tests_of(tested, settings.level, unit_kind=area, **labels)
