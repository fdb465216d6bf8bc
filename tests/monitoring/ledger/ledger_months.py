"""Invented months and acts for ledgers."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl

from relapse_risk.monitoring import Month, pack
from relapse_risk.policy import read_policy
from tests.edited_models import edited

_OURS = read_policy()
ONE_STEP = replace(_OURS, mechanism=edited(_OURS.mechanism, "ledger.clearing.steps", ("cleared",)))
"""One person clears after a visit."""

JAN, FEB, MAR, APR, MAY, JUN = (
    *(date(2020, 1, 31), date(2020, 2, 29), date(2020, 3, 31)),
    *(date(2020, 4, 30), date(2020, 5, 31), date(2020, 6, 30)),
)
EVERYBODY = ("h1", "h2", "h3", "h4", "h5")
PLACE = {"prefecture": "Z州", "county": "甲县", "town": "东镇", "village": "上村", "group_name": "一组"}


def scores_of(households=EVERYBODY):
    return pack(
        pl.DataFrame(
            {
                "household_id": list(households),
                "population": "at_risk",
                "probability": 0.1,
                "tier": "none",
                "rank": 1,
                "override": pl.Series([None] * len(households), dtype=pl.String),
                "contribution_illness": 0.2,
            }
        )
    )


def month_of(as_of, tiers, *, digest="d", known=EVERYBODY, places=None, listed_for="model"):
    """Return the month in which some households are listed in some tiers; each may live somewhere else than `PLACE`."""
    rows = [
        {
            "household_id": household,
            "listed_for": listed_for,
            "tier": tier,
            "rank": rank,
            "probability": 0.5 / rank,
            "inclusion_probability": 1.0,
            "override": None,
            "reasons": "illness+debt",
            "measures": "medical_aid",
            **PLACE,
            **(places or {}).get(household, {}),
        }
        for rank, (household, tier) in enumerate(tiers.items(), 1)
    ]
    schema = {"household_id": pl.String, "override": pl.String}
    listings = pl.DataFrame(rows, schema_overrides=schema)
    if not rows:
        listings = month_of(as_of, {"h1": "red"}).listings.clear()
    return Month(as_of=as_of, digest=digest, listings=listings, scores=scores_of(known))


def act_of(household, kind, on, **more):
    return {"household_id": household, "kind": kind, "on": on, "by": "李", **more}


def acts_of(*acts):
    schema = {"household_id": pl.String, "kind": pl.String, "on": pl.Date, "by": pl.String}
    texts = dict.fromkeys(("note", "measure", "assignee", "source"), pl.String)
    return pl.DataFrame(list(acts), schema=schema | texts)


def states_of(ledger, as_of=None):
    frame = ledger.alerts(as_of)
    return dict(zip(frame["household_id"], frame["state"], strict=True))


def kinds_of(ledger, household=None):
    history = ledger.history()
    chosen = history if household is None else history.filter(pl.col("household_id") == household)
    return chosen["kind"].to_list()


def long_run(months=6, households=200, seed=3):
    """Return months and the acts after each: every listed household may be visited, helped, cleared, refused."""
    rng = np.random.default_rng(seed)
    names = [f"h{number:05d}" for number in range(households)]
    days = [date(2020 + number // 12, number % 12 + 1, 28) for number in range(months)]
    for as_of in days:
        listed = sorted(rng.choice(names, households // 5, replace=False).tolist())
        tiers = rng.choice(["red", "orange", "yellow"], len(listed)).tolist()
        places = {name: {"village": f"村{int(name[1:]) % 7}", "group_name": f"{int(name[1:]) % 3}组"} for name in names}
        month = month_of(as_of, dict(zip(listed, tiers, strict=True)), digest=f"{as_of}", known=names, places=places)
        acts = []
        for number, household in enumerate(rng.choice(names, households // 4, replace=False).tolist()):
            day = date(as_of.year, as_of.month, 28 if number % 2 else 28 + int(as_of.month != 2))
            kinds = ["visited", "measure", "cleared"] if number % 3 else ["acknowledged", "refused"]
            more = {"note": "不在名单", "measure": "medical_aid"}
            acts += [act_of(household, kind, day, source=f"{as_of}/{number}", **more) for kind in kinds]
        yield month, acts_of(*acts)


def share_of(acts, part, of):
    """Return the acts on every `of`-th household: what happens to one stays together."""
    return acts.filter(pl.col("household_id").str.slice(1).cast(pl.Int64) % of == part)
