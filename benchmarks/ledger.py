"""The ledger at a large roster: seconds to record a month and to read it back, and the size of the file.

Usage: python benchmarks/ledger.py [--households N] [--listed N] [--visits N] [--months N] [--seed S]

Scores, listings and acts are invented as numbers alone: what is timed is the ledger, not a model. Each month lists so
many households, nine in ten of them those of the month before; so many of the listed are then visited, and every other
visit proposes to clear. Told are the first and the last month: recording it (with the backup that is made before),
entering the visits, reading back alerts, listings and scores, and `check`.
"""

import argparse
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl

from relapse_risk.monitoring import Ledger, Month, open_ledger, pack, unpack
from relapse_risk.periods import add_months
from relapse_risk.policy import REASONS

FIRST = date(2020, 1, 31)
PLACES = (("county", 10), ("town", 100), ("village", 650))
KEPT = 0.9


def invent_month(ids: pl.Series, listed: np.ndarray, as_of: date, rng: np.random.Generator) -> Month:
    n = len(ids)
    risk = pl.DataFrame({"household_id": ids, "population": "at_risk", "probability": rng.beta(1, 25, n)})
    reasons = {f"contribution_{reason}": rng.normal(0, 0.3, n) for reason in (*REASONS, "base")}
    tiers = np.full(n, "none", dtype="<U6")
    tiers[listed] = np.array(["red", "orange", "yellow", "yellow"])[np.arange(len(listed)) % 4]
    risk = risk.with_columns(
        pl.Series("tier", tiers),
        pl.col("probability").rank("ordinal", descending=True).cast(pl.Int64).alias("rank"),
        pl.lit(None, dtype=pl.String).alias("override"),
        **{name: pl.Series(values) for name, values in reasons.items()},
    )
    listings = risk[np.sort(listed)].select("household_id", "tier", "rank", "probability", "override")
    places = {
        name: pl.Series([f"{name} {int(one[-6:]) % k}" for one in listings["household_id"]]) for name, k in PLACES
    }
    columns = {"listed_for": pl.lit("model"), "inclusion_probability": pl.lit(1.0), "reasons": pl.lit("illness+debt")}
    return Month(as_of=as_of, digest=str(as_of), listings=listings.with_columns(**columns, **places), scores=pack(risk))


def visits_of(month: Month, count: int, rng: np.random.Generator) -> pl.DataFrame:
    met = month.listings["household_id"].sample(min(count, month.listings.height), seed=int(rng.integers(2**31)))
    on = month.as_of + timedelta(days=5)
    rows = [(one, kind, on, "walker") for at, one in enumerate(met) for kind in ("visited", "proposed")[: 1 + at % 2]]
    return pl.DataFrame(rows, schema=["household_id", "kind", "on", "by"], orient="row")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = perf_counter()
    found = work()
    return perf_counter() - began, found


def one_month(ledger: Ledger, month: Month, acts: pl.DataFrame) -> dict[str, float]:
    def scores() -> pl.DataFrame:
        return unpack(ledger.scores(month.as_of) or b"")

    works: dict[str, Callable[[], Any]] = {
        "record the month": lambda: ledger.record_month(month),
        f"enter {acts.height:,} acts": lambda: ledger.act(acts),
        "read its alerts": lambda: ledger.alerts(month.as_of),
        "read its listings": lambda: ledger.listings(month.as_of),
        "read its scores": scores,
        "check": ledger.check,
    }
    return {name: timed(work)[0] for name, work in works.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in {"households": 88_693, "listed": 4_500, "visits": 4_500, "months": 2, "seed": 0}.items():
        parser.add_argument(f"--{name}", type=int, default=usual)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    ids = pl.Series("household_id", [f"5323010101{number:06d}" for number in range(asked.households)])
    listed = rng.choice(asked.households, asked.listed, replace=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "county.db"
        ledger, before = open_ledger(path), 0
        for number in range(asked.months):
            month = invent_month(ids, listed, add_months(FIRST, number), rng)
            seconds = one_month(ledger, month, visits_of(month, asked.visits, rng))
            size = path.stat().st_size
            if number in (0, asked.months - 1):
                print(f"month {number + 1}: " + "; ".join(f"{name} {time:.2f} s" for name, time in seconds.items()))
                print(f"  file {size / 1e6:.1f} MB, of it this month {(size - before) / 1e6:.1f} MB")
            before = size
            kept = rng.choice(listed, int(KEPT * len(listed)), replace=False)
            others = np.setdiff1d(np.arange(asked.households), kept)
            listed = np.concatenate([kept, rng.choice(others, asked.listed - len(kept), replace=False)])


if __name__ == "__main__":
    main()
