"""Incomes concentrated just above the poverty line, by village and year, and by village over the years.

The null: near the line a village's incomes are as dense just above it as a smooth density lets expect. Of a village's
incomes within the neighbourhood of the line, the count just above it is then binomial. Its share is read off the
distribution of all incomes around the middle of their own village and year, smoothed with a wide kernel and shifted to
the middle of this one: poor villages have more of their incomes there, and heaps of other villages, whose lines are
elsewhere in that distribution, are smoothed out. A village's own density may be narrower than that of all: the share is
raised by a tolerance, so the test errs on the side of silence. Compare McCrary 2008, Journal of Econometrics 142,
698-714; here the counts are small and exact.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from relapse_risk.audit.anomalies.anomaly_frames import TESTS, Anomaly, flagged_rows, nothing, placed, tests_of
from relapse_risk.audit.anomalies.upper_tails import binomial_upper_tail
from relapse_risk.policy import HeapedLimits, Lines

__all__ = ["heaped"]

RULE = "heaped_above_line"

_STEP = 0.01  # of the grid the smoothed distribution stands on, on the scale of logarithms
_REACH = 5.0

Array = NDArray[np.float64]


def heaped(rows: Mapping[str, pl.DataFrame], lines: Lines, settings: HeapedLimits) -> Anomaly:
    """Return the incomes just above the line in villages and years where they are heaped there.

    Parameters
    ----------
    rows : Mapping of str to pl.DataFrame
        As `Intake.rows`; incomes and households are looked at.
    lines : Lines
    settings : HeapedLimits
    """
    missing = _missing(rows)
    if missing:
        return nothing(RULE, missing)
    near = _around_line(rows, lines)
    if near.is_empty():
        return nothing(RULE, "households.village_code")
    units = _units(near, settings)
    labels = {"table": "incomes", "column": "net_income_per_capita", "rule": RULE}
    tests = [
        _tested(counted, kind, settings, labels)
        for kind, counted in (("village", units), ("village_all_years", _over_years(units)))
    ]
    flagged = tests[0].filter("flagged").select(village="unit", year="year")
    inside = near.filter(pl.col("away").is_between(0.0, np.log1p(settings.window), closed="left"))
    found = inside.join(flagged, on=["village", "year"], how="semi")
    return Anomaly(rows=flagged_rows(found, **labels), tests=pl.concat(tests))


def _missing(rows: Mapping[str, pl.DataFrame]) -> str | None:
    if "incomes" not in rows:
        return "incomes"
    found = {*rows["incomes"].columns}
    if not ({"net_income_per_capita"} <= found or {"net_income", "household_size"} <= found):
        return "incomes.net_income_per_capita"
    return None if {"year"} <= found or {"period_end"} <= found else "incomes.year"


def _around_line(rows: Mapping[str, pl.DataFrame], lines: Lines) -> pl.DataFrame:
    """Return incomes above zero with ``away``, the logarithm of income over line."""
    frame = placed(rows, "incomes", ["period_end"])
    reported = [pl.col("net_income_per_capita")] if "net_income_per_capita" in frame.columns else []
    if {"net_income", "household_size"} <= {*frame.columns}:
        reported.append(pl.col("net_income") / pl.col("household_size"))
    ratio = pl.coalesce(*reported) / lines.of_years(pl.col("year"))
    frame = frame.with_columns(away=pl.when(ratio > 0).then(ratio.log()))
    return frame.filter(pl.col("away").is_finite()).drop_nulls(["away", "village", "household_id"])


def _units(near: pl.DataFrame, settings: HeapedLimits) -> pl.DataFrame:
    """Return by village and year how many incomes are near the line, just above it, and the expected share of these."""
    once = near.group_by("village", "household_id", "year").agg(pl.col("away").min())
    once = once.with_columns(middle=pl.col("away").median().over("village", "year"))
    window, band = np.log1p(settings.window), settings.band
    units = once.group_by("village", "year").agg(
        pl.col("away").is_between(-band, band).sum().cast(pl.Int64).alias("n"),
        pl.col("away").is_between(0.0, window, closed="left").sum().cast(pl.Int64).alias("statistic"),
        pl.col("middle").first(),
    )
    units = units.sort("village", "year")
    below = _Smooth((once["away"] - once["middle"]).to_numpy(), settings.smoothing)
    middle = units["middle"].to_numpy()
    inside, around = below.between(-middle, window - middle), below.between(-band - middle, band - middle)
    usual = np.divide(inside, around, out=np.zeros(len(middle)), where=around > 0.0)
    share = np.maximum(usual, window / (2.0 * band)) * settings.tolerance
    return units.with_columns(share=pl.Series(np.minimum(share, 1.0)))


class _Smooth:
    """A distribution smoothed with a normal kernel."""

    def __init__(self, values: Array, width: float) -> None:
        edges = np.arange(-_REACH, _REACH + _STEP, _STEP)
        counts, _ = np.histogram(np.clip(values, -_REACH, _REACH - _STEP), edges)
        kernel = np.exp(-((np.arange(-4.0 * width, 4.0 * width + _STEP, _STEP) / width) ** 2) / 2.0)
        smooth = np.convolve(counts + 1e-9, kernel / kernel.sum(), mode="same")
        self.edges, self.below = edges, np.append(0.0, np.cumsum(smooth))

    def between(self, low: Array, high: Array) -> Array:
        """Return how much weight lies between two values."""
        reached: Array = np.interp(high, self.edges, self.below)
        short: Array = np.interp(low, self.edges, self.below)
        return reached - short


def _over_years(units: pl.DataFrame) -> pl.DataFrame:
    pooled = units.group_by("village", maintain_order=True).agg(
        pl.col("n").sum(),
        pl.col("statistic").sum(),
        share=(pl.col("share") * pl.col("n")).sum() / pl.col("n").sum().clip(lower_bound=1),
    )
    return pooled.with_columns(year=pl.lit(None, dtype=pl.Int64))


def _tested(units: pl.DataFrame, kind: str, settings: HeapedLimits, labels: Mapping[str, str]) -> pl.DataFrame:
    if units.is_empty():
        return TESTS.to_frame()
    n, count, share = (units[name].to_numpy().astype(float) for name in ("n", "statistic", "share"))
    chance = np.where(count >= settings.at_least, binomial_upper_tail(count, n, share), 1.0)
    counted = units.rename({"village": "unit"}).with_columns(expected=pl.Series(n * share), p_value=pl.Series(chance))
    return tests_of(counted, settings.level, unit_kind=kind, **labels)
