"""Alerts as lines of the visit workbook: what is written into each cell, in words."""

from collections.abc import Collection

import polars as pl

from relapse_risk.policy import Texts
from relapse_risk.reports.visits.visit_content import VisitList
from relapse_risk.reports.visits.visit_words import change_text, listed_text, measures_text

__all__ = ["visit_lines"]


def visit_lines(
    visits: VisitList, listing_rules: Collection[str], texts: Texts, carried: pl.DataFrame | None = None
) -> pl.DataFrame:
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
        "why": [listed_text(row["listed_for"], row["override"], listing_rules, texts) for row in rows],
        "change": [change_text(row["change"], row["moved"], texts) for row in rows],
        "measures": [measures_text(row["measures"], texts) for row in rows],
    }
    return lines.with_columns(pl.Series(name, cells, dtype=pl.String) for name, cells in written.items()).select(
        *("tier", "alert_id", "household_id", *names),
        *("why", "change", "reason_text", "measures", "deadline", "listed_for"),
    )
