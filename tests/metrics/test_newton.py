"""Newton's method: steps that overshoot, samples that are separated, columns that say nothing, rows of no weight."""

import numpy as np
import pytest
from scipy.special import expit

from relapse_risk.metrics import fit_logistic, minimise_convex, penalised_information

N, COLUMNS = 300, 4
RANDOM = np.random.default_rng(0)
DESIGN = np.column_stack([np.ones(N), RANDOM.normal(size=(N, COLUMNS))])
OUTCOME = (RANDOM.logistic(size=N) < -1 + DESIGN[:, 1]).astype(float)
RIDGE, TOWARD = np.array([0.0, 1.0, 1.0, 1.0, 1.0]), np.array([0.0, 0.5, 0.0, 0.0, 0.0])


def slope(at, design=DESIGN, outcome=OUTCOME, weight=1.0, ridge=RIDGE, toward=TOWARD):
    return design.T @ (weight * (expit(design @ at) - outcome)) + ridge * (at - toward)


def test_at_the_minimum_the_loss_is_flat():
    found = fit_logistic(DESIGN, OUTCOME, np.ones(N), ridge=RIDGE, toward=TOWARD)
    assert np.abs(slope(found)).max() < 1e-8


@pytest.mark.parametrize("start", [np.full(5, 3.0), np.array([20.0, -20.0, 0.0, 0.0, 0.0])])
def test_a_start_far_away_leads_to_the_same_minimum(start):
    near = fit_logistic(DESIGN, OUTCOME, np.ones(N), ridge=RIDGE, toward=TOWARD)
    far = fit_logistic(DESIGN, OUTCOME, np.ones(N), ridge=RIDGE, toward=TOWARD, start=start)
    assert far == pytest.approx(near, abs=1e-6)


def test_a_step_too_long_is_halved():
    tried = []

    def loss(at):
        tried.append(float(at[0]))
        return float(np.logaddexp(0, at[0]) - 0.25 * at[0])

    found = minimise_convex(loss, lambda at: 16 * (0.25 - expit(at)), np.array([4.0]), flat=1e-14)
    assert expit(found[0]) == pytest.approx(0.25, abs=1e-6)
    assert len(set(tried)) > 3


def test_a_step_that_leads_nowhere_ends_the_search():
    found = minimise_convex(lambda at: float(at @ at), lambda at: at, np.array([1.0]))
    assert found.tolist() == [1.0]


def test_separated_outcomes_get_finite_coefficients():
    separated = (DESIGN[:, 1] > 0).astype(float)
    for outcome in (separated, np.zeros(N)):
        found = fit_logistic(DESIGN, outcome, np.ones(N), ridge=np.full(5, 1e-9), toward=np.zeros(5))
        assert np.isfinite(found).all()
        assert np.abs(expit(DESIGN @ found) - outcome).max() < 0.01


def test_columns_that_say_nothing_stop_nothing():
    design = np.column_stack([DESIGN, DESIGN[:, 1], np.zeros(N)])
    found = fit_logistic(design, OUTCOME, np.ones(N), ridge=np.zeros(7), toward=np.zeros(7))
    alone = fit_logistic(DESIGN, OUTCOME, np.ones(N), ridge=np.zeros(5), toward=np.zeros(5))
    assert design @ found == pytest.approx(DESIGN @ alone, abs=1e-5)


def test_a_row_of_no_weight_is_no_row():
    weight = RANDOM.integers(0, 3, N).astype(float)
    found = fit_logistic(DESIGN, OUTCOME, weight, ridge=RIDGE, toward=TOWARD)
    again = np.repeat(np.arange(N), weight.astype(int))
    other = fit_logistic(DESIGN[again], OUTCOME[again], np.ones(len(again)), ridge=RIDGE, toward=TOWARD)
    assert found == pytest.approx(other, abs=1e-7)


def test_the_information_is_the_slope_of_the_slope():
    at, nudge = np.array([-1.0, 0.5, 0.2, 0.0, -0.1]), 1e-5
    risk = expit(DESIGN @ at)
    columns = [(slope(at + side) - slope(at - side)) / (2 * nudge) for side in nudge * np.eye(5)]
    assert penalised_information(DESIGN, risk * (1 - risk), RIDGE) == pytest.approx(np.column_stack(columns), rel=1e-5)
