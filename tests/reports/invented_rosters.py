"""A roster of invented households, with everything in it that a sheet or a page could trip over."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl

from relapse_risk.alerts import Allocation, Capacity, apply_overrides, plan_visits, rank_households, with_tiers
from relapse_risk.evaluation import Evaluation, ModelComparison
from relapse_risk.metrics import Interval, Scores
from relapse_risk.policy import read_policy
from relapse_risk.reports import ModelFacts, RosterReport

TOWNS = ("东华镇", "新村镇", "=SUM(1,2)", "<b>苍岭</b>&镇", None)
TYPES = ("exited", "near_poor", "general", None)
SENTENCES = {
    "illness": (
        "近12个月自付医疗费 8,400 元，占年纯收入的 61%",
        "8,400 yuan of own medical cost in 12 months, 61% of income",
    ),
    "income": ("年人均纯收入 4,210 元，为贫困线的 1.05 倍", "yearly income 4,210 yuan per person, 1.05 times the line"),
    "employment": ("过去12个月有 1 人失去工作", "1 person lost work in the last 12 months"),
    "disaster": ("过去12个月受灾 2 次，损失 12,000 元", "2 disasters in the last 12 months, loss 12,000 yuan"),
}


def comparison(name, log_loss, over=(0.0, 0.0, 0.0), predicted=0.041):
    scores = Scores(
        rows=23_456,
        events=938,
        auc=0.81,
        average_precision=0.22,
        log_loss=log_loss,
        brier=0.03,
        observed=0.04,
        predicted=predicted,
        calibration_intercept=0.02,
        calibration_slope=0.97,
    )
    interval = Interval(estimate=over[0], lower=over[1], upper=over[2])
    return ModelComparison(
        name=name,
        scores=scores,
        exclusion_error=Interval(estimate=0.7 + over[0], lower=0.6 + over[1], upper=0.8 + over[2]),
        log_loss_over_default=interval,
        brier_over_default=interval,
        auc_over_default=Interval(estimate=-over[0], lower=-over[2], upper=-over[1]),
        exclusion_error_over_default=interval,
    )


EVALUATION = Evaluation(
    scheme="time",
    days=("2018-12-31",),
    households=23_456,
    level=0.95,
    capacity_share=0.05,
    comparisons=(
        comparison("reason_additive", 0.1279),
        comparison("policy_rule", 0.1532, (0.0253, 0.0221, 0.0287)),
        comparison("income", 0.1441, (0.0162, 0.0139, 0.0186)),
        comparison("logistic", 0.1284, (0.0005, -0.0003, 0.0013)),
        comparison("lightgbm", 0.1315, (0.0036, 0.0021, 0.0052)),
    ),
)

MODEL = ModelFacts(
    digest="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    origin="own",
    label="recorded",
    cohort="wide",
    horizon=12,
    as_of=(date(2017, 12, 31), date(2018, 12, 31)),
    trained_through=date(2019, 12, 31),
    rows=46_912,
    households=24_001,
    relapses=1_876,
    features=143,
    protected=({"zh": "户主为女性", "en": "the head is a woman"},),
    evaluation=EVALUATION,
    release="0.1.0",
)

REMARKS = (
    ("stale", {"count": 37, "share": 0.031}),
    ("unseen_reasons", {"reasons": ("debt", "schooling")}),
    ("missing_tables", {"tables": ("loans",)}),
)


def ids(n):
    """Return household codes, some of which a spreadsheet would ruin or run."""
    odd = ["=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "-2+3", "0012345678901234567890", "53230000000000E7"]
    return [*odd, *(f"5323{i:08d}" for i in range(n - len(odd)))][:n]


RULES = pl.DataFrame(
    {
        "rule": ["relapsed", "drop_out", "uninsured", "unsafe_water"],
        "tier": ["red", "orange", "none", "yellow"],
        "zh": ["已录入返贫", "有儿童未在校", "有人未参保", "未解决安全饮用水"],
        "en": ["entered as relapsed", "a child out of school", "somebody uninsured", "no safe water"],
        "met": [1, 2, 3, None],
        "listed": [1, 1, 0, None],
        "waiting": [0, 0, 0, None],
        "unknown": [0, 4, 0, None],
    }
)
NO_RULE = pl.DataFrame(schema={"household_id": pl.String, "rule": pl.String, "tier": pl.String})


def risk_frame(n, capacity, seed=0, overrides=NO_RULE):
    rng = np.random.default_rng(seed)
    population = np.where(rng.random(n) < 0.9, "at_risk", np.where(rng.random(n) < 0.5, "rule_only", "not_scored"))
    risk = 1 / (1 + np.exp(-rng.normal(-3.5, 1.3, n)))
    codes = np.array([rng.permutation(list(SENTENCES)) for _ in range(n)], dtype=str).reshape(n, len(SENTENCES))
    frame = pl.DataFrame(
        {
            "household_id": ids(n),
            "population": population,
            "exclusion_reason": [
                {"at_risk": None, "rule_only": "poor", "not_scored": "no_income"}[one] for one in population
            ],
            "stale": rng.random(n) < 0.05,
            "probability": np.where(population == "at_risk", risk, np.nan),
            "ratio": rng.uniform(1, 4, n),
            **{f"reason_{i + 1}": codes[:, i] for i in range(3)},
        },
        schema_overrides=dict.fromkeys(("household_id", "exclusion_reason", "population"), pl.String),
    ).with_columns(pl.col("probability").fill_nan(None))
    frame = frame.with_columns(
        lower=pl.col("probability") * 0.6,
        upper=(pl.col("probability") * 1.5).clip(upper_bound=0.99),
        reason_3=pl.when(pl.int_range(pl.len()) % 3 > 0).then(pl.col("reason_3")),
        rank=rank_households(frame, b"key"),
        listed_again=pl.when(pl.col("population") == "at_risk").then(pl.int_range(pl.len()) % 101 / 100),
    )
    return apply_overrides(with_tiers(frame, capacity, read_policy().thresholds.tiers), overrides)


def sentence_frame(risk):
    columns = {
        f"sentence_{place}_{lang}": [code and SENTENCES[code][lang == "en"] for code in risk[f"reason_{place}"]]
        for place in (1, 2, 3)
        for lang in ("zh", "en")
    } | {f"reason_text_{lang}": [None] * risk.height for lang in ("zh", "en")}
    return pl.DataFrame(
        {"household_id": risk["household_id"], **columns}, schema_overrides=dict.fromkeys(columns, pl.String)
    )


def count_areas(risk, places):
    """Return what ``scoring`` would say of counties, towns and villages, with bounds that are half and twice."""
    known = risk.filter(population="at_risk").with_columns(pl.col("household_id").cast(pl.String))
    placed = known.join(places, on="household_id")
    paths = {"all": (), "county": ("county",), "town": ("county", "town"), "village": ("county", "town", "village")}
    counted = [
        placed.with_columns(level=pl.lit(level))
        .group_by("level", *path)
        .agg(at_risk=pl.len().cast(pl.Int64), expected=pl.col("probability").sum())
        for level, path in paths.items()
    ]
    bounds = {"lower": (pl.col("expected") / 2).floor(), "upper": (pl.col("expected") * 2).ceil()}
    return pl.concat(counted, how="diagonal").with_columns(bound.cast(pl.Int64).alias(n) for n, bound in bounds.items())


def share_out(capacity, risk):
    """Return what sharing out a capacity for all would leave behind."""
    listed = risk.filter(pl.col("rank") <= capacity)
    ends = {
        "at_risk": risk["rank"].count(),
        "visits": capacity,
        "limit": capacity,
        "listed": listed.height,
        "covered": 0,
    }
    cut = {"last": listed["probability"].min(), "tied": 1, "tied_out": 0, "near": 5, "near_out": 2}
    areas = pl.DataFrame([ends | cut], schema_overrides={"last": pl.Float64})
    return Allocation(
        tier=risk["tier_model"],
        owed=pl.repeat(False, risk.height, eager=True),
        listed_again=risk["listed_again"],
        areas=areas,
        capacity=Capacity(visits=capacity or None),
        key="0" * 16,
    )


def make_plan(demand, capacity, rules_beyond=True):
    """Return the plan of a capacity; by default rules may go beyond it."""
    order = read_policy().mechanism.listing.order.visits
    shared = share_out(capacity, demand)
    places = demand.select("household_id")
    return plan_visits(demand, places, shared, order, as_of=date(2019, 12, 31), key="key", rules_beyond=rules_beyond)


def make_content(
    n=1200, capacity=60, remarks=REMARKS, capacity_share=None, seed=0, overrides=NO_RULE, rules_beyond=True
):
    demand = risk_frame(n, capacity, seed, overrides)
    plan = make_plan(demand, capacity, rules_beyond)
    risk = plan.on(demand)
    rng = np.random.default_rng(seed)
    town = rng.integers(0, len(TOWNS), n)
    village = rng.integers(1, 9, n)
    places = pl.DataFrame(
        {
            "household_id": risk["household_id"],
            "county": ["楚雄市"] * n,
            "town": [TOWNS[t] for t in town],
            "village": [None if TOWNS[t] is None else f"第{v}村" for t, v in zip(town, village, strict=True)],
            "group_name": [f"{v % 4 + 1}组" for v in village],
            "household_type": [TYPES[v % 4] for v in village],
        },
        schema=dict.fromkeys(("household_id", "county", "town", "village", "group_name", "household_type"), pl.String),
    )
    return RosterReport(
        as_of=date(2019, 12, 31),
        risk=risk,
        places=places,
        areas=count_areas(risk, places),
        sentences=sentence_frame(risk),
        shared=share_out(capacity, risk),
        plan=plan,
        capacity_share=capacity_share,
        tiers={"red": 0.25, "orange": 0.5},
        interval_width=read_policy().thresholds.interval_width,
        rules=RULES,
        remarks=remarks,
        model=MODEL,
    )


def make_assumed(**settings):
    """Return the same scored by the rule in force alone."""
    content = make_content(**settings)
    return replace(content, model=replace(content.model, origin="rule", evaluation=None))


ACCOUNTS = pl.DataFrame(
    {
        "source": ["532311_防返贫监测信息导出.xlsx"] * 3,
        "sheet": ["户信息", "家庭成员", "收入"],
        "table": ["households", "members", "incomes"],
        "read": [6020, 22310, 6013],
        "kept": [6011, 22290, 6000],
        "refused": [9, 20, 13],
        "skipped": [3, 5, 1],
    }
)
