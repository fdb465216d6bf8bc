"""How much the newest level counts: as much as times differ by more than chance."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from relapse_risk.calibration import Sigmoid, level_moves, recalibrate_halfway

N = 2_000
TIME = np.repeat(np.arange(3), N)
ONES, HOME = np.ones(3 * N), np.arange(3 * N, dtype=np.uint64)


def _drawn(seed, apart, drifts):
    """Return scores, outcomes of three years whose levels differ, and the level of the next year."""
    random = np.random.default_rng(seed)
    levels = apart * random.normal(size=4)
    levels = np.cumsum(levels) if drifts else levels
    score = random.normal(-2.4, 0.8, 3 * N)
    return score, (random.random(3 * N) < expit(score + levels[TIME])).astype(float), levels[3]


def _next_level_missed(apart, drifts, *, recalibrated):
    missed = []
    for seed in range(30):
        score, outcome, level = _drawn(seed, apart, drifts)
        g: Any = Sigmoid(intercept=Sigmoid.fit(score, outcome, ONES, HOME).value(score).mean() - score.mean())
        if recalibrated:
            moves = level_moves(g.value(score), outcome, ONES, TIME)
            of, home = TIME == 2, HOME[TIME == 2]
            g = recalibrate_halfway(g, score[of], score[of], outcome[of], ONES[of], home, moves=moves)
        missed.append(g.value(score).mean() - score.mean() - level)
    return float(np.sqrt(np.mean(np.square(missed))))


@pytest.mark.parametrize("apart", [0.0, 0.1])
def test_where_years_come_and_go_the_newest_costs_next_to_nothing(apart):
    off = [_next_level_missed(apart, False, recalibrated=one) for one in (False, True)]
    assert off[1] < off[0] + 0.01


def test_where_years_drift_the_newest_helps():
    off = [_next_level_missed(0.3, True, recalibrated=one) for one in (False, True)]
    assert off[1] < 0.92 * off[0]


@pytest.mark.parametrize("slope", [0.6, 1.4])
def test_a_newest_slope_moves_no_level(slope):
    random = np.random.default_rng(7)
    score, ones, home = random.normal(-3.2, 1.1, N), np.ones(N), np.arange(N, dtype=np.uint64)
    outcome = (random.random(N) < expit(-1.0 + slope * score)).astype(float)
    g = recalibrate_halfway(Sigmoid(), score, score, outcome, ones, home, moves=1e-3)
    assert abs(g.derivative(np.zeros(1))[0] - 1) > 0.05
    assert expit(g.value(score)).sum() == pytest.approx(expit(score).sum(), rel=0.003)


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.2, 1.0]))
def test_how_far_years_lie_apart_does_not_depend_on_their_order_or_on_the_level_of_all(seed, apart):
    score, outcome, _ = _drawn(seed, apart, False)
    found = level_moves(score, outcome, ONES, TIME)
    assert 0 < found < 5
    assert level_moves(score, outcome, ONES, 2 - TIME) == pytest.approx(found, rel=1e-6)
    assert level_moves(score + 0.7, outcome, ONES, TIME) == pytest.approx(found, rel=0.05)


def test_where_nobody_fell_nothing_is_known_of_years():
    assert level_moves(np.zeros(4), np.zeros(4), np.ones(4), np.array([1, 1, 2, 2])) < 0.01
