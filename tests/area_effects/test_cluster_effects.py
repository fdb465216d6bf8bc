"""Cluster effects: found again where they were put, not invented where there are none."""

import numpy as np
import pytest
from scipy.special import expit

from relapse_risk.area_effects import ClusterEffects, fit_shocks, offset_for

pytestmark = pytest.mark.slow


def _drawn(std_dev, *, shifts=(0.0,), villages=100, size=60, outlier_share=0.0, outlier_shift=0.0, seed=0):
    random = np.random.default_rng(seed)
    n_days = len(shifts)
    score = random.normal(-2.0, 1.0, villages * size * n_days)
    village = np.tile(np.repeat(np.arange(villages), size), n_days)
    day = np.repeat(np.arange(n_days), villages * size)
    shock = std_dev * random.normal(size=(n_days, villages)) + outlier_shift * (
        random.random((n_days, villages)) < outlier_share
    )
    nodes = std_dev * random.normal(size=4000) + outlier_shift * (random.random(4000) < outlier_share)
    given = score + offset_for(score, nodes, np.full(4000, 1 / 4000)) + shock[day, village] + np.array(shifts)[day]
    return score, random.random(len(score)) < expit(given), village, day


def _fit(score, outcome, village, day, weight=None):
    return fit_shocks(score, outcome, np.ones(len(score)) if weight is None else weight, village, day)


@pytest.mark.parametrize("std_dev", [0.3, 0.7])
def test_the_spread_between_villages_is_found_again(std_dev):
    found = [_fit(*_drawn(std_dev, seed=seed)).village for seed in range(2)]
    assert np.mean(found) == pytest.approx(std_dev, rel=0.2)


def test_where_villages_are_alike_little_is_found():
    assert _fit(*_drawn(0.0)).village < 0.15


def test_outliers_are_told_from_normal_shocks():
    found = _fit(*_drawn(0.2, outlier_share=0.1, outlier_shift=2.0))
    assert found.outlier_share == pytest.approx(0.1, abs=0.05)
    assert found.outlier_shift == pytest.approx(2.0, abs=0.4)
    assert _fit(*_drawn(0.5)).outlier_share == 0


def test_the_shift_of_years_is_measured_from_two_days_on():
    found = _fit(*_drawn(0.3, shifts=(0.5, -0.5)))
    assert found.year == pytest.approx(0.5, abs=0.12)
    assert (found.years, found.villages) == (2, 200)
    alone = _fit(*_drawn(0.3, shifts=(0.5,)))
    assert np.isnan(alone.year)
    assert alone.common == (alone.level, np.inf)


def test_a_year_is_not_known_better_than_the_level():
    found = _fit(*_drawn(0.0, shifts=(0.0, 0.0)))
    assert found.year >= found.level > 0


def test_the_level_is_known_the_better_the_more_villages():
    few, many = (_fit(*_drawn(0.4, villages=count)) for count in (15, 240))
    assert few.level / many.level == pytest.approx(4, rel=0.4)


def test_a_weight_of_two_is_a_row_given_twice():
    score, outcome, village, day = _drawn(0.5, villages=30)
    weight = np.where(np.arange(len(score)) % 3 == 0, 2.0, 1.0)
    again = np.repeat(np.arange(len(score)), weight.astype(int))
    weighed = _fit(score, outcome, village, day, weight)
    assert weighed.village == pytest.approx(_fit(*(a[again] for a in (score, outcome, village, day))).village, abs=1e-3)


def test_what_says_nothing_gives_none():
    score, outcome, village, day = _drawn(0.3, villages=9)
    assert _fit(score, outcome, village, day) is None
    score, outcome, village, day = _drawn(0.3, villages=12)
    assert _fit(score, np.zeros(len(score)), village, day) is None


@pytest.mark.parametrize("wrong", [{"village": -0.1}, {"village": np.nan}, {"village": 0.1, "outlier_share": 1.0}])
def test_shocks_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="shocks"):
        ClusterEffects(**wrong)
