"""Populations of their own: near-poor households, those in sudden hardship; and the monitoring line."""

import polars as pl

from relapse_risk.features.conditions import any_of
from relapse_risk.policy import Lines
from relapse_risk.policy.mechanism import Classes, SuddenHardship
from relapse_risk.records import AsOfView

__all__ = ["monitoring_line", "near_poor", "over_lines", "sudden"]


def monitoring_line(incomes: pl.DataFrame, classes: Classes) -> pl.DataFrame:
    """Return the monitoring line of each household's income, yuan per person-year.

    The last line of the province up to the year in which the period ends, else that of ``default``, else the poverty
    line times ``fallback.factor``.

    Parameters
    ----------
    incomes : pl.DataFrame
        household_id, period_end, line and, where known, province.
    classes : Classes
        Its tables ``line.<province>.<year>`` and ``fallback``.

    Returns
    -------
    pl.DataFrame
        `incomes` with monitoring_line; null where there is no poverty line either.

    Examples
    --------
    >>> from datetime import date
    >>> incomes = pl.DataFrame({"province": ["贵州省", "湖南省", None], "line": [4000.0, 4000.0, 3218.0],
    ...     "period_end": [date(2024, 12, 31), date(2024, 12, 31), date(2019, 12, 31)]})
    >>> from relapse_risk.policy import read_policy
    >>> monitoring_line(incomes, read_policy().mechanism.classes)["monitoring_line"].to_list()
    [7300.0, 6000.0, 4827.0]
    """
    year = pl.col("period_end").dt.year()
    of_place = pl.lit(None, dtype=pl.Float64)
    for province, lines in classes.line.items():
        if province != "default" and "province" in incomes.columns:
            here = pl.col("province").str.starts_with(province)
            of_place = pl.when(here).then(Lines.of_table(lines).of_years(year)).otherwise(of_place)
    usual = Lines.of_table(classes.line["default"]).of_years(year)
    return incomes.with_columns(monitoring_line=pl.coalesce(of_place, usual, pl.col("line") * classes.fallback.factor))


def over_lines(view: AsOfView, classes: Classes) -> pl.DataFrame:
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

    Of state, income_over_line and income_over_monitoring. Income says nothing of a household that is or was poor by the
    register, and decides of one that never was.
    """
    between = (pl.col("income_over_line") >= 1) & (pl.col("income_over_monitoring") < 1)
    state = pl.col("state")
    return pl.when(state == "never_poor").then(between).when(state.is_not_null()).then(state == "near_poor")


def sudden(frame: pl.DataFrame, population: SuddenHardship) -> pl.Series:
    """Return whether a household is in sudden hardship: hit within twelve months, and left with too little.

    Income alone does not tell: the household may have stood well above the monitoring line before. Whoever the register
    identified as ``sudden`` and has not cleared is; whoever is poor by the register is not.

    Parameters
    ----------
    frame : pl.DataFrame
        The columns of ``shock`` and left_over_monitoring as far as the records tell, registered_sudden, and
        exclusion_reason.
    population : SuddenHardship
    """
    hit = any_of(population.shock, frame.columns)
    left = pl.col("left_over_monitoring") if "left_over_monitoring" in frame.columns else pl.lit(None, dtype=pl.Float64)
    told = hit & (left < 1)
    poor = pl.col("exclusion_reason").is_in(["poor", "relapsed", "below_line", "departed"]).fill_null(False)
    # Where the register identifies nobody, the figures alone tell.
    registered = frame["registered_sudden"].count() > 0
    found = pl.col("registered_sudden") | told if registered else told
    return frame.select(pl.when(poor).then(False).otherwise(found).alias("sudden")).to_series()
