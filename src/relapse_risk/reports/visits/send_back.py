"""Rows of filled-in visits that were not entered, to be sent back: as they came, each with the reason."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import polars as pl
import xlsxwriter

from relapse_risk.ingest import VisitIntake
from relapse_risk.policy import Policy, Texts
from relapse_risk.reports.figures import counted
from relapse_risk.reports.sent_back import columns_sent_back
from relapse_risk.reports.sheets import LETTERS, ListEdges, Styles, sheet_names, write_list
from relapse_risk.reports.visits.machine_sheet import MACHINE, ask_for_choices, write_machine

__all__ = ["reasons_of", "write_send_back"]

_PLACE = ("source", "sheet", "row")
_REASONS = pl.Schema({"source": pl.String, "sheet": pl.String, "row": pl.UInt32, "reason": pl.String})
_ROOM = 34.0


def reasons_of(intake: VisitIntake, acts: pl.DataFrame, texts: Texts) -> pl.DataFrame:
    """Return every row that was not entered, or not wholly, with the reasons in words: source, sheet, row, reason.

    Parameters
    ----------
    intake : VisitIntake
    acts : pl.DataFrame
        The acts of the rows as ``Ledger.act`` returns them.
    texts : Texts
    """
    rules = texts.labels("visits.rules") | texts.labels("ledger.rules")
    kinds = texts.labels("ledger.kinds")
    file = pl.col("source").str.split("/").list.first().replace_strict(intake.files, return_dtype=pl.String)
    refused = acts.filter(outcome="refused").select(file, "sheet", "row", "rule", "kind")
    found = pl.concat([intake.rejected.select(*_PLACE, "rule", kind=pl.lit(None, dtype=pl.String)), refused])
    reasons = [
        (*place, f"{rules[rule]} ({kinds[kind]})" if kind in kinds else rules[rule])
        for *place, rule, kind in found.iter_rows()
    ]
    frame = pl.DataFrame(reasons, schema=_REASONS, orient="row").unique(maintain_order=True)
    return frame.group_by(_PLACE, maintain_order=True).agg(pl.col("reason").str.join("\n")).sort(_PLACE)


def write_send_back(
    intake: VisitIntake, acts: pl.DataFrame, path: str | Path, *, policy: Policy, as_of: date, lang: str = "zh"
) -> int:
    """Write a workbook of the rows that were not entered, and return how many they are; none where there are none.

    Each sheet they are in has a sheet, with its own headers and cells and the reason in the last column. Corrected,
    it is read back as any visit workbook.

    Parameters
    ----------
    intake : VisitIntake
    acts : pl.DataFrame
        The acts of the rows as ``Ledger.act`` returns them.
    path : str or Path
        Written over if it is there.
    policy : Policy
    as_of : date
        Of the run.
    lang : {"zh", "en"}
    """
    texts = Texts(lang, mechanism=policy.mechanism)
    reasons = reasons_of(intake, acts, texts)
    if reasons.is_empty():
        return 0
    pages = reasons.partition_by("source", "sheet", as_dict=True, maintain_order=True)
    names = sheet_names([sheet for _, sheet in pages], taken=[MACHINE])
    codes = intake.codes.join(reasons, on=_PLACE, how="semi").drop_nulls("alert_id").unique("alert_id").sort("alert_id")
    with xlsxwriter.Workbook(str(path), LETTERS) as book:
        book.set_properties(
            {"title": texts("visits.texts", "send_back_title"), "created": datetime(*as_of.timetuple()[:3])}
        )
        styles = Styles(book, lang)
        sheets = [book.add_worksheet(name) for name in names]
        choices = write_machine(book.add_worksheet(MACHINE), codes, texts)
        for sheet, rows in zip(sheets, pages.values(), strict=True):
            page = intake.sheets[rows.row(0)[:2]]
            columns = columns_sent_back(page, rows["row"], rows["reason"], texts("visits.texts", "send_back_reason"))
            edges = ListEdges(kept_left=0, note=texts("visits.texts", "keep_safe"), day=str(as_of))
            write_list(sheet, styles, _head(rows, texts), columns, _ROOM, edges)
            headers = [column.header for column in columns]
            wanted = {name: texts("visits.columns", name) for name in ("finding", "measure")}
            places = {name: headers.index(header) for name, header in wanted.items() if header in headers}
            ask_for_choices(sheet, places, rows.height, choices, texts)
    return reasons.height


def _head(rows: pl.DataFrame, texts: Texts) -> Sequence[tuple[str, str, float]]:
    source, sheet = rows.row(0)[:2]
    subtitle = texts("visits.texts", "send_back_subtitle", source=source, sheet=sheet, count=counted(rows.height))
    title, hint = (texts("visits.texts", f"send_back_{key}") for key in ("title", "hint"))
    return ((title, "title", 30.0), (subtitle, "subtitle", 18.0), (hint, "hint", 16.0), ("", "warning", 6.0))
