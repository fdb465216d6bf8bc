"""Invented counties with known truth, for the tests of anomalies."""

from dataclasses import replace

import numpy as np
import polars as pl

from relapse_risk.audit.anomalies import find_anomalies
from relapse_risk.policy import AnomalyPolicy, Lines, read_model

SETTINGS = read_model(AnomalyPolicy, "anomalies")
LINES = Lines(by_year={2016: 2952.0, 2018: 2995.0, 2019: 3218.0, 2020: 4000.0})
YEARS = np.arange(2016, 2021)
PARTS = ["wage", "business", "property", "transfer", "production_cost"]
_SHARES = np.array([0.55, 0.3, 0.02, 0.13, 0.08])


RULES = {
    "heaped": "heaped_above_line",
    "rounded": "rounded_figures",
    "copied": "carried_forward",
    "identical": "identical_answers",
    "slips": "slipped_by_ten",
}


def found_by(test, rows, **limits):
    """Return what one test alone finds, by its limits as they are or changed."""
    silent = {
        name: getattr(SETTINGS, name).model_copy(update={"columns": {}}) for name in ("rounded", "copied", "identical")
    }
    silent["slips"] = SETTINGS.slips.model_copy(update={"amounts": ()})
    own = {test: getattr(SETTINGS, test).model_copy(update=limits)}
    found = find_anomalies(rows, LINES, settings=SETTINGS.model_copy(update=silent | own))
    return replace(found, rows=found.rows.filter(rule=RULES[test]), tests=found.tests.filter(rule=RULES[test]))


def county(seed, villages=24, homes=(20, 150), level=0.8, breadth=0.5, tails=np.inf, to=0.01):
    """Return rows of households and incomes in which nothing is wrong.

    Villages differ in how far their incomes are above the line; households keep a level of their own; amounts are
    lognormal, or have the tails of Student's t, and are rounded to so many yuan.
    """
    rng = np.random.default_rng(seed)
    size = rng.integers(homes[0], homes[1] + 1, villages)
    village = np.repeat(np.arange(villages), size)
    n = len(village)
    members = rng.integers(1, 7, n)
    own = (level + 0.25 * rng.normal(size=villages))[village] + breadth * rng.normal(size=n)
    income = own[:, None] + 0.25 * _tailed(rng, tails, (n, len(YEARS)))
    parts = np.exp(income)[:, :, None] * LINES_OF_YEARS[None, :, None] * members[:, None, None] * _SHARES
    parts = parts * np.exp(0.4 * rng.normal(size=(n, 1, 5)) + 0.3 * _tailed(rng, tails, (n, len(YEARS), 5)))
    parts[:, :, 0] *= rng.random((n, 1)) < 0.8
    return {"households": _households(village, n), "incomes": _incomes(rounded_to(parts, to), members, n)}


LINES_OF_YEARS = np.array([LINES.of_year(int(year)) for year in YEARS])


def rounded_to(amounts, unit):
    return np.round(np.round(amounts / unit) * unit, 2)


def _tailed(rng, tails, shape):
    return rng.normal(size=shape) if np.isinf(tails) else rng.standard_t(tails, size=shape)


def _households(village, n):
    code = [f"5301{one // 8 + 1:05d}{one % 8 + 1:03d}" for one in village]  # one that ends in zeros is no village's
    return pl.DataFrame({"household_id": ids(n), "village_code": code})


def ids(n):
    return [f"h{one:06d}" for one in range(n)]


def _incomes(parts, members, n):
    flat = parts.reshape(-1, 5)
    net = flat[:, :4].sum(axis=1) - flat[:, 4]
    size = np.repeat(members, len(YEARS))
    frame = pl.DataFrame(
        {
            "household_id": np.repeat(ids(n), len(YEARS)),
            "year": np.tile(YEARS, n),
            "household_size": size,
            **dict(zip(PARTS, flat.T, strict=True)),
            "net_income": np.round(net, 2),
            "net_income_per_capita": np.round(net / size, 2),
        }
    )
    return standing_in(frame, "incomes.csv")


def standing_in(frame, source):
    """Return rows with where they stand."""
    place = {"_source": pl.lit(source), "_sheet": pl.lit(None, dtype=pl.String), "_kept": pl.lit(True)}
    return frame.with_row_index("_row", offset=2).with_columns(**place)


def with_heap(rows, village, year, share, seed=0):
    """Move a share of a village's incomes of a year to just above the line; return the rows and which were moved."""
    rng = np.random.default_rng(seed)
    homes = rows["households"].filter(pl.col("village_code") == village)["household_id"]
    chosen = rng.choice(homes.to_numpy(), int(np.ceil(share * homes.len())), replace=False)
    moved = pl.col("household_id").is_in(chosen.tolist()) & (pl.col("year") == year)
    just_above = pl.Series(LINES.of_year(year) * (1.0 + 0.04 * rng.random(rows["incomes"].height)))
    amount = pl.when(moved).then(just_above).otherwise("net_income_per_capita").alias("net_income_per_capita")
    return {**rows, "incomes": rows["incomes"].with_columns(amount)}, set(rows["incomes"].filter(moved)["_row"])


def with_slips(frame, columns, share, powers, seed=0):
    """Multiply the amounts of a share of the rows by powers of ten; return the frame and the rows."""
    rng = np.random.default_rng(seed)
    struck = rng.random(frame.height) < share
    factor = pl.Series(np.where(struck, 10.0 ** rng.choice(powers, frame.height), 1.0))
    return frame.with_columns(pl.col(columns) * factor), set(frame.filter(pl.Series(struck))["_row"])
