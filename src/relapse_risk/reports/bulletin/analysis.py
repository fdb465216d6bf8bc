"""The month's analysis: who is listed and why, what changed, where, and who is on which watch list."""

from dataclasses import replace
from typing import Any

import polars as pl

from relapse_risk.policy import CHANGE_STATES, REASONS, URGENT_FIRST, Texts
from relapse_risk.records import AREA_LEVELS
from relapse_risk.reports.bulletin.bulletin_content import Bulletin
from relapse_risk.reports.bulletin.curves import curve_tables
from relapse_risk.reports.bulletin.section import fold_small, headed_grid, section_of
from relapse_risk.reports.charts import MOST_AREAS
from relapse_risk.reports.documents import Section
from relapse_risk.reports.figures import counted, per_cent, rough, signed
from relapse_risk.reports.wording import Grid, plan_grid, rule_grid

__all__ = [
    "area_sections",
    "change_section",
    "curve_section",
    "expected_of",
    "focus_section",
    "listed_section",
    "plan_section",
    "totals_section",
    "watch_section",
]

_POPULATIONS = ("at_risk", "rule_only", "not_scored")
_PLACES = AREA_LEVELS[:-1]
_SUMMED = ("at_risk", "listed", *URGENT_FIRST, "expected")


def totals_section(bulletin: Bulletin, texts: Texts) -> Section:
    """Return where every household known on the day is, and how many relapses are expected, unless it is assumed."""
    populations = dict(bulletin.risk.group_by("population").len().rows())
    facts = [(texts("bulletin.labels", "known"), counted(bulletin.risk.height))]
    facts += [(texts("bulletin.labels", one), counted(populations.get(one, 0))) for one in _POPULATIONS]
    if not bulletin.assumed:
        facts.append((texts("bulletin.labels", "expected"), rough(expected_of(bulletin))))
    return Section(title=texts("bulletin.sections", "totals"), facts=tuple(facts))


def expected_of(bulletin: Bulletin) -> float:
    """Return how many relapses are expected in the cohort: the sum of the probabilities."""
    return float(bulletin.risk["probability"].sum())


def listed_section(bulletin: Bulletin, texts: Texts) -> Section:
    """Return how many are listed for what, in which tier, and how many meet which rules."""
    lines = bulletin.listings
    rows = [
        (texts("bulletin.labels", one), *_tiers(lines.filter(listed_for=one))) for one in ("model", "rule", "random")
    ]
    total = (texts("bulletin.headers", "total"), *_tiers(lines))
    headers = ("group", "households", *URGENT_FIRST, "without_tier")
    met = [] if bulletin.rules is None else [bulletin.rules.filter(pl.col("met") > 0)]
    tables = (headed_grid(headers, [*rows, total], texts), *(rule_grid(rules, texts) for rules in met))
    return Section(
        title=texts("bulletin.sections", "listed"),
        notes=(texts("bulletin.notes", "listed"),),
        tables=tuple(table for table in tables if table.rows),
        total=True,
    )


def plan_section(bulletin: Bulletin, texts: Texts) -> Section:
    """Return for what households are to be visited, and how many are, are in hand, and wait."""
    title = texts("plan", "title")
    if bulletin.plan is None:
        return Section(title=title, notes=(texts("bulletin.texts", "not_available"),))
    note = texts("plan", "note", capacity=counted(bulletin.plan.capacity))
    return Section(title=title, notes=(note,), tables=(plan_grid(bulletin.plan, texts),), total=True)


def curve_section(bulletin: Bulletin, texts: Texts) -> Section:
    """Return how many relapses so many visits are expected to find."""
    title = texts("page", "curve")
    if bulletin.curve is None:
        return Section(title=title, notes=(texts("page", "curve_none"),))
    tables = curve_tables(bulletin.curve, bulletin.least, texts)
    notes = (texts("page", "curve_note"), *([texts("bulletin.notes", "curve_towns")] if tables[1:] else ()))
    return Section(title=title, notes=notes, tables=tables)


def _tiers(lines: pl.DataFrame) -> tuple[str, ...]:
    counts = [lines.filter(tier=tier).height for tier in URGENT_FIRST]
    return tuple(map(counted, (lines.height, *counts, lines.height - sum(counts))))


def change_section(bulletin: Bulletin, texts: Texts) -> Section:
    """Return how many are new, worse, better and gone, and the reasons that moved."""
    changes = bulletin.changes
    if changes is None:
        return section_of(texts, "changes", None)
    counts = dict(changes.group_by("state").len().rows())
    states = [(texts("bulletin.states", state), counted(counts.get(state, 0))) for state in CHANGE_STATES]
    tables = (headed_grid(("state", "households"), states, texts), _moved_grid(changes, texts))
    return section_of(
        texts, "changes", tables, notes=(texts("bulletin.notes", "changes"), *_change_notes(changes, texts))
    )


