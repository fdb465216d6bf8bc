"""Lines of filled-in sheets that are sent back: their own headers and cells, and the reason in the last column."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from relapse_risk.ingest import FilledSheet
from relapse_risk.reports.sheets import SheetColumn, fitted_width

__all__ = ["columns_sent_back"]

_BOUNDS, _REASON_WIDTH = (6.0, 32.0), 44.0
_NARROWEST = 24.0  # a code is not broken


def columns_sent_back(
    page: FilledSheet, numbers: Iterable[int], reasons: Iterable[str], reason: str, hidden: Sequence[str] = ()
) -> list[SheetColumn]:
    """Return the columns of lines of a sheet as they came, and why each is sent back.

    Parameters
    ----------
    page : FilledSheet
    numbers : iterable of int
        Of the lines.
    reasons : iterable of str
        One for each of them.
    reason : str
        The header of the reasons; a column of this name, of a line that was sent back before, is left out.
    hidden : sequence of str
        Headers of columns that are there for reading back only.
    """
    lines = [page.rows[number] for number in numbers]
    width = max([len(page.head), *map(len, lines)])
    heads = [_shown(cell) for cell in page.head] + [None] * (width - len(page.head))
    columns = [
        _column(str(head or ""), [_shown(line[place]) for line in lines], hidden) for place, head in enumerate(heads)
    ]
    kept = [column for column in columns if column.header != reason]
    # Hidden columns stand last, so that the texts above a list go over those that are seen.
    ordered = sorted(kept, key=lambda column: column.hidden)
    seen = sum(not column.hidden for column in ordered)
    of_reasons = SheetColumn(header=reason, width=_REASON_WIDTH, look="text", cells=list(reasons), least=_NARROWEST)
    return [*ordered[:seen], of_reasons, *ordered[seen:]]


def _column(header: str, cells: Sequence[str | float | date | None], hidden: Sequence[str]) -> SheetColumn:
    written = [str(cell) for cell in cells if cell is not None]
    width = fitted_width([header + "  ", *(line for text in written for line in text.split("\n"))], *_BOUNDS)
    look = ["day" if isinstance(cell, date) else "text" for cell in cells]
    return SheetColumn(
        header=header, width=width, look=look, cells=cells, hidden=header in hidden, least=min(width, _NARROWEST)
    )


def _shown(cell: object) -> str | float | date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if cell is None or isinstance(cell, date) or (isinstance(cell, int | float) and not isinstance(cell, bool)):
        return cell
    return str(cell)
