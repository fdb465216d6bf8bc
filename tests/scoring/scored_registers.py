"""A small invented register and a bundle made for it, without the long way through training."""

from datetime import date
from functools import cache

import numpy as np
import polars as pl

from relapse_risk.area_effects import ClusterEffects
from relapse_risk.bundle import Bundle
from relapse_risk.calibration import YearEffects
from relapse_risk.evaluation import Evaluation, ModelComparison
from relapse_risk.features import build_features
from relapse_risk.labels import find_cohort
from relapse_risk.metrics import Interval, score_all
from relapse_risk.models import LogisticClassifier, TrainingReference
from relapse_risk.policy import read_policy
from relapse_risk.records import Records

N = 400
YEARS = (2016, 2017, 2018, 2019)


@cache
def make_tables(n=N, seed=0):
    """Return households, incomes and illness of `n` households over four years; a few are poor, relapsed or untyped."""
    rng = np.random.default_rng(seed)
    ids = [f"5399{i:06d}" for i in range(n)]
    kinds = rng.choice(["exited", "near_poor", "general", "poor", None], n, p=[0.6, 0.15, 0.15, 0.06, 0.04])
    households = pl.DataFrame(
        {
            "household_id": ids,
            "recorded_on": [date(2016, 1, 1)] * n,
            "county": ["甲县"] * n,
            "town": rng.choice(["东镇", "西镇"], n),
            "village": rng.choice(["上村", "下村", "新村"], n),
            "household_type": pl.Series(kinds.tolist(), dtype=pl.String),
            "safe_water": rng.random(n) < 0.8,
        }
    )
    level = rng.normal(9.0, 0.5, n)
    incomes = pl.concat(
        pl.DataFrame(
            {
                "household_id": ids,
                "period_start": [date(year, 1, 1)] * n,
                "period_end": [date(year, 12, 31)] * n,
                "recorded_on": [date(year, 12, 31)] * n,
                "household_size": rng.integers(1, 6, n),
                "net_income_per_capita": np.exp(level + rng.normal(0, 0.2, n)),
            }
        )
        for year in YEARS
    )
    bills = rng.choice(n, n, replace=True)
    illness = pl.DataFrame(
        {
            "household_id": [ids[i] for i in bills],
            "occurred_on": [date(int(y), 6, 1) for y in rng.choice(YEARS, n)],
            "recorded_on": [date(int(y), 7, 1) for y in rng.choice(YEARS, n)],
            "kind": rng.choice(["serious", "ordinary"], n),
            "self_paid": rng.exponential(4000, n),
        }
    )
    relapses = pl.DataFrame({"household_id": ids[:5], "relapsed_on": [date(2019, 3, 1)] * 5})
    return {"households": households, "incomes": incomes, "illness": illness, "relapses": relapses}


def make_evaluation(scheme="time", better=False, predicted=0.2):
    outcome = np.array([0.0, 0.0, 0.0, 0.0, 1.0] * 40)
    scores = score_all(outcome, np.where(outcome == 1, predicted + 0.1, predicted - 0.025))
    nothing = Interval(estimate=0.0, lower=0.0, upper=0.0)
    less = Interval(estimate=-0.02, lower=-0.03, upper=-0.01)
    missed = Interval(estimate=0.8, lower=0.7, upper=0.9)

    def comparison(name, log_loss):
        over = {f"{figure}_over_default": nothing for figure in ("brier", "auc", "exclusion_error")}
        return ModelComparison(name=name, scores=scores, exclusion_error=missed, log_loss_over_default=log_loss, **over)

    return Evaluation(
        scheme=scheme,
        days=("2018-12-31",),
        households=200,
        level=0.95,
        capacity_share=0.05,
        comparisons=(comparison("reason_additive", nothing), comparison("logistic", less if better else nothing)),
    )


@cache
def make_records():
    """Return the register."""
    return Records(make_tables())


@cache
def fitted():
    """Fit a plain logistic model of who stood at less than 1.6 lines a year later."""
    records = make_records()
    table = build_features(records, "2018-12-31")
    later = find_cohort(records, "2019-12-31").select("household_id", relapsed=pl.col("ratio") < 1.6)
    at_risk = find_cohort(records, "2018-12-31").filter(population="at_risk").select("household_id")
    rows = table.frame.join(at_risk, on="household_id").join(later, on="household_id")
    varying = [f for f in table.predictors if rows[f.name].n_unique() > 1]
    columns = tuple(feature.name for feature in varying)
    model = LogisticClassifier({f.name: f.reason for f in varying}, {f.name: f.sign for f in varying}, n_folds=2)
    model.fit(rows.select(columns), rows["relapsed"].to_numpy(), household=rows["household_id"].to_numpy())
    risk = model.predict_proba(rows.select(columns))[:, 1]
    reference = TrainingReference.of(rows.select(columns), risk, rows["household_id"].to_numpy())
    return model, columns, tuple(table.features), rows.height, int(rows["relapsed"].sum()), reference


@cache
def make_bundle(**changes):
    """Return a bundle made for the register."""
    model, columns, features, rows, relapses, reference = fitted()
    facts = {
        "label": "income",
        "cohort": "wide",
        "horizon": 12,
        "as_of": (date(2018, 12, 31),),
        "known_by": date(2019, 12, 31),
        "trained_through": date(2019, 12, 31),
        "rows": rows,
        "households": rows,
        "relapses": relapses,
        "unreported_share": 0.0,
        "carried_forward_line": 0,
        "lines": read_policy().lines,
        "thresholds": read_policy().thresholds,
        "evaluation": make_evaluation(),
        "versions": {"relapse-risk": "0.1.0"},
        "shocks": ClusterEffects(village=0.3, level=0.1, villages=30, years=1),
        "reference": reference,
        "past_years": YearEffects(days=("2016-12-31", "2017-12-31", "2018-12-31"), shifts=(-0.2, 0.3, 0.2)),
    }
    return Bundle(model=model, columns=columns, features=features, means={}, **(facts | changes))
