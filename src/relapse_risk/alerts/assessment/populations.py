"""Populations of their own: near-poor households, those in sudden hardship; and the monitoring line."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from relapse_risk.alerts.conditions import any_of
from relapse_risk.policy import Lines, LinesFile, validated
from relapse_risk.records import AsOfView

__all__ = ["POPULATIONS", "monitoring_line", "near_poor", "over_lines", "sudden"]

POPULATIONS = ("at_risk", "rule_only", "not_scored", "exited", "poor", "general", "near_poor", "monitored", "sudden")
"""What a hard rule may keep to."""


def monitoring_line(incomes: pl.DataFrame, classes: Mapping[str, Any]) -> pl.DataFrame:
    """Return the monitoring line of each household's income, yuan per person-year.

    The last line of the province up to the year in which the period ends, else that of ``default``, else the poverty
    line times ``fallback.factor``.

    Parameters
    ----------
    incomes : pl.DataFrame
        household_id, period_end, line and, where known, province.
    classes : Mapping
        ``classes.toml``: tables ``line.<province>.<year>`` and ``fallback``.

    Returns
    -------
    pl.DataFrame
        `incomes` with monitoring_line; null where there is no poverty line either.

    Raises
    ------
    InputError
        If a line is of no year or no amount (``data_value``).

    Examples
    --------
    >>> from datetime import date
    >>> incomes = pl.DataFrame({"province": ["贵州省", "湖南省", None], "line": [4000.0, 4000.0, 3218.0],
    ...     "period_end": [date(2024, 12, 31), date(2024, 12, 31), date(2019, 12, 31)]})
    >>> classes = {"line": {"default": {"2021": {"yuan": 6000}}, "贵州": {"2023": {"yuan": 7300}}},
    ...     "fallback": {"factor": 1.5}}
    >>> monitoring_line(incomes, classes)["monitoring_line"].to_list()
    [7300.0, 6000.0, 4827.0]
    """
    year = pl.col("period_end").dt.year()
    of_place = pl.lit(None, dtype=pl.Float64)
    for province, lines in classes["line"].items():
        if province != "default" and "province" in incomes.columns:
            here = pl.col("province").str.starts_with(province)
            of_place = pl.when(here).then(_lines(lines).of_years(year)).otherwise(of_place)
    usual = _lines(classes["line"]["default"]).of_years(year)
    return incomes.with_columns(
        monitoring_line=pl.coalesce(of_place, usual, pl.col("line") * classes["fallback"]["factor"])
    )


def _lines(by_year: Mapping[str, Any]) -> Lines:
    return Lines.of_table(validated(LinesFile, {"lines": by_year}, "classes.toml").lines)


def over_lines(view: AsOfView, classes: Mapping[str, Any]) -> pl.DataFrame:
    """Return the current income of each household over both lines.

    Returns
    -------
    pl.DataFrame
        household_id, income_over_line, monitoring_line, income_over_monitoring, and persons, by whom the income was
        shared.
    """
    incomes = view.current_incomes
    if view.known.has("households", "province"):
        homes = view.known.require("households").select("household_id", "province")
        incomes = incomes.join(homes, on="household_id", how="left", maintain_order="left")
    return monitoring_line(incomes, classes).select(
        "household_id",
        "monitoring_line",
        income_over_line="ratio",
        income_over_monitoring=pl.col("income") / pl.col("monitoring_line"),
        persons=pl.col("household_size").cast(pl.Float64),
    )


def near_poor() -> pl.Expr:
    """Return whether a household is near-poor: registered so, or not registered as poor and between the two lines.

    Of household_type, income_over_line and income_over_monitoring. Income says nothing of a household that the register
    calls exited or poor, and decides of one that it calls general.
    """
    between = (pl.col("income_over_line") >= 1) & (pl.col("income_over_monitoring") < 1)
    kind = pl.col("household_type")
    return pl.when(kind == "general").then(between).when(kind.is_not_null()).then(kind == "near_poor")


def sudden(frame: pl.DataFrame, population: Mapping[str, Any]) -> pl.Series:
    """Return whether a household is in sudden hardship: hit within twelve months, and left with too little.

    Income alone does not tell: the household may have stood well above the monitoring line before. Whoever the register
    identified as ``sudden`` and has not cleared is; whoever is poor by the register is not.

    Parameters
    ----------
    frame : pl.DataFrame
        The columns of ``shock`` and left_over_monitoring as far as the records tell, registered_sudden, and
        exclusion_reason.
    population : Mapping
        ``population.sudden`` of ``classes.toml``.
    """
    hit = any_of(frame, population["shock"])
    left = pl.col("left_over_monitoring") if "left_over_monitoring" in frame.columns else pl.lit(None, dtype=pl.Float64)
    told = hit & frame.select(left < 1).to_series()
    poor = pl.col("exclusion_reason").is_in(["poor", "relapsed", "below_line", "departed"]).fill_null(False)
    return frame.select(
        pl.when(poor).then(False).when("registered_sudden").then(True).otherwise(told).alias("sudden")
    ).to_series()
