"""What an interval of a penalised model is: of the probability given the same features, the penalty's part included."""

import numpy as np
import pytest
from scipy.special import expit

from relapse_risk.metrics import time_household_folds
from relapse_risk.models import LogisticClassifier
from relapse_risk.models.linear import Basis, fit_inflation, ordered
from tests.models.linear_fits import fit_linear


def inflation(truth, seed, rows=1500):
    random = np.random.default_rng(seed)
    X = np.asfortranarray(random.normal(size=(rows, 6)))
    outcome = (random.logistic(size=rows) < truth(X)).astype(float)
    sample = ordered(X, outcome, np.ones(rows), None, None)
    basis = Basis.of(sample.terms, sample.weight, n_knots=0)
    folds = time_household_folds(sample.household, n_folds=5, outcome=sample.outcome)
    models, score = [], np.zeros(rows)
    for fold in folds:
        models.append(fit_linear(sample.take(fold.train), basis, penalty=10.0))
        score[fold.test] = models[-1].score(sample.terms[fold.test])
    return fit_inflation(sample, [fold.test for fold in folds], models, score)


def test_a_model_that_is_right_needs_hardly_any():
    found = [inflation(lambda X: -1.5 + X[:, 0] - 0.5 * X[:, 1], seed) for seed in range(6)]
    assert min(found) >= 1
    assert np.mean(found) < 1.15


def test_a_model_that_cannot_bend_needs_more():
    bent = [inflation(lambda X: -2.0 + 1.5 * np.abs(X[:, 0]) - 0.5 * X[:, 1], seed) for seed in range(3)]
    assert min(bent) > 1.3


def test_a_model_keeps_its_coefficients():
    random = np.random.default_rng(0)
    rows = ordered(np.asfortranarray(random.normal(size=(200, 2))), np.arange(200) % 3 == 0, np.ones(200), None, None)
    model = fit_linear(rows, Basis.of(rows.terms, rows.weight, n_knots=0), penalty=3.0)
    wider = model.inflated(2.0)
    assert np.array_equal(wider.score(rows.terms), model.score(rows.terms))
    assert wider.variance(rows.terms) == pytest.approx(4 * model.variance(rows.terms))


def test_intervals_hold_the_probability_where_the_penalty_draws_all_to_the_mean():
    # twenty small effects, and hardly enough rows to see them: the penalty is heavy, and chance alone says too little
    effects, held = np.tile([0.25, -0.25], 10), []
    for seed in range(6):
        random = np.random.default_rng(seed)
        X = random.normal(size=(800, 20))
        model = LogisticClassifier().fit(X, (random.logistic(size=800) < -2 + X @ effects).astype(int))
        new = random.normal(size=(1000, 20))
        bounds, truth = model.predict_interval(new), expit(-2 + new @ effects)
        held.append(((bounds[:, 0] <= truth) & (truth <= bounds[:, 1])).mean())
    assert 0.84 < np.mean(held) < 0.97
