"""Households that died out or moved away: no member is left."""

import polars as pl

from relapse_risk.records import AsOfView

__all__ = ["departures"]


def departures(view: AsOfView) -> pl.DataFrame:
    """Return the households without a member left, and the day the last one went.

    A person is gone from a household from the day he left it, or was first recorded in another one. Where a source
    sends snapshots, who is only absent from the newest one is gone too, on a day nobody knows.

    Parameters
    ----------
    view : AsOfView

    Returns
    -------
    pl.DataFrame
        household_id, departed_on.
    """
    newest, versions = view.known.table("members"), view.versions("members")
    if newest is None or versions is None:
        return pl.DataFrame(schema={"household_id": pl.String, "departed_on": pl.Date})
    left_on = pl.col("left_on") if "left_on" in newest.columns else pl.lit(None, dtype=pl.Date).alias("left_on")
    homes = newest.select("person_id", pl.col("household_id").alias("home"), left_on)
    inhabited = homes.filter(pl.col("left_on").is_null()).select(pl.col("home").unique())
    versions = versions.select("person_id", "household_id", _recorded_on(versions))
    gone = versions.join(inhabited, left_on="household_id", right_on="home", how="anti")
    moved_on = pl.col("recorded_on").min().alias("moved_on")
    moved = versions.join(gone, on="person_id", how="semi").group_by("person_id", home="household_id").agg(moved_on)
    away = pl.col("household_id") != pl.col("home")
    return (
        gone.select("household_id", "person_id")
        .unique()
        .join(homes, on="person_id")
        .join(moved, on=["person_id", "home"])
        .group_by("household_id")
        .agg(pl.when(away).then("moved_on").otherwise("left_on").max().alias("departed_on"))
    )


def _recorded_on(versions: pl.DataFrame) -> pl.Expr:
    """Return the day a person was recorded in a household; unknown where rows bear none."""
    none = pl.lit(None, dtype=pl.Date).alias("recorded_on")
    return pl.col("recorded_on") if "recorded_on" in versions.columns else none
