"""Relapses that are entered late: what models make of being told how many are still to come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from relapse_risk.metrics import outcome_in_the_end
from relapse_risk.models import HazardClassifier, LogisticClassifier, ReasonAdditiveClassifier, recalibrated

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


@pytest.mark.parametrize(
    "make", [LogisticClassifier, lambda **kind: ReasonAdditiveClassifier(n_rounds=20, n_members=2, **kind)]
)
def test_the_model_itself_makes_up_for_them_not_only_its_calibrator(make):
    X, risk, entered, told, unreported_share = drawn(0, 0.4)
    told = {"household": told["household"], "unreported_share": unreported_share}
    model = make(calibration=None, n_folds=2).fit(X, entered, **told)
    assert model.predict_proba(X)[:, 1].mean() == pytest.approx(risk.mean(), rel=0.04)


def test_what_is_learned_of_the_newest_outcomes_makes_up_for_them_too():
    X, risk, entered, told, unreported_share = drawn(6, 0.4)
    whole = np.random.default_rng(8).random(N) < risk
    model = LogisticClassifier(n_folds=2).fit(X, whole.astype(int), household=told["household"])
    newest = told["time"] == 2019
    entered, share = entered[newest], unreported_share[newest]
    deaf, moved = (
        recalibrated(model, X[newest], entered),
        recalibrated(model, X[newest], entered, unreported_share=share),
    )
    means = [one.predict_proba(X[newest])[:, 1].mean() / entered.mean() for one in (deaf, moved)]
    assert means == pytest.approx([1.0, 1 / (1 - 0.4)], rel=0.05)


@pytest.mark.parametrize("moved", [False, True])
def test_doubt_of_how_many_are_to_come_goes_into_the_intervals(moved):
    X, _, entered, told, unreported_share = drawn(7, 0.2)
    sure, unsure = (
        LogisticClassifier(n_folds=2).fit(
            X, entered, household=told["household"], unreported_share=unreported_share, unreported_error=np.full(N, e)
        )
        for e in ((0.0, 0.0) if moved else (0.0, 0.3))
    )
    if moved:
        unsure = recalibrated(unsure, X, entered, unreported_error=np.full(N, 0.3))
        sure = recalibrated(sure, X, entered, unreported_error=np.zeros(N))
    assert np.array_equal(sure.predict_proba(X), unsure.predict_proba(X))
    half = [np.diff(logit(one.predict_interval(X)), axis=1)[:, 0] / 2 for one in (sure, unsure)]
    np.testing.assert_allclose(np.hypot(half[0], 1.6449 * 0.3), half[1], rtol=1e-3)


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.05, 0.3, 0.5, 0.9])), min_size=1, max_size=40),
    st.floats(0.1, 10),
)
def test_no_time_has_more_relapses_than_households_however_many_are_to_come(rows, weight):
    fell, share = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    found = outcome_in_the_end(fell, share, np.full(len(fell), weight))
    assert (found[fell == 0] == 0).all()
    for one in np.unique(share):
        of = share == one
        whole = fell[of].mean() / (1 - one)
        assert found[of].mean() == pytest.approx(whole if not share.any() else min(whole, 0.95))


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


def test_an_error_that_is_none_is_refused():
    with pytest.raises(ValueError, match="unreported_error must be at least 0"):
        LogisticClassifier().fit(np.eye(2), [0, 1], unreported_error=[-0.1, 0.1])
