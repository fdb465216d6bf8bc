"""Months and acts recorded in two databases: whether both give the same answers.

Usage: python experiments/two_databases.py LEDGER FILE URL

LEDGER is a ledger that `experiments/prefecture.py` left; FILE a new one (SQLite), URL an empty place in another
database (``postgresql+psycopg://…``). Every month and every act of LEDGER is recorded again in both, in the order in
which it was recorded; then all that a ledger can be asked is asked of both.
"""

import argparse
import time

import polars as pl

from relapse_risk.monitoring import Ledger, Month, open_ledger

LEVELS = ("group", "village", "town", "county", "prefecture")
ACTS = ("household_id", "kind", "on", "by", "measure", "note", "source")


def replay(one: Ledger, other: Ledger) -> list[pl.DataFrame]:
    """Record the content of a ledger in another one; return what became of every act."""
    history, outcomes = one.history(), []
    days = one.months()
    begins = [history.filter(month=day)["entry_id"].min() for day in days]
    for day, begin, end in zip(days, begins, [*begins[1:], history["entry_id"].max() + 1], strict=True):
        packed = one.scores(day)
        other.record_month(Month(as_of=day, digest=str(day), listings=one.listings(day).drop("as_of"), scores=packed))
        own = history.filter(pl.col("month").is_null(), pl.col("entry_id").is_between(begin, end - 1))
        if own.height:
            outcomes.append(other.act(own.select(ACTS)))
    return outcomes


def answers(ledger: Ledger) -> dict[str, pl.DataFrame]:
    """Return all that a ledger can be asked, but the moments of recording."""
    days = ledger.months()
    return {
        "history": ledger.history().drop("recorded_at"),
        "listings": ledger.listings(),
        "alerts, in the end": ledger.alerts(),
        **{f"alerts of {day}": ledger.alerts(day) for day in days[::6]},
        **{f"clearing by {level}": ledger.clearing(level) for level in LEVELS},
        "scores": pl.DataFrame({"day": days, "scores": [ledger.scores(day) for day in days]}),
        "wrong records": ledger.wrong_records(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("ledger", "file", "url"):
        parser.add_argument(name)
    asked = parser.parse_args()
    one = open_ledger(asked.ledger, make=False)
    found = []
    for place in (asked.file, asked.url):
        other = open_ledger(place)
        clock = time.perf_counter()
        acts = pl.concat(replay(one, other))
        print(f"{other.store.engine.dialect.name}: {len(one.months())} months in {time.perf_counter() - clock:.0f} s")
        found.append({"acts": acts, **answers(other)})
    print("\n| asked | rows | the same |\n| --- | --- | --- |")
    for name, frame in found[0].items():
        print(f"| {name} | {frame.height} | {'yes' if frame.equals(found[1][name]) else 'NO'} |")


if __name__ == "__main__":
    main()
