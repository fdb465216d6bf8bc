"""What the month's bulletin says, before it is put on a page: data only, in no language."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from relapse_risk.alerts import VisitPlan
from relapse_risk.reports.roster_report import Remark

__all__ = ["Bulletin"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Bulletin:
    """What the month's bulletin says. Whatever is None was not available this month, and the page says so.

    Household codes in these frames are counted and never shown; names and remarks of visits have no place in them.

    Attributes
    ----------
    as_of : date
    previous : date or None
        The month before.
    horizon : int
        Months.
    risk : pl.DataFrame
        One row per household known on the day: population (``at_risk``, ``rule_only``, ``not_scored``), probability.
    listings : pl.DataFrame
        One row per household to be visited: listed_for (``model``, ``rule``, ``random``), tier (none of the three
        of those drawn at random).
    rules : pl.DataFrame or None
        What `alerts.rule_counts` says.
    plan : VisitPlan or None
        Who is visited this month, who is in hand, who waits.
    curve : pl.DataFrame or None
        What `alerts.visit_curve` says: level, visits, share, found, lower, upper, found_share.
    changes : pl.DataFrame or None
        What `monitoring.compare` says: state, known, moved, moved_base.
    areas : pl.DataFrame or None
        What `alerts.assess_areas` says: level, prefecture, county, town, village, at_risk, red, orange, yellow, listed,
        expected, lower, upper (null where there are no bounds).
    watch : pl.DataFrame or None
        ``Watch.counts``: list, state, on, persons, of, unknown, share.
    focus : pl.DataFrame or None
        ``Focus.entries``: list, criterion, state, prefecture, county, town, village, resettlement_site, value, unit
        (``share`` or ``count``), households.
    outcomes : pl.DataFrame or None
        ``Realised.months``: as_of, over, at_risk, known, unknown, predicted, observed, observed_lower, observed_upper,
        relapses, missed, missed_share, wrong, wrong_share, found.
    weighted : pl.DataFrame or None
        ``Realised.weighted``: as_of (null of all months together), refused, drawn, drawn_relapses, naive_recall,
        naive_outside_rate, and with their bounds recall, outside_rate, found_rate.
    performance : pl.DataFrame or None
        What `monitoring.expected_performance` says: measure, expected, lower, upper.
    drift : pl.DataFrame or None
        ``Drift.frame``: name, measure, before, now, change, state.
    alerts : pl.DataFrame or None
        What ``Ledger.alerts`` says: state (code), open (bool), overdue (bool), tier, county, town, opened_on,
        closed_on.
    clearing : pl.DataFrame or None
        What ``Ledger.clearing`` says of every level: level, open, cleared, refused, clear (bool), signed_on.
    completion : pl.DataFrame or None
        What `monitoring.visit_completion` says of last month's list: level, prefecture, county, town, village, due,
        done, open, overdue, otherwise.
    remarks : tuple of Remark
        What a reader must know before using it.
    run : tuple of (str, str)
        Facts of the run: the key of a label (``bundle``, ``release``), and what it says.
    least : int
        Areas with fewer households are counted together.
    least_relapses : int
        Among those drawn at random: with fewer no share of the relapses is estimated.
    """

    as_of: date
    previous: date | None
    horizon: int
    risk: pl.DataFrame
    listings: pl.DataFrame
    rules: pl.DataFrame | None = None
    plan: VisitPlan | None = None
    curve: pl.DataFrame | None = None
    changes: pl.DataFrame | None = None
    areas: pl.DataFrame | None = None
    watch: pl.DataFrame | None = None
    focus: pl.DataFrame | None = None
    outcomes: pl.DataFrame | None = None
    weighted: pl.DataFrame | None = None
    performance: pl.DataFrame | None = None
    drift: pl.DataFrame | None = None
    alerts: pl.DataFrame | None = None
    clearing: pl.DataFrame | None = None
    completion: pl.DataFrame | None = None
    remarks: tuple[Remark, ...] = ()
    run: tuple[tuple[str, str], ...] = ()
    least: int = 5
    least_relapses: int = 25

    @property
    def assumed(self) -> bool:
        """Whether probabilities are assumed, so that no number of relapses may be told from them."""
        return any(code == "rule_alone" for code, _ in self.remarks)
