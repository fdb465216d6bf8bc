"""The default model: never worse than its base out of fold, better where reasons bend or interact, honest intervals."""

from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from relapse_risk.metrics import log_loss
from relapse_risk.models import ReasonAdditiveClassifier
from relapse_risk.models.linear import Basis, ordered
from tests.models.linear_fits import fit_linear


def drawn(truth, seed, n=3000, columns=4):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, columns))
    score = truth(X)
    return X, (random.logistic(size=n) < score).astype(int), expit(score)


TRUTHS = {
    "noise": lambda X: np.full(len(X), -2.0),
    "linear": lambda X: -2 + X[:, 0] - 0.5 * X[:, 1],
    "bent": lambda X: -2 + 2 * np.sin(2 * X[:, 0]) + np.abs(X[:, 1]),
    "interacting": lambda X: -2 + 2 * X[:, 0] * (X[:, 1] > 0),
}
REASONS = {"x0": "income", "x1": "income", "x2": "illness", "x3": "labour"}


def base_alone(X, y):
    rows = ordered(np.asfortranarray(X), y.astype(float), np.ones(len(y)), None, None)
    return fit_linear(rows, Basis.of(rows.terms, rows.weight, n_knots=3), penalty=30.0)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRUTHS)
def test_it_is_never_worse_than_its_base(name):
    X, y, _ = drawn(TRUTHS[name], seed=1)
    model = ReasonAdditiveClassifier(REASONS, n_rounds=100).fit(X, y)
    core: Any = model.core_
    base, joined = core.join.losses
    assert joined <= base
    assert (core.join.kind == "base") == (joined == base)
    fresh, outcome, truth = drawn(TRUTHS[name], seed=2, n=10_000)
    alone = expit(base_alone(X, y).score(fresh))
    # a thousandth more than the base on new rows is what choosing among joins may cost
    assert log_loss(outcome, model.predict_proba(fresh)[:, 1]) < log_loss(outcome, alone) + 0.001
    assert truth.mean() == pytest.approx(model.predict_proba(fresh)[:, 1].mean(), rel=0.1)


@pytest.mark.slow
def test_an_interaction_inside_a_reason_is_found_and_one_across_reasons_is_not():
    X, y, _ = drawn(TRUTHS["interacting"], seed=3, n=2500)
    fresh, outcome, _ = drawn(TRUTHS["interacting"], seed=4, n=10_000)
    apart = {"x0": "income", "x1": "support", "x2": "illness", "x3": "labour"}
    inside, across = (
        log_loss(outcome, ReasonAdditiveClassifier(r, n_rounds=60).fit(X, y).predict_proba(fresh)[:, 1])
        for r in (REASONS, apart)
    )
    assert inside < across - 0.015


@pytest.mark.slow
@pytest.mark.parametrize("name", ["linear", "bent"])
def test_the_interval_holds_the_true_probability_about_as_often_as_it_says(name):
    X, y, _ = drawn(TRUTHS[name], seed=5, n=4000)
    model = ReasonAdditiveClassifier(n_rounds=100).fit(X, y)
    fresh, _, truth = drawn(TRUTHS[name], seed=6, n=4000)
    interval = model.predict_interval(fresh, level=0.9)
    assert 0.8 < np.mean((interval[:, 0] <= truth) & (truth <= interval[:, 1])) <= 1


@pytest.mark.slow
def test_a_larger_sample_narrows_the_interval():
    widths = []
    for n in (1000, 10_000):
        X, y, _ = drawn(TRUTHS["linear"], seed=7, n=n)
        interval = ReasonAdditiveClassifier(n_rounds=30).fit(X, y).predict_interval(X[:1000])
        widths.append(np.mean(interval[:, 1] - interval[:, 0]))
    # ten times the rows: 0.32 if all of it were sampling error, of which a part is how far base and trees disagree
    assert widths[1] < 0.6 * widths[0]


@pytest.mark.slow
def test_a_drift_between_times_shrinks_what_is_learned():
    X, y, _ = drawn(TRUTHS["linear"], seed=8, n=4000)
    time = np.arange(4000) % 2
    drifting = np.column_stack(
        [X, np.where(time == 1, 1, -1) * (2 * y - 1) + np.random.default_rng(0).normal(size=4000)]
    )
    with_time = ReasonAdditiveClassifier(n_rounds=60).fit(drifting, y, time=time)
    without_time = ReasonAdditiveClassifier(n_rounds=60).fit(drifting, y)
    middle = np.zeros(1)
    assert with_time.calibrator_.derivative(middle) < 0.7 * without_time.calibrator_.derivative(middle)
