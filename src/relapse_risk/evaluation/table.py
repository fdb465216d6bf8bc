"""A judgement as one table, a line per figure."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from relapse_risk.evaluation.model_report import ModelReport, ModelReports
from relapse_risk.metrics import Interval

__all__ = ["FIGURE_SCHEMA", "figure_table"]

FIGURE_SCHEMA = pl.Schema(
    {
        "model": pl.String,
        "figure": pl.String,
        "by": pl.String,
        "group": pl.String,
        "estimate": pl.Float64,
        "lower": pl.Float64,
        "upper": pl.Float64,
        "rows": pl.Int64,
        "events": pl.Int64,
    }
)

_OF_DAY = ("expected_observed_ratio", "log_loss", "brier", "slope")

Line = tuple[Any, ...]


def figure_table(judgement: ModelReports) -> pl.DataFrame:
    """Return every figure of every model.

    Returns
    -------
    pl.DataFrame
        model, figure, by (``all``, ``day``, ``band``, ``threshold`` or a kind of group), group (the day, the place of
        the band, the threshold, the group; empty for all), estimate, lower, upper (null where there is none), rows,
        events.
    """
    lines = [line for model in judgement.models for line in _lines(model, judgement)]
    table = pl.DataFrame(lines, schema=FIGURE_SCHEMA, orient="row")
    return table.with_columns(pl.col("estimate", "lower", "upper").fill_nan(None))


def _lines(model: ModelReport, judgement: ModelReports) -> Iterator[Line]:
    whole = (judgement.rows, judgement.events)
    for figure, found in model.figures.items():
        yield _line(model, figure, "all", "", found, whole)
    for figure, found in model.over_default.items():
        yield _line(model, f"{figure}_over_default", "all", "", found, whole)
    test = model.spiegelhalter
    yield _line(model, "spiegelhalter_z", "all", "", test.z, whole)
    yield _line(model, "spiegelhalter_p_value", "all", "", test.p_value, whole)
    yield from _of_days(model)
    yield from _of_bands(model)
    yield from _of_groups(model)
    for benefit in model.net_benefit:
        for figure, found in (("net_benefit", benefit.model), ("visit_all", benefit.visit_all), ("gain", benefit.gain)):
            yield _line(model, figure, "threshold", f"{benefit.threshold:g}", found, whole)


def _of_days(model: ModelReport) -> Iterator[Line]:
    for day in model.days:
        counts = (day.rows, day.events)
        yield _line(model, "observed", "day", day.day, day.observed, counts)
        yield _line(model, "predicted", "day", day.day, day.predicted, counts)
        for figure in _OF_DAY:
            name = "calibration_slope" if figure == "slope" else figure
            yield _line(model, name, "day", day.day, getattr(day, figure), counts)


def _of_bands(model: ModelReport) -> Iterator[Line]:
    for place, band in enumerate(model.bands, start=1):
        counts = (band.rows, band.events)
        yield _line(model, "predicted", "band", str(place), band.predicted, counts)
        yield _line(model, "observed", "band", str(place), band.observed, counts)


def _of_groups(model: ModelReport) -> Iterator[Line]:
    for one in model.groups:
        counts = (one.rows, one.events)
        for figure in ("observed", "predicted", "error", "z", "smallest_seen", "auc", "exclusion_error"):
            yield _line(model, figure, one.kind, one.group, getattr(one, figure), counts)
    worst = model.largest_group_error
    if worst is not None:
        of_worst = [one for one in model.groups if (one.kind, one.group) == (worst.kind, worst.group)]
        counts = (of_worst[0].rows, of_worst[0].events)
        yield _line(model, "largest_group_error", worst.kind, worst.group, worst.error, counts)
        yield _line(model, "largest_group_error_p_value", worst.kind, worst.group, worst.p_value, counts)


def _line(
    model: ModelReport, figure: str, by: str, group: str, found: Interval | float, counts: tuple[int, int]
) -> Line:
    bounds = (found.estimate, found.lower, found.upper) if isinstance(found, Interval) else (found, None, None)
    return (model.name, figure, by, group, *bounds, *counts)
