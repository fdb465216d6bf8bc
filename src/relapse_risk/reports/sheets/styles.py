"""How the workbook looks: fonts, colours, column widths and row heights for Chinese and Latin text."""

import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import ceil
from typing import Any

from relapse_risk.policy import URGENT_FIRST, Texts

__all__ = ["BODY_POINTS", "Styles", "fitted_width", "row_height", "sheet_names", "text_width"]

BODY_POINTS = 10
"""Of the letters in cells: smaller ones are on no sheet."""

_FONTS = {"zh": "SimSun", "en": "Calibri"}
_LINE = 14.0
_MARGIN = 6.0
_TEN_IN_ELEVEN = 1.05  # widths are counted in digits of eleven points; text is ten, and words do not break
_HIGHEST = 400.0
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_LONGEST_NAME = 31

_BASE: Mapping[str, Any] = {"font_size": BODY_POINTS, "valign": "vcenter", "text_wrap": True}
_CELL = {**_BASE, "border": 1, "border_color": "#808080"}
# Dark, middle and light, so that the tiers can still be told apart when printed in grey.
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "title": {"font_size": 18, "bold": True, "valign": "vcenter"},
    "subtitle": {**_BASE, "font_size": 11},
    "hint": {**_BASE, "font_color": "#404040"},
    "warning": {**_BASE, "indent": 1, "bold": True, "font_color": "#9C0006", "bg_color": "#FBE5E1", "border": 1},
    "heading": {"font_size": 13, "bold": True, "bottom": 2, "valign": "vcenter"},
    "paragraph": _BASE,
    "label": {**_CELL, "bold": True, "indent": 1, "bg_color": "#F2F2F2"},
    "header": {**_CELL, "bold": True, "bg_color": "#D9D9D9", "align": "center"},
    "text": {**_CELL, "num_format": "@", "indent": 1},
    "centre": {**_CELL, "num_format": "@", "align": "center"},
    "link": {**_CELL, "num_format": "@", "indent": 1, "font_color": "#0563C1", "underline": 1},
    "right": {**_CELL, "num_format": "@", "align": "right", "indent": 1},
    "count": {**_CELL, "num_format": "0", "align": "center"},
    "sum": {**_CELL, "num_format": "0", "align": "center", "bold": True, "bg_color": "#F2F2F2"},
    "per_cent": {**_CELL, "num_format": "0.0%", "align": "center"},
    "day": {**_CELL, "num_format": "yyyy-mm-dd", "align": "center"},
    "red": {**_CELL, "bold": True, "align": "center", "bg_color": "#A61C00", "font_color": "#FFFFFF"},
    "orange": {**_CELL, "bold": True, "align": "center", "bg_color": "#F4A045"},
    "yellow": {**_CELL, "align": "center", "bg_color": "#FFF3C4"},
}


class Styles:
    """The formats of a workbook by name, made when first asked for, and what is at the foot of its pages."""

    def __init__(self, book: Any, lang: str) -> None:
        self._book, self._font = book, _FONTS[lang]
        self.margin = f'&"{self._font},Regular"&{BODY_POINTS} '  # the look of what is printed in a margin
        self.signatures = Texts(lang)("sheets", "signatures")
        self.page_number = Texts(lang)("sheets", "page_number", page="&P", pages="&N")
        self._made: dict[str, Any] = {}

    def tab(self, looks: Iterable[str]) -> str:
        """Return the colour of the tab of a sheet whose lines look so: the gravest; a grey one where none is grave."""
        found = set(looks)
        gravest = next((look for look in URGENT_FIRST if look in found), "header")
        return str(_LOOKS[gravest]["bg_color"])

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._book.add_format({"font_name": self._font, **_LOOKS[name]})
        return self._made[name]


@lru_cache(maxsize=10_000)
def text_width(text: str) -> int:
    """Return how many columns of Latin letters a text takes: two for each Chinese character.

    Examples
    --------
    >>> text_width("因病 a")
    6
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in text)


def fitted_width(texts: Iterable[str], least: float, most: float) -> float:
    """Return a column width that holds texts, as far as the bounds allow.

    Examples
    --------
    >>> fitted_width(["户编号", "53230000001"], 6, 30)
    12.5
    """
    return min(max(max(map(text_width, texts), default=0) + 1.5, least), most)


def row_height(cells: Iterable[tuple[str, float]], least: float = _LINE + 2) -> float:
    """Return the height in points that texts wrapped in columns of these widths need.

    Examples
    --------
    >>> row_height([("因病" * 10, 20.0), ("one line", 20.0)])
    34.0
    """
    lines = max((_lines(text, width) for text, width in cells), default=1)
    return min(max(lines * _LINE + _MARGIN, least), _HIGHEST)


@lru_cache(maxsize=100_000)
def _lines(text: str, width: float) -> int:
    return sum(max(1, ceil(text_width(line) / (width * _TEN_IN_ELEVEN))) for line in text.split("\n"))


def sheet_names(names: Iterable[str], taken: Iterable[str]) -> list[str]:
    """Return names that sheets may have: without what is forbidden, short enough, none twice.

    Examples
    --------
    >>> sheet_names(["城关/镇", "城关 镇", "notes", ""], ["Notes"])
    ['城关 镇', '城关 镇 2', 'notes 2', '-']
    """
    used = {name.casefold() for name in taken} | {"history"}  # a name the program keeps to itself
    found = []
    for name in names:
        plain = "".join(letter for letter in name.translate(_FORBIDDEN) if letter.isprintable()).strip(" '") or "-"
        found.append(_free(plain, used))
        used.add(found[-1].casefold())
    return found


def _free(name: str, used: set[str]) -> str:
    number, free = 1, name[:_LONGEST_NAME].strip(" '")
    while free.casefold() in used:
        number += 1
        ending = f" {number}"
        free = name[: _LONGEST_NAME - len(ending)].strip(" '") + ending
    return free
