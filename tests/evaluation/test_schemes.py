"""No scheme tests a row twice, or what its training could have seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relapse_risk.errors import InputError
from relapse_risk.evaluation import plan_scheme

SCHEMES = ("time", "county", "village", "household")


def _panel(n_homes=900, n_days=3, n_villages=30, n_counties=3, seed=0, rate=0.3):
    """Every household on every day; some move, some places are not known; outcomes known a day later, some late."""
    random = np.random.default_rng(seed)
    home = np.repeat([f"h{i:04d}" for i in range(n_homes)], n_days)
    day = np.tile(np.arange(n_days), n_homes)
    y = (random.random(len(home)) < rate).astype(float)
    late = random.random(len(home)) < 0.1
    then = {d: np.where(day < d, np.where(late & (day == d - 1), 0.0, y), np.nan) for d in range(1, n_days)}
    village = np.repeat(random.integers(0, n_villages, n_homes), n_days)
    moved = (random.random(len(home)) < 0.05) & (day > 0)
    village = np.where(moved, (village + 1) % n_villages, village)
    county = np.array([f"c{v % n_counties}" for v in village])
    unknown = random.random(len(home)) < 0.05
    return {
        "household": home,
        "time": day,
        "outcome": y,
        "known_then": then,
        "county": np.where(unknown, "", county),
        "village": np.where(unknown, "", np.array([f"v{v}" for v in village])),
    }


@settings(max_examples=25, deadline=None)
@given(
    scheme=st.sampled_from(SCHEMES),
    n_days=st.integers(2, 4),
    n_villages=st.integers(3, 40),
    seed=st.integers(0, 99),
)
def test_no_row_is_tested_twice_or_learned_from_on_its_own_day(scheme, n_days, n_villages, seed):
    panel = _panel(n_days=n_days, n_villages=n_villages, seed=seed)
    planned = plan_scheme(scheme, **panel, seed=seed)
    assert planned.forward
    tested = np.concatenate([trial.test for trial in planned.trials])
    assert len(np.unique(tested)) == len(tested)
    for trial in planned.trials:
        (day,) = set(panel["time"][trial.test])
        assert panel["time"][trial.train].max() < day
        np.testing.assert_array_equal(trial.outcome, panel["known_then"][day][trial.train])


@pytest.mark.parametrize("scheme", ["county", "village", "household"])
@pytest.mark.parametrize("n_days", [1, 3])
def test_places_and_households_stay_apart(scheme, n_days):
    panel = _panel(n_days=n_days)
    planned = plan_scheme(scheme, **panel)
    assert planned.forward == (n_days > 1)
    for trial in planned.trials:
        assert not set(panel["household"][trial.train]) & set(panel["household"][trial.test])
        if scheme != "household":
            place = panel[scheme]
            assert not set(place[trial.train]) & set(place[trial.test]) - {""}


def test_each_county_is_left_out_alone_and_rows_without_one_stay_out():
    panel = _panel(n_days=1, n_counties=4)
    trials = plan_scheme("county", **panel).trials
    assert sorted(" ".join({*panel["county"][trial.test]}) for trial in trials) == ["c0", "c1", "c2", "c3"]
    assert all((panel["county"][np.concatenate([t.train, t.test])] != "").all() for t in trials)


def test_many_counties_are_left_out_several_at_a_time():
    panel = _panel(n_homes=3000, n_days=1, n_villages=200, n_counties=100)
    trials = plan_scheme("county", **panel).trials
    assert len(trials) == 20
    assert len(np.unique(np.concatenate([t.test for t in trials]))) == (panel["county"] != "").sum()


def test_with_time_the_same_household_may_be_learned_from_on_an_earlier_day():
    panel = _panel()
    (trial, *_) = plan_scheme("time", **panel).trials
    assert set(panel["household"][trial.train]) & set(panel["household"][trial.test])


def test_auto_goes_forward_in_time_else_by_village_else_by_household():
    assert plan_scheme("auto", **_panel()).scheme == "time"
    once = _panel(n_days=1)
    assert plan_scheme("auto", **once).scheme == "village"
    assert plan_scheme("auto", **once | {"village": np.full(len(once["village"]), "")}).scheme == "household"
    assert plan_scheme("auto", **once | {"village": np.full(len(once["village"]), "v")}).scheme == "household"


def test_few_relapses_are_dealt_evenly_over_households_so_that_every_trial_learns_from_some():
    once = _panel(n_days=1) | {"village": np.full(900, "")}
    for seed in range(20):
        few = np.zeros(900)
        few[np.random.default_rng(seed).choice(900, 10, replace=False)] = 1
        planned = plan_scheme("auto", **once | {"outcome": few}, seed=seed)
        assert planned.scheme == "household"
        assert [trial.outcome.sum() for trial in planned.trials] == [8] * 5


def test_auto_leaves_out_households_where_whole_villages_would_leave_too_few_relapses():
    once = _panel(n_days=1, n_villages=5)
    of_one = (once["village"] == "v1") & (once["outcome"] == 1)
    assert plan_scheme("auto", **once | {"outcome": of_one.astype(float)}).scheme == "household"


def test_order_of_rows_does_not_change_who_is_tried_together():
    for panel in (_panel(), _panel(n_days=1)):
        order = np.random.default_rng(1).permutation(len(panel["household"]))
        mixed = {name: values[order] for name, values in panel.items() if name != "known_then"}
        then = {day: known[order] for day, known in panel["known_then"].items()}
        plain, other = plan_scheme("auto", **panel), plan_scheme("auto", **mixed, known_then=then)
        for one, two in zip(plain.trials, other.trials, strict=True):
            assert set(one.test) == set(order[two.test])
            assert set(one.train) == set(order[two.train])


def test_a_row_whose_outcome_is_not_known_any_more_is_learned_from_then_and_never_tested():
    panel = _panel(n_days=2)
    lost = (panel["time"] == 0) & (np.arange(1800) % 3 == 0)
    gone = (panel["time"] == 1) & (np.arange(1800) % 5 == 0)
    (trial,) = plan_scheme("auto", **panel | {"outcome": np.where(lost | gone, np.nan, panel["outcome"])}).trials
    assert lost[trial.train].any()
    assert sorted(trial.test) == np.flatnonzero((panel["time"] == 1) & ~gone).tolist()
    assert (trial.outcome != panel["outcome"][trial.train]).any()  # entered late: not yet known then


@pytest.mark.parametrize("scheme", ["village", "household"])
def test_who_comes_later_changes_no_earlier_trial(scheme):
    early = _panel(n_days=3)
    more = _panel(n_homes=300, n_days=1, n_villages=50, seed=9)
    n = len(more["household"])
    late = {
        "household": np.array([f"new{i}" for i in range(n)]),
        "time": np.full(n, 3),
        "outcome": more["outcome"],
        "county": more["county"],
        "village": np.char.add(more["village"], "x"),
        "known_then": {},
    }
    both = {name: np.concatenate([early[name], late[name]]) for name in early if name != "known_then"}
    then = {d: np.concatenate([known, np.full(n, np.nan)]) for d, known in early["known_then"].items()}
    before, after = plan_scheme(scheme, **early).trials, plan_scheme(scheme, **both, known_then=then).trials
    assert len(before) == len(after)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one.train, other.train)
        np.testing.assert_array_equal(one.test, other.test)


def test_rows_whose_outcome_is_not_known_are_not_tested():
    panel = _panel(n_days=1)
    lost = np.arange(len(panel["outcome"])) % 3 == 0
    for scheme in ("county", "village", "household"):
        for trial in plan_scheme(scheme, **panel | {"outcome": np.where(lost, np.nan, panel["outcome"])}).trials:
            assert not lost[trial.test].any()
            assert not lost[trial.train].any()


@pytest.mark.parametrize(
    ("scheme", "changes", "code"),
    [
        ("moon", {}, "scheme_unknown"),
        ("time", {"known_then": {}}, "scheme_no_time"),
        ("county", {"county": np.full(900, "c")}, "scheme_one_place"),
        ("county", {"county": np.full(900, "")}, "scheme_one_place"),
        ("household", {"outcome": np.eye(1, 900)[0]}, "scheme_too_few"),
    ],
)
def test_what_cannot_be_planned_is_one_clear_line(scheme, changes, code):
    with pytest.raises(InputError) as caught:
        plan_scheme(scheme, **_panel(n_days=1) | changes)
    assert caught.value.code == code
    assert "\n" not in caught.value.in_language("zh") + caught.value.in_language("en")
