"""What the page draws as bars: leading reasons, the distribution of risk, areas, models side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from relapse_risk.alerts import roll_up
from relapse_risk.evaluation import Evaluation
from relapse_risk.metrics import Interval
from relapse_risk.policy import REASONS, Texts
from relapse_risk.records import VISIT_LEVELS, area_path
from relapse_risk.reports.areas import area_names
from relapse_risk.reports.figures import counted, decimal, per_cent, rough, signed
from relapse_risk.reports.roster_report import RosterReport
from relapse_risk.reports.wording import Grid, model_word

__all__ = [
    "LEAST_AT_RISK",
    "MOST_AREAS",
    "AreaChart",
    "Bar",
    "area_tables",
    "curve_bars",
    "evaluation_grid",
    "reason_bars",
    "risk_bars",
]

LEAST_AT_RISK = 5
"""Areas with fewer households at risk are counted together on the page."""
MOST_AREAS = 25
"""Areas shown of a level."""

_EXPECTED = ("expected", "expected_range", "mean_risk")
_EDGES = (0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar: its label, its length as a share of the longest, and the figures next to it."""

    label: str
    length: float
    figures: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AreaChart:
    """The areas of one level.

    Attributes
    ----------
    level : str
        ``county``, ``town`` or ``village``.
    grid : Grid
    shown, count : int
        Areas in the grid, and areas there are; those counted together are one.
    small : bool
        Whether small areas are counted together.
    """

    level: str
    grid: Grid
    shown: int
    count: int
    small: bool


def reason_bars(content: RosterReport, texts: Texts) -> tuple[Bar, ...]:
    """Return how often each reason comes first among those listed by risk, and how often among the first three."""
    listed = content.by_risk
    first = {code: _count(listed, "reason_1", code) for code in REASONS}
    among = {code: sum(_count(listed, f"reason_{place}", code) for place in (1, 2, 3)) for code in REASONS}
    order = sorted((code for code in REASONS if among[code]), key=lambda code: (-first[code], -among[code]))
    longest = max(first.values(), default=0) or 1
    return tuple(
        Bar(
            label=texts("reasons", code),
            length=first[code] / longest,
            figures=(counted(first[code]), per_cent(first[code] / listed.height), counted(among[code])),
        )
        for code in order
    )


def risk_bars(content: RosterReport) -> tuple[Bar, ...]:
    """Return how many households at risk have a probability in each range."""
    edges = np.array(_EDGES)
    place = np.searchsorted(edges[1:-1], content.at_risk["probability"].to_numpy(), side="right")
    counts = np.bincount(place, minlength=len(edges) - 1)
    whole, longest = max(int(counts.sum()), 1), max(int(counts.max()), 1)
    return tuple(
        Bar(
            label=f"{100 * low:g}–{100 * high:g}%",
            length=int(count) / longest,
            figures=(counted(int(count)), per_cent(int(count) / whole)),
        )
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    )


def curve_bars(curve: pl.DataFrame) -> tuple[Bar, ...]:
    """Return how many relapses the highest risks are expected to hold, by the number of visits."""
    return tuple(
        Bar(
            label=counted(row["visits"]) + ("" if row["share"] is None else f" ({row['share']:.0%})"),
            length=row["found_share"] or 0.0,
            figures=(
                rough(row["found"]),
                "" if row["lower"] is None else f"{counted(row['lower'])} – {counted(row['upper'])}",
                per_cent(row["found_share"]),
            ),
        )
        for row in curve.filter(level="all").rows(named=True)
    )


def area_tables(content: RosterReport, texts: Texts) -> tuple[AreaChart, ...]:
    """Return the areas of every level that the records name."""
    found = []
    for level in VISIT_LEVELS:
        path = area_path(content.places.columns, level)
        if path and content.places[level].n_unique() > 1:
            found.append(_areas(content, level, path, texts))
    return tuple(found)


def evaluation_grid(evaluation: Evaluation, texts: Texts) -> Grid:
    """Return every model that was tried on the same rows, the one in use first."""
    rows = [
        (
            model_word(one.name, texts),
            decimal(one.scores.log_loss, 4),
            "" if one is evaluation.comparisons[0] else _difference(one.log_loss_over_default),
            decimal(one.scores.auc, 3),
            decimal(one.scores.average_precision, 3),
            decimal(one.expected_observed_ratio, 2),
            decimal(one.scores.calibration_slope, 2),
        )
        for one in evaluation.comparisons
    ]
    headers = tuple(
        texts("headers", name, level=f"{evaluation.level:.0%}")
        for name in (
            *("model", "log_loss", "over_default", "auc", "average_precision"),
            *("expected_observed_ratio", "calibration_slope"),
        )
    )
    return Grid(headers=headers, rows=tuple(rows), numbers=frozenset(range(1, len(headers))))


def _count(listed: pl.DataFrame, column: str, code: str) -> int:
    return int((listed[column] == code).sum())


def _areas(content: RosterReport, level: str, path: Sequence[str], texts: Texts) -> AreaChart:
    areas = roll_up(content.risk, content.places, path, LEAST_AT_RISK)
    named = areas.filter(~pl.col("small"))
    named = named.with_columns(pl.Series("area", area_names(named.select(path), texts), dtype=pl.String))
    shown = named.sort("listed", "expected", *path, descending=[True, True, *[False] * len(path)]).head(MOST_AREAS)
    shown = shown.join(_bounds(content, level, path), on=path, how="left", nulls_equal=True, maintain_order="left")
    small = areas.filter("small").with_columns(area=pl.lit(texts("facts", "small_areas", level=texts("levels", level))))
    rows = [_area_row(row, texts) for row in (*shown.rows(named=True), *small.rows(named=True))]
    headers = ["at_risk", *_EXPECTED, "listed", "by_rule", "red", "leading_reason"]
    if content.assumed:
        rows = [(*row[:2], *row[2 + len(_EXPECTED) :]) for row in rows]
        headers = [header for header in headers if header not in _EXPECTED]
    return AreaChart(
        level=level,
        grid=Grid(
            headers=(texts("roster", level), *(texts("headers", header) for header in headers)),
            rows=tuple(rows),
            numbers=frozenset(range(1, len(headers))),
        ),
        shown=shown.height,
        count=named.height,
        small=small.height > 0,
    )


def _bounds(content: RosterReport, level: str, path: Sequence[str]) -> pl.DataFrame:
    return content.areas.filter(pl.col("level") == level).select(*path, "lower", "upper")


def _area_row(row: Mapping[str, Any], texts: Texts) -> tuple[str, ...]:
    leading = row["leading_reason"]
    return (
        row["area"],
        counted(row["at_risk"]),
        rough(row["expected"]),
        "" if row.get("lower") is None else f"{counted(row['lower'])} – {counted(row['upper'])}",
        per_cent(row["mean_risk"]),
        counted(row["listed"]),
        counted(row["by_rule"]),
        counted(row["red"]),
        texts("reasons", leading) if leading else "",
    )


def _difference(interval: Interval) -> str:
    return f"{signed(interval.estimate, 4)} ({signed(interval.lower, 4)}, {signed(interval.upper, 4)})"
