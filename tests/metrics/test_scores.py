"""Scores: against hand-counted figures, and weights as repeated rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.metrics import (
    auc,
    average_precision,
    brier,
    expected_observed_ratio,
    log_loss,
    log_losses,
    recalibration_line,
    score_all,
)

SCORES = (log_loss, brier, auc, average_precision, expected_observed_ratio)


@st.composite
def weighted(draw):
    n = draw(st.integers(4, 30))
    outcome = [1, 0, *draw(st.lists(st.integers(0, 1), min_size=n - 2, max_size=n - 2))]
    probability = draw(st.lists(st.floats(0.01, 0.99), min_size=n, max_size=n))
    weight = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    return np.array(outcome), np.array(probability), np.array([max(w, 1) if i < 2 else w for i, w in enumerate(weight)])


@pytest.mark.parametrize("score", SCORES)
@given(rows=weighted())
def test_a_weight_is_a_row_given_as_often(score, rows):
    outcome, probability, weight = rows
    repeated = score(np.repeat(outcome, weight), np.repeat(probability, weight))
    assert score(outcome, probability, weight) == pytest.approx(repeated, rel=1e-9)


def test_scores_of_four_rows_by_hand():
    outcome, probability = [0, 1, 0, 1], [0.1, 0.2, 0.3, 0.9]
    assert log_loss(outcome, probability) == pytest.approx(-np.log([0.9, 0.2, 0.7, 0.9]).mean())
    assert brier(outcome, probability) == pytest.approx((0.01 + 0.64 + 0.09 + 0.01) / 4)
    assert auc(outcome, probability) == 0.75
    assert average_precision(outcome, probability) == pytest.approx((1 + 2 / 3) / 2)
    assert expected_observed_ratio(outcome, probability) == pytest.approx(0.375 / 0.5)


def test_log_loss_is_the_mean_of_its_rows_and_finite_at_certainty():
    losses = log_losses([1, 0, 1], [0.0, 0.0, 0.5])
    assert np.isfinite(losses).all()
    assert losses[0] > 30
    assert log_loss([1, 0, 1], [0.0, 0.0, 0.5]) == pytest.approx(losses.mean())


def test_where_one_outcome_occurs_ranking_scores_are_not_numbers_and_the_rest_are():
    found = score_all([0, 0, 0], [0.1, 0.2, 0.3])
    assert np.isnan([found.auc, found.average_precision, found.calibration_slope]).all()
    assert found.log_loss > 0
    assert found.events == 0
    assert expected_observed_ratio([0, 0], [0.1, 0.2]) == float("inf")


def test_rows_of_weight_zero_are_not_counted():
    found = score_all([1, 0, 1, 0], [0.9, 0.1, 0.1, 0.9], [1, 1, 0, 0])
    assert (found.rows, found.events, found.auc) == (2, 1, 1.0)


@pytest.mark.parametrize(
    ("outcome", "probability", "weight", "problem"),
    [
        ([0, 1], [0.1], None, "inconsistent numbers of samples"),
        ([0, 2], [0.1, 0.2], None, "0 or 1"),
        ([0, 1], [0.1, 1.2], None, r"\[0, 1\]"),
        ([0, 1], [0.1, float("nan")], None, r"\[0, 1\]"),
        ([0, 1], [0.1, 0.2], [1, -1], "at least 0"),
        ([0, 1], [0.1, 0.2], [0, 0], "at least one weight"),
        ([[0, 1]], [[0.1, 0.2]], None, "vectors"),
    ],
)
def test_arrays_that_are_no_scores_are_refused(outcome, probability, weight, problem):
    with pytest.raises(ValueError, match=problem):
        log_loss(outcome, probability, weight)


def test_the_recalibration_line_undoes_a_line():
    random = np.random.default_rng(0)
    true = random.normal(-1, 1.5, 200_000)
    outcome = random.logistic(size=true.size) < true
    stated = 1 / (1 + np.exp(-(true - 0.6) / 0.5))  # true = 0.6 + 0.5 * stated log-odds
    line = recalibration_line(outcome, stated)
    assert line.intercept == pytest.approx(0.6, abs=0.03)
    assert line.slope == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("risk", [[0.1, 0.2, 0.6, 0.9], [0.1, 0.5, 0.5, 0.9], [0.9, 0.6, 0.2, 0.1], [0.3] * 4])
def test_risks_that_part_the_outcomes_have_no_line(risk):
    line = recalibration_line([0, 0, 1, 1], risk)
    assert np.isnan([line.intercept, line.slope]).all()


def test_one_row_out_of_order_makes_a_line():
    line = recalibration_line([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.9])
    assert np.isfinite([line.intercept, line.slope]).all()
