"""Relapses that are entered late: what models make of being told how many are still to come."""

import numpy as np
import pytest
from scipy.special import expit

from relapse_risk.models import HazardClassifier, LogisticClassifier, ReasonAdditiveClassifier

N = 6000
TRUE = np.array([1.0, -0.7])


def drawn(seed, missing):
    """Return features, true risks and outcomes as entered; in the newest year a share is not entered yet."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(N, 2))
    risk, year = expit(-2.0 + X @ TRUE), np.repeat([2017, 2018, 2019], N // 3)
    fell = random.random(N) < risk
    entered = fell & ((year < 2019) | (random.random(N) >= missing))
    fit_params = {"time": year, "household": np.arange(N), "recalibrate_latest": True}
    return X, risk, entered.astype(int), fit_params, np.where(year == 2019, missing, 0.0)


@pytest.mark.slow
@pytest.mark.parametrize("make", [LogisticClassifier, lambda: ReasonAdditiveClassifier(n_rounds=20), HazardClassifier])
def test_the_level_makes_up_for_what_is_still_to_come(make):
    X, risk, entered, fit_params, unreported_share = drawn(0, 0.4)
    deaf = make().fit(X, entered, **fit_params).predict_proba(X)[:, 1].mean()
    model = make().fit(X, entered, **fit_params, unreported_share=unreported_share)
    assert deaf < 0.9 * risk.mean()
    assert model.predict_proba(X)[:, 1].mean() == pytest.approx(risk.mean(), rel=0.04)
    assert model.prevalence_ == pytest.approx(risk[unreported_share > 0].mean(), rel=0.1)


def test_one_time_alone_is_made_up_for_in_full():
    X, risk, _, _, _ = drawn(1, 0.0)
    random = np.random.default_rng(2)
    entered = ((random.random(N) < risk) & (random.random(N) < 0.7)).astype(int)
    model = LogisticClassifier().fit(X, entered, household=np.arange(N), unreported_share=np.full(N, 0.3))
    assert model.predict_proba(X)[:, 1].mean() == pytest.approx(risk.mean(), rel=0.04)


def test_nothing_to_come_changes_nothing():
    X, _, entered, fit_params, _ = drawn(3, 0.0)
    complete, plain = (
        LogisticClassifier().fit(X, entered, **fit_params, **more) for more in ({"unreported_share": np.zeros(N)}, {})
    )
    assert np.array_equal(complete.decision_function(X), plain.decision_function(X))


def test_row_order_does_not_matter():
    X, _, entered, fit_params, unreported_share = drawn(4, 0.2)
    order = np.random.default_rng(5).permutation(N)
    shuffled = {name: values[order] if name != "recalibrate_latest" else values for name, values in fit_params.items()}
    model = LogisticClassifier().fit(X, entered, **fit_params, unreported_share=unreported_share)
    again = LogisticClassifier().fit(X[order], entered[order], **shuffled, unreported_share=unreported_share[order])
    assert np.array_equal(again.decision_function(X), model.decision_function(X))


def test_however_many_are_to_come_not_all_fall():
    X, y = np.arange(40.0)[:, None], np.tile([0, 1, 1, 1], 10)
    p = LogisticClassifier().fit(X, y, unreported_share=np.full(40, 0.9)).predict_proba(X)[:, 1]
    assert ((p > 0) & (p < 1)).all()


@pytest.mark.parametrize("bad", [[-0.1, 0.0], [0.0, 1.0], [np.nan, 0.0]])
def test_shares_that_are_none_are_refused(bad):
    with pytest.raises(ValueError, match="from 0 to below 1"):
        LogisticClassifier().fit(np.eye(2), [0, 1], unreported_share=bad)
