"""Visits at the end of a month's horizon, without which nobody knows what became of those drawn and listed."""

import hashlib
from datetime import date, timedelta

import polars as pl

from relapse_risk.cycle.earlier_numbers import renamed_households
from relapse_risk.monitoring import Ledger
from relapse_risk.periods import AsOf, Horizon, add_months
from relapse_risk.policy.mechanism import EndlineRule

__all__ = ["endline_due", "endline_sample", "endline_visits"]

_BY_DRAW = (pl.col("listed_for") == "random") | (pl.col("inclusion_probability") < 1)
"""Drawn, or listed and visited only because the draw left a visit over: both stand for those outside the list."""


def endline_sample(listings: pl.DataFrame, alerts: pl.DataFrame, rule: EndlineRule) -> pl.DataFrame:
    """Return who is visited at the horizon's end of each month: who was drawn, and some of the listed by chance.

    Who is still listed or overdue at the horizon's end is visited then anyway, and falls more often than the other
    listed: only those chosen by chance stand for all of them. They are those of the lowest hash of the month and the
    number of the alert, so that they are the same whenever one asks, and whatever number the household has by then.

    Parameters
    ----------
    listings : pl.DataFrame
        household_id, as_of, listed_for and inclusion_probability, see ``Ledger.listings``.
    alerts : pl.DataFrame
        household_id and alert_id.
    rule : EndlineRule

    Returns
    -------
    pl.DataFrame
        household_id and as_of.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> listings = pl.DataFrame({"household_id": list("abc"), "as_of": date(2019, 1, 31),
    ...     "listed_for": ["model", "model", "random"], "inclusion_probability": [1.0, 1.0, 0.2]})
    >>> alerts = pl.DataFrame({"household_id": list("abc"), "alert_id": [1, 2, 3]})
    >>> endline_sample(listings, alerts, read_policy().mechanism.listing.endline)["household_id"].to_list()
    ['b', 'c']
    """
    named = listings.join(alerts.unique("household_id"), on="household_id").with_columns(drawn=_BY_DRAW)
    hashes = [_hash(f"{day.isoformat()} {alert}") for day, alert in named.select("as_of", "alert_id").iter_rows()]
    wanted = (pl.col("drawn").sum().over("as_of") * rule.listed_share).ceil()
    place = pl.struct("hash", "alert_id").rank("ordinal").over("as_of", "drawn")
    chosen = named.with_columns(pl.Series("hash", hashes, dtype=pl.String)).filter(pl.col("drawn") | (place <= wanted))
    return chosen.select("household_id", "as_of").unique().sort("as_of", "household_id")


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16, person=b"relapse-endline").hexdigest()


def endline_due(
    ledger: Ledger, as_of: date, horizon: int, rule: EndlineRule, renumbered: pl.DataFrame | None = None
) -> pl.Series:
    """Return the households to which a visit at the end of a horizon is due on a day, before its acts.

    Parameters
    ----------
    ledger : Ledger
    as_of : date
    horizon : int
        Months.
    rule : EndlineRule
    renumbered : pl.DataFrame, optional
        As ``Month.renumbered``.
    """
    over = _over(ledger, horizon, rule, by=as_of).filter(pl.col("last") > as_of)
    due, visits = _sample(ledger, over, rule, until=as_of - timedelta(days=1))
    made = due.join(visits, on="household_id").filter(pl.col("on") >= pl.col("end"))
    open_still = due.join(made, on=["household_id", "as_of"], how="anti").select("household_id")
    return renamed_households(open_still, renumbered)["household_id"].unique()


def endline_visits(ledger: Ledger, horizon: int, rule: EndlineRule, until: date) -> pl.DataFrame:
    """Return the visits at the end of a horizon that were made, as far as the register may hold what they found.

    Parameters
    ----------
    ledger : Ledger
    horizon : int
        Months.
    rule : EndlineRule
    until : date
        What is known by it.

    Returns
    -------
    pl.DataFrame
        household_id, as_of (of the month whose horizon was over) and visited_on (the first such visit).
    """
    known = until - timedelta(days=rule.entry_days)
    sample, visits = _sample(ledger, _over(ledger, horizon, rule, by=known), rule, until=known)
    # Those of the last month are made within the month after it.
    inside = pl.col("on").is_between(pl.col("end"), pl.col("last").dt.offset_by("1mo"))
    made = sample.join(visits, on="household_id").filter(inside)
    return made.group_by("household_id", "as_of").agg(visited_on=pl.col("on").min()).sort("as_of", "household_id")


def _over(ledger: Ledger, horizon: int, rule: EndlineRule, by: date) -> pl.DataFrame:
    """Return the months whose horizon is over by a day: as_of, its end, and the last day the visit is due."""
    ends = [(day, Horizon(months=horizon).end(AsOf(day))) for day in ledger.months()]
    rows = [(day, end, add_months(end, rule.months)) for day, end in ends if end <= by]
    return pl.DataFrame(rows, schema=dict.fromkeys(("as_of", "end", "last"), pl.Date), orient="row")


def _sample(ledger: Ledger, months: pl.DataFrame, rule: EndlineRule, until: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return who is to be visited for some months, with their end and last day; and the visits made by a day."""
    history = ledger.history()
    alerts = history.select("household_id", "alert_id").unique()
    visits = history.filter(~pl.col("withdrawn"), pl.col("on") <= until, kind="visited").select("household_id", "on")
    listings = ledger.listings().join(months, on="as_of", how="semi")
    return endline_sample(listings, alerts, rule).join(months, on="as_of"), visits
