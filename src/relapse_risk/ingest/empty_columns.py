"""Columns that have a header and no content: nothing in them can be judged, and nobody would miss them."""

from collections.abc import Container, Sequence

from relapse_risk.ingest.cells import Cell, compact
from relapse_risk.ingest.headers import HeaderRow
from relapse_risk.ingest.intake import Note
from relapse_risk.ingest.layout import Body
from relapse_risk.ingest.masking import shown_header

__all__ = ["empty_columns"]


def empty_columns(body: Body, headers: HeaderRow, silent: Container[str]) -> list[Note]:
    """Tell the headers of a sheet under which no row says anything; none where the sheet has no rows.

    Parameters
    ----------
    body : Body
    headers : HeaderRow
    silent : container of str
        Wordings, in lower case, that say nothing.
    """
    if body.numbers.is_empty():
        return []
    named = [(header, cells) for header, cells in zip(headers.cells, body.columns, strict=False) if compact(header)]
    empty = [shown_header(header) for header, cells in named if _is_blank(cells, silent)]
    if not empty:
        return []
    place = {"source": body.sheet.source, "sheet": body.sheet.name or ""}
    return [("column_empty", {**place, "headers": ", ".join(dict.fromkeys(empty))})]


def _is_blank(cells: Sequence[Cell], silent: Container[str]) -> bool:
    return all(not (text := compact(cell).lower()) or text in silent for cell in cells)
