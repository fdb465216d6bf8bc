"""Whom to visit this month: the alerts on which something is due."""

from datetime import date

import polars as pl

from relapse_risk.cycle.bulletin import alert_remarks
from relapse_risk.periods import add_months
from relapse_risk.policy import URGENT_FIRST
from relapse_risk.reports import VisitList

__all__ = ["list_visits"]

_TIERS = (*URGENT_FIRST, "none")


def list_visits(
    alerts: pl.DataFrame,
    listings: pl.DataFrame,
    changes: pl.DataFrame,
    risk: pl.DataFrame,
    assessment: pl.DataFrame,
    places: pl.DataFrame,
    as_of: date,
) -> VisitList:
    """Return the open alerts on which something is due within a month, the most urgent first.

    These are those nobody has visited yet, those that became more urgent this month, those the run proposes to clear,
    and those whose deadline falls into the month or is past. Alerts that are being dealt with in time are left in
    peace.

    Parameters
    ----------
    alerts : pl.DataFrame
        ``Ledger.alerts`` of the day.
    listings : pl.DataFrame
        ``Ledger.listings`` of all months up to the day: the newest says why a household was listed.
    changes : pl.DataFrame
        From `compare`.
    risk, assessment, places : pl.DataFrame
        Of the month, as in `make_month`.
    as_of : date
    """
    newest = listings.sort("as_of").group_by("household_id", maintain_order=True).last()
    changed = changes.filter("known").select("household_id", change="state", moved="moved")
    lines = (
        alerts.filter(pl.col("open"))
        .select("alert_id", "household_id", "tier", "due", "deadline", "proposed_on")
        .join(newest.select("household_id", "listed_for", "override", "as_of"), on="household_id", how="left")
        .join(changed, on="household_id", how="left")
        .filter(_is_due(as_of))
        .join(risk.select("household_id", "rank", "reason_text"), on="household_id", how="left")
        .join(assessment.select("household_id", "measures"), on="household_id", how="left")
        .sort(
            pl.col("tier").replace_strict(list(_TIERS), list(range(len(_TIERS)))), "rank", "alert_id", nulls_last=True
        )
    )
    return VisitList(
        as_of=as_of,
        lines=lines.select(
            "alert_id",
            "household_id",
            pl.when(pl.col("tier") != "none").then("tier").alias("tier"),
            *("listed_for", "override"),
            pl.when(pl.col("as_of") < as_of)
            .then(pl.lit("gone"))
            .otherwise(pl.col("change").replace("gone", None))  # drawn at random this month
            .alias("change"),
            *("moved", "reason_text", "measures", "deadline"),
        ),
        places=_with_former(places, alerts),
        remarks=tuple(alert_remarks(alerts, risk)),
    )


def _with_former(places: pl.DataFrame, alerts: pl.DataFrame) -> pl.DataFrame:
    """Add where households last lived that the register does not know any more: their alerts are open all the same."""
    names = [name for name in places.columns if name in alerts.columns]
    return pl.concat([places, alerts.select(names).join(places, on="household_id", how="anti")], how="diagonal_relaxed")


def _is_due(as_of: date) -> pl.Expr:
    soon = pl.col("deadline") <= add_months(as_of, 1)
    return (
        (pl.col("due") == "visited")
        | (pl.col("change") == "worse").fill_null(False)
        | pl.col("proposed_on").is_not_null()
        | soon.fill_null(False)
    )
