"""Every estimator on rough samples: a sound result or one clear line, and no warning but our own."""

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from relapse_risk.area_effects import ClusterEffects, count_villages, fit_random_intercepts, fit_shocks
from relapse_risk.calibration import KINDS, YearEffects, fit_calibrator
from relapse_risk.errors import RelapseRiskWarning
from relapse_risk.models import (
    CauseClassifier,
    HazardClassifier,
    IncomeOnlyClassifier,
    LightGBMBaseline,
    LogisticClassifier,
    PolicyRuleClassifier,
    ReasonAdditiveClassifier,
    ScorecardClassifier,
    StackedClassifier,
    VulnerabilityClassifier,
    recalibrated,
    with_prevalence_of,
    with_random_intercepts,
)
from relapse_risk.policy import ColumnCondition

pytestmark = pytest.mark.slow

N = 72
ESTIMATORS = {
    "rule": PolicyRuleClassifier(conditions={"low": ColumnCondition(column="x0", below=0)}, calibration="sigmoid"),
    "income": IncomeOnlyClassifier(),
    "logistic": LogisticClassifier(),
    "free": LightGBMBaseline(n_rounds=5, n_folds=2),
    "vulnerability": VulnerabilityClassifier(n_folds=3),
    "hazard": HazardClassifier(duration="x1", n_folds=2),
    "additive": ReasonAdditiveClassifier(n_rounds=5, n_folds=2),
    "scorecard": ScorecardClassifier(n_folds=2),
    "stack": StackedClassifier(members=[LogisticClassifier(), IncomeOnlyClassifier()], n_folds=3),
}


def sample(n=N, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 3))
    return X, (random.logistic(size=n) < -1 - X[:, 0]).astype(int)


