"""Samples that models break on: tiny, of one class, separated, constant or empty columns, few events."""

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone

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

MODELS = (
    PolicyRuleClassifier(conditions={"low": ColumnCondition(column="x0", below=0)}, calibration="sigmoid"),
    IncomeOnlyClassifier(),
    LogisticClassifier(),
    LogisticClassifier(calibration="isotonic"),
    LightGBMBaseline(n_rounds=15),
    VulnerabilityClassifier(),
    VulnerabilityClassifier(calibration="isotonic"),
    HazardClassifier(),
    HazardClassifier(duration="x1", calibration="isotonic"),
    ReasonAdditiveClassifier(n_rounds=25),
    ReasonAdditiveClassifier(n_rounds=25, calibration="isotonic"),
    ScorecardClassifier(),
    StackedClassifier(members=[LogisticClassifier(), LightGBMBaseline(n_rounds=10)]),
)


@pytest.fixture(params=MODELS, ids=lambda model: f"{type(model).__name__}-{model.calibration}")
def model(request):
    return clone(request.param)


def assert_sound(model, X):
    risk = model.predict_proba(X)[:, 1]
    found, interval = model.explain(X), model.predict_interval(X)
    assert np.isfinite(found.values).all()
    assert np.isfinite(interval).all()
    assert np.abs(found.base + found.values.sum(axis=1) - np.log(risk) + np.log1p(-risk)).max() < 1e-9
    assert ((interval[:, 0] <= risk) & (risk <= interval[:, 1])).all()


@pytest.mark.parametrize("n", [2, 3, 5, 9, 20])
def test_tiny_samples(model, n):
    X = np.random.default_rng(n).normal(size=(n, 2))
    assert_sound(model.fit(X, np.arange(n) % 2), X)


def test_one_class_is_refused(model):
    X = np.zeros((9, 2))
    with pytest.raises(ValueError, match="one class only"):
        model.fit(X, np.ones(9))
    with pytest.raises(ValueError, match="one class only"):
        model.fit(X, np.arange(9) % 2, sample_weight=np.arange(9) % 2)


def test_outcomes_that_a_column_separates(model):
    X = np.column_stack([np.linspace(-1, 1, 200), np.zeros(200)])
    model.fit(X, X[:, 0] < 0)
    assert_sound(model, X)
    assert_sound(model, X * 1e6)


def test_constant_and_empty_columns(model):
    random = np.random.default_rng(0)
    X = np.column_stack([random.normal(size=300), np.full(300, 3.0), np.full(300, np.nan)])
    model.fit(X, random.logistic(size=300) < -X[:, 0])
    assert_sound(model, X)
    assert_sound(model, np.full((2, 3), np.nan))
    assert_sound(model, random.normal(size=(5, 3)))


def test_nothing_to_learn_from_at_all(model):
    X = np.zeros((40, 2))
    model.fit(X, np.arange(40) % 4 == 0)
    assert model.predict_proba(X)[:, 1] == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize("events", [1, 2, 4])
def test_few_events(model, events):
    X = np.random.default_rng(1).normal(size=(400, 3))
    model.fit(X, np.arange(400) < events)
    assert_sound(model, X)
    assert model.predict_proba(X)[:, 1].mean() < 0.05


def test_a_household_in_every_row(model):
    X = np.random.default_rng(2).normal(size=(60, 2))
    model.fit(X, np.arange(60) % 2, household=np.zeros(60), time=np.arange(60))
    assert_sound(model, X)


def test_a_frame_of_codes_alone(model):
    codes = pl.DataFrame({"x0": ["a", "b", None, "c"] * 50, "x1": [None] * 200}, schema={"x0": str, "x1": pl.String})
    if isinstance(model, IncomeOnlyClassifier | VulnerabilityClassifier):
        with pytest.raises(ValueError, match="no such column of numbers"):
            model.fit(codes, np.arange(200) % 4 == 1)
        return
    assert_sound(model.fit(codes, np.arange(200) % 4 == 1), codes)


def test_infinite_numbers_are_refused(model):
    X = np.random.default_rng(3).normal(size=(60, 2))
    y = np.arange(60) % 2
    for given in (np.where(X > 2, np.inf, X), pl.DataFrame(np.where(X > 2, np.inf, X), schema=["x0", "x1"])):
        with pytest.raises(ValueError, match="infinity"):
            model.fit(given, y)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"calibration": "platt"}, "calibration must be"),
        ({"n_folds": 1}, "n_folds must be"),
        ({"n_members": 1}, "n_members must be a whole number from 2"),
        ({"n_rounds": 0}, "n_rounds must be"),
        ({"n_leaves": 2.5}, "n_leaves must be"),
    ],
)
def test_parameters_out_of_range_are_refused(given, problem):
    with pytest.raises(ValueError, match=problem):
        ReasonAdditiveClassifier(**given).fit(np.eye(4), [0, 1, 0, 1])
