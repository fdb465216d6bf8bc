"""Who is listed this month and why, as the ledger keeps it, and whom to visit."""

import hashlib
from datetime import date

import polars as pl

from relapse_risk.cycle.bulletin import alert_remarks
from relapse_risk.monitoring import Month, pack
from relapse_risk.periods import add_months
from relapse_risk.policy import URGENT_FIRST
from relapse_risk.records import AREA_COLUMNS
from relapse_risk.reports import VisitList

__all__ = ["list_visits", "make_month"]

_TIERS = (*URGENT_FIRST, "none")
_REASONS = ("reason_1", "reason_2", "reason_3")
_DECIMALS = 6  # the last digits of a probability depend on where a row stood in an array


def make_month(risk: pl.DataFrame, drawn: pl.DataFrame, assessment: pl.DataFrame, places: pl.DataFrame) -> Month:
    """Return what the ledger keeps of a month.

    Parameters
    ----------
    risk : pl.DataFrame
        ``Roster.frame``.
    drawn : pl.DataFrame
        From `draw_visits`.
    assessment : pl.DataFrame
        From `assess`.
    places : pl.DataFrame
        household_id and where it lives, as far as known.

    Returns
    -------
    Month
        Its digest is one of what was found, not of files: the same month read from other files is the same month.
    """
    listed = risk.filter(pl.col("listed_for").is_not_null()).with_columns(inclusion_probability=pl.lit(1.0))
    random = risk.join(drawn, on="household_id", validate="1:1").with_columns(
        listed_for=pl.lit("random"), tier=pl.lit("none")
    )
    known = [name for name in AREA_COLUMNS.values() if name in places.columns]
    listings = (
        pl.concat([listed, random], how="diagonal")
        .join(assessment.select("household_id", "measures"), on="household_id", how="left")
        .join(places.select("household_id", *known), on="household_id", how="left")
        .select(
            *(
                "household_id",
                "listed_for",
                "tier",
                "rank",
                "probability",
                "inclusion_probability",
                "override",
                "measures",
            ),
            pl.concat_str(_REASONS, separator="+", ignore_nulls=True).alias("reasons"),
            *known,
        )
        .sort("household_id")
    )
    return Month(
        as_of=risk["as_of"][0],
        digest=_digest(risk, listings),
        listings=listings,
        scores=pack(risk),
        relapsed=frozenset(risk.filter(exclusion_reason="relapsed")["household_id"]),
    )


def _digest(risk: pl.DataFrame, listings: pl.DataFrame) -> str:
    decided = ("household_id", "population", "exclusion_reason", "probability", "tier", "override")
    everybody = risk.select(decided).sort("household_id")
    digest = hashlib.sha256()
    for frame in (everybody, listings):
        rounded = frame.with_columns(pl.col(pl.Float64).round(_DECIMALS))
        digest.update(rounded.write_csv(null_value="\0").encode())
    return digest.hexdigest()


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
