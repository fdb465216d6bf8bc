"""The summary of a roster: how many households of which town and village are listed, and where they stand."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from relapse_risk.policy import URGENT_FIRST, Texts
from relapse_risk.records import VISIT_LEVELS
from relapse_risk.reports.figures import counted
from relapse_risk.reports.notes import grave_remarks
from relapse_risk.reports.roster_report import RosterReport
from relapse_risk.reports.sheets import (
    HEADER_ROW,
    ListEdges,
    SheetColumn,
    Styles,
    fitted_width,
    place_in_book,
    write_list,
)

__all__ = ["write_summary"]

_COUNTS = ("listed", *URGENT_FIRST, "by_rule", "waiting")
_COUNT_WIDTH, _NARROWEST, _WIDEST = 11.0, 8.0, 36.0
_ROOM = 18.0


def write_summary(
    sheet: Any, styles: Styles, content: RosterReport, texts: Texts, index: Sequence[tuple[str, pl.DataFrame]]
) -> None:
    """Write the summary on an empty sheet: every town, under it its villages, each leading to its first household.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
    styles : Styles
    content : RosterReport
    texts : Texts
    index : sequence of (str, pl.DataFrame)
        The lists by sheet.
    """
    villages = _by_village(content, index)
    names = [name for name in VISIT_LEVELS if name in villages.columns]
    rows = _with_sums(villages, names)
    columns = [
        *(_places(rows, name, texts, summed=name == names[-1]) for name in names),
        *(_counts(rows, name, texts) for name in _COUNTS),
    ]
    sums = {name: counted(int(villages[name].sum())) for name in _COUNTS}
    said = {"as_of": content.as_of, "end": content.end, "count": sums["listed"], "rule": sums["by_rule"]}
    head = (
        (texts("roster", "title_summary"), "title", 30.0),
        (texts("roster", "subtitle", **said, **{tier: sums[tier] for tier in URGENT_FIRST}), "subtitle", 18.0),
        (texts("roster", "summary_hint", notes=texts("roster", "sheet_notes")), "hint", 16.0),
        (grave_remarks(content, texts), "warning", 6.0),
    )
    edges = ListEdges(kept_left=len(names), note=texts("roster", "keep_safe"), day=str(content.as_of))
    write_list(sheet, styles, head, columns, _ROOM, edges)


def _by_village(content: RosterReport, index: Sequence[tuple[str, pl.DataFrame]]) -> pl.DataFrame:
    """Return how many households of each village are listed and wait, and what leads to the first of them."""
    known = [name for name in VISIT_LEVELS if name in content.places.columns]
    several = [name for name in known if name != "county" or content.places[name].n_unique() > 1] or known
    lines = [
        part.select(
            "household_id", target=pl.Series([place_in_book(name, HEADER_ROW + 1 + at) for at in range(part.height)])
        )
        for name, part in index
        if part.height
    ]
    at = pl.concat(lines) if lines else pl.DataFrame(schema={"household_id": pl.String, "target": pl.String})
    concerned = pl.any_horizontal(pl.col("listed_for", "waiting_for").is_not_null())
    rows = at.join(content.risk.filter(concerned), on="household_id", how="full", coalesce=True, maintain_order="left")
    placed = rows.join(content.places.select("household_id", *several), on="household_id", how="left")
    listed = pl.col("listed_for").is_not_null()
    return (
        placed.group_by(several, maintain_order=True)
        .agg(
            listed.sum().alias("listed"),
            *((listed & (pl.col("tier") == tier)).sum().alias(tier) for tier in URGENT_FIRST),
            (pl.col("listed_for") == "rule").sum().alias("by_rule"),
            pl.col("waiting_for").is_not_null().sum().alias("waiting"),
            pl.col("target").drop_nulls().first(),
        )
        .sort(several, nulls_last=True)
    )


def _with_sums(villages: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return the villages of every town under a row of their sums."""
    above = list(names[:-1])
    rows = villages.with_columns(summed=pl.lit(False))
    if not above:
        return rows
    sums = villages.group_by(above).agg(pl.col(_COUNTS).sum()).with_columns(summed=pl.lit(True))
    return pl.concat([rows, sums], how="diagonal").sort(
        *above, pl.col("summed"), names[-1], descending=[*(False for _ in above), True, False], nulls_last=True
    )


def _places(rows: pl.DataFrame, name: str, texts: Texts, *, summed: bool) -> SheetColumn:
    """Return a column of names; the last one tells which rows are sums, and leads to the list."""
    header, unknown, whole = texts("roster", name), texts("facts", "not_stated"), texts("roster", "summary_subtotal")
    cells = [
        whole if summed and is_sum else unknown if place is None else place
        for place, is_sum in rows.select(name, "summed").iter_rows()
    ]
    return SheetColumn(
        header=header,
        width=fitted_width([header + "  ", *cells], _NARROWEST, _WIDEST),
        look=["label" if is_sum else "text" for is_sum in rows["summed"]],
        cells=cells,
        links=rows["target"].fill_null("").to_list() if summed else (),
        least=_NARROWEST,
    )


def _counts(rows: pl.DataFrame, name: str, texts: Texts) -> SheetColumn:
    looks = ["sum" if is_sum else "count" for is_sum in rows["summed"]]
    return SheetColumn(header=texts("roster", name), width=_COUNT_WIDTH, look=looks, cells=rows[name].to_list())
