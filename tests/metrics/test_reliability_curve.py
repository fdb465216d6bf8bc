"""The reliability curve is the isotonic regression; right probabilities stay in its band, others leave it."""

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from relapse_risk.metrics import reliability_curve


def drawn(seed, n=3000, entered=1.0):
    random = np.random.default_rng(seed)
    risk = random.beta(1, 15, n)
    return (random.random(n) < risk * entered).astype(float), risk


def inside(curve):
    return np.mean([one.lower <= one.observed <= one.upper for one in curve])


def test_the_curve_is_the_isotonic_regression_at_its_probabilities():
    y, p = drawn(0)
    p = p.round(2)
    weight = np.random.default_rng(1).choice([0.0, 1.0, 3.0], len(y))
    curve = reliability_curve(y, p, weight)
    fitted = IsotonicRegression().fit(p[weight > 0], y[weight > 0], weight[weight > 0])
    at = [one.probability for one in curve]
    assert [one.observed for one in curve] == pytest.approx(fitted.predict(at))
    assert at == sorted(set(at))


def test_right_probabilities_stay_in_the_band_as_often_as_it_says_and_wrong_ones_leave_it():
    right = [inside(reliability_curve(*drawn(seed))) for seed in range(20)]
    assert 0.85 <= np.mean(right) <= 1
    y, p = drawn(3)
    assert inside(reliability_curve(y, 2 * p.clip(0, 0.5))) < 0.5


def test_relapses_still_to_come_are_allowed_for():
    y, p = drawn(5, entered=0.6)
    assert inside(reliability_curve(y, p, entered=0.6)) > 0.8
    assert inside(reliability_curve(y, p)) < 0.6


def test_one_probability_for_all_is_one_point():
    (one,) = reliability_curve([0, 1, 0, 0], [0.25] * 4)
    assert (one.probability, one.observed) == (0.25, 0.25)
    assert one.lower <= 0.25 <= one.upper
