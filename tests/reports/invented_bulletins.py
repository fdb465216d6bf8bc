"""A month's bulletin of an invented county, with everything in it that a page could trip over."""

from datetime import date

import numpy as np
import polars as pl
from hypothesis import strategies as st

from relapse_risk.policy import REASONS
from relapse_risk.reports import Bulletin
from tests.reports.invented_rosters import make_content

AS_OF, PREVIOUS = date(2020, 2, 29), date(2020, 1, 31)
TOWNS = ("东华镇", "<b>苍岭</b>&镇", "=SUM(1,2)", "小镇")
HOUSEHOLDS = [f"5323{i:08d}" for i in range(400)]


def risk_frame():
    rng = np.random.default_rng(3)
    population = rng.choice(["at_risk", "rule_only", "not_scored"], 400, p=[0.9, 0.05, 0.05])
    risk = np.where(population == "at_risk", rng.uniform(0, 0.2, 400), np.nan)
    return pl.DataFrame({"household_id": HOUSEHOLDS, "population": population, "probability": risk}).with_columns(
        pl.col("probability").fill_nan(None), pl.col("population").cast(pl.String)
    )


def listing_frame():
    kinds = ["model"] * 30 + ["rule"] * 6 + ["random"] * 2
    return pl.DataFrame(
        {
            "household_id": HOUSEHOLDS[:38],
            "listed_for": kinds,
            "tier": [*(["red", "orange", "yellow"] * 12), None, None],
            "override": [None] * 29 + ["house_d"] + ["house_d", "drop_out", "house_d+drop_out"] * 2 + [None] * 2,
        }
    )


def change_frame():
    states = ["new"] * 10 + ["worse"] * 7 + ["better"] * 5 + ["same"] * 16 + ["gone"] * 4
    reasons = [*REASONS]
    return pl.DataFrame(
        {
            "household_id": HOUSEHOLDS[:42],
            "state": states,
            "known": [True] * 41 + [False],
            "moved": [None if one == "same" else reasons[i % 2] for i, one in enumerate(states)],
            "moved_base": [0.125] * 42,
        }
    )


