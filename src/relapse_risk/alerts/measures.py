"""Measures that fit a household's reasons, class and needs: suggestions for a person to decide."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from relapse_risk.alerts.conditions import any_of

__all__ = ["suggested"]

_SCHEMA = {
    "household_id": pl.String,
    "place": pl.Int64,
    "measure": pl.String,
    "held": pl.Boolean,
    "points": pl.Int64,
}


def suggested(frame: pl.DataFrame, measures: Mapping[str, Any]) -> pl.DataFrame:
    """Return the measures that fit each household, most fitting first, those it has already last.

    Parameters
    ----------
    frame : pl.DataFrame
        What is known of each household, its factors and classes.
    measures : Mapping
        ``measures.toml``.

    Returns
    -------
    pl.DataFrame
        By household and place: household_id, place (from 1), measure, held (null where the records do not tell) and
        points (how well it fits). Of those not known to be held no more than ``suggest.most``.
    """
    parts = [_fitting(frame, code, entry, measures, at) for at, (code, entry) in enumerate(measures["measure"].items())]
    known = pl.col("held").fill_null(False)
    ordered = pl.concat([pl.DataFrame(schema={**_SCHEMA, "at": pl.Int64}), *parts], how="diagonal").sort(
        "household_id", known, "points", "at", descending=[False, False, True, False]
    )
    place = pl.int_range(1, pl.len() + 1).over("household_id")
    return (
        ordered.filter(known | (place <= measures["suggest"]["most"]))
        .with_columns(place=place.cast(pl.Int64))
        .select(_SCHEMA.keys())
    )


def _fitting(
    frame: pl.DataFrame, code: str, entry: Mapping[str, Any], measures: Mapping[str, Any], at: int
) -> pl.DataFrame:
    ruled_out = any_of(frame, entry.get("never", ()))
    return (
        frame.select(
            "household_id",
            measure=pl.lit(code),
            held=_held(frame, entry),
            points=_points(frame, entry, measures["points"]),
            at=pl.lit(at, dtype=pl.Int64),
            out=pl.lit(ruled_out).fill_null(False),
        )
        .filter(~pl.col("out"), pl.col("points") > 0)
        .drop("out")
    )


def _points(frame: pl.DataFrame, entry: Mapping[str, Any], points: Mapping[str, int]) -> pl.Expr:
    """Return the sum of what fits."""
    fits = {"when": pl.lit(any_of(frame, entry["when"]))} if "when" in entry else {}
    for name in ("cause", "reason_1", "reason_2", "reason_3"):
        if name in frame.columns:
            fits[name] = pl.col(name).is_in(entry.get("reasons", []))
    fits["class"] = pl.col("class_three").is_in(entry.get("classes", []))
    return pl.sum_horizontal(met.fill_null(False).cast(pl.Int64) * points[name] for name, met in fits.items())


def _held(frame: pl.DataFrame, entry: Mapping[str, Any]) -> pl.Expr:
    """Return whether a household has it already; null where the records do not tell."""
    unknown = pl.lit(None, dtype=pl.Boolean)
    told = []
    if "kinds" in entry:
        there = "assistance" in frame.columns
        told += [pl.col("assistance").list.contains(kind) if there else unknown for kind in entry["kinds"]]
    if "held" in entry:
        told.append(pl.lit(any_of(frame, entry["held"])))
    return pl.any_horizontal(told) if told else unknown
