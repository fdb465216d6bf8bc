"""Spells in and out of poverty, from states by period: entries, fall-backs, and the time since exit."""

import polars as pl

from relapse_risk.errors import InputError

__all__ = ["fall_back_rates", "find_spells", "periods_at_risk"]

_STATES = ("unit", "period", "poor")


def find_spells(states: pl.DataFrame) -> pl.DataFrame:
    """Return the unbroken spells in and out of poverty of each unit.

    A missing period or state breaks a spell: when it ended and when the next one began is unknown.

    Parameters
    ----------
    states : pl.DataFrame
        unit (any id), period (whole numbers, consecutive periods one apart) and poor (bool; null: not known). One row
        per unit and period, in any order.

    Returns
    -------
    pl.DataFrame
        One row per spell, by unit and time: unit, order (from 1), poor, start, end (its first and last period), periods
        (how many), left_censored (whether it may have begun earlier), right_censored (whether it may have gone on).

    Raises
    ------
    InputError
        If a column is missing, or periods are not whole numbers (``spells_columns``); if a unit has two states in one
        period (``spells_twice``).

    Examples
    --------
    >>> states = pl.DataFrame(
    ...     {"unit": ["a"] * 5, "period": [1, 2, 3, 4, 5], "poor": [True, True, False, False, True]}
    ... )
    >>> find_spells(states).select("poor", "start", "end", "left_censored", "right_censored").rows()
    [(True, 1, 2, True, False), (False, 3, 4, False, False), (True, 5, 5, False, True)]
    """
    known = _checked(states).drop_nulls(_STATES).sort("unit", "period")
    adjoins = (pl.col("period") - pl.col("period").shift() == 1).over("unit").fill_null(False)
    changed = (pl.col("poor") != pl.col("poor").shift()).over("unit").fill_null(True)
    spell = (~adjoins | changed).cum_sum().over("unit")
    return (
        known.with_columns(adjoins=adjoins, order=spell)
        .group_by("unit", "order", maintain_order=True)
        .agg(
            pl.col("poor").first(),
            start=pl.col("period").first(),
            end=pl.col("period").last(),
            periods=pl.len(),
            left_censored=~pl.col("adjoins").first(),
        )
        .with_columns(right_censored=pl.col("left_censored").shift(-1).over("unit").fill_null(True))
    )


def periods_at_risk(spells: pl.DataFrame) -> pl.DataFrame:
    """Return every period out of poverty after which the next state is known, and whether that was poverty.

    Parameters
    ----------
    spells : pl.DataFrame
        As `find_spells` returns them.

    Returns
    -------
    pl.DataFrame
        One row per unit and period out of poverty, by unit and period: unit, period, duration (periods since the exit,
        1 in the first one out of poverty; null where the exit was not seen) and fell (whether poor in the next period).

    Examples
    --------
    >>> states = pl.DataFrame({"unit": ["a"] * 4, "period": [1, 2, 3, 4], "poor": [True, False, False, True]})
    >>> periods_at_risk(find_spells(states)).select("period", "duration", "fell").rows()
    [(2, 1, False), (3, 2, True)]
    """
    last_known = pl.when(pl.col("right_censored")).then(pl.col("end") - 1).otherwise("end")
    out = spells.filter(~pl.col("poor")).with_columns(period=pl.int_ranges("start", last_known + 1))
    return (
        out.filter(pl.col("period").list.len() > 0)
        .explode("period")
        .select(
            "unit",
            "period",
            duration=pl.when(~pl.col("left_censored")).then(pl.col("period") - pl.col("start") + 1),
            fell=(pl.col("period") == pl.col("end")) & ~pl.col("right_censored"),
        )
    )


def fall_back_rates(at_risk: pl.DataFrame, by: str) -> pl.DataFrame:
    """Return how many of those who had left poverty were back in it the period after, by duration or by period.

    Parameters
    ----------
    at_risk : pl.DataFrame
        As `periods_at_risk` returns them; those with an unobserved exit are left out.
    by : {"duration", "period"}
        ``duration``: the hazard by time since exit.

    Returns
    -------
    pl.DataFrame
        duration or period, at_risk, fell (numbers) and share, in order.
    """
    seen = (
        at_risk.filter(pl.col("duration").is_not_null()).group_by(by).agg(at_risk=pl.len(), fell=pl.col("fell").sum())
    )
    return seen.with_columns(share=pl.col("fell") / pl.col("at_risk")).sort(by)


def _checked(states: pl.DataFrame) -> pl.DataFrame:
    missing = [name for name in _STATES if name not in states.columns]
    if missing or not states.schema["period"].is_integer() or states.schema["poor"] != pl.Boolean:
        raise InputError("spells_columns", found=", ".join(f"{name}: {kind}" for name, kind in states.schema.items()))
    twice = states.height - states.select("unit", "period").unique().height
    if twice:
        raise InputError("spells_twice", rows=twice)
    return states.select(_STATES)
