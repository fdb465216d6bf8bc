"""Every household known on a day as one table in an office's words: a workbook, a CSV file or Parquet."""

from collections.abc import Callable, Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from relapse_risk.errors import InputError
from relapse_risk.policy import Texts
from relapse_risk.records import AREA_COLUMNS
from relapse_risk.reports.figures import listing
from relapse_risk.reports.roster_report import RosterReport
from relapse_risk.reports.sheets import LETTERS, Styles, fitted_width
from relapse_risk.reports.spreadsheet_csv import write_spreadsheet_csv
from relapse_risk.reports.wording import rule_words

__all__ = ["TABLE_SUFFIXES", "write_household_table"]

MOST_ROWS = 1_048_576
"""Of a sheet, its header among them."""

_CODES: Mapping[str, str] = {
    "household_type": "household_types",
    "population": "populations",
    "exclusion_reason": "exclusion_reasons",
    **dict.fromkeys(("listed_for", "visit_for", "waiting_for"), "visits.listed_for"),
    **dict.fromkeys(("tier", "tier_model"), "tiers"),
    **dict.fromkeys(("reason_1", "reason_2", "reason_3"), "reasons"),
}
"""Columns of codes, and the topic of what these are called."""
_ORDER = (
    *("household_id", "carried", *AREA_COLUMNS.values(), "household_type", "population", "exclusion_reason"),
    *("rank", "tier", "tier_model", "listed_for", "override", "visit_for", "waiting_for", "waiting_since"),
    *("probability", "lower", "upper", "listed_again", "stale"),
    *("reason_1", "reason_2", "reason_3", "reason_text", "as_of"),
)
_LOOK = {"rank": "count", **dict.fromkeys(("probability", "lower", "upper", "listed_again"), "per_cent")}
_BOUNDS = (8.0, 40.0)
_MEASURED = 1_000  # rows by which columns are made wide enough


def write_household_table(
    content: RosterReport, path: str | Path, *, lang: str = "zh", carried: pl.DataFrame | None = None
) -> None:
    """Write every household known on the day, one row each, under headers and in words that an office knows.

    The same content gives the same bytes on any day.

    Parameters
    ----------
    content : RosterReport
    path : str or Path
        Its suffix says what is written: ``.xlsx``; ``.csv``, in UTF-8 with a mark by which spreadsheets know it;
        ``.parquet``. In all of them a text stays a text. A CSV file has no types: there, a text that a spreadsheet
        would run as a formula begins with ``'``, and one that it would take for a number ends in a tabulator.
    lang : {"zh", "en"}
        Of headers and codes; ``reason_text`` is in the language it was scored in.
    carried : pl.DataFrame, optional
        household_id and the identifying columns to write with it (``Intake.carried``).

    Raises
    ------
    InputError
        If it is to be another kind of file (``table_kind``), or a sheet has not as many rows (``table_too_long``).
    """
    path = Path(path)
    write = _WRITERS.get(path.suffix)
    if write is None:
        raise InputError("table_kind", path=path, known=", ".join(_WRITERS))
    if path.suffix == ".xlsx" and content.risk.height >= MOST_ROWS:
        raise InputError("table_too_long", path=path, found=content.risk.height, most=MOST_ROWS - 1)
    write(_worded(content, Texts(lang), carried), content, path, lang)


def _worded(content: RosterReport, texts: Texts, carried: pl.DataFrame | None) -> pl.DataFrame:
    """Return the table: its columns in order by their headers, as far as there are such, codes as words."""
    frame = content.risk.join(content.places, on="household_id", how="left", maintain_order="left")
    names: list[str] = []
    if carried is not None:
        frame = frame.join(carried, on="household_id", how="left", maintain_order="left", validate="m:1")
        names = [name for name in carried.columns if name != "household_id"]
    rules = {one: rule_words(one, content.rules, texts) for one in frame["override"].drop_nulls().unique()}
    said = {one: listing(words.split("\n"), texts) for one, words in rules.items()}
    yes_no = {True: texts("household_table", "yes"), False: texts("household_table", "no")}
    worded = frame.with_columns(
        *(_called(name, topic, frame, texts) for name, topic in _CODES.items() if name in frame.columns),
        pl.col(pl.Date).exclude("as_of").cast(pl.String),
        pl.lit(str(content.as_of)).alias("as_of"),
        pl.col("override").replace_strict(said, return_dtype=pl.String, default=None),
        pl.col("stale").replace_strict(yes_no, return_dtype=pl.String, default=None),
    )
    order = [one for name in _ORDER for one in (names if name == "carried" else [name]) if one in worded.columns]
    return worded.select(pl.col(name).alias(_header(name, texts)) for name in order)


def _called(name: str, topic: str, frame: pl.DataFrame, texts: Texts) -> pl.Expr:
    words = {code: texts.label(topic, code) for code in frame[name].drop_nulls().unique()}
    return pl.col(name).replace_strict(words, return_dtype=pl.String, default=None)


def _header(name: str, texts: Texts) -> str:
    """Return the header of a column; a carried one that has no wording keeps its name."""
    topic = next((one for one in ("household_table", "roster") if texts.has(one, name)), "carried")
    return texts.label(topic, name)


def _write_sheet(table: pl.DataFrame, content: RosterReport, path: Path, lang: str) -> None:
    """Write one sheet, row by row so that memory stays bounded."""
    texts = Texts(lang)
    looks = {_header(name, texts): look for name, look in _LOOK.items()}
    settings = {**LETTERS, "in_memory": False, "constant_memory": True}
    with xlsxwriter.Workbook(str(path), settings) as book:
        title = texts("household_table", "title")
        book.set_properties({"title": title, "created": datetime.combine(content.as_of, time())})
        styles, sheet = Styles(book, lang), book.add_worksheet(title)
        for place, name in enumerate(table.columns):
            cells = table[name].head(_MEASURED).cast(pl.String).drop_nulls()
            sheet.set_column(place, place, 10.0 if name in looks else fitted_width([name + "  ", *cells], *_BOUNDS))
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(table.height, 1), table.width - 1)
        sheet.write_row(0, 0, table.columns, styles["header"])
        styled = [styles[looks.get(name, "text")] for name in table.columns]
        for at, row in enumerate(table.iter_rows(), start=1):
            _write_row(sheet, at, row, styled)


def _write_row(sheet: Any, at: int, row: tuple[Any, ...], styles: list[Any]) -> None:
    for place, (cell, style) in enumerate(zip(row, styles, strict=True)):
        if isinstance(cell, str):
            sheet.write_string(at, place, cell, style)
        elif cell is not None:
            sheet.write_number(at, place, cell, style)


def _write_csv(table: pl.DataFrame, _: RosterReport, path: Path, lang: str) -> None:
    write_spreadsheet_csv(table, path)


def _write_parquet(table: pl.DataFrame, _: RosterReport, path: Path, lang: str) -> None:
    table.write_parquet(path)


_WRITERS: Mapping[str, Callable[[pl.DataFrame, RosterReport, Path, str], None]] = {
    ".xlsx": _write_sheet,
    ".csv": _write_csv,
    ".parquet": _write_parquet,
}

TABLE_SUFFIXES = tuple(_WRITERS)
"""Kinds of file that a table may be."""
