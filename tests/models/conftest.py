"""A small panel with codes, gaps and an interaction, and every estimator fitted on it."""

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from relapse_risk.models import (
    HazardClassifier,
    IncomeOnlyClassifier,
    LightGBMBaseline,
    LogisticClassifier,
    PolicyRuleClassifier,
    ReasonAdditiveClassifier,
    ScorecardClassifier,
    StackedClassifier,
    VulnerabilityClassifier,
)
from relapse_risk.policy import ColumnCondition

REASONS = {"ratio": "income", "trend": "income", "illness": "illness", "house": "guarantees", "kids": "labour"}
SIGNS = {"ratio": -1, "illness": 1}
CONDITIONS = {
    "low_income": ColumnCondition(column="ratio", below=1.5),
    "serious_illness": ColumnCondition(column="illness", at_least=1),
    "dangerous_house": ColumnCondition(**{"column": "house", "is": "D"}),
    "not_recorded": ColumnCondition(column="absent", above=0),
}


@pytest.fixture(scope="session")
def panel():
    """900 households on two days; ``share`` has no reason, ``house`` is a code with gaps, ``trend`` has gaps."""
    random = np.random.default_rng(7)
    n = 1800
    ratio = np.exp(random.normal(0.6, 0.5, n))
    illness = (random.random(n) < 0.15).astype(float)
    kids = random.integers(0, 4, n).astype(float)
    trend = np.where(random.random(n) < 0.2, np.nan, random.normal(size=n))
    house = random.choice(["A", "B", "D", None], n, p=[0.5, 0.3, 0.1, 0.1])
    share = random.random(n)
    score = (
        -1.5 - 2 * np.log(ratio) + 1.2 * illness + 1.5 * (house == "D") + np.sin(3 * np.nan_to_num(trend)) + 0.3 * kids
    )
    frame = pl.DataFrame(
        {"ratio": ratio, "trend": trend, "illness": illness, "house": house.tolist(), "kids": kids, "share": share}
    ).with_columns(pl.col("trend").fill_nan(None))
    return SimpleNamespace(
        frame=frame,
        outcome=(random.logistic(size=n) < score).astype(int),
        household=np.repeat([f"h{i}" for i in range(n // 2)], 2),
        time=np.tile([2018, 2019], n // 2),
        weight=random.choice([0.5, 1.0, 3.0], n),
    )


ESTIMATORS = {
    "rule": PolicyRuleClassifier(REASONS, conditions=CONDITIONS, calibration="sigmoid"),
    "income": IncomeOnlyClassifier(REASONS, column="ratio"),
    "logistic": LogisticClassifier(REASONS),
    "free": LightGBMBaseline(REASONS, n_rounds=30),
    "additive": ReasonAdditiveClassifier(REASONS, SIGNS, n_rounds=60),
    "additive_isotonic": ReasonAdditiveClassifier(REASONS, SIGNS, n_rounds=60, calibration="isotonic"),
    "logistic_isotonic": LogisticClassifier(REASONS, calibration="isotonic"),
    "vulnerability": VulnerabilityClassifier(REASONS, column="ratio"),
    "hazard": HazardClassifier(REASONS, duration="trend"),
    "scorecard": ScorecardClassifier(REASONS, SIGNS),
    "stack": StackedClassifier(
        REASONS,
        SIGNS,
        members=[
            IncomeOnlyClassifier(column="ratio"),
            IncomeOnlyClassifier(column="share"),
            LightGBMBaseline(n_rounds=20),
        ],
    ),
    "uncalibrated": LogisticClassifier(REASONS, calibration=None),
}


@pytest.fixture(scope="session")
def fitted(panel):
    """Every estimator by name, fitted with weights, time and household."""
    return {
        name: model.fit(panel.frame, panel.outcome, panel.weight, time=panel.time, household=panel.household)
        for name, model in ESTIMATORS.items()
    }


@pytest.fixture(params=ESTIMATORS)
def model(request, fitted):
    """One after the other."""
    return fitted[request.param]
