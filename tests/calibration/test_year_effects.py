"""Past years: their shifts, and an interval from three on."""

import numpy as np
import pytest
from scipy.special import expit

from relapse_risk.calibration import YearEffects

SCORE = np.full(20_000, -2.5)


def _years(shifts, seed=0):
    random = np.random.default_rng(seed)
    day = np.repeat(np.arange(len(shifts)), len(SCORE))
    score = np.tile(SCORE, len(shifts))
    outcome = random.random(len(score)) < expit(score + np.array(shifts)[day])
    return YearEffects.of(score, outcome, np.ones(len(score)), day)


def test_shifts_of_years_are_found_again():
    assert _years((0.6, -0.4, 0.0)).shifts == pytest.approx((0.6, -0.4, 0.0), abs=0.06)


def test_relapses_still_to_come_are_no_lower_level():
    random = np.random.default_rng(3)
    entered = (random.random(len(SCORE)) < expit(SCORE)) & (random.random(len(SCORE)) < 0.8)
    ones, day = np.ones(len(SCORE)), np.zeros(len(SCORE))
    deaf, told = (
        YearEffects.of(SCORE, entered, ones, day, unreported_share=share) for share in (None, np.full(len(SCORE), 0.2))
    )
    assert deaf.shifts[0] == pytest.approx(np.log(0.8), abs=0.06)
    assert told.shifts[0] - deaf.shifts[0] == pytest.approx(-np.log(0.8), abs=0.03)


@pytest.mark.slow
def test_an_interval_needs_three_years_and_holds_the_next_as_often_as_it_says():
    random, held = np.random.default_rng(1), []
    for _ in range(2000):
        *past, to_come = random.normal(0, 0.3, 5)
        low, high = YearEffects(days=tuple("abcd"), shifts=tuple(past)).interval_of([-2.5], 0.9)
        held.append(low <= expit(-2.5 + to_come) <= high)
    assert np.mean(held) == pytest.approx(0.9, abs=0.02)
    with pytest.raises(ValueError, match="at least 3"):
        YearEffects(days=("a", "b"), shifts=(0.1, 0.2)).interval_of(SCORE)


def test_a_year_without_an_outcome_is_no_year():
    score, outcome = np.array([-1.0, -1.0, -1.0]), np.array([0.0, 0.0, 1.0])
    found = YearEffects.of(score, outcome, np.ones(3), ["2017", "2018", "2018"])
    assert found.days == ("2018",)
    assert not found.enough
