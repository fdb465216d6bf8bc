"""Invented households by area."""

import numpy as np
import polars as pl

LEVELS = {
    "prefecture": ["一州"],
    "county": ["甲县", "乙县"],
    "town": ["东镇", "西镇"],
    "village": ["上村", "下村", None],
    "group_name": ["1组", "2组", None],
}
TIERS = ["red", "orange", "yellow", "none", None]


def make_register(n=900, seed=0, levels=tuple(LEVELS)):
    """Return risk, places and people of `n` households; of some, something is not known."""
    random = np.random.default_rng(seed)
    ids = [f"h{i:04d}" for i in range(n)]

    def some(values, share):
        return [None if lost else value for value, lost in zip(values, random.random(n) < share, strict=True)]

    named = {name: random.choice(np.array(values, dtype=object), n).tolist() for name, values in LEVELS.items()}
    listed = {"red", "orange", "yellow"}
    tier = random.choice(np.array(TIERS, dtype=object), n).tolist()
    risk = pl.DataFrame(
        {
            "household_id": ids,
            "population": random.choice(["at_risk", "rule_only", "not_scored"], n, p=[0.8, 0.1, 0.1]),
            "probability": random.beta(1, 20, n),
            "tier": tier,
            "listed_for": [["model", "rule"][i % 2] if one in listed else None for i, one in enumerate(tier)],
            "waiting_for": pl.Series(["model" if one == "none" else None for one in tier], dtype=pl.String),
            "reason_1": random.choice(["illness", "income", "debt"], n),
        },
        schema_overrides={"tier": pl.String, "listed_for": pl.String},
    ).with_columns(pl.when(population="at_risk").then("probability"))
    places = pl.DataFrame({"household_id": ids, **{name: named[name] for name in levels}})
    people = pl.DataFrame(
        {
            "household_id": ids,
            "persons": some(random.integers(1, 7, n).tolist(), 0.05),
            "poor": some((random.random(n) < 0.2).tolist(), 0.05),
            "income": some(random.lognormal(8.6, 0.5, n).tolist(), 0.1),
            "line": [3218.0] * n,
        },
        schema={"household_id": pl.String, "persons": pl.Int64, "poor": pl.Boolean, "income": float, "line": float},
    )
    return risk, places.cast(dict.fromkeys(levels, pl.String)), people
