"""Whom a list misses, whom it lists in vain, how early it comes."""

import numpy as np
import pytest

from relapse_risk.metrics import listing

NAN = np.nan


def test_ties_at_the_cut_count_by_expectation():
    # Room for two: the first, and one of the three that tie, of which one fell.
    found = listing([1, 1, 0, 0, 0], [0.9, 0.5, 0.5, 0.5, 0.1], 0.4)
    assert found.exclusion_error == pytest.approx(1 / 3)
    assert found.inclusion_error == pytest.approx(1 / 3)


def test_each_day_has_its_own_list():
    day = np.array(["2018-12-31", "2018-12-31", "2019-12-31", "2019-12-31"], dtype="datetime64[D]")
    found = listing([1, 0, 0, 1], [0.2, 0.1, 0.9, 0.8], 0.5, day=day)
    assert (found.exclusion_error, found.inclusion_error) == (0.5, 0.5)


def test_weights_are_repetitions():
    y, p, w = np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.3, 0.1]), np.array([1, 2, 3, 4])
    weighted, repeated = listing(y, p, 0.35, w), listing(np.repeat(y, w), np.repeat(p, w), 0.35)
    assert weighted.exclusion_error == pytest.approx(repeated.exclusion_error)
    assert weighted.inclusion_error == pytest.approx(repeated.inclusion_error)


def test_lead_time_is_that_of_the_listed_who_fell_on_a_known_day():
    found = listing([1, 1, 1, 1, 0, 1], np.linspace(0.9, 0.1, 6), 4 / 6, fell_after=[2, 3, NAN, 10, NAN, 1])
    assert found.lead_time_months == pytest.approx(5)
    assert found.lead_time_months_median == 3


def test_where_nobody_fell_there_is_nothing_to_miss():
    found = listing([0, 0], [0.1, 0.2], 0.5)
    assert np.isnan([found.exclusion_error, found.lead_time_months, found.lead_time_months_median]).all()
    assert found.inclusion_error == 1


@pytest.mark.parametrize("share", [0, -0.1, 1.1])
def test_a_share_lies_above_0_and_up_to_1(share):
    with pytest.raises(ValueError, match="share"):
        listing([0, 1], [0.1, 0.2], share)