X, FELL = sample()
WILD = 10.0 ** np.random.default_rng(1).uniform(-12, 12, N)
DAY = np.tile([1, 2, 3], N // 3)
HOME = np.repeat(np.arange(N // 3), 3)
TWELVES = np.repeat(np.arange(N // 12), 12)
AREAS = np.array([[f"county {i % 2}", f"村 {i % 8}"] for i in range(N)], dtype=object)


def replaced(values, row, column=slice(None)):
    changed = X.copy()
    changed[row, column] = values
    return changed


CASES: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "one figure of 1e12": (replaced(1e12, 5, 0), FELL, {}),
    "figures of 1e308 and -1e308": (np.where(np.arange(N)[:, None] % 2, 1e308, -1e308) * np.ones(3), FELL, {}),
    "figures of 1e200": (X * 1e200, FELL, {}),
    "one row known": (replaced(np.nan, np.arange(N) != 3), FELL, {}),
    "missing tells all": (replaced(np.nan, FELL == 1, 0), FELL, {}),
    "a column is the outcome": (replaced(FELL - 0.5, slice(None), 0), FELL, {}),
    "ten events": (X, np.arange(N) % 10 == 0, {}),
    "one event": (X, np.arange(N) == 7, {}),
    "rows given twelve times": (
        np.repeat(X[: N // 12], 12, axis=0),
        np.arange(N) % 12 == 0,
        {"household": np.arange(N) // 12},
    ),
    "wild weights": (X, FELL, {"sample_weight": WILD}),
    "two rows of weight": (X, np.arange(N) % 2, {"sample_weight": np.arange(N) < 2}),
    "one fell on the newest day": (
        X,
        np.where(DAY == 3, np.arange(N) == 2, FELL),
        {"time": DAY, "household": HOME, "recalibrate_latest": True, "place": AREAS},
    ),
    "a county in which all fell": (X, np.where(np.arange(N) % 2, 1, FELL), {"place": AREAS}),
    "areas that are the outcome": (X, FELL, {"place": FELL[:, None].astype(str), "sample_weight": WILD}),
    "areas not known": (X, FELL, {"place": np.full((N, 2), None)}),
}


def probes(X):
    """Return rows of the sample, and rows such as no sample has."""
    extremes = np.array([[value] * X.shape[1] for value in (np.nan, 0, 1e12, -1e12, 1e308, -1e308, 5e-324)])
    return np.vstack([X[:40], extremes, np.clip(X[:8], -9, 9) * 1e6])


def assert_sound(model, X, place=None):
    both = model.predict_proba(X, place)
    risk, found, bounds = both[:, 1], model.explain(X, place), model.predict_interval(X, 0.9, place)
    assert ((both >= 0) & (both <= 1)).all()
    assert np.abs(found.base + found.values.sum(axis=1) - np.log(risk) + np.log1p(-risk)).max() < 1e-9
    assert ((bounds[:, 0] <= risk) & (risk <= bounds[:, 1])).all()
    assert np.isfinite(model.feature_terms(X)).all()


@pytest.fixture(autouse=True)
def no_warning_but_ours():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", RelapseRiskWarning)
        yield


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_estimator_is_sound_on_every_rough_sample(name, case):
    rough, fell, fit_params = CASES[case]
    model = clone(ESTIMATORS[name]).set_params(n_jobs=1).fit(rough, fell, **fit_params)
    asked = probes(rough)
    place = (
        np.resize(fit_params["place"], (len(asked), fit_params["place"].shape[1])) if "place" in fit_params else None
    )
    assert_sound(model, asked, place)
    assert_sound(model, asked)


LATER, THEN = sample(seed=9)
MOVES = {
    "as before": lambda model: recalibrated(model, LATER, THEN),
    "parted by risk": lambda model: recalibrated(model, LATER, model.decision_function(LATER) > -1),
    "turned round": lambda model: recalibrated(model, LATER, model.decision_function(LATER) < -1),
    "on two rows": lambda model: recalibrated(model, LATER[:2], [0, 1]),
    "by wild weights": lambda model: recalibrated(model, LATER, THEN, WILD),
    "to areas of one outcome": lambda model: with_random_intercepts(model, LATER, THEN, THEN[:, None].astype(str)),
    "to areas where nobody fell": lambda model: with_random_intercepts(model, LATER, THEN * 0, AREAS[:, :1]),
    "to a prevalence of none": lambda model: with_prevalence_of(model, np.abs(LATER) * 1e12),
    "thrice": lambda model: with_random_intercepts(
        with_prevalence_of(recalibrated(model, LATER, THEN), LATER), LATER, THEN, AREAS[:, :1]
    ),
}


@pytest.mark.parametrize("kind", [*KINDS, None])
def test_every_move_of_every_calibrator_is_sound(kind):
    model = LogisticClassifier(n_jobs=1, calibration=kind).fit(X, FELL)
    for moved in (move(model) for move in MOVES.values()):
        assert_sound(moved, probes(X), None if moved.local_.random_intercepts is None else [["county 1"]] * 55)


@pytest.mark.parametrize("kind", ["isotonic", "venn_abers"])
def test_scores_that_differ_by_rounding_alone_are_one_to_stepwise_calibrators(kind):
    score = np.where(TWELVES % 2, -2.4, -1.0) + 1e-15 * np.arange(N)
    found: Any = fit_calibrator(
        kind, score, (np.arange(N) % 12 == 0).astype(float), np.ones(N), TWELVES.astype(np.uint64)
    )
    assert np.isfinite(found.heights).all()
    assert np.diff(found.knots, append=np.inf).min() > 1e-5


def test_weights_that_count_no_rows_are_told_of():
    for model in (LogisticClassifier(), CauseClassifier()):
        with pytest.warns(RelapseRiskWarning, match="weights have a mean of 500"):
            model.fit(X, FELL, np.full(N, 500.0))


@pytest.mark.parametrize(
    ("problem", "fit_params"),
    [
        ("must add up to", {"sample_weight": np.full(N, 1e-12)}),
        ("must add up to", {"sample_weight": np.full(N, 1e300)}),
        ("at least one non-zero", {"sample_weight": np.zeros(N)}),
        ("Negative values", {"sample_weight": -np.ones(N)}),
        ("NaN", {"sample_weight": np.full(N, np.nan)}),
        ("household must be a vector of ids", {"household": [None] * N}),
        ("household must be a vector of ids", {"household": np.array([1, "a"] * (N // 2), dtype=object)}),
        ("time must be a vector of ids", {"time": np.full(N, np.datetime64("NaT"))}),
        ("place must have the shape", {"place": ["a"] * N}),
        ("inconsistent numbers", {"place": [["a"]]}),
    ],
)
def test_what_cannot_be_fitted_beside_is_refused_in_one_line(problem, fit_params):
    with pytest.raises(ValueError, match=problem):
        LogisticClassifier().fit(X, FELL, **fit_params)


def test_areas_and_levels_that_do_not_go_with_the_rows_are_refused():
    model = LogisticClassifier().fit(X, FELL, place=AREAS)
    with pytest.raises(ValueError, match="inconsistent numbers"):
        model.predict_proba(X, [["county 1", "村 1"]])
    for level in (0, 1, 1.5, float("nan")):
        with pytest.raises(ValueError, match="level of an interval"):
            model.predict_interval(X, level)


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (LogisticClassifier(penalty=0), "penalty must be a number above 0"),
        (HazardClassifier(penalty=-1), "penalty must be a number above 0"),
        (StackedClassifier(members=[]), "a stack needs members"),
    ],
)
def test_parameters_that_cannot_be_meant_are_refused(model, problem):
    with pytest.raises(ValueError, match=problem):
        model.fit(X, FELL)


SCORE = np.linspace(-4, 1, N)


@pytest.mark.parametrize(
    ("problem", "given"),
    [
        ("NaN", {"score": np.where(SCORE > 0, np.nan, SCORE)}),
        ("infinity", {"score": np.where(SCORE > 0, -np.inf, SCORE)}),
        ("outcomes must be 0 or 1", {"outcome": FELL * 2}),
        ("at least 0", {"weight": -np.ones(N)}),
        ("inconsistent numbers", {"weight": np.ones(3)}),
    ],
)
def test_scored_rows_that_cannot_be_meant_are_refused(problem, given):
    score, outcome, weight = {"score": SCORE, "outcome": FELL, "weight": np.ones(N), **given}.values()
    for fit in (
        lambda: fit_random_intercepts(score, outcome, weight, AREAS),
        lambda: fit_shocks(score, outcome, weight, AREAS[:, 1], DAY),
        lambda: YearEffects.of(score, outcome, weight, DAY),
    ):
        with pytest.raises(ValueError, match=problem):
            fit()


@pytest.mark.parametrize("score", [np.full(N, 1e12), np.full(N, -1e12), np.full(N, -800.0), SCORE * 1e12])
def test_counts_and_shifts_of_extreme_scores_are_finite(score):
    for counted in count_villages(score, AREAS[:, 1], ClusterEffects(village=0.5, level=0.2)).values():
        assert counted.pmf.min() >= 0
        assert counted.pmf.sum() == pytest.approx(1)
    assert np.isfinite(fit_random_intercepts(score, FELL, np.ones(N), AREAS).value(AREAS)).all()
    assert np.isfinite(YearEffects.of(score, FELL, np.ones(N), DAY).shifts).all()
    with pytest.raises(ValueError, match="village must be a vector of ids"):
        count_villages(score, [None] * N, ClusterEffects(village=0.5))
