"""No trial tests what its training could have seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relapse_risk.evaluation import plan_trials


def _panel(n_households, n_days, rate=0.3, seed=0):
    """Every household on every day; outcomes known a day later, some of them entered late."""
    random = np.random.default_rng(seed)
    home = np.repeat(np.arange(n_households), n_days)
    day = np.tile(np.arange(n_days), n_households)
    y = (random.random(len(home)) < rate).astype(float)
    late = random.random(len(home)) < 0.1
    then = {d: np.where(day < d, np.where(late & (day == d - 1), 0.0, y), np.nan) for d in range(n_days)}
    return home, day, y, then


@settings(max_examples=30, deadline=None)
@given(n_households=st.integers(4, 400), n_days=st.integers(1, 4), n_groups=st.integers(2, 5), seed=st.integers(0, 9))
def test_households_stay_apart_and_no_row_is_tested_twice(n_households, n_days, n_groups, seed):
    home, day, y, then = _panel(n_households, n_days, seed=seed)
    trials = plan_trials(home, day, y, then, n_groups=n_groups, seed=seed).trials
    for trial in trials:
        assert not set(home[trial.train]) & set(home[trial.test])
        assert len(trial.outcome) == len(trial.train)
    tested = np.concatenate([trial.test for trial in trials]) if trials else np.array([])
    assert len(np.unique(tested)) == len(tested)


def test_training_is_earlier_and_uses_outcomes_as_they_were_known_then():
    home, day, y, then = _panel(600, 3)
    planned = plan_trials(home, day, y, then)
    assert planned.scheme == "time"
    assert set(day[np.concatenate([trial.test for trial in planned.trials])]) == {1, 2}
    for trial in planned.trials:
        (tested,) = set(day[trial.test])
        assert day[trial.train].max() < tested
        np.testing.assert_array_equal(trial.outcome, then[tested][trial.train])
    assert any((trial.outcome != y[trial.train]).any() for trial in planned.trials)


def test_every_row_of_a_tested_day_is_tested():
    home, day, y, then = _panel(600, 2)
    tested = np.concatenate([trial.test for trial in plan_trials(home, day, y, then).trials])
    assert sorted(tested) == np.flatnonzero(day == 1).tolist()


@pytest.mark.parametrize("n_days", [1, 3])
def test_without_enough_earlier_outcomes_households_alone_are_apart(n_days):
    home, day, y, _ = _panel(600, n_days)
    never = {d: np.full(len(home), np.nan) for d in range(n_days)}
    planned = plan_trials(home, day, y, never)
    assert planned.scheme == "household"
    assert sorted(np.concatenate([trial.test for trial in planned.trials])) == list(range(len(home)))


def test_order_of_rows_does_not_change_who_is_tried_together():
    home, day, y, then = _panel(300, 2)
    order = np.random.default_rng(1).permutation(len(home))
    plain = plan_trials(home, day, y, then)
    mixed = plan_trials(home[order], day[order], y[order], {d: v[order] for d, v in then.items()})
    for one, other in zip(plain.trials, mixed.trials, strict=True):
        assert set(one.test) == set(order[other.test])
        assert set(one.train) == set(order[other.train])


def test_a_row_whose_outcome_is_not_known_any_more_is_learned_from_then_and_never_tested():
    home, day, y, then = _panel(600, 2)
    lost = day == 0
    lost &= home % 3 == 0
    gone_too = (day == 1) & (home % 5 == 0)
    planned = plan_trials(home, day, np.where(lost | gone_too, np.nan, y), then)
    assert planned.scheme == "time"
    assert lost[np.concatenate([trial.train for trial in planned.trials])].any()
    tested = np.concatenate([trial.test for trial in planned.trials])
    assert sorted(tested) == np.flatnonzero((day == 1) & ~gone_too).tolist()
    apart = plan_trials(home, day, np.where(lost, np.nan, y), {})
    assert all(np.isfinite(trial.outcome).all() and not lost[trial.test].any() for trial in apart.trials)