def _moved_grid(changes: pl.DataFrame, texts: Texts) -> Grid:
    """Return how often each reason moved most, by state."""
    rows = [
        (texts("reasons", code), *(counted(changes.filter(moved=code, state=state).height) for state in CHANGE_STATES))
        for code in REASONS
        if changes.filter(moved=code).height
    ]
    headers = (texts("bulletin.headers", "reason"), *(texts("bulletin.states", state) for state in CHANGE_STATES))
    return Grid(headers=headers, rows=tuple(rows), numbers=frozenset(range(1, len(headers))))


def _change_notes(changes: pl.DataFrame, texts: Texts) -> list[str]:
    notes = []
    base: Any = changes["moved_base"].drop_nulls().median()
    if base:
        notes.append(texts("bulletin.notes", "base", base=signed(base, 3)))
    if left := changes.filter(~pl.col("known")).height:
        notes.append(texts("bulletin.notes", "unknown_gone", count=counted(left)))
    return notes


def area_sections(bulletin: Bulletin, texts: Texts) -> list[Section]:
    """Return the counties, towns and villages, as far as there is more than one of a level."""
    if bulletin.areas is None:
        level = texts("bulletin.levels", "county")
        title = texts("bulletin.sections", "areas", level=level)
        return [Section(title=title, notes=(texts("bulletin.texts", "not_available"),))]
    levels = [bulletin.areas.filter(level=level) for level in _PLACES]
    return [_area_section(areas, bulletin, texts) for areas in levels if areas.height > 1]


def _area_section(areas: pl.DataFrame, bulletin: Bulletin, texts: Texts) -> Section:
    level, least = areas["level"][0], bulletin.least
    path = _PLACES[: _PLACES.index(level) + 1]
    order = ["listed", "expected", "area"]
    folded = fold_small(areas, path, size="at_risk", summed=_SUMMED, least=least, texts=texts)
    named = folded.filter(~pl.col("small")).sort(order, descending=[True, True, False])
    shown = pl.concat([named.head(MOST_AREAS), folded.filter("small")])
    notes = [texts("bulletin.notes", "areas"), texts("bulletin.texts", "small", least=least)]
    if named.height > MOST_AREAS:
        notes.append(texts("bulletin.texts", "cut", shown=MOST_AREAS, count=counted(named.height)))
    headers = ["area", "at_risk", "listed", *URGENT_FIRST, "expected", "range"]
    rows = [_area_row(row) for row in shown.rows(named=True)]
    if bulletin.assumed or not any(row[-1] for row in rows):  # or the bundle knows nothing of what villages share
        end = headers.index("expected" if bulletin.assumed else "range")
        headers, rows, notes = headers[:end], [row[:end] for row in rows], notes[1:]
    return Section(
        title=texts("bulletin.sections", "areas", level=texts("bulletin.levels", level)),
        notes=tuple(notes),
        tables=(headed_grid(headers, rows, texts),),
    )


def _area_row(row: dict[str, Any]) -> tuple[str, ...]:
    bounds = "" if row["lower"] is None else f"{counted(row['lower'])} – {counted(row['upper'])}"
    counts = (counted(row[name]) for name in ("at_risk", "listed", *URGENT_FIRST))
    return row["area"], *counts, rough(row["expected"]), bounds


def watch_section(bulletin: Bulletin, texts: Texts) -> Section:
    """Return how many are on each watch list, for how many that is known, and for how many it is not."""
    if bulletin.watch is None:
        return section_of(texts, "watch", None)
    rows = [
        (
            texts.label("watch.lists", row["list"]),
            texts.label(f"watch.lists.{row['list']}.states", row["state"]),
            *map(counted, (row["n_on"], row["persons"], row["n_known"], row["unknown"])),
            per_cent(row["share"]),
        )
        for row in bulletin.watch.rows(named=True)
    ]
    headers = ("list", "state", "count", "persons", "n_known", "unknown", "share")
    return section_of(
        texts, "watch", (headed_grid(headers, rows, texts, n_texts=2),), notes=(texts("bulletin.notes", "watch"),)
    )


def focus_section(bulletin: Bulletin, texts: Texts) -> Section:
    """Return which areas are on a focus list, and by which figure; small ones are counted and not named."""
    if bulletin.focus is None:
        return section_of(texts, "focus", None)
    on = bulletin.focus.filter(state="on")
    small = pl.col("households").fill_null(0) < bulletin.least
    rows = [_focus_row(row, texts) for row in on.filter(~small).rows(named=True)]
    notes = []
    if hidden := on.filter(small).height:
        notes.append(texts("bulletin.notes", "focus_small", count=hidden, least=bulletin.least))
    if unknown := bulletin.focus.filter(state="unknown").height:
        notes.append(texts("bulletin.notes", "focus_unknown", count=unknown))
    section = section_of(texts, "focus", (headed_grid(("list", "area", "criterion", "value"), rows, texts, n_texts=3),))
    return replace(section, notes=(*section.notes, *notes))


def _focus_row(row: dict[str, Any], texts: Texts) -> tuple[str, ...]:
    criterion = texts.label(f"focus.lists.{row['list']}.criteria", row["criterion"])
    value = per_cent(row["value"]) if row["unit"] == "share" else counted(row["value"])
    names = [row[name] for name in (*_PLACES, "resettlement_site") if row[name]]
    return texts.label("focus.lists", row["list"]), " ".join(names), criterion, value
