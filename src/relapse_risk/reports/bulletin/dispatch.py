"""The month's dispatch: which alerts are open and overdue, where, and how far visits and clearing have come."""

from dataclasses import replace
from datetime import date

import polars as pl

from relapse_risk.policy import URGENT_FIRST, Texts
from relapse_risk.records import AREA_LEVELS
from relapse_risk.reports.bulletin.bulletin_content import Bulletin
from relapse_risk.reports.bulletin.section import fold_small, headed_grid, section_of
from relapse_risk.reports.charts import MOST_AREAS
from relapse_risk.reports.documents import Section
from relapse_risk.reports.figures import counted
from relapse_risk.reports.visits.completion_table import COMPLETION_PATHS
from relapse_risk.reports.wording import Fact, Grid

__all__ = ["alert_section", "clearing_section", "completion_section"]

_BY_TOWN = ("open", "overdue", "cleared", "refused")
_COMPLETION = ("due", "done", "open", "overdue", "otherwise")


def alert_section(bulletin: Bulletin, texts: Texts) -> Section:
    """Return how many alerts are in which state, open and overdue by tier and by town."""
    alerts = bulletin.alerts
    if alerts is None:
        return section_of(texts, "alerts", None)
    states = alerts.group_by("state").len().sort("len", "state", descending=[True, False]).rows()
    by_state = [(texts.label("ledger.states", state), counted(count)) for state, count in states]
    tables = (
        headed_grid(("state", "households"), by_state, texts),
        headed_grid(("tier", "open", "overdue"), _by_tier(alerts.filter("open"), texts), texts),
        headed_grid(("town", *_BY_TOWN), _by_town(alerts, bulletin.least, texts), texts),
    )
    overview = section_of(texts, "alerts", tables, notes=(texts("bulletin.texts", "small", least=bulletin.least),))
    return replace(overview, facts=_since(alerts, bulletin.previous, texts))


def _since(alerts: pl.DataFrame, previous: date | None, texts: Texts) -> tuple[Fact, ...]:
    """Return what happened since the month before; all that ever happened where there was none."""
    since = pl.lit(True) if previous is None else pl.col("opened_on") > previous
    closed = pl.lit(True) if previous is None else pl.col("closed_on") > previous
    counts = {
        "opened": alerts.filter(since).height,
        "cleared": alerts.filter(closed, pl.col("state") == "cleared").height,
        "refused": alerts.filter(closed, pl.col("state") == "refused").height,
    }
    return tuple((texts("bulletin.labels", key), counted(count)) for key, count in counts.items())


def _by_tier(alerts: pl.DataFrame, texts: Texts) -> list[tuple[str, ...]]:
    rows = []
    tiers = pl.col("tier").is_in(URGENT_FIRST).fill_null(False)
    parts = [(texts("tiers", tier).capitalize(), pl.col("tier") == tier) for tier in URGENT_FIRST]
    for name, condition in (*parts, (texts("bulletin.labels", "random"), ~tiers)):
        own = alerts.filter(condition)
        rows.append((name, counted(own.height), counted(own.filter("overdue").height)))
    return [
        *rows,
        (texts("bulletin.headers", "total"), counted(alerts.height), counted(alerts.filter("overdue").height)),
    ]


def _by_town(alerts: pl.DataFrame, least: int, texts: Texts) -> list[tuple[str, ...]]:
    path = ["county", "town"]
    towns = alerts.group_by(path).agg(
        alerts=pl.len().cast(pl.Int64),
        open=pl.col("open").sum().cast(pl.Int64),
        overdue=pl.col("overdue").sum().cast(pl.Int64),
        **{state: (pl.col("state") == state).sum().cast(pl.Int64) for state in ("cleared", "refused")},
    )
    folded = fold_small(towns, path, size="alerts", summed=("alerts", *_BY_TOWN), least=least, texts=texts)
    ordered = folded.sort("small", "overdue", "open", "area", descending=[False, True, True, False])
    return [(area, *map(counted, counts)) for area, *counts in ordered.select("area", *_BY_TOWN).rows()]


def completion_section(bulletin: Bulletin, texts: Texts) -> Section:
    """Return what became of the visits that were due by last month's list, by town and by village."""
    found = bulletin.completion
    if found is None:
        return section_of(texts, "completion", None)
    notes = [texts("bulletin.notes", "completion"), texts("bulletin.texts", "small", least=bulletin.least)]
    villages = found.filter(level="village").height
    if villages > MOST_AREAS:
        notes.append(texts("bulletin.texts", "cut", shown=MOST_AREAS, count=counted(villages)))
    tables = tuple(_completion_grid(found, level, bulletin.least, texts) for level in COMPLETION_PATHS)
    section = section_of(texts, "completion", tables, notes=tuple(notes))
    totals = found.filter(level="town").select(pl.col(name).sum() for name in _COMPLETION).row(0, named=True)
    facts = tuple((texts("bulletin.headers", f"visits_{name}"), counted(count)) for name, count in totals.items())
    return replace(section, facts=facts)


def _completion_grid(found: pl.DataFrame, level: str, least: int, texts: Texts) -> Grid:
    areas = found.filter(level=level)
    folded = fold_small(areas, COMPLETION_PATHS[level], size="due", summed=_COMPLETION, least=least, texts=texts)
    order = ["overdue", "open", "area"]
    named = folded.filter(~pl.col("small")).sort(order, descending=[True, True, False])
    shown = pl.concat([named.head(MOST_AREAS), folded.filter("small")])
    rows = [(area, *map(counted, counts)) for area, *counts in shown.select("area", *_COMPLETION).rows()]
    headers = (level, *(f"visits_{name}" for name in _COMPLETION))
    return headed_grid(headers, rows, texts)


def clearing_section(bulletin: Bulletin, texts: Texts) -> Section:
    """Return, level by level, how many areas are clear and signed off, and what is still open."""
    if bulletin.clearing is None:
        return section_of(texts, "clearing", None)
    rows = []
    for level in AREA_LEVELS[::-1]:
        areas = bulletin.clearing.filter(level=level)
        if areas.height:
            alerts = (int(areas[name].sum()) for name in ("open", "cleared", "refused"))
            counts = (areas.height, int(areas["clear"].sum()), areas["signed_on"].count(), *alerts)
            rows.append((texts("bulletin.levels", level), *map(counted, counts)))
    headers = ("level", "areas", "clear", "signed", "open", "cleared", "refused")
    return section_of(
        texts, "clearing", (headed_grid(headers, rows, texts),), notes=(texts("bulletin.notes", "clearing"),)
    )
