"""Who is listed this month and why, as the ledger keeps it."""

import hashlib

import polars as pl

from relapse_risk.monitoring import Month, pack
from relapse_risk.records import AREA_COLUMNS

__all__ = ["make_month"]

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
    return Month(as_of=risk["as_of"][0], digest=_digest(risk, listings), listings=listings, scores=pack(risk))


def _digest(risk: pl.DataFrame, listings: pl.DataFrame) -> str:
    everybody = risk.select("household_id", "population", "probability", "tier", "override").sort("household_id")
    digest = hashlib.sha256()
    for frame in (everybody, listings):
        rounded = frame.with_columns(pl.col(pl.Float64).round(_DECIMALS))
        digest.update(rounded.write_csv(null_value="\0").encode())
    return digest.hexdigest()
