"""Numbers of persons, as they are said: 4口人, 四口人, 共4人."""

import re
import unicodedata

from relapse_risk.ingest.cells import Cell, Read, Reading, compact

__all__ = ["read_persons"]

_COUNT = re.compile(
    r"(?:一共|总共|共计|共有|合计|共|有)?(\d+|[一二两三四五六七八九]?十?[一二三四五六七八九]?)(口人|个人|口|人|名)?"
)
_TEN = "十"


def read_persons(read: Read) -> Read:
    """Return what reads a number of persons where it is said in words, else as `read` does.

    Examples
    --------
    >>> from relapse_risk.ingest.cells import read_number, whole
    >>> number = read_persons(whole(read_number({})))
    >>> [number(cell).value for cell in (4, "4口人", "四口人", "共4人", "十二人", "两口人", "四五口人", "口人")]
    [4, 4, 4, 4, 12, 2, None, None]
    """

    def read_said(cell: Cell) -> Reading:
        said = _COUNT.fullmatch(compact(cell)) if isinstance(cell, str) else None
        if said is None or not said[1]:
            return read(cell)
        count = int(said[1]) if said[1].isdecimal() else _spelled(said[1])
        return read(cell) if count is None else read(count)

    return read_said


def _spelled(text: str) -> int | None:
    """Return a number below a hundred in Chinese numerals; None of two digits side by side (三四: three or four)."""
    tens, ten, ones = text.rpartition(_TEN)
    if not ten and len(ones) > 1:
        return None
    return (_digit(tens, 1) * 10 if ten else 0) + _digit(ones, 0)


def _digit(text: str, absent: int) -> int:
    return int(unicodedata.numeric(text.replace("两", "二"))) if text else absent
