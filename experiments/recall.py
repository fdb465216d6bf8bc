"""Recall by the visits drawn at random, in simulated prefectures of which the truth is known.

Usage: python experiments/recall.py [--simulations N] [--found SHARE] [--goes SHARE]

Three months of 1,500 households at risk, 150 of them listed and visited within a month, and as many drawn at random a
month as the design says. Whoever falls does so on any day of the year, and is found out by a visit after it, or else
with the chance `--found`. At the end of the year the drawn are visited again, and some of the listed; the comparison is
with a design that visits once, at the beginning.
"""

import argparse
from datetime import date

import numpy as np
import polars as pl

from relapse_risk.monitoring import realised_outcomes
from tests.monitoring.watched_months import watched

NOW = date(2020, 4, 30)
DESIGNS = tuple(
    (f"{drawn} drawn, {listed or 'all'} listed followed", drawn, listed)
    for drawn, listed in ((400, None), (400, 75), (200, 100), (60, 30))
)


def simulated(seed: int, drawn: int, sampled: int | None, *, endline: bool, found: float, goes: float) -> dict:
    """Return the figures of all months together, with the truth."""
    given, rows = watched(seed, drawn=drawn, sampled=sampled, endline=endline, found_unvisited=found, goes=goes)
    whole = realised_outcomes(**given, on=NOW).weighted.row(-1, named=True)
    listed = pl.col("listed_for") == "model"
    return whole | {"true": rows.filter("fell").select(listed.fill_null(False).mean()).item()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=200)
    parser.add_argument("--found", type=float, default=0.4)
    parser.add_argument("--goes", type=float, default=0.9)
    asked = parser.parse_args()
    heads = ("design", "given", "refused", "true", "by records", "weighted", "bias", "coverage")
    print("| " + " | ".join(heads) + " |\n" + "| --- " * len(heads) + "|")
    for name, drawn, sampled in (*DESIGNS, ("400 drawn, visited once", 400, -1)):
        once = sampled == -1
        options = {"endline": not once, "found": asked.found, "goes": asked.goes}
        results = [simulated(seed, drawn, None if once else sampled, **options) for seed in range(asked.simulations)]
        given = [one for one in results if one["recall"] is not None]
        refused = {one["refused"] for one in results} - {None}
        cells = [name, len(given), ", ".join(sorted(refused)) or "-"]
        cells.append(f"{np.mean([one['true'] for one in results]):.3f}")
        if given:
            bias = np.mean([one["recall"] - one["true"] for one in given])
            held = np.mean([one["recall_lower"] <= one["true"] <= one["recall_upper"] for one in given])
            means = (np.mean([one[key] for one in given]) for key in ("naive_recall", "recall"))
            cells += [*(f"{mean:.3f}" for mean in means), f"{bias:+.4f}", f"{held:.3f}"]
        else:
            cells += ["-"] * 4
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)


if __name__ == "__main__":
    main()
