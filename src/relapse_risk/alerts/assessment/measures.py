"""Measures that fit a household's reasons, class and needs: suggestions for a person to decide."""

from collections.abc import Collection
from datetime import date

import polars as pl

from relapse_risk.features.conditions import any_of, is_met
from relapse_risk.policy.mechanism import Measures, Points, ReliefMeasure, in_force

__all__ = ["fitting_measures"]

_SCHEMA = {
    "household_id": pl.String,
    "place": pl.Int64,
    "measure": pl.String,
    "held": pl.Boolean,
    "points": pl.Int64,
    "check": pl.Boolean,
}


def fitting_measures(frame: pl.DataFrame, measures: Measures, as_of: date) -> pl.DataFrame:
    """Return the measures that fit each household, most fitting first, those it has already last.

    Parameters
    ----------
    frame : pl.DataFrame
        What is known of each household, its factors and classes.
    measures : Measures
    as_of : date
        The day of the frame; measures that are not in force then are not suggested.

    Returns
    -------
    pl.DataFrame
        By household and place: household_id, place (from 1), measure, held (whether it has it; null where not known),
        points (how well it fits) and check (whether it is unknown if something rules it out). Of those that it is not
        known to have at most ``suggest.most``.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> frame = pl.DataFrame({"household_id": ["a", "b"], "unsafe_water": [1.0, 0.0], "cause": ["illness", None],
    ...     "class_three": [None, "stable"]})
    >>> found = fitting_measures(frame, read_policy().mechanism.measures, date(2020, 12, 31))
    >>> found.filter(household_id="a").select("place", "measure", "points").row(0)
    (1, 'safe_water', 8)
    """
    of_day = [(code, one) for code, one in measures.measure.items() if in_force(one, as_of)]
    parts = [_fitting(frame, code, one, measures.points, at) for at, (code, one) in enumerate(of_day)]
    known = pl.col("held").fill_null(False)
    ordered = pl.concat([pl.DataFrame(schema={**_SCHEMA, "at": pl.Int64}), *parts], how="diagonal").sort(
        "household_id", known, "points", "at", descending=[False, False, True, False]
    )
    place = pl.int_range(1, pl.len() + 1).over("household_id")
    return (
        ordered.filter(known | (place <= measures.suggest.most))
        .with_columns(place=place.cast(pl.Int64))
        .select(_SCHEMA.keys())
    )


def _fitting(frame: pl.DataFrame, code: str, one: ReliefMeasure, points: Points, at: int) -> pl.DataFrame:
    return (
        frame.select(
            "household_id",
            measure=pl.lit(code),
            held=_held(one, frame.columns),
            points=_points(one, points, frame.columns),
            at=pl.lit(at, dtype=pl.Int64),
            ruled_out=_ruled_out(one, frame.columns),
        )
        .filter(~pl.col("ruled_out").fill_null(False), pl.col("points") > 0)
        .with_columns(check=pl.col("ruled_out").is_null())
        .drop("ruled_out")
    )


def _ruled_out(one: ReliefMeasure, columns: Collection[str]) -> pl.Expr:
    """Return whether something rules a measure out; null if that is not known, also where there is no such column."""
    held = [is_met(condition, columns) for condition in one.never]
    return pl.any_horizontal(held) if held else pl.lit(False)


def _points(one: ReliefMeasure, points: Points, columns: Collection[str]) -> pl.Expr:
    """Return the sum of what fits."""
    reasons = {
        "cause": points.cause,
        "reason_1": points.reason_1,
        "reason_2": points.reason_2,
        "reason_3": points.reason_3,
    }
    fits = [
        (any_of(one.when, columns), points.when),
        *((pl.col(name).is_in(one.reasons), added) for name, added in reasons.items() if name in columns),
        (pl.col("class_three").is_in(one.classes), points.of_class),
    ]
    return pl.sum_horizontal(met.fill_null(False).cast(pl.Int64) * added for met, added in fits)


def _held(one: ReliefMeasure, columns: Collection[str]) -> pl.Expr:
    """Return whether a household has it already; null where the records do not tell."""
    unknown = pl.lit(None, dtype=pl.Boolean)
    held = [pl.col("assistance").list.contains(kind) if "assistance" in columns else unknown for kind in one.kinds]
    held += [any_of(one.held, columns)] if one.held else []
    return pl.any_horizontal(held) if held else unknown
