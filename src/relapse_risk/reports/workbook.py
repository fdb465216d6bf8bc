"""The roster workbook: a list that can be printed, carried from door to door and filled in, with a sheet of notes."""

from collections.abc import Iterable
from datetime import datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from relapse_risk.errors import InputError
from relapse_risk.policy import URGENT_FIRST, Texts
from relapse_risk.records import VISIT_LEVELS
from relapse_risk.reports.figures import counted
from relapse_risk.reports.lines import Area, split, waiting_lines, written_lines
from relapse_risk.reports.notes import grave_remarks, write_notes
from relapse_risk.reports.roster_report import RosterReport
from relapse_risk.reports.sheets import (
    HEADER_ROW,
    LETTERS,
    Head,
    ListEdges,
    SheetColumn,
    Styles,
    ask_for_day,
    fitted_width,
    sheet_names,
    write_list,
)
from relapse_risk.reports.summary_sheet import write_summary

__all__ = ["write_workbook"]

_TO_FILL = ("visited_on", "finding", "by", "remark")
_KEPT_LEFT = "household_id"
_NARROWEST, _WIDEST = 6.0, 20.0
_WIDEST_CODE = 32.0  # a code broken over two lines is misread
_WIDTHS = {
    **{"visited_on": 11.0, "finding": 11.0, "by": 9.0, "remark": 16.0},
    **{"serial": 6.0, "probability": 9.0, "listed_again": 13.0},
}
_BROAD = {"reason_text": (36.0, 60.0), "rules": (16.0, 30.0)}
_LEAST = {  # of columns whose lines may be broken
    **{"reason_text": 28.0, "rules": 12.0, "address": 12.0, "remark": 11.0, "interval": 12.0, "listed_again": 10.0},
    **{"head_name": 9.0, "town": 9.0, "village": 8.0, "household_type": 9.0, "rank": 7.0},
}
_LOOK = {
    "serial": "count",
    "rank": "count",
    "probability": "per_cent",
    "listed_again": "per_cent",
    "visited_on": "day",
    "reason_text": "text",
    "rules": "text",
    "remark": "text",
}
_ROOM_TO_WRITE = 34.0
_MOST_LINES = 1_000_000  # a sheet holds 1,048,576 rows


def write_workbook(
    content: RosterReport,
    path: str | Path,
    *,
    lang: str = "zh",
    carried: pl.DataFrame | None = None,
    split_by: str | None = None,
    accounts: pl.DataFrame | None = None,
) -> None:
    """Write the listed households as a workbook: a sheet of notes, then one list, or one for each area.

    The same content gives the same bytes on any day.

    Parameters
    ----------
    content : RosterReport
        What the roster says.
    path : str or Path
        Written over if it is there.
    lang : {"zh", "en"}
        Of everything but the records' own words.
    carried : pl.DataFrame, optional
        household_id and the identifying columns to print with it (``Intake.carried``).
    split_by : {"county", "town", "village"}, optional
        One list for each area of this level. The capacity is not split: ranks are those of the whole list.
    accounts : pl.DataFrame, optional
        What became of every row that was read (``Intake.accounts``), for the notes.

    Raises
    ------
    InputError
        If more households are listed than a sheet holds (``roster_too_long``).
    """
    texts = Texts(lang)
    lines, waiting = written_lines(content, content.listed, texts, carried), waiting_lines(content, texts, carried)
    if (longest := max(lines.height, waiting.height)) > _MOST_LINES:
        raise InputError("roster_too_long", found=longest, most=_MOST_LINES)
    areas: list[Area] = [("", lines)] if split_by is None else split(lines, content.places, split_by, texts)
    notes, summary, waits = (texts("roster", f"sheet_{key}") for key in ("notes", "summary", "waiting"))
    names = sheet_names([name or texts("roster", "sheet_list") for name, _ in areas], taken=[notes, summary, waits])
    with xlsxwriter.Workbook(str(path), LETTERS) as book:
        book.set_properties({"title": texts("roster", "title"), "created": datetime.combine(content.as_of, time())})
        styles = Styles(book, lang)
        cover = book.add_worksheet(notes)
        index = list(zip(names, (part for _, part in areas), strict=True))
        write_notes(cover, styles, content, texts, [] if split_by is None else index, accounts)
        if any(name in content.places.columns for name in VISIT_LEVELS):
            write_summary(book.add_worksheet(summary), styles, content, texts, index)
        sheets = [book.add_worksheet(name) for name in names]
        for sheet, (name, part) in zip(sheets, areas, strict=True):
            _write_list(sheet, styles, content, texts, name, part)
        if waiting.height:
            _write_waiting(book.add_worksheet(waits), styles, content, texts, waiting)
        # With one list people want the list; with many, the notes tell which sheet is whose.
        (cover if split_by else sheets[0]).activate()


