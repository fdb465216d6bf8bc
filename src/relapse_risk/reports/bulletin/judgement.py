"""The month's judgement: what became of earlier lists, what this one is expected to achieve, and what drifts."""

from typing import Any

import polars as pl

from relapse_risk.features import DEFAULT_BUILDERS
from relapse_risk.models import SCORE
from relapse_risk.policy import Texts
from relapse_risk.reports.bulletin.bulletin_content import Bulletin
from relapse_risk.reports.bulletin.recall_words import recall_refusals
from relapse_risk.reports.bulletin.section import headed_grid, section_of
from relapse_risk.reports.documents import Section
from relapse_risk.reports.figures import counted, decimal, interval, per_cent, rough, signed

__all__ = ["drift_section", "outcome_section", "performance_section", "weighted_section"]

_FLAGGED = ("alarm", "watch")
_SHARES = ("precision", "recall")
_MOST_FLAGS = 25


def outcome_section(bulletin: Bulletin, texts: Texts) -> Section:
    """Return, by earlier list, how many relapses came, and whom the list missed and named in vain."""
    months = bulletin.outcomes
    if months is None:
        return section_of(texts, "outcomes", None)
    rows = [
        (
            str(row["as_of"]),
            counted(row["known"]),
            counted(row["unknown"]),
            per_cent(row["predicted"]),
            _with_bounds(row, "observed"),
            counted(row["relapses"]),
            f"{counted(row['missed'])} ({per_cent(row['missed_share'])})",
            f"{counted(row['wrong'])} ({per_cent(row['wrong_share'])})",
            counted(row["found"]),
        )
        for row in months.filter("over").rows(named=True)
    ]
    headers = ("as_of", "known", "unknown", "predicted", "observed", "relapses", "missed", "wrong", "found")
    notes = [texts("bulletin.notes", "outcomes")]
    if waiting := months.filter(~pl.col("over")).height:
        notes.append(texts("bulletin.notes", "waiting", count=waiting))
    return section_of(texts, "outcomes", (headed_grid(headers, rows, texts),), notes=tuple(notes))


def weighted_section(bulletin: Bulletin, texts: Texts) -> Section:
    """Return the estimates of random visits on the lists, next to those of the records alone."""
    if bulletin.weighted is None:
        return section_of(texts, "weighted", None)
    rows = [
        (
            texts("bulletin.headers", "total") if row["as_of"] is None else str(row["as_of"]),
            counted(row["drawn"]),
            counted(row["drawn_relapses"]),
            _with_bounds(row, "recall"),
            per_cent(row["naive_recall"]),
            _with_bounds(row, "outside_rate"),
            per_cent(row["naive_outside_rate"]),
            _with_bounds(row, "found_rate"),
        )
        for row in bulletin.weighted.rows(named=True)
    ]
    headers = ("as_of", "drawn", "drawn_relapses", "recall", "naive_recall", "outside_rate", "naive_outside_rate")
    table = headed_grid((*headers, "found_rate"), rows, texts)
    refusals = recall_refusals(bulletin.weighted, bulletin.least_relapses, texts)
    notes = (texts("bulletin.notes", "weighted"), *refusals)
    return section_of(texts, "weighted", (table,), notes=notes)


def performance_section(bulletin: Bulletin, texts: Texts) -> Section:
    """Return what is expected of this month's list."""
    if bulletin.performance is None:
        return section_of(texts, "performance", None)
    rows = [
        (
            texts.label("drift.measures", measure),
            _figure(measure, expected),
            "" if lower is None else f"{_figure(measure, lower)} – {_figure(measure, upper)}",
        )
        for measure, expected, lower, upper in bulletin.performance.select(
            "measure", "expected", "lower", "upper"
        ).rows()
    ]
    table = headed_grid(("measure", "value", "range"), rows, texts)
    return section_of(texts, "performance", (table,), notes=(texts.label("drift.assumes", "expected"),))


def drift_section(bulletin: Bulletin, texts: Texts) -> Section:
    """Return how many columns are in which state, and those to look at, the most changed first."""
    drift = bulletin.drift
    if drift is None:
        return section_of(texts, "drift", None)
    states = drift.group_by("state").len().sort("len", "state", descending=[True, False]).rows()
    counts = [(texts.label("drift.states", state), counted(count)) for state, count in states]
    flagged = drift.filter(pl.col("state").is_in(_FLAGGED)).sort(
        "state", pl.col("change").abs(), "name", descending=[False, True, False]
    )
    rows = [
        (
            _named(row["name"], texts),
            texts.label("drift.measures", row["measure"]),
            texts.label("drift.states", row["state"]),
            *(per_cent(row[when]) for when in ("before", "now")),
            signed(row["change"], 3),
        )
        for row in flagged.head(_MOST_FLAGS).rows(named=True)
    ]
    tables = (
        headed_grid(("state", "count"), counts, texts),
        headed_grid(("item", "measure", "state", "before", "now", "change"), rows, texts, n_texts=3),
    )
    notes = [texts.label("drift.assumes", "drift")]
    if flagged.height > _MOST_FLAGS:
        notes.append(texts("bulletin.texts", "cut", shown=_MOST_FLAGS, count=flagged.height))
    return section_of(texts, "drift", tables, notes=tuple(notes))


def _named(name: str, texts: Texts) -> str:
    """Return what a column of the model is called; an office's own by its name."""
    if name == SCORE:
        return texts("bulletin.labels", "score")
    feature = next((one for builder in DEFAULT_BUILDERS for one in builder.features if one.name == name), None)
    return name if feature is None else texts.name_of(feature)


def _with_bounds(row: dict[str, Any], name: str) -> str:
    low, high = row[f"{name}_lower"], row[f"{name}_upper"]
    return per_cent(row[name]) if low is None else f"{per_cent(row[name])} ({interval(low, high)})"


def _figure(measure: str, value: float | None) -> str:
    if value is None or measure == "relapses":
        return decimal(None, 0) if value is None else rough(value)
    return per_cent(value) if measure in _SHARES else decimal(value, 3)
