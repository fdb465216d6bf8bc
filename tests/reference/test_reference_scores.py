"""Scores and fits against other software; each number stands beside the call that made it.

Rows: ``i = arange(60); p = 0.05 + 0.9 * ((37 * i) % 60) / 60;
y = ((53 * i) % 61) / 61 < 0.2 + 0.6 * p; w = 1 + i % 3``.
"""

import numpy as np
import pytest

from relapse_risk.metrics import (
    ClusterDraws,
    auc,
    average_precision,
    brier,
    corp_splits,
    group_errors,
    log_loss,
    recalibration_line,
)
from relapse_risk.models.linear import Basis, Rows
from tests.models.linear_fits import fit_linear

N = np.arange(60)
P = 0.05 + 0.9 * ((N * 37) % 60) / 60
Y = (((N * 53) % 61) / 61 < 0.2 + 0.6 * P).astype(float)
W = 1.0 + N % 3
X = np.column_stack([np.sin(N), np.cos(2 * N)])


def test_scores_are_scikit_learns():
    # sklearn.metrics 1.9.1: log_loss, brier_score_loss, roc_auc_score, average_precision_score, (y, p, sample_weight=w)
    assert log_loss(Y, P, W) == pytest.approx(0.7555067083975757, rel=1e-12)
    assert brier(Y, P, W) == pytest.approx(0.2612125, rel=1e-12)
    assert auc(Y, P, W) == pytest.approx(0.6254171301446052, rel=1e-12)
    assert average_precision(Y, P, W) == pytest.approx(0.5819779579654525, rel=1e-12)


def test_the_recalibration_line_is_statsmodels():
    # statsmodels 0.15.0: GLM(y, add_constant(log(p / (1 - p))), Binomial(), freq_weights=w).fit(tol=1e-14).params
    line = recalibration_line(Y, P, W)
    assert [line.intercept, line.slope] == pytest.approx([0.07430880762650052, 0.3057546490511853], rel=1e-6)


def test_the_corp_split_is_that_of_scikit_learns_isotonic_regression():
    # scikit-learn 1.9.1: r = IsotonicRegression().fit(p, y, sample_weight=w).predict(p); m = average(y, weights=w);
    #     score(p) - score(r), score(m) - score(r), score(m), score: brier_score_loss and log_loss with sample_weight=w
    found = corp_splits(Y, P, W)
    parts = [found.brier.miscalibration, found.brier.discrimination, found.brier.uncertainty]
    assert parts == pytest.approx([0.04128855820105812, 0.029798280423280366, 0.2497222222222222], rel=1e-10)
    parts = [found.log_loss.miscalibration, found.log_loss.discrimination, found.log_loss.uncertainty]
    assert parts == pytest.approx([0.12535463324002705, 0.062439446920430686, 0.6925915220779794], rel=1e-10)


def test_the_noise_of_a_group_is_statsmodels_or_that_of_independent_rows():
    # statsmodels 0.15.0, for odd and even i: WLS(p - y, ones, weights=w).fit(cov_type="cluster",
    #     cov_kwds={"groups": i // 4}).bse: 0.11874718041765399 and 0.06474333738269701;
    # numpy: sqrt(sum(w**2 * p * (1 - p))) / sum(w): 0.08431916877093976 and 0.08420791068671768
    groups = {"half": np.where(N % 2 == 0, "even", "odd")}
    even, odd = group_errors(Y, P, groups, ClusterDraws.of(N // 4, n_draws=10), W).groups
    assert even.error.estimate == pytest.approx(-0.06)
    assert even.standard_error == pytest.approx(0.11874718041765399, rel=1e-12)
    assert odd.standard_error == pytest.approx(0.08420791068671768, rel=1e-12)


def unscaled(model):
    """Return intercept, slopes and covariance on the columns as they came."""
    mean, scale = model.basis.mean, model.basis.scale
    turn = np.eye(3)
    turn[0, 1:], turn[1:, 1:] = -mean / scale, np.diag(1 / scale)
    return turn @ np.array([model.intercept, *model.weights]), turn @ model.covariance @ turn.T


def fitted(weight):
    rows = Rows(terms=X, outcome=Y, weight=weight, household=(N // 2).astype(np.uint64), time=None)
    wide = Basis(
        low=np.full(2, -9.0),
        high=np.full(2, 9.0),
        knot_terms=np.empty(0, dtype=np.int64),
        knots=np.empty(0),
        gaps=np.empty(0, dtype=np.int64),
        mean=X.mean(axis=0),
        scale=X.std(axis=0),
    )
    return unscaled(fit_linear(rows, wide, penalty=1e-9))


def test_without_a_penalty_the_fit_is_statsmodels():
    # statsmodels 0.15.0: GLM(y, add_constant(x), Binomial(), freq_weights=w).fit(tol=1e-14).params
    coefficients, _ = fitted(W)
    assert coefficients == pytest.approx([0.048770074052813764, 0.25338014145982585, 0.3308849646529093], abs=1e-6)


def test_the_household_robust_covariance_is_statsmodels():
    # statsmodels 0.15.0: GLM(y, add_constant(x), Binomial()).fit(tol=1e-14, cov_type="cluster",
    #     cov_kwds={"groups": i // 2, "use_correction": False}).cov_params()
    coefficients, covariance = fitted(np.ones(60))
    expected = [
        [0.08968171273394566, 0.003067946525127861, -0.0028590542981625704],
        [0.0030679465251278607, 0.16335461905642532, 0.018258058266646452],
        [-0.00285905429816257, 0.01825805826664645, 0.1276320265749066],
    ]
    assert coefficients == pytest.approx([0.12616408334130558, 0.2228092148828016, 0.25477834724321924], abs=1e-6)
    assert covariance == pytest.approx(np.array(expected), abs=1e-6)
