"""Invented months with known truth: who would fall back, who is listed, drawn, visited, and what is recorded of it."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from relapse_risk.labels import Labels

MONTHS = (date(2019, 1, 31), date(2019, 2, 28), date(2019, 3, 31))
ENDS = (date(2020, 1, 31), date(2020, 2, 28), date(2020, 3, 31))


def labels_of(frame, months=MONTHS, ends=ENDS, to_come=0.0):
    """Return labels that hold a frame of household_id, as_of and relapsed."""
    days = pl.DataFrame({"as_of": months, "horizon_end": ends, "unreported_share": to_come})
    return Labels(
        frame=frame,
        label="recorded",
        cohort="wide",
        horizon=12,
        counts={},
        days=days,
        unreported_share=0.0,
        last_outcome=ends[-1],
    )


def watched(seed, n=1500, listed=150, drawn=60, found_unvisited=0.4, goes=1.0, sampled=None, endline=True):
    """Return what `realised_outcomes` takes, of invented months, and the truth.

    Who falls does so on any day of the year. Everybody listed or drawn is visited once in the first month; at the end
    of the year everybody drawn and `sampled` of the listed (by default all). A fall is recorded if a visit comes after
    it, else with a lower chance.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for month, end in zip(MONTHS, ENDS, strict=True):
        risk = 1 / (1 + np.exp(-rng.normal(-2.8, 1.2, n)))
        fell = rng.random(n) < risk
        order = np.argsort(-risk)
        kind = np.full(n, None, dtype=object)
        kind[order[:listed]] = "model"
        kind[rng.choice(order[listed:], drawn, replace=False)] = "random"
        chance = np.where(kind == "random", drawn / (n - listed), 1.0)
        visited = (kind != None) & (rng.random(n) < goes)  # noqa: E711  elementwise
        at_end = kind == "random"
        at_end[rng.choice(order[:listed], listed if sampled is None else sampled, replace=False)] = True
        at_end &= endline & (rng.random(n) < goes)
        fell_after, visited_after = rng.uniform(0, 365, n), rng.uniform(0, 30, n)
        found_out = at_end | (visited & (fell_after < visited_after)) | (rng.random(n) < found_unvisited)
        parts.append(
            pl.DataFrame(
                {
                    "household_id": [f"h{i:05d}" for i in range(n)],
                    "as_of": [month] * n,
                    "probability": risk,
                    "listed_for": pl.Series(kind.tolist(), dtype=pl.String),
                    "inclusion_probability": chance,
                    "visited": visited,
                    "at_end": at_end,
                    "visited_on": [end + timedelta(days=9)] * n,
                    "found": fell & (fell_after < visited_after),
                    "fell": fell,
                    "relapsed": fell & found_out,
                }
            )
        )
    rows = pl.concat(parts)
    given = {
        "scores": rows.select("household_id", "as_of", "probability"),
        "listings": rows.filter(pl.col("listed_for").is_not_null()).select(
            "household_id", "as_of", "listed_for", "inclusion_probability"
        ),
        "labels": labels_of(rows.select("household_id", "as_of", "relapsed")),
        "visits": rows.filter("visited").select("household_id", "as_of", "found"),
        "endline": rows.filter("at_end").select("household_id", "as_of", "visited_on"),
    }
    return given, rows