def area_frame():
    sizes = {"东华镇": (40, 60), "<b>苍岭</b>&镇": (70, 2), "=SUM(1,2)": (50, 45), "小镇": (1, 92)}
    rows = [{"level": "all", "at_risk": 360, "listed": 36}, {"level": "county", "county": "楚雄市", "at_risk": 360}]
    for town, villages in sizes.items():
        rows.append({"level": "town", "county": "楚雄市", "town": town, "at_risk": sum(villages)})
        rows += [
            {"level": "village", "county": "楚雄市", "town": town, "village": f"第{v}村", "at_risk": size}
            for v, size in enumerate(villages)
        ]
    names = ("level", "prefecture", "county", "town", "village")
    schema = {**dict.fromkeys(names, pl.String), "at_risk": pl.Int64}
    tiers = {name: pl.col("at_risk") // 30 for name in ("red", "orange", "yellow")}
    frame = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
    return frame.with_columns(
        **tiers, listed=3 * (pl.col("at_risk") // 30), expected=pl.col("at_risk") / 10
    ).with_columns(
        lower=pl.col("expected").floor().cast(pl.Int64), upper=(2 * pl.col("expected")).ceil().cast(pl.Int64)
    )


def alert_frame():
    states = ["open"] * 12 + ["visited"] * 10 + ["measure"] * 5 + ["cleared"] * 9 + ["refused"] * 4
    return pl.DataFrame(
        {
            "household_id": HOUSEHOLDS[:40],
            "state": states,
            "open": [one not in ("cleared", "refused") for one in states],
            "overdue": [one == "open" and i < 3 for i, one in enumerate(states)],
            "tier": [("red", "orange", "yellow", None)[i % 4] for i in range(40)],
            "county": ["楚雄市"] * 40,
            "town": [TOWNS[i % 3] if i < 38 else TOWNS[3] for i in range(40)],
            "opened_on": [PREVIOUS if i % 2 else AS_OF for i in range(40)],
            "closed_on": [AS_OF if one in ("cleared", "refused") else None for one in states],
        }
    )


def completion_frame():
    counts = {TOWNS[0]: (12, 7, 4, 2, 1), TOWNS[1]: (9, 9, 0, 0, 0), TOWNS[3]: (2, 0, 2, 1, 0), None: (6, 1, 5, 5, 0)}
    place = {"prefecture": None, "county": "楚雄市"}
    names = ("due", "done", "open", "overdue", "otherwise")
    rows = [
        {"level": level, **place, "town": town, "village": village, **dict(zip(names, values, strict=True))}
        for level, village in (("town", None), ("village", "第0村"))
        for town, values in counts.items()
    ]
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(("prefecture", "town", "village"), pl.String))


def focus_frame():
    states = ("on", "on", "unknown")
    return pl.DataFrame(
        {
            **{"list": ["villages"] * 3, "criterion": ["incidence", "poor_persons", "incidence"], "state": states},
            **{"prefecture": [None] * 3, "county": ["楚雄市"] * 3, "town": [TOWNS[1], TOWNS[3], TOWNS[0]]},
            **{"village": ["第0村", "很小的村", "第1村"], "resettlement_site": [None] * 3},
            **{"value": [0.113, 60.0, 0.02], "unit": ["share", "count", "share"], "households": [70, 4, 60]},
        },
        schema_overrides={"prefecture": pl.String, "resettlement_site": pl.String},
    )


def outcome_frame():
    return pl.DataFrame(
        {
            **{"as_of": [date(2019, 1, 31), AS_OF], "over": [True, False], "at_risk": [350, 360]},
            **{"known": [340, 0], "unknown": [10, 360]},
            **{"predicted": [0.036, None], "observed": [0.041, None], "observed_lower": [0.02, None]},
            **{"observed_upper": [0.06, None], "relapses": [14, 0], "missed": [5, 0], "missed_share": [5 / 14, None]},
            **{"wrong": [27, 0], "wrong_share": [0.75, None], "found": [4, 0]},
        }
    )


def weighted_frame():
    return pl.DataFrame(
        {
            **{"as_of": [date(2019, 1, 31), None], "drawn": [12, 24], "drawn_relapses": [3, 7]},
            **{"recall": [0.4, 0.5], "recall_lower": [0.2, 0.3], "recall_upper": [0.7, 0.8]},
            **{"outside_rate": [0.04, 0.03], "outside_rate_lower": [0.01] * 2, "outside_rate_upper": [0.1, 0.08]},
            **{"found_rate": [0.02] * 2, "found_rate_lower": [0.01] * 2, "found_rate_upper": [0.05] * 2},
            **{"refused": [None, "few_relapses"]},
            **{"naive_recall": [0.64] * 2, "naive_outside_rate": [0.01] * 2},
        }
    )


def make_bulletin(**other):
    content = {
        "as_of": AS_OF,
        "previous": PREVIOUS,
        "horizon": 12,
        "risk": risk_frame(),
        "listings": listing_frame(),
        "rules": pl.DataFrame(
            {
                **{"rule": ["house_d", "drop_out"], "tier": ["red", "none"]},
                **{"zh": ["住D级危房", "义务教育阶段辍学"], "en": ["a D-grade house", "a child out of school"]},
                **{"met": [9, 0], "listed": [5, 0], "waiting": [2, 0], "unknown": [3, 4]},
            }
        ),
        "plan": make_content(n=400, capacity=20).plan,
        "changes": change_frame(),
        "areas": area_frame(),
        "watch": pl.DataFrame(
            {
                "list": ["insurance", "of_their_own"],
                "state": ["not_covered", "<i>x</i>"],
                "n_on": [12, 0],
                "persons": [44, 0],
                "n_known": [300, 0],
                "unknown": [60, None],
                "share": [0.04, None],
            }
        ),
        "focus": focus_frame(),
        "outcomes": outcome_frame(),
        "weighted": weighted_frame(),
        "performance": pl.DataFrame(
            {
                **{"measure": ["relapses", "precision", "auc"], "expected": [9.04, 0.25, 0.81]},
                **{"lower": [4.0, 0.1, None], "upper": [15.0, 0.4, None]},
            }
        ),
        "drift": pl.DataFrame(
            {
                **{"name": ["probability", "size", "size"], "measure": ["stability", "missing", "stability"]},
                **{"before": [None, 0.01, None], "now": [None, 0.31, None], "change": [0.31, 0.3, 0.01]},
                "state": ["watch", "alarm", "steady"],
            }
        ),
        "alerts": alert_frame(),
        "clearing": pl.DataFrame(
            {
                "level": ["group", "group", "village", "town", "county"],
                "open": [3, 0, 3, 3, 27],
                "cleared": [0, 2, 2, 2, 9],
                "refused": [0, 1, 1, 1, 4],
                "clear": [False, True, False, False, False],
                "signed_on": [None, AS_OF, None, None, None],
            }
        ),
        "completion": completion_frame(),
        "remarks": (("stale", {"count": 37, "share": 0.031}),),
        "run": (("模型包", "9f86d0<x>"),),
    }
    return Bulletin(**content | other)


OPTIONAL = (
    *("changes", "areas", "watch", "focus", "outcomes", "weighted", "performance", "drift", "alerts", "clearing"),
    "completion",
)
some_missing = st.sets(st.sampled_from(OPTIONAL))