def _write_list(
    sheet: Any, styles: Styles, content: RosterReport, texts: Texts, area: str, lines: pl.DataFrame
) -> None:
    lines = lines.with_row_index("serial", offset=1)
    names = [*lines.columns, *_TO_FILL]
    columns, head = [_column(name, lines, texts) for name in names], _head(content, texts, area, lines)
    sheet.set_tab_color(styles.tab(lines["tier"]))
    write_list(sheet, styles, head, columns, _ROOM_TO_WRITE, _edges(content, lines, texts))
    ask_for_day(sheet, rows=lines.height, column=names.index("visited_on"), texts=texts)
    _ask_for_finding(sheet, texts, names.index("finding"), HEADER_ROW + max(lines.height, 1))


def _edges(content: RosterReport, lines: pl.DataFrame, texts: Texts) -> ListEdges:
    kept_left = lines.columns.index(_KEPT_LEFT) + 1
    return ListEdges(kept_left=kept_left, note=texts("roster", "keep_safe"), day=str(content.as_of))


def _write_waiting(sheet: Any, styles: Styles, content: RosterReport, texts: Texts, lines: pl.DataFrame) -> None:
    """Write who waits: nothing is to be filled in."""
    lines = lines.with_row_index("serial", offset=1)
    title, subtitle, *rest = _head(content, texts, "", lines)
    head = ((texts("roster", "title_waiting"), *title[1:]), subtitle, *rest)
    columns = [_column(name, lines, texts) for name in lines.columns]
    write_list(sheet, styles, head, columns, _ROOM_TO_WRITE, _edges(content, lines, texts))


def _head(content: RosterReport, texts: Texts, area: str, lines: pl.DataFrame) -> Head:
    """Return the title, what is listed here, how to read it and what a reader must be warned of."""
    tiers = {tier: counted(lines.filter(tier=tier).height) for tier in ("red", "orange", "yellow")}
    title = texts("roster", "title_of", area=area) if area else texts("roster", "title")
    subtitle = texts(
        "roster",
        "subtitle",
        as_of=content.as_of,
        end=content.end,
        count=counted(lines.height),
        **tiers,
        rule=counted(_by_rule(content, lines)),
    )
    hint_key = "hint_assumed" if content.assumed else "hint"
    hint = texts("roster", hint_key, notes=texts("roster", "sheet_notes"))
    warning = grave_remarks(content, texts)
    return ((title, "title", 30.0), (subtitle, "subtitle", 18.0), (hint, "hint", 16.0), (warning, "warning", 6.0))


def _by_rule(content: RosterReport, lines: pl.DataFrame) -> int:
    """Return how many of some lines only a hard rule lists, or would."""
    of_rule = pl.any_horizontal(pl.col("listed_for", "waiting_for") == "rule")
    return lines.join(content.risk.filter(of_rule), on="household_id", how="semi").height


def _column(name: str, lines: pl.DataFrame, texts: Texts) -> SheetColumn:
    header = _header(name, texts)
    if name in _TO_FILL:
        return SheetColumn(header=header, width=_WIDTHS[name], look=_LOOK.get(name, "centre"), least=_LEAST.get(name))
    if name in ("serial", "rank", "probability", "listed_again"):
        cells = lines[name].to_list()
        width = _width(name, map(str, cells), texts)
        return SheetColumn(header=header, width=width, look=_LOOK[name], cells=cells, least=_least(name, width))
    written = _written(lines, name, texts)
    look: str | list[str] = _LOOK.get(name, "centre")
    if name == "tier":
        look = [tier if tier in URGENT_FIRST else "centre" for tier in lines["tier"]]
    width = _width(name, written, texts)
    return SheetColumn(header=header, width=width, look=look, cells=written, least=_least(name, width))


def _ask_for_finding(sheet: Any, texts: Texts, place: int, last_row: int) -> None:
    """Let only findings be chosen that can be counted."""
    findings = list(texts.labels("visits.findings").values())
    choice = {"validate": "list", "source": findings, "error_message": texts("roster", "finding_wanted")}
    sheet.data_validation(HEADER_ROW + 1, place, last_row, place, choice)


def _header(name: str, texts: Texts) -> str:
    """Return the header of a column; a carried one that has no wording keeps its name."""
    return texts("roster", name) if texts.has("roster", name) else texts.label("carried", name)


def _written(lines: pl.DataFrame, name: str, texts: Texts) -> list[str]:
    if name == "tier":
        return ["" if tier is None else texts("tiers", tier).capitalize() for tier in lines["tier"]]
    return lines[name].cast(pl.String).fill_null("").to_list()


def _least(name: str, width: float) -> float | None:
    return min(width, _LEAST[name]) if name in _LEAST else None


def _width(name: str, cells: Iterable[str], texts: Texts) -> float:
    if name in _WIDTHS:
        return _WIDTHS[name]
    if name in _BROAD:
        return fitted_width([line for cell in cells for line in cell.split("\n")], *_BROAD[name])
    widest = _WIDEST_CODE if name == "household_id" else _WIDEST
    return fitted_width([_header(name, texts) + "  ", *cells], _NARROWEST, widest)  # with room for the filter's button
