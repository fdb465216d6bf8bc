"""Faults in cells: each function draws the values that replace some columns of the affected rows."""

from collections.abc import Callable, Mapping
from datetime import date

import numpy as np
import polars as pl

from relapse_risk.synthetic.dialects.layouts import dialect_data

__all__ = [
    "RAW",
    "Change",
    "after_death",
    "again",
    "before_birth",
    "born_later",
    "exit_after",
    "garbled",
    "miscounted",
    "negative",
    "no_day",
    "nothing",
    "orphaned",
    "paid_over",
    "slipped",
    "through_float",
    "unknown",
    "wrong_check",
    "wrong_share",
    "wrong_sum",
]

RAW = "raw_"
"""Begins the name of a column that holds what stands in a cell of days instead of a day."""

Change = Callable[[pl.DataFrame, np.random.Generator], Mapping[str, pl.Series | pl.Expr]]
"""Returns what some columns of rows hold instead."""

_SLIPS = (10_000.0, 0.0001, 10.0, 0.1)
_NO_DAYS = ("-02-30", "-04-31", "-13-05", "-00-00")
_CHECKS = "0123456789X"


def again(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    """Mark rows to be written twice."""
    return {"again": pl.repeat(True, rows.height)}


def garbled(column: str) -> Change:
    """Return text that was read in another encoding: some of it is lost for good."""

    def change(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Series]:
        seen = [text.encode().decode("gb18030", errors="replace") for text in rows[column]]
        return {column: pl.Series([text if "\ufffd" in text else text[:-1] + "\ufffd" for text in seen])}

    return change


def unknown(entry: str, column: str | None = None) -> Change:
    """Return categories that nobody knows (``[unknown]``)."""

    def change(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Series]:
        return {column or entry: pl.Series(rng.choice(dialect_data().unknown[entry], rows.height))}

    return change


def no_day(column: str) -> Change:
    """Return days that no calendar has."""

    def change(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr | pl.Series]:
        return {RAW + column: pl.col(column).dt.strftime("%Y") + pl.Series(rng.choice(_NO_DAYS, rows.height))}

    return change


def slipped(*columns: str) -> Change:
    """Return amounts in a wrong unit, all of a row in the same."""

    def change(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
        factor = pl.Series(rng.choice(_SLIPS, rows.height))
        return {column: (pl.col(column) * factor).round(6) for column in columns}

    return change


def nothing(column: str) -> Change:
    """Leave cells empty."""

    def change(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
        return {column: pl.repeat(None, rows.height, dtype=pl.String)}

    return change


def exit_after(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    """Return the year after the relapse."""
    return {"exit_year": pl.col("relapse_year") + 1}


def wrong_check(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Series]:
    """Return identity numbers with another check digit."""
    further = rng.integers(1, len(_CHECKS), rows.height)
    numbers = zip(rows["id_number"], further, strict=True)
    wrong = [number[:-1] + _CHECKS[(_CHECKS.index(number[-1]) + step) % len(_CHECKS)] for number, step in numbers]
    return {"id_number": pl.Series(wrong)}


def through_float(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Series]:
    """Return identity numbers as a spreadsheet shows what went through a number."""
    digits = rows["id_number"].str.slice(0, 17).cast(pl.Float64) * 10
    return {"id_number": pl.Series([f"{number:.5E}" for number in digits])}


def born_later(exported_on: date) -> Change:
    """Return births after the export."""

    def change(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
        return {"birth_date": pl.lit(exported_on) + _some_days(rng, 60, 9000, rows.height)}

    return change


def orphaned(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    """Return the number of a household that is not there: no village has a nine thousandth."""
    return {"household_id": pl.col("household_id").str.slice(0, 12) + "9" + pl.col("household_id").str.slice(13)}


def negative(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    """Return incomes below zero."""
    return {"business": -(pl.col("business") + 800).round(2)}


def wrong_sum(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    """Return net incomes that their parts do not add up to."""
    off = pl.Series(rng.choice((-1, 1), rows.height) * rng.uniform(0.1, 0.4, rows.height))
    net = (pl.col("net_income") * (1 + off)).round(2)
    return {"net_income": net, "net_income_per_capita": (net / pl.col("household_size")).round(2)}


def wrong_share(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    """Return incomes per person that are not the net income by the persons."""
    off = pl.Series(rng.uniform(1.2, 1.8, rows.height))
    return {"net_income_per_capita": (pl.col("net_income_per_capita") * off).round(2)}


def miscounted(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    """Return one person more or less."""
    fewer = (pl.col("household_size") > 1) & pl.Series(rng.random(rows.height) < 0.5)
    size = pl.col("household_size") + pl.when(fewer).then(-1).otherwise(1)
    return {"household_size": size, "net_income_per_capita": (pl.col("net_income") / size).round(2)}


def after_death(exported_on: date) -> Change:
    """Return bills of the dead, entered after them, no later than the export."""
    last = pl.lit(exported_on)

    def change(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
        later = _some_days(rng, 10, 400, rows.height)
        happened = pl.min_horizontal(pl.col("died_on") + later, last)
        entered = pl.min_horizontal(happened.dt.offset_by("5d"), last)
        return {"occurred_on": happened, "recorded_on": pl.max_horizontal("recorded_on", entered)}

    return change


def before_birth(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    """Return bills of those not yet born."""
    return {"occurred_on": pl.col("birth_date") - _some_days(rng, 30, 3000, rows.height)}


def paid_over(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    """Return reimbursements above the bill."""
    return {"reimbursed": (pl.col("total_cost") * pl.Series(rng.uniform(1.3, 3.0, rows.height))).round(2)}


def _some_days(rng: np.random.Generator, least: int, most: int, count: int) -> pl.Expr:
    return pl.duration(days=pl.lit(pl.Series(rng.integers(least, most, count))))
