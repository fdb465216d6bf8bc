"""Calibrators: rising, held, true derivatives, and fitted to frequencies."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from relapse_risk import calibration
from relapse_risk.bundle import decode, encode
from relapse_risk.calibration import LEVEL_MOVES, Beta, Calibrator, Chain, PiecewiseLinear, Sigmoid, fit_calibrator
from relapse_risk.errors import BundleError
from relapse_risk.metrics import MAX_LOG_ODDS, score_all
from tests.models.saved_models import read_part


def outcomes_of(true, seed=0):
    return (np.random.default_rng(seed).logistic(size=true.size) < true).astype(float)


def fit(kind, score, outcome, household=None):
    homes = np.arange(score.size) if household is None else household
    return fit_calibrator(kind, score, outcome, np.ones(score.size), homes)


@cache
def fitted(kind, seed, n=400):
    score = np.random.default_rng(seed).normal(-2, 2, n)
    return fit(kind, score, outcomes_of(0.5 + 0.7 * score, seed))


KINDS = pytest.mark.parametrize("kind", [kind for kind in calibration.KINDS if kind != "chosen"])
SCORES = st.lists(st.floats(-60, 60), min_size=2, max_size=20)


@pytest.mark.slow
@KINDS
@given(seed=st.integers(0, 30), scores=SCORES)
def test_they_never_fall_and_stay_held(kind, seed, scores):
    found = fitted(kind, seed).value(np.sort(np.array(scores)))
    assert (np.diff(found) >= -1e-12).all()
    assert np.abs(found).max() <= MAX_LOG_ODDS
    assert expit(found).min() >= 1e-6 * (1 - 1e-9)


@KINDS
@given(seed=st.integers(0, 30), scores=SCORES)
def test_the_derivative_is_that_of_the_value(kind, seed, scores):
    g, at, step = fitted(kind, seed), np.array(scores), 1e-6
    if isinstance(g, PiecewiseLinear):
        at = at[np.abs(at[:, None] - g.knots).min(axis=1) > 1e-5]
    else:
        at = at[np.abs(g.value(at)) < MAX_LOG_ODDS - 1e-4]
    quotient = (g.value(at + step) - g.value(at - step)) / (2 * step)
    assert g.derivative(at) == pytest.approx(quotient, rel=1e-5, abs=1e-6)


@KINDS
def test_the_slope_is_never_negative_and_level_outside(kind):
    g = fitted(kind, 1)
    assert (g.derivative(np.linspace(-60, 60, 1001)) >= 0).all()
    assert g.derivative(np.array([-1000.0, 1000.0])).tolist() == [0.0, 0.0]


def test_at_a_knot_the_slope_is_that_of_the_piece_to_its_right():
    g = PiecewiseLinear(knots=np.array([0.0, 1.0, 3.0]), heights=np.array([0.0, 2.0, 3.0]), errors=np.ones(3))
    assert g.derivative(np.array([0.0, 1.0, 3.0])).tolist() == [2.0, 0.5, 0.0]


@KINDS
def test_scores_that_were_off_become_frequencies(kind):
    score = np.random.default_rng(3).normal(-2, 2, 40_000)
    half, true = score.size // 2, 0.5 + 0.6 * score
    outcome = outcomes_of(true)
    g = fit(kind, score[:half], outcome[:half])
    found = score_all(outcome[half:], expit(g.value(score[half:])))
    assert found.calibration_slope == pytest.approx(1, abs=0.06)
    assert found.calibration_intercept == pytest.approx(0, abs=0.08)
    assert found.predicted == pytest.approx(found.observed, rel=0.05)


def test_few_events_leave_the_slope_near_one():
    score = np.random.default_rng(4).normal(-4, 1, 300)
    g = fit("sigmoid", score, (np.arange(300) == np.argmax(score)).astype(float))
    assert isinstance(g, Sigmoid)
    assert 0.7 < g.slope < 2


@KINDS
def test_scores_that_rank_backwards_give_nearly_everyone_the_mean(kind):
    score = np.random.default_rng(5).normal(-1, 1, 2000)
    outcome = outcomes_of(-1 - 2 * (score + 1))
    risk = expit(fit(kind, score, outcome).value(score))
    assert risk.mean() == pytest.approx(outcome.mean(), abs=0.02)
    assert np.ptp(risk) < 0.1


@KINDS
def test_no_step_of_zero_events_becomes_certainty(kind):
    score = np.linspace(-5, 0, 100)
    risk = expit(fit(kind, score, (score > -0.2).astype(float)).value(score))
    assert risk.min() > 1e-4 if kind == "isotonic" else risk.min() >= 1e-6 * (1 - 1e-9)


@KINDS
@given(seed=st.integers(0, 20))
def test_saved_and_read_they_are_the_same(kind, seed):
    g = fitted(kind, seed)
    score = np.linspace(-20, 20, 101)
    assert np.array_equal(decode(Calibrator, encode(Calibrator, g)[0]).value(score), g.value(score))


LINE = {"kind": "sigmoid", "intercept": 0.0, "slope": 1.0, "covariance": [[0.1, 0.0], [0.0, 0.1]]}
BENDS = {"kind": "beta", "intercept": 0.0, "low": 1.0, "high": 1.0, "covariance": [[0.0] * 3] * 3}
STEPS = {"kind": "piecewise_linear", "knots": [0.0, 1.0], "heights": [0.0, 1.0], "errors": [0.1, 0.1]}


def test_undamaged_ones_are_read():
    assert read_part(Calibrator, LINE).value(np.array([0.5])).tolist() == [0.5]
    assert read_part(Calibrator, STEPS).value(np.array([0.5])).tolist() == [0.5]
    assert read_part(Calibrator, BENDS).value(np.array([0.5])).tolist() == pytest.approx([0.5])
    chained = read_part(Calibrator, {"kind": "chain", "first": LINE, "then": {**LINE, "intercept": 1.0}})
    assert chained.value(np.array([0.5])).tolist() == [1.5]


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "spline"},
        {**LINE, "slope": 0.0},
        {**LINE, "intercept": float("nan")},
        {**LINE, "covariance": [[0.0, 0.0]]},
        {key: LINE[key] for key in LINE if key != "slope"},
        {**STEPS, "knots": [], "heights": []},
        {**STEPS, "knots": [0.0, 0.0], "heights": [0.0, 1.0]},
        {**STEPS, "knots": [0.0, 1.0], "heights": [1.0, 0.0]},
        {**STEPS, "knots": [0.0, 1.0], "heights": [0.0, 99.0]},
        {**STEPS, "knots": [0.0, 1.0], "heights": [0.0]},
        {**STEPS, "knots": [0.0, "1"], "heights": [0.0, 1.0]},
        {**STEPS, "errors": [0.1]},
        {**BENDS, "low": -0.1},
        {**BENDS, "covariance": [[0.0] * 2] * 2},
        {"kind": "chain", "first": LINE},
        {"kind": "chain", "first": LINE, "then": {**LINE, "slope": -1.0}},
    ],
)
def test_damaged_calibrators_are_refused(values):
    with pytest.raises(BundleError):
        read_part(Calibrator, values)


@pytest.mark.slow
@KINDS
def test_the_error_is_what_other_samples_would_change(kind):
    at = np.array([-3.0, -1.0])
    found = [fitted(kind, seed, n=3000) for seed in range(60)]
    spread = np.std([g.value(at) for g in found], axis=0)
    stated = np.mean([g.std_error(at) for g in found], axis=0)
    # between its steps the isotonic one borrows from both, which its error does not count on
    least, most = (0.7, 1.4) if kind == "sigmoid" else (0.9, 3.0)
    assert ((least * spread < stated) & (stated < most * spread)).all()


def test_the_error_counts_households_not_rows():
    score = np.random.default_rng(0).normal(-2, 1, 500)
    outcome = outcomes_of(score)
    four = fit("sigmoid", np.repeat(score, 4), np.repeat(outcome, 4), np.repeat(np.arange(500), 4))
    at = np.array([-3.0, -1.0])
    assert four.std_error(at) == pytest.approx(fit("sigmoid", score, outcome).std_error(at), rel=0.05)


def test_beta_leaves_a_calibrated_score_alone_and_straightens_a_bent_one():
    score = np.random.default_rng(8).normal(-1.5, 2, 60_000)
    straight = fit("beta", score, outcomes_of(score))
    assert [straight.intercept, straight.low, straight.high] == pytest.approx([0, 1, 1], abs=0.08)
    bent = Beta(intercept=0.2, low=0.5, high=1.6)
    found = fit("beta", score, outcomes_of(bent.value(score)))
    assert [found.intercept, found.low, found.high] == pytest.approx([0.2, 0.5, 1.6], abs=0.12)


def test_where_a_bend_would_turn_down_beta_leaves_it_out():
    score = np.random.default_rng(9).normal(0, 2, 4000)
    found = fit("beta", score, outcomes_of(-np.abs(score)))
    assert min(found.low, found.high) >= 0
    assert (np.diff(found.value(np.linspace(-9, 9, 50))) >= 0).all()


@pytest.mark.slow
def test_the_sigmoid_is_chosen_unless_another_is_clearly_better():
    score = np.random.default_rng(10).normal(-1.5, 1.5, 4000)
    assert isinstance(fit("chosen", score, outcomes_of(0.3 + 0.8 * score)), Sigmoid)
    jump = np.where(score < -1, -4.0, 0.5)
    assert not isinstance(fit("chosen", score, outcomes_of(jump)), Sigmoid)


def test_venn_abers_is_as_near_the_truth_as_isotonic_and_says_when_it_knows_little():
    score = np.random.default_rng(11).normal(-1.5, 1.5, 3000)
    outcome = outcomes_of(score)
    risk, steps = (expit(fit(kind, score, outcome).value(score)) for kind in ("venn_abers", "isotonic"))
    assert np.abs(risk - expit(score)).mean() < 1.3 * np.abs(steps - expit(score)).mean()
    few = fit("venn_abers", score[:12], outcome[:12])
    assert few.std_error(score[:12]).mean() > 2 * fit("venn_abers", score, outcome).std_error(score).mean()


def test_venn_abers_is_isotonic_regression_with_one_more_row_of_either_outcome():
    score = np.round(np.random.default_rng(12).normal(-1.5, 1.5, 40), 2)
    outcome = outcomes_of(score)
    g = fit("venn_abers", score, outcome)
    for at, height in zip(g.knots, g.heights, strict=True):
        low, high = (
            IsotonicRegression().fit(np.append(score, at), np.append(outcome, one)).predict([at])[0] for one in (0, 1)
        )
        assert expit(height) == pytest.approx(high / (1 - low + high), rel=1e-9)


def test_a_chain_is_one_map_after_the_other():
    first, then = fitted("venn_abers", 3), fitted("beta", 4)
    chain, at = Chain(first=first, then=then), np.linspace(-6, 3, 50)
    assert np.array_equal(chain.value(at), then.value(first.value(at)))
    assert chain.derivative(at) == pytest.approx(then.derivative(first.value(at)) * first.derivative(at))
    assert (chain.std_error(at) >= then.std_error(first.value(at))).all()
    assert np.array_equal(decode(Calibrator, encode(Calibrator, chain)[0]).value(at), chain.value(at))


def test_the_prior_of_the_level_bounds_its_error_where_rows_say_little():
    score, outcome = np.linspace(-4.0, -2.0, 12), np.eye(12)[0]
    rows = (score, outcome, np.ones(12), np.arange(12, dtype=np.uint64))
    g = Sigmoid.fit_shrunken(*rows)
    assert g.std_error(np.array([score.mean()]))[0] < LEVEL_MOVES / 2  # of a ridge estimate, at most half its prior's
