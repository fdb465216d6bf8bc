"""What a month's visits are, before they are put on paper: data only, in no language."""

from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from relapse_risk.alerts import VisitPlan
from relapse_risk.reports.roster_report import Remark

__all__ = ["WAITING", "VisitList"]

WAITING = {
    **dict.fromkeys(("household_id", "tier", "waiting_for", "override", "reason_text"), pl.String),
    "waiting_since": pl.Date,
}
"""Columns of those who wait."""


@dataclass(frozen=True, kw_only=True, eq=False)
class VisitList:
    """The alerts of a month, to be visited.

    Attributes
    ----------
    as_of : date
        The day of the list.
    lines : pl.DataFrame
        One row per alert, in the order they are to be visited: alert_id, household_id, tier (``red``, ``orange``,
        ``yellow``; any other or null for those drawn at random), listed_for (``model``, ``rule``, ``random``,
        ``revisit`` where the open alert alone asks for the visit, ``former`` where the register does not know its
        household any more), override (codes of hard rules joined by ``+``, or
        null), change (``new``, ``worse``, ``better``, ``same``, ``gone`` of those not listed this month, null where not
        known), moved (code of the reason that moved most, or null), reason_text (in the language of the workbook, or
        null), measures (codes of suggested measures joined by ``+``, or null), deadline (date or null).
    places : pl.DataFrame
        One row per household: household_id and, as far as known, county, town, village, group_name.
    waiting : pl.DataFrame
        One row per household that waits, the most urgent first: household_id, tier, waiting_for (as listed_for),
        override, reason_text, waiting_since.
    plan : VisitPlan or None
        Who is visited, who is in hand, who waits.
    remarks : tuple of Remark
        What a reader must know before using it.
    """

    as_of: date
    lines: pl.DataFrame
    places: pl.DataFrame
    waiting: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=WAITING))
    plan: VisitPlan | None = None
    remarks: tuple[Remark, ...] = ()

    def of(self, households: pl.DataFrame) -> "VisitList":
        """Return what there is of some households alone, with nothing of others; plan and remarks are of the whole."""
        lines, places, waiting = (
            frame.join(households, on="household_id", how="semi", maintain_order="left")
            for frame in (self.lines, self.places, self.waiting)
        )
        return replace(self, lines=lines, places=places, waiting=waiting, plan=None, remarks=())
