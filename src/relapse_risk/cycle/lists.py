"""Who is listed this month and why, as the ledger keeps it, and whom to visit."""

import hashlib
from datetime import date

import polars as pl

from relapse_risk.alerts import VisitPlan
from relapse_risk.cycle.bulletin import alert_remarks
from relapse_risk.monitoring import Month, pack
from relapse_risk.policy import URGENT_FIRST
from relapse_risk.records import AREA_COLUMNS
from relapse_risk.reports import VisitList

__all__ = ["former_places", "list_visits", "make_month", "relapsed_households"]

_TIERS = (*URGENT_FIRST, "none")
_REASONS = ("reason_1", "reason_2", "reason_3")
_DECIMALS = 6  # the last digits of a probability depend on where a row stood in an array


def make_month(risk: pl.DataFrame, plan: VisitPlan, assessment: pl.DataFrame, places: pl.DataFrame) -> Month:
    """Return what the ledger keeps of a month.

    Parameters
    ----------
    risk : pl.DataFrame
        ``Roster.frame``.
    plan : VisitPlan
        Of the month: who was drawn at random.
    assessment : pl.DataFrame
        From `assess`.
    places : pl.DataFrame
        household_id and where it lives, as far as known.

    Returns
    -------
    Month
        Its digest is one of what was found, not of files: the same month read from other files is the same month.
    """
    chances = plan.frame.select("household_id", "demanded_for", "inclusion_probability")
    listed = (
        risk.filter(pl.col("listed_for").is_not_null())
        .join(chances.drop("demanded_for"), on="household_id", how="left", validate="1:1")
        .with_columns(pl.col("inclusion_probability").fill_null(1.0))  # all but those the draw left a visit over for
    )
    drawn = chances.filter(demanded_for="random").drop("demanded_for")
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
        scores=pack(risk, plan.frame.filter(demanded_for="former", state="waiting")),
        relapsed=relapsed_households(risk),
    )


def relapsed_households(risk: pl.DataFrame) -> frozenset[str]:
    """Return the households that relapsed and have not left poverty again: ``Month.relapsed``."""
    return frozenset(risk.filter(exclusion_reason="relapsed")["household_id"])


def _digest(risk: pl.DataFrame, listings: pl.DataFrame) -> str:
    decided = ("household_id", "population", "exclusion_reason", "probability", "tier", "override", "waiting_for")
    everybody = risk.select(decided).sort("household_id")
    digest = hashlib.sha256()
    for frame in (everybody, listings):
        rounded = frame.with_columns(pl.col(pl.Float64).round(_DECIMALS))
        digest.update(rounded.write_csv(null_value="\0").encode())
    return digest.hexdigest()


def list_visits(
    plan: VisitPlan,
    alerts: pl.DataFrame,
    listings: pl.DataFrame,
    changes: pl.DataFrame,
    risk: pl.DataFrame,
    assessment: pl.DataFrame,
    places: pl.DataFrame,
    as_of: date,
) -> VisitList:
    """Return the alerts to be visited this month, the most urgent first.

    Parameters
    ----------
    plan : VisitPlan
        Who is visited, and what for.
    alerts : pl.DataFrame
        ``Ledger.alerts`` of the day.
    listings : pl.DataFrame
        ``Ledger.listings`` of all months up to the day: the newest says which rules a household met.
    changes : pl.DataFrame
        From `compare`.
    risk, assessment, places : pl.DataFrame
        Of the month, as in `make_month`.
    as_of : date
    """
    newest = listings.sort("as_of").group_by("household_id", maintain_order=True).last()
    changed = changes.filter("known").select("household_id", change="state", moved="moved")
    lines = (
        plan.frame.filter(state="visit")
        .select("household_id", listed_for="demanded_for")
        .join(alerts.select("alert_id", "household_id", "tier", "deadline"), on="household_id", how="left")
        .join(newest.select("household_id", "override", "as_of"), on="household_id", how="left")
        .join(changed, on="household_id", how="left")
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
            pl.when(pl.col("listed_for") == "endline")
            .then(None)  # of a list of long ago
            .when(pl.col("as_of") < as_of)
            .then(pl.lit("gone"))
            .otherwise(pl.col("change").replace("gone", None))  # drawn at random this month
            .alias("change"),
            *("moved", "reason_text", "measures", "deadline"),
        ),
        places=pl.concat([places, former_places(places, alerts)], how="diagonal_relaxed"),
        waiting=_waiting(plan, risk),
        plan=plan,
        remarks=tuple(alert_remarks(alerts, risk)),
    )


def _waiting(plan: VisitPlan, risk: pl.DataFrame) -> pl.DataFrame:
    """Return who waits, the most urgent first; of one tier who waits longest."""
    waiting = plan.frame.filter(state="waiting")
    waiting = waiting.select("household_id", "tier", "waiting_since", waiting_for="demanded_for")
    known = risk.select("household_id", "override", "reason_text", "rank")
    urgency = pl.col("tier").replace_strict(list(_TIERS), list(range(len(_TIERS))), default=len(_TIERS))
    known_waiting = waiting.join(known, on="household_id", how="left")
    return known_waiting.sort(urgency, "waiting_since", "rank", "household_id", nulls_last=True).drop("rank")


def former_places(places: pl.DataFrame, alerts: pl.DataFrame) -> pl.DataFrame:
    """Return where households last lived that the register does not know any more: their alerts stay open."""
    names = [name for name in places.columns if name in alerts.columns]
    return alerts.select(names).join(places, on="household_id", how="anti")
