"""How a sheet is printed: on which paper its columns stand side by side in letters large enough to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

from relapse_risk.reports.sheets.styles import BODY_POINTS

__all__ = ["LISTS", "PAGES", "Paper", "paper_for", "print_on", "printed_title"]

_LEAST_POINTS = 9.0
_SPARE = 0.99  # programs round widths and scales
_POINTS_OF_UNIT, _POINTS_BESIDE = 5.25, 3.75  # a digit of eleven points is 7 pixels wide, beside it are 5
_INCH = 72.0
_SIDE = 0.4  # inches, margin
_LONGEST_TITLE = 60  # letters; header and footer together hold 255


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A sheet of paper.

    Attributes
    ----------
    code : int
        As spreadsheets number it.
    landscape : bool
    inches : float
        How wide it is as it lies.
    """

    code: int
    landscape: bool
    inches: float

    @property
    def room(self) -> float:
        """Points that columns may take, if they are made smaller as far as they can still be read."""
        return (self.inches - 2 * _SIDE) * _INCH * BODY_POINTS / _LEAST_POINTS * _SPARE


_A4 = Paper(code=9, landscape=False, inches=8.27)
_A4_ACROSS = Paper(code=9, landscape=True, inches=11.69)
_A3_ACROSS = Paper(code=8, landscape=True, inches=16.54)

PAGES = (_A4, _A4_ACROSS, _A3_ACROSS)
"""Papers of a sheet to be read, the first that is wide enough."""
LISTS = (_A4_ACROSS, _A3_ACROSS)
"""Papers of a list."""


def paper_for(
    widths: Sequence[float], least: Sequence[float], papers: Sequence[Paper]
) -> tuple[Paper | None, list[float]]:
    """Return the first paper on which columns stand side by side, and how wide they are on it.

    Columns that may be narrower are, as far as a paper needs it. Without such a paper there is none, and they are as
    wide as asked for: they are printed on several pages side by side.

    Parameters
    ----------
    widths, least : sequence of float
        Of each column: asked for, and the least it may have.
    papers : sequence of Paper

    Examples
    --------
    >>> paper, widths = paper_for([20.0, 40.0], [20.0, 20.0], LISTS)
    >>> paper.code, widths
    (9, [20.0, 40.0])
    >>> paper, widths = paper_for([20.0] * 6 + [60.0], [20.0] * 7, LISTS)
    >>> paper.code, widths[:6] == [20.0] * 6, 20.0 < widths[6] < 60.0
    (9, True, True)
    >>> paper_for([60.0] * 5, [60.0] * 5, LISTS)[0] is None
    True
    """
    for paper in papers:
        spare = paper.room - _points(least)
        if spare >= 0:
            share = min(1.0, spare / ((_points(widths) - _points(least)) or 1.0))
            narrow = [low + floor((width - low) * share * 10) / 10 for width, low in zip(widths, least, strict=True)]
            return paper, list(widths) if share == 1 else narrow
    return None, list(widths)


def _points(widths: Sequence[float]) -> float:
    return sum(width * _POINTS_OF_UNIT + _POINTS_BESIDE for width in widths)


def print_on(sheet: Any, paper: Paper | None) -> None:
    """Print all columns of a sheet side by side on a paper; without one over several pages, as small as can be read."""
    across = paper or LISTS[-1]
    if across.landscape:
        sheet.set_landscape()
    else:
        sheet.set_portrait()
    sheet.set_paper(across.code)
    sheet.set_margins(left=_SIDE, right=_SIDE, top=0.75, bottom=0.6)
    if paper is None:
        sheet.set_print_scale(round(100 * _LEAST_POINTS / BODY_POINTS))
    else:
        sheet.fit_to_pages(1, 0)


def printed_title(text: str) -> str:
    """Return a text as a header or footer may hold it.

    Examples
    --------
    >>> printed_title("东华镇 A&B村")
    '东华镇 A&&B村'
    """
    return text[:_LONGEST_TITLE].replace("&", "&&")
