"""The month's judgement: what became of earlier lists, what this one is expected to achieve, and what drifts."""

from typing import Any

import polars as pl

from relapse_risk.features import DEFAULT_BUILDERS
from relapse_risk.models.reference import SCORE
from relapse_risk.reports.bulletin.bulletin_content import Bulletin
from relapse_risk.reports.bulletin.bulletin_words import BulletinWords
from relapse_risk.reports.bulletin.section import Section, section_of
from relapse_risk.reports.figures import counted, decimal, interval, per_cent, rough, signed

__all__ = ["drift_section", "honest_section", "outcome_section", "performance_section"]

_FLAGGED = ("alarm", "watch")
_SHARES = ("precision", "recall")
_MOST_FLAGS = 25


def outcome_section(bulletin: Bulletin, words: BulletinWords) -> Section:
    """Return, by earlier list, how many relapses came, and whom the list missed and named in vain."""
    months = bulletin.outcomes
    if months is None:
        return section_of(words, "outcomes", None)
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
    notes = [words.said("notes", "outcomes")]
    if waiting := months.filter(~pl.col("over")).height:
        notes.append(words.said("notes", "waiting", count=waiting))
    return section_of(words, "outcomes", (words.grid(headers, rows),), notes=tuple(notes))


def honest_section(bulletin: Bulletin, words: BulletinWords) -> Section:
    """Return what visits drawn at random say of the lists, beside what the records alone would say."""
    if bulletin.honest is None:
        return section_of(words, "honest", None)
    rows = [
        (
            words.said("headers", "total") if row["as_of"] is None else str(row["as_of"]),
            counted(row["drawn"]),
            _with_bounds(row, "recall"),
            per_cent(row["naive_recall"]),
            _with_bounds(row, "outside_rate"),
            per_cent(row["naive_outside_rate"]),
        )
        for row in bulletin.honest.rows(named=True)
    ]
    headers = ("as_of", "drawn", "recall", "naive_recall", "outside_rate", "naive_outside_rate")
    return section_of(words, "honest", (words.grid(headers, rows),), notes=(words.said("notes", "honest"),))


def performance_section(bulletin: Bulletin, words: BulletinWords) -> Section:
    """Return what is expected of this month's list."""
    if bulletin.performance is None:
        return section_of(words, "performance", None)
    rows = [
        (
            words.called("drift", "measures", measure),
            _figure(measure, expected),
            "" if lower is None else f"{_figure(measure, lower)} – {_figure(measure, upper)}",
        )
        for measure, expected, lower, upper in bulletin.performance.select(
            "measure", "expected", "lower", "upper"
        ).rows()
    ]
    table = words.grid(("measure", "value", "range"), rows)
    return section_of(words, "performance", (table,), notes=(words.called("drift", "assumes", "expected"),))


def drift_section(bulletin: Bulletin, words: BulletinWords) -> Section:
    """Return how many columns are in which state, and those to look at, the most changed first."""
    drift = bulletin.drift
    if drift is None:
        return section_of(words, "drift", None)
    states = drift.group_by("state").len().sort("len", "state", descending=[True, False]).rows()
    counts = [(words.called("drift", "states", state), counted(count)) for state, count in states]
    flagged = drift.filter(pl.col("state").is_in(_FLAGGED)).sort(
        "state", pl.col("change").abs(), "name", descending=[False, True, False]
    )
    rows = [
        (
            _named(row["name"], words),
            words.called("drift", "measures", row["measure"]),
            words.called("drift", "states", row["state"]),
            *(per_cent(row[when]) for when in ("before", "now")),
            signed(row["change"], 3),
        )
        for row in flagged.head(_MOST_FLAGS).rows(named=True)
    ]
    tables = (
        words.grid(("state", "count"), counts),
        words.grid(("item", "measure", "state", "before", "now", "change"), rows, texts=3),
    )
    notes = [words.called("drift", "assumes", "drift")]
    if flagged.height > _MOST_FLAGS:
        notes.append(words.said("texts", "cut", shown=_MOST_FLAGS, count=flagged.height))
    return section_of(words, "drift", tables, notes=tuple(notes))


def _named(name: str, words: BulletinWords) -> str:
    """Return what a column of the model is called; an office's own by its name."""
    if name == SCORE:
        return words.said("labels", "score")
    feature = next((one for builder in DEFAULT_BUILDERS for one in builder.features if one.name == name), None)
    return name if feature is None else str(getattr(feature, words.lang))


def _with_bounds(row: dict[str, Any], name: str) -> str:
    low, high = row[f"{name}_lower"], row[f"{name}_upper"]
    return per_cent(row[name]) if low is None else f"{per_cent(row[name])} ({interval(low, high)})"


def _figure(measure: str, value: float | None) -> str:
    if value is None or measure == "relapses":
        return decimal(None, 0) if value is None else rough(value)
    return per_cent(value) if measure in _SHARES else decimal(value, 3)
