"""Populations of their own: near-poor households, those in sudden hardship; and the monitoring line."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from relapse_risk.features.conditions import any_of
from relapse_risk.policy import PLACE_LEVELS, MonitoringLines
from relapse_risk.policy.mechanism import SuddenHardship
from relapse_risk.records import AsOfView, line_remarks

__all__ = ["monitoring_line_remarks", "near_poor", "over_lines", "sudden"]


def over_lines(view: AsOfView, lines: MonitoringLines) -> pl.DataFrame:
    """Return the current income of each household over both lines, those of the year in which its period ends.

    Returns
    -------
    pl.DataFrame
        household_id, income_over_line, monitoring_line (yuan per person-year; null where there is no poverty line
        either), income_over_monitoring, and persons, by whom the income was shared.
    """
    year = pl.col("period_end").dt.year()
    placed = _with_places(view)
    return placed.with_columns(monitoring_line=lines.of_years(year, pl.col("line"), placed.columns)).select(
        "household_id",
        "monitoring_line",
        income_over_line="ratio",
        income_over_monitoring=pl.col("income") / pl.col("monitoring_line"),
        persons=pl.col("household_size").cast(pl.Float64),
    )


def monitoring_line_remarks(view: AsOfView, lines: MonitoringLines) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield a remark for each monitoring line that is used for years without one of their own, see `line_remarks`.

    Places of a user's own file in which no household is are named too: their lines decide nothing.
    """
    placed = _with_places(view).filter(pl.col("line").is_not_null())
    year = pl.col("period_end").dt.year()
    rows = placed.with_columns(_of=lines.place_of(year, placed.columns))
    for place in sorted(lines.of_places):
        for _, details in line_remarks(rows.filter(_of=place), lines.of_places[place]):
            yield "monitoring_line_of_other_year", details
    for _, details in line_remarks(rows.filter(pl.col("_of").is_null()), lines.usual):
        yield "monitoring_line_of_other_year", details
    nowhere = [place for place in sorted(lines.given) if placed.filter(lines.is_of(place, placed.columns)).is_empty()]
    if nowhere and placed.height:
        yield "monitoring_line_of_nowhere", {"places": tuple(nowhere)}


def _with_places(view: AsOfView) -> pl.DataFrame:
    """Return the current incomes with where each household lives, as far as it is known."""
    incomes = view.current_incomes
    if not view.known.has("households"):
        return incomes
    homes = view.known.require("households")
    places = [name for name in (*PLACE_LEVELS, "village_code") if name in homes.columns]
    return incomes.join(homes.select("household_id", *places), on="household_id", how="left", maintain_order="left")


def near_poor() -> pl.Expr:
    """Return whether a household is near-poor: registered so, or not registered as poor and between the two lines.

    Of state, income_over_line and income_over_monitoring. Income says nothing of a household that is or was poor by the
    register, and decides of one that never was.
    """
    between = (pl.col("income_over_line") >= 1) & (pl.col("income_over_monitoring") < 1)
    state = pl.col("state")
    return pl.when(state == "never_poor").then(between).when(state.is_not_null()).then(state == "near_poor")


def sudden(frame: pl.DataFrame, population: SuddenHardship) -> pl.Series:
    """Return whether a household is in sudden hardship: hit within twelve months, and left with too little.

    Income alone does not decide: the household may have been well above the monitoring line before. A household that
    the register identified as ``sudden`` and has not cleared is; one that is poor by the register is not.

    Parameters
    ----------
    frame : pl.DataFrame
        The columns of ``shock`` and left_over_monitoring where the records allow it, registered_sudden, and
        exclusion_reason.
    population : SuddenHardship
    """
    hit = any_of(population.shock, frame.columns)
    left = pl.col("left_over_monitoring") if "left_over_monitoring" in frame.columns else pl.lit(None, dtype=pl.Float64)
    by_figures = hit & (left < 1)
    poor = pl.col("exclusion_reason").is_in(["poor", "relapsed", "below_line", "departed"]).fill_null(False)
    # Where the register identifies nobody, the figures alone tell.
    registered = frame["registered_sudden"].count() > 0
    found = pl.col("registered_sudden") | by_figures if registered else by_figures
    return frame.select(pl.when(poor).then(False).otherwise(found).alias("sudden")).to_series()
