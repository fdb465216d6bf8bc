"""Lines of the audit's workbooks that answer nothing: as they came, each with the reason, to be sent back."""

from datetime import date, datetime, time
from pathlib import Path

import polars as pl
import xlsxwriter

from relapse_risk.audit import CorrectionCheck
from relapse_risk.ingest import ReturnedLines
from relapse_risk.policy import Texts
from relapse_risk.reports.figures import counted
from relapse_risk.reports.sent_back import columns_sent_back
from relapse_risk.reports.sheets import LETTERS, ListEdges, Styles, sheet_names, write_list

__all__ = ["write_unanswered"]

_ROOM = 34.0


def write_unanswered(
    returned: ReturnedLines, corrections: CorrectionCheck, path: str | Path, *, as_of: date, lang: str = "zh"
) -> int:
    """Write a workbook of the lines that were refused, and return how many they are; none where there are none.

    Mended, it is read back as any workbook of the audit.

    Parameters
    ----------
    returned : ReturnedLines
    corrections : CorrectionCheck
    path : str or Path
        Written over if it is there.
    as_of : date
        Of the run.
    lang : {"zh", "en"}
    """
    texts, refused = Texts(lang), corrections.refused
    if refused.is_empty():
        return 0
    said = pl.Series("reason", [texts("correction_rules", rule) for rule in refused["rule"]], dtype=pl.String)
    lines = refused.with_columns(said).group_by("file", "page", "line", maintain_order=True)
    reasons = lines.agg(pl.col("reason").unique(maintain_order=True).str.join("\n"))
    pages = reasons.partition_by("file", "page", as_dict=True, maintain_order=True)
    names = sheet_names([str(page) for _, page in pages], taken=[])
    hidden = [Texts(one)("audit", "code") for one in ("zh", "en")]
    header, title = (texts("audit", f"unanswered_{key}") for key in ("reason", "title"))
    with xlsxwriter.Workbook(str(path), LETTERS) as book:
        book.set_properties({"title": title, "created": datetime.combine(as_of, time())})
        styles = Styles(book, lang)
        for name, (place, rows) in zip(names, pages.items(), strict=True):
            sheet, page = book.add_worksheet(name), returned.sheets[str(place[0]), str(place[1])]
            columns = columns_sent_back(page, rows["line"], rows["reason"], header, hidden)
            subtitle = texts("audit", "unanswered_subtitle", file=place[0], page=place[1], count=counted(rows.height))
            head = ((title, "title", 30.0), (subtitle, "subtitle", 18.0), ("", "hint", 6.0), ("", "warning", 6.0))
            edges = ListEdges(kept_left=0, note=texts("roster", "keep_safe"), day=str(as_of))
            write_list(sheet, styles, head, columns, _ROOM, edges)
    return reasons.height
