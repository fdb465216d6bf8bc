"""Folds: nothing of a test row in training, every row tested once, no row order anywhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.metrics import hash_ids, time_household_folds


@st.composite
def panels(draw):
    n = draw(st.integers(2, 60))
    household = draw(st.lists(st.integers(0, 12), min_size=n, max_size=n))
    time = draw(st.lists(st.integers(2015, 2018), min_size=n, max_size=n))
    outcome = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    return np.array([f"h{h}" for h in household]), np.array(time), np.array(outcome)


def shared(one, other, fold):
    return np.intersect1d(one[fold.train], other[fold.test]).size


@given(panel=panels(), n_folds=st.integers(2, 6))
def test_every_row_is_tested_once_by_a_training_without_its_household(panel, n_folds):
    household, time, _ = panel
    folds = time_household_folds(household, time, n_folds=n_folds)
    assert bool(folds) == (len(np.unique(household)) > 1)
    if folds:
        assert np.array_equal(np.sort(np.concatenate([fold.test for fold in folds])), np.arange(household.size))
    assert all(shared(household, household, fold) == 0 for fold in folds)


@given(panel=panels(), n_folds=st.integers(2, 6))
def test_no_training_lacks_an_outcome(panel, n_folds):
    household, time, outcome = panel
    folds = time_household_folds(household, time, n_folds=n_folds, outcome=outcome)
    assert all(len(np.unique(outcome[fold.train])) == 2 for fold in folds)


@pytest.mark.parametrize("n_times", [2, 3, 7])
def test_where_households_recur_tests_and_training_share_no_time_either(n_times):
    household, time = np.repeat(np.arange(40), n_times), np.tile(np.arange(n_times), 40)
    folds = time_household_folds(household, time, n_folds=4)
    assert len(folds) == 8
    assert all(shared(time, time, fold) == 0 and shared(household, household, fold) == 0 for fold in folds)
    assert min(fold.train.size for fold in folds) >= 0.75 * household.size * (n_times // 2) / n_times


def test_a_rotating_panel_is_tested_block_by_block():
    household, time = np.repeat(np.arange(100), 2), np.repeat(np.arange(100) // 20, 2) + np.tile([0, 1], 100)
    folds = time_household_folds(household, time, n_folds=5)
    assert all(shared(time, time, fold) == 0 and shared(household, household, fold) == 0 for fold in folds)
    assert len(folds) == 5


def test_with_one_time_folds_are_groups_of_households_of_one_size():
    folds = time_household_folds(np.arange(103), np.zeros(103), n_folds=5)
    assert sorted(fold.test.size for fold in folds) == [20, 20, 21, 21, 21]


def test_the_few_events_are_dealt_evenly():
    outcome = np.arange(1000) < 10
    folds = time_household_folds(np.arange(1000), n_folds=5, outcome=outcome)
    assert [outcome[fold.test].sum() for fold in folds] == [2] * 5


def test_where_all_events_fall_into_one_time_folds_fall_back_to_households():
    household, time = np.repeat(np.arange(20), 2), np.tile([0, 1], 20)
    folds = time_household_folds(household, time, n_folds=4, outcome=(time == 1) & (household < 8))
    assert len(folds) == 4
    assert all(shared(household, household, fold) == 0 for fold in folds)


def test_one_event_household_leaves_no_fold():
    assert time_household_folds(np.arange(20), n_folds=5, outcome=np.arange(20) == 3) == ()


@given(panel=panels(), random=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_fold(panel, random):
    household, time, outcome = panel
    order = np.array(random.sample(range(household.size), household.size))
    before = time_household_folds(household, time, outcome=outcome)
    after = time_household_folds(household[order], time[order], outcome=outcome[order])
    assert [sorted(fold.test) for fold in before] == [sorted(order[fold.test]) for fold in after]


def test_hashes_know_the_id_and_the_seed_only():
    one, other = hash_ids(["a", "b", "a"]), hash_ids(["b", "a"])
    assert one[0] == one[2] == other[1]
    assert hash_ids(["a"], seed=1)[0] != one[0]
