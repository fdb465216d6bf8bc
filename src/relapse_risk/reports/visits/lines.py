"""Alerts as lines of the visit workbook: what is written into each cell, in words."""

import polars as pl

from relapse_risk.reports.visits.visit_content import VisitList
from relapse_risk.reports.visits.visit_words import VisitWords

__all__ = ["visit_lines"]


def visit_lines(visits: VisitList, words: VisitWords, carried: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return one row per alert, in the order given.

    Returns
    -------
    pl.DataFrame
        tier (code), alert_id, household_id, the carried columns, group_name where it is known of anybody, why, change,
        reason_text and measures in words, deadline; and listed_for (code), which is not shown.
    """
    lines = visits.lines
    names: list[str] = []
    if carried is not None:
        lines = lines.join(carried, on="household_id", how="left", maintain_order="left", validate="m:1")
        names = [name for name in carried.columns if name != "household_id"]
    if "group_name" in visits.places.columns and visits.places["group_name"].count():
        homes = visits.places.select("household_id", "group_name")
        lines = lines.join(homes, on="household_id", how="left", maintain_order="left", validate="m:1")
        names.append("group_name")
    rows = lines.rows(named=True)
    written = {
        "why": [words.why(row["listed_for"], row["override"]) for row in rows],
        "change": [words.changed(row["change"], row["moved"]) for row in rows],
        "measures": [words.measured(row["measures"]) for row in rows],
    }
    return lines.with_columns(pl.Series(name, texts, dtype=pl.String) for name, texts in written.items()).select(
        *("tier", "alert_id", "household_id", *names),
        *("why", "change", "reason_text", "measures", "deadline", "listed_for"),
    )
