"""Figures carried forward: every part of a household's income the same as the year before.

The null: each part stays the same by chance as often as it does where not all of them stay, over all villages, among
round figures (whole hundreds) and others apart. A household's chance is the product over its parts, and the count of a
village in a year is taken as Poisson around their sum.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from relapse_risk.audit.anomalies.anomaly_frames import TESTS, Anomaly, flagged_rows, missing, nothing, placed, tests_of
from relapse_risk.audit.anomalies.upper_tails import poisson_upper_tail
from relapse_risk.policy import CopiedLimits

__all__ = ["copied"]

RULE = "carried_forward"


def copied(rows: Mapping[str, pl.DataFrame], settings: CopiedLimits) -> list[Anomaly]:
    """Return the rows that repeat those of the year before, where a village has more of them than chance lets."""
    return [_found(rows, table, columns, settings) for table, columns in settings.columns.items()]


def _found(rows: Mapping[str, pl.DataFrame], table: str, columns: Sequence[str], settings: CopiedLimits) -> Anomaly:
    present = [name for name in columns if table in rows and name in rows[table].columns]
    if len(present) < 2:
        return nothing(RULE, missing(rows, table, columns) or table)
    pairs = _pairs(placed(rows, table, ["period_end"]), present)
    if pairs.is_empty():
        return nothing(RULE, f"{table}: two years of one village")
    pairs = _chances(pairs, present)
    labels = {"table": table, "column": "(all amounts)", "rule": RULE}
    tests = _tested(pairs, settings, labels)
    flagged = tests.filter("flagged").select(village="unit", year="year")
    rare = pairs.filter(pl.col("copied") & (pl.col("chance") <= settings.rare))
    return Anomaly(rows=flagged_rows(rare.join(flagged, on=["village", "year"], how="semi"), **labels), tests=tests)


def _pairs(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return rows beside those of the same household a year before (``_before``); the first of several of one year."""
    once = frame.drop_nulls(["household_id", "year", "village"])
    once = once.unique(["household_id", "year"], keep="first", maintain_order=True)
    before = once.select(
        "household_id", pl.col("year") + 1, *(pl.col(name).alias(f"{name}_before") for name in columns)
    )
    pairs = once.join(before, on=["household_id", "year"])
    now_before = [(name, pl.col(name), pl.col(f"{name}_before")) for name in columns]
    pairs = pairs.with_columns(
        *(
            ((now != 0) | (now.is_not_null() & (before != 0))).fill_null(False).alias(f"{name}_stated")
            for name, now, before in now_before
        ),
        *((now == before).fill_null(False).alias(f"{name}_same") for name, now, before in now_before),
    )
    stays = pl.all_horizontal(pl.col(f"{name}_same") | ~pl.col(f"{name}_stated") for name in columns)
    return pairs.with_columns(copied=stays & (pl.sum_horizontal(f"{name}_stated" for name in columns) > 1))


def _chances(pairs: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return pairs with the probability that all their parts stay as they are by chance."""
    chance = pl.lit(1.0)
    for name in columns:
        round_ = ((pl.col(name) % 100) == 0).fill_null(False)
        changed = pl.col(f"{name}_stated") & ~pl.col("copied")
        stays = (changed & pl.col(f"{name}_same")).sum().over(round_) + 0.5
        usual = stays / (changed.sum().over(round_) + 1.0)
        chance = chance * pl.when(f"{name}_stated").then(usual).otherwise(1.0)
    several = pl.sum_horizontal(f"{name}_stated" for name in columns) > 1
    return pairs.with_columns(chance=pl.when(several).then(chance).otherwise(0.0))


def _tested(pairs: pl.DataFrame, settings: CopiedLimits, labels: Mapping[str, str]) -> pl.DataFrame:
    units = pairs.group_by("year", unit="village").agg(
        n=pl.len(), statistic=pl.col("copied").sum(), expected=pl.col("chance").sum()
    )
    units = units.filter(pl.col("n") >= settings.at_least).sort("unit", "year")
    if units.is_empty():
        return TESTS.to_frame()
    count = units["statistic"].to_numpy().astype(float)
    chance = poisson_upper_tail(count, units["expected"].to_numpy())
    chance = np.where(count >= settings.at_least, chance, 1.0)
    return tests_of(units.with_columns(p_value=chance), settings.level, unit_kind="village", **labels)
