"""Who writes into a ledger, when and why: none of which may be left open."""

from datetime import date
from typing import TypedDict

from relapse_risk.errors import InputError
from relapse_risk.periods import parse_day

__all__ = ["Authorship", "author", "authorship"]


class Authorship(TypedDict):
    """Who says something, on which day, and why."""

    by: str
    on: date
    reason: str


def authorship(by: str, reason: str, on: str | date | None) -> Authorship:
    """Return who says so, when (by default today) and why.

    Raises
    ------
    InputError
        If nothing is said (``ledger_reason``), or as `author`.
    """
    if not isinstance(reason, str) or not reason.strip():
        raise InputError("ledger_reason")
    return {"by": author(by), "on": date.today() if on is None else parse_day(on), "reason": reason.strip()}


def author(by: str) -> str:
    """Return who acts, which nobody may leave open.

    Raises
    ------
    InputError
        If nobody is named (``ledger_by``).

    Examples
    --------
    >>> author(" 王 ")
    '王'
    """
    if not isinstance(by, str) or not by.strip():
        raise InputError("ledger_by")
    return by.strip()
