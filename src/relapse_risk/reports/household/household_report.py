"""What is known of one household, before it is put into words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from relapse_risk.reports.roster_report import Remark

__all__ = ["HouseholdReport"]


@dataclass(frozen=True, kw_only=True, eq=False)
class HouseholdReport:
    """What is known of one household at the end of a day, and nothing that became known later.

    Attributes
    ----------
    household_id : str
    as_of : date
    horizon : int
        Months.
    assumed : bool
        Whether probabilities are assumed, since no model but the rule in force scores.
    home : Mapping of str to str or None
        Where it lives, by level, and its household_type, as far as the records say.
    state : Mapping of str to object
        state, monitored, monitoring_type and cleared, see ``AsOfView.states``.
    course : pl.DataFrame
        Its risk as of each day, the first one first: as_of, population (null where it was not known yet),
        exclusion_reason, probability, lower, upper, rank, ranked (how many had one), tier, forecast (whether no outcome
        that the model was trained on lies after the day).
    reasons : pl.DataFrame
        The named reasons of its risk on the day, the largest first: reason, contribution (log-odds against the average
        household), sentence_zh, sentence_en.
    rules : tuple of str
        Codes of the hard rules it meets on the day.
    measures : str or None
        Codes of the measures that fit, joined by ``+``, see `assess`.
    alerts : pl.DataFrame or None
        Its rows of ``Ledger.alerts`` of the day; None without a ledger.
    entries : pl.DataFrame or None
        What the ledger holds of it by the day, see ``Ledger.history``, less notes, which may hold names.
    remarks : tuple of Remark
        What a reader must know of what it rests on.
    """

    household_id: str
    as_of: date
    horizon: int
    assumed: bool
    home: Mapping[str, str | None]
    state: Mapping[str, Any]
    course: pl.DataFrame
    reasons: pl.DataFrame
    rules: tuple[str, ...]
    measures: str | None
    alerts: pl.DataFrame | None
    entries: pl.DataFrame | None
    remarks: tuple[Remark, ...] = ()

    @property
    def population(self) -> str:
        """Where it is on the day: ``at_risk``, ``rule_only`` or ``not_scored``."""
        found: str = self.course["population"][-1]
        return found

    def __repr__(self) -> str:
        """Say how much there is; never of whom."""
        return f"HouseholdReport(as of {self.as_of}, {self.course.height} days, {self.population})"
