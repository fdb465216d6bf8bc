"""Numbers and lists as people read them."""

from collections.abc import Iterable
from math import isnan

from relapse_risk.policy import Texts

__all__ = ["counted", "decimal", "interval", "listing", "per_cent", "rough", "signed", "small"]

_NOTHING = "–"


def per_cent(share: float | None) -> str:
    """Return a share as per cent with one decimal; a dash for none.

    Examples
    --------
    >>> per_cent(0.0312), per_cent(0.0001), per_cent(0.0), per_cent(0.99999), per_cent(None)
    ('3.1%', '<0.1%', '0.0%', '>99.9%', '–')
    """
    if share is None or isnan(share):
        return _NOTHING
    if 0 < share < 0.0005:
        return "<0.1%"
    return ">99.9%" if 0.9995 <= share < 1 else f"{share:.1%}"


def interval(lower: float, upper: float) -> str:
    """Return the bounds of a share as per cent.

    Examples
    --------
    >>> interval(0.019, 0.0441)
    '1.9–4.4%'
    """
    return f"{per_cent(lower).removesuffix('%')}–{per_cent(upper)}"


def counted(number: float | None) -> str:
    """Return a count, rounded to a whole, with thousands apart; a dash for none.

    Examples
    --------
    >>> counted(88693), counted(0.4), counted(None)
    ('88,693', '0', '–')
    """
    return _NOTHING if number is None else f"{round(number):,}"


def rough(number: float) -> str:
    """Return an expected count: whole, below ten with one decimal.

    Examples
    --------
    >>> rough(1234.5), rough(0.42)
    ('1,234', '0.4')
    """
    return f"{number:.1f}" if number < 10 else counted(number)


def decimal(number: float | None, digits: int) -> str:
    """Return a number with so many decimals; a dash for none.

    Examples
    --------
    >>> decimal(0.29031, 4), decimal(float("nan"), 2)
    ('0.2903', '–')
    """
    return _NOTHING if number is None or isnan(number) else f"{number:.{digits}f}"


def small(number: float, digits: int) -> str:
    """Return a number that is not below zero with so many decimals, or that it is less than they can show.

    Examples
    --------
    >>> small(0.0313, 4), small(2e-9, 4), small(3.14, 1)
    ('0.0313', '<0.0001', '3.1')
    """
    least = 10.0**-digits
    return f"<{least:.{digits}f}" if number < least else f"{number:,.{digits}f}"


def signed(number: float, digits: int) -> str:
    """Return a difference with its sign.

    Examples
    --------
    >>> signed(0.0041, 4), signed(-0.00001, 4)
    ('+0.0041', '0.0000')
    """
    rounded = round(number, digits)
    return f"{rounded:+.{digits}f}" if rounded else f"{0:.{digits}f}"


def listing(items: Iterable[str], texts: Texts) -> str:
    """Return items in a row as the language separates them.

    Examples
    --------
    >>> listing(["因病", "因残"], Texts("zh"))
    '因病、因残'
    """
    return texts("facts", "list_separator").join(items)
