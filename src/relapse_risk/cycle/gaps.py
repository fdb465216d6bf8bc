"""Whether a month may run: what the input of the month before had and this one has not."""

from datetime import date
from typing import Protocol

import polars as pl

from relapse_risk.errors import InputError, Phrase
from relapse_risk.monitoring import Gap, InputProfile, Ledger, find_gaps
from relapse_risk.policy import Texts
from relapse_risk.reports import remark_text

__all__ = ["gaps_since"]


class _Asked(Protocol):
    @property
    def renumbered(self) -> pl.DataFrame | None: ...

    @property
    def accept_gaps(self) -> bool: ...


def gaps_since(ledger: Ledger, previous: date | None, profile: InputProfile, asked: _Asked) -> tuple[Gap, ...]:
    """Return what is missing since the month before; in the first month nothing is.

    Raises
    ------
    InputError
        If something is, and that is not accepted (``input_gaps``).
    """
    packed = None if previous is None else ledger.inputs(previous)
    if packed is None:
        return ()
    other = asked.renumbered
    numbers = {} if other is None else dict(other.select("household_id", "became").drop_nulls().iter_rows())
    gaps = find_gaps(InputProfile.unpack(packed), profile, ledger.cycle.inputs, numbers)
    if gaps and not asked.accept_gaps:
        raise InputError("input_gaps", previous=previous, gaps=_GapLines(gaps))
    return gaps


class _GapLines(Phrase):
    """Gaps in words, each on a line of its own."""

    def __init__(self, gaps: tuple[Gap, ...]) -> None:
        self.gaps = gaps

    def in_language(self, lang: str) -> str:
        """Return them in a language."""
        return "".join(f"\n  - {remark_text(gap, Texts(lang))}" for gap in self.gaps) + "\n"
