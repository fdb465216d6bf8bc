"""Codes that lost the zero before them when a spreadsheet took them for numbers."""

from collections.abc import Container, Iterable, Mapping

from relapse_risk.ingest.cell_columns import Reader
from relapse_risk.ingest.cells import Cell, Reading, compact

__all__ = ["lost_zeros", "with_zeros"]

_NO_ORDINAL = 3
"""From so many digits on a number is a code, and no county numbers its own few words so high."""


def lost_zeros(cells: Iterable[Cell], known: Container[str], zeroed: Iterable[str]) -> Mapping[str, str]:
    """Return the codes of which a column's numbers lost the first zero, where that is beyond doubt.

    A county may number its own words 1, 2, 3. So every number of the column must be a code, as it stands or with its
    zero, and one of them must tell whose list it is: it kept its zero, or is too long to count anything.

    Parameters
    ----------
    cells : iterable of Cell
        The column.
    known : container of str
        Codes as they are written.
    zeroed : iterable of str
        Those of them that begin with a zero.

    Examples
    --------
    >>> codes = ("01", "0201", "03", "99")
    >>> lost_zeros([1, 201, "3", 99, None], codes, codes[:3])
    {'1': '01', '201': '0201', '3': '03'}
    >>> lost_zeros([1, 3], codes, codes[:3]), lost_zeros([1, 2, 201], codes, codes[:3])
    ({}, {})
    """
    found = sorted({text for cell in set(cells) if (text := compact(cell)).isascii() and text.isdecimal()})
    whole = {code[1:]: code for code in zeroed if code[1:] not in known}
    lost = {text: whole[text] for text in found if text not in known and text in whole}
    explained = all(text in known or text in lost for text in found)
    sure = any(text.startswith("0") or (text in lost and len(text) >= _NO_ORDINAL) for text in found)
    return lost if explained and sure else {}


def with_zeros(reader: Reader, lost: Mapping[str, str]) -> Reader:
    """Return a reader that reads numbers as the codes they were, with a remark."""
    if not lost:
        return reader

    def read(cell: Cell) -> Reading:
        code = lost.get(compact(cell))
        return reader.read(cell) if code is None else Reading(reader.read(code).value, "leading_zero_restored")

    return reader.reading_by(read)
