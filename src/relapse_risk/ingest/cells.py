"""Cells: their values in every form that exports write."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import NamedTuple

__all__ = [
    "Cell",
    "FaultyCell",
    "Read",
    "Reading",
    "compact",
    "is_digits",
    "is_figure",
    "is_garbled",
    "is_plain",
    "plain",
    "read_identifier",
    "read_identity",
    "read_number",
    "read_text",
    "whole",
]


@dataclass(frozen=True, kw_only=True)
class FaultyCell:
    """A cell whose value is lost.

    Attributes
    ----------
    rule : str
        Why: ``error_value`` (#REF!) or ``formula_without_value``.
    text : str
        What stands in it.
    """

    rule: str
    text: str

    def __str__(self) -> str:
        return self.text


Cell = object
"""What a reader of files gives for a cell: text, a number, a flag, a date, a time, a lost value, or nothing."""

# A spreadsheet keeps 15 digits: a longer identifier that went through a number has lost its end.
_EXACT = 10**15
# Beyond this, a float no longer holds every whole number.
_WHOLE = 2**53

_HIDDEN = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u3000\x00-\x08\x0b-\x1f]")
_BESIDE_HAN = re.compile(r"(?<=[\u3400-\u9fff])\s+|\s+(?=[\u3400-\u9fff])")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_SPACES = re.compile(r"\s+")
_OF_PLAIN_SIGNS = re.compile(r"[0-9A-Za-z.,:/_+-]+")
# ="5323": a formula whose result is a text, by which exports keep a spreadsheet from taking digits for a number.
_QUOTED = re.compile(r"=\s*(?:([\"'‘’“”`]+)(.*?)[\"'‘’“”`]*|([\d.]+))", re.DOTALL)
_NUMBER = re.compile(r"¥?([+-]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,2})?)(\D*)")
_THROUGH_NUMBER = re.compile(r"\d(?:\.\d+[eE]\+?|[eE]\+)\d+")
_SEVERAL = re.compile(r"\d{4,}[Xx]?\s*[、,;]\s*\d{4,}|\d{10,}[Xx]?\s+\d{10,}")
_POINT_ZERO = re.compile(r"(\d+)\.0+")


class Reading(NamedTuple):
    """The value of a cell, or the rule why it has none; with both, the rule is a remark."""

    value: object = None
    rule: str | None = None


Read = Callable[[Cell], Reading]
"""Reads one cell that is not blank."""


def plain(cell: Cell) -> str:
    """Return a cell as text in plain form: half-width, no hidden signs, no stray spaces, no leading apostrophe.

    Examples
    --------
    >>> plain("\u3000'１，２３４.５０元 "), plain("云\u3000南 省"), plain(4.0), plain(True), plain(None)
    ('1,234.50元', '云南省', '4', '1', '')
    >>> plain('="0533"'), plain('=""'), plain("=A1+B1"), plain('="a"&"b"')
    ('0533', '', '=A1+B1', '="a"&"b"')
    """
    if isinstance(cell, str):
        return _plain_text(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float):
        return "" if math.isnan(cell) else str(int(cell) if cell.is_integer() else cell)
    return str(cell)


def is_plain(text: str) -> bool:
    """Return whether a text is in plain form already, as far as that is told at a glance."""
    # Most cells are: identifiers, codes, numbers, days, words. Full-width letters and digits are normalised.
    if text.isascii():
        return text.isalnum() or _OF_PLAIN_SIGNS.fullmatch(text) is not None
    return text.isalnum() and unicodedata.is_normalized("NFKC", text)


def _plain_text(text: str) -> str:
    if is_plain(text):
        return text
    # Before full-width forms are made plain: an ideographic space is never meant, an ordinary one may be.
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _HIDDEN.sub("", text))
        text = _BESIDE_HAN.sub("", text)
    text = text.strip().lstrip("'’‘`").strip()
    return text if text[:1] != "=" else _unquoted(text)


def _unquoted(text: str) -> str:
    """Return the text that a formula of one text alone stands for; any other formula as it is."""
    found = _QUOTED.fullmatch(text)
    inner = None if found is None else found[3] or found[2]
    return text if inner is None or "&" in inner else inner.replace('""', '"').strip()


def compact(cell: Cell) -> str:
    """Return a cell in plain form without any space, as wordings are compared."""
    if isinstance(cell, str) and is_plain(cell):
        return cell
    return _SPACES.sub("", plain(cell))


def read_text(cell: Cell) -> Reading:
    """Read free text; text that went through a wrong encoding says nothing.

    Examples
    --------
    >>> read_text("上河村").value, read_text("鍚磋緵鍏�").rule, read_text("涓婃渤").rule
    ('上河村', 'garbled', 'garbled')
    """
    text = _SPACES.sub(" ", plain(cell))
    return Reading(rule="garbled") if is_garbled(text) else Reading(text)


def is_garbled(text: str) -> bool:
    """Return whether a text holds lost signs, or is UTF-8 that was read as GB18030: read back, it is Chinese."""
    if text.isascii():
        return False
    if "\ufffd" in text:
        return True
    try:
        return _HAN.fullmatch(text.encode("gb18030").decode("utf-8")) is not None
    except UnicodeError:
        return False


def read_identifier(cell: Cell) -> Reading:
    """Read an identifier; one that went through a number and lost its last digits is not one any more.

    Examples
    --------
    >>> read_identifier("'5323111012010001"), read_identifier(5323111012.0)
    (Reading(value='5323111012010001', rule=None), Reading(value='5323111012', rule=None))
    >>> read_identifier(5.3232e17).rule, read_identifier("5.3232E+17").rule
    ('identifier_as_number', 'identifier_as_number')
    """
    if isinstance(cell, date | time):
        return Reading(rule="unreadable")
    text = compact(cell)
    if text is cell and text.isdecimal():
        return Reading(text)
    through_number = _POINT_ZERO.fullmatch(text)
    if isinstance(cell, bool | float) or through_number:
        digits = through_number[1] if through_number else text
        short = digits.isdecimal() and int(digits) < _EXACT
        return Reading(digits) if short else Reading(rule="identifier_as_number")
    if _THROUGH_NUMBER.fullmatch(text):
        return Reading(rule="identifier_as_number")
    if _SEVERAL.search(plain(cell)):
        return Reading(rule="identifiers_several")
    return Reading(rule="garbled") if is_garbled(text) else Reading(text)


def is_digits(cell: Cell) -> bool:
    """Return whether a cell is a text of plain digits: the identifier that it is read as."""
    return type(cell) is str and cell.isascii() and cell.isdecimal()


def read_identity(cell: Cell) -> Reading:
    """Read an identity or certificate number, its signs in capitals."""
    number = read_identifier(cell)
    return Reading(number.value.upper()) if isinstance(number.value, str) else number


def read_number(units: Mapping[str, Decimal], factor: Decimal = Decimal(1)) -> Read:
    """Return what reads an amount.

    Parameters
    ----------
    units : Mapping of str to Decimal
        What an amount with a unit behind it is multiplied by.
    factor : Decimal
        What an amount without a unit of its own is multiplied by.

    Examples
    --------
    >>> read = read_number({"元": Decimal(1), "万元": Decimal(10000)}, factor=Decimal(10000))
    >>> [read(cell).value for cell in ("1,234.50元", "0.12345万元", "５．５", 2.0)]
    [1234.5, 1234.5, 55000.0, 20000.0]
    >>> read("约300").rule
    'unreadable'
    """
    as_it_is = factor == 1

    def read(cell: Cell) -> Reading:
        if as_it_is and type(cell) is float:
            return _finite(cell)
        if isinstance(cell, bool | date):
            return Reading(rule="unreadable")
        if as_it_is and isinstance(cell, int | float):
            return _finite(float(cell))
        amount = _NUMBER.fullmatch(compact(cell))
        if amount is None or (amount[2] and amount[2] not in units):
            return Reading(rule="unreadable")
        # In decimals: 0.12345 x 10000 is 1234.5, not 1234.4999999999998.
        return _finite(float(Decimal(amount[1].replace(",", "")) * (units[amount[2]] if amount[2] else factor)))

    return read


def is_figure(cell: Cell) -> bool:
    """Return whether a cell is a number of the kind that amounts are held in."""
    return type(cell) is float and math.isfinite(cell)


def _finite(number: float) -> Reading:
    return Reading(number) if math.isfinite(number) else Reading(rule="unreadable")


def whole(read: Read) -> Read:
    """Return what reads a number that must be whole, and small enough to be exact as a float.

    Examples
    --------
    >>> read = whole(read_number({"人": Decimal(1)}))
    >>> [read(cell).value for cell in ("4人", 4.0, "4.5", 1e19)]
    [4, 4, None, None]
    """

    def read_whole(cell: Cell) -> Reading:
        number = read(cell).value
        if isinstance(number, float) and number.is_integer() and abs(number) < _WHOLE:
            return Reading(int(number))
        return Reading(rule="unreadable")

    return read_whole
