"""Administrative divisions: what the parts of a village's code stand for, and what an office's own table calls them."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import python_calamine

from relapse_risk.errors import InputError

__all__ = ["DIVISION_DIGITS", "Divisions", "read_divisions"]

DIVISION_DIGITS: Mapping[str, int] = MappingProxyType(
    {"province": 2, "prefecture": 4, "county": 6, "town": 9, "village": 12}
)
"""How many digits of a code name an area of each level, the largest first (GB/T 2260, GB/T 10114)."""

_TEXT = (".csv", ".txt", ".tsv")
_CODE = re.compile(r"[1-9](\d|\d{3}|\d{5}|\d{8}|\d{11})")
_NAMED = ("名", "name")


@dataclass(frozen=True, kw_only=True)
class Divisions:
    """What areas are called, by code: two digits of a province to the twelve of a village.

    Examples
    --------
    >>> Divisions(names={"530000000000": "云南省", "533901": "甲县"}).names
    mappingproxy({'53': '云南省', '533901': '甲县'})
    """

    names: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "names", MappingProxyType({_own_digits(code): self.names[code] for code in self.names})
        )


def _own_digits(code: str) -> str:
    """Return the digits that name an area of its own: 533901000000 is the county 533901."""
    for digits in DIVISION_DIGITS.values():
        if len(code) >= digits and not code[digits:].strip("0"):
            return code[:digits]
    return code


def read_divisions(path: str | Path) -> Divisions:
    """Read an office's table of divisions: a list (CSV, workbook) with a column of codes and one of names.

    The columns are known by their contents: codes of 2, 4, 6, 9 or 12 digits, and the only texts, or those whose
    header says that they are names. Rows without a code or a name say nothing.

    Raises
    ------
    InputError
        If it cannot be read (``divisions_unreadable``, ``no_permission``), has no such columns or several of names
        (``divisions_columns``), or gives one code two names (``divisions_twice``).
    """
    file = Path(path)
    rows = [[str(cell).strip() for cell in row] for row in _rows(file)]
    code, name = _columns(file, rows)
    names: dict[str, str] = {}
    for row in rows:
        digits, called = _digits(row[code]), row[name]
        if digits is None or not called:
            continue
        if names.setdefault(_own_digits(digits), called) != called:
            raise InputError("divisions_twice", path=file, digits=digits, name=names[_own_digits(digits)], other=called)
    return Divisions(names=names)


def _rows(file: Path) -> list[Sequence[object]]:
    try:
        if file.suffix.lower() in _TEXT:
            text = _text(file.read_bytes())
            rows: list[Sequence[object]] = list(csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text)))
        else:
            sheet = python_calamine.load_workbook(file).get_sheet_by_index(0)
            rows = list(sheet.to_python(skip_empty_area=False))
    except PermissionError as error:
        raise InputError("no_permission", path=file) from error
    except (python_calamine.CalamineError, csv.Error, UnicodeError, OSError) as error:
        raise InputError("divisions_unreadable", path=file) from error
    width = max(map(len, rows), default=0)
    return [[*row, *[""] * (width - len(row))] for row in rows]


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _separator(text: str) -> str:
    return max(",\t;", key=text[:4096].count)


def _digits(cell: str) -> str | None:
    """Return the code in a cell; a workbook may hold it as a number."""
    digits = cell.removesuffix(".0")
    return digits if _CODE.fullmatch(digits) else None


def _columns(file: Path, rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Return the places of the codes and of the names."""
    first = next((place for place, row in enumerate(rows) if any(map(_digits, row))), None)
    if first is None:
        raise InputError("divisions_columns", path=file, found=_shown(rows[:1]))
    columns = range(len(rows[0]))
    digits = [max((len(_digits(row[column]) or "") for row in rows), default=0) for column in columns]
    code = max(columns, key=lambda column: (digits[column], sum(_digits(row[column]) is not None for row in rows)))
    headers = rows[first - 1] if first else [""] * len(rows[0])
    texts = [column for column in columns if column != code and _is_text(rows[first:], column)]
    named = [column for column in texts if any(word in headers[column].lower() for word in _NAMED)]
    found = named if len(texts) > 1 else texts
    if len(found) != 1:
        raise InputError("divisions_columns", path=file, found=_shown([headers]))
    return code, found[0]


def _is_text(rows: Sequence[Sequence[str]], column: int) -> bool:
    return any(row[column] and not row[column].replace(".", "").isdecimal() for row in rows)


def _shown(rows: Sequence[Sequence[str]]) -> str:
    return ", ".join(cell for row in rows for cell in row if cell) or "-"
