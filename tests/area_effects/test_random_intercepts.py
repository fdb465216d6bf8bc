"""Random intercepts of areas: recovered, honest about their error, drawn to nothing where there is nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit, logit

from relapse_risk.area_effects import RandomIntercepts, fit_random_intercepts
from relapse_risk.bundle import decode, encode
from relapse_risk.errors import BundleError
from tests.models.saved_models import read_part

pytestmark = pytest.mark.slow


def simulate(seed, *, counties=6, villages=20, homes=60, std_devs=(0.4, 0.4), level=-2.0):
    """Return score, outcome, place and the true shift of each row; villages have the same names in every county."""
    random = np.random.default_rng(seed)
    county = np.repeat(np.arange(counties), villages * homes)
    village = np.repeat(np.arange(counties * villages), homes)
    true = random.normal(0, std_devs[0], counties)[county] + random.normal(0, std_devs[1], counties * villages)[village]
    score = random.normal(level, 0.8, len(county))
    outcome = (random.logistic(size=len(county)) < score + true).astype(float)
    place = np.column_stack([[f"c{c}" for c in county], [f"v{v % villages}" for v in village]])
    return score, outcome, place, true


def level_of(score, outcome):
    """Return what must be added to scores for them to predict as many events as there were."""
    return brentq(lambda level: expit(score + level).sum() - outcome.sum(), -5, 5)


def fit(seed, **given):
    score, outcome, place, true = simulate(seed, **given)
    return fit_random_intercepts(score, outcome, np.ones(len(score)), place), place, true


def test_true_shifts_lie_about_the_estimates_as_their_errors_say():
    z, std_devs = [], []
    for seed in range(12):
        score, outcome, place, true = simulate(seed)
        shifts = fit_random_intercepts(score, outcome, np.ones(len(score)), place)
        each = np.arange(0, len(true), 60)
        gap = true[each] - level_of(score, outcome) - shifts.value(place[each])
        z.append(gap / shifts.std_error(place[each]))
        std_devs.append(shifts.std_devs)
    assert np.mean(std_devs, axis=0) == pytest.approx([0.4, 0.4], abs=0.08)
    assert np.std(np.concatenate(z)) == pytest.approx(1, abs=0.1)
    assert np.mean(np.concatenate(z)) == pytest.approx(0, abs=0.15)


def test_shrunken_shifts_are_nearer_the_truth_than_none_and_than_raw_ones():
    for seed in range(4):
        score, outcome, place, true = simulate(seed, homes=40)
        shifts = fit_random_intercepts(score, outcome, np.ones(len(score)), place)
        village = np.arange(len(true)) // 40
        expected = np.bincount(village, 1 / (1 + np.exp(-score)))
        raw = np.log((np.bincount(village, outcome) + 0.5) / (expected + 0.5))[village]
        miss = [np.mean((true - true.mean() - found) ** 2) for found in (shifts.value(place), 0 * true, raw)]
        assert miss[0] < min(miss[1:])


def test_where_areas_do_not_differ_they_are_nearly_always_exactly_zero():
    found = [fit(seed, std_devs=(0.0, 0.0), homes=30)[0] for seed in range(12)]
    none = [shifts for shifts in found if shifts.std_devs == (0.0, 0.0)]
    assert len(none) >= 9
    assert none[0].value([["c0", "v0"]]).tolist() == [0.0]
    assert none[0].std_error([["c0", "v0"], ["c99", "v99"]]).tolist() == [0.0, 0.0]


def test_each_level_is_found_where_it_is():
    for seed in range(4):
        assert [std_dev > 0 for std_dev in fit(seed, std_devs=(0.0, 0.6))[0].std_devs] == [False, True]
        assert fit(seed, std_devs=(0.6, 0.0))[0].std_devs[0] > 0


def test_shifts_leave_the_level_to_the_calibrator():
    score, outcome, place, _ = simulate(3, homes=300)
    shifts = fit_random_intercepts(score, outcome, np.ones(len(score)), place)
    moved = score + level_of(score, outcome) + shifts.value(place)
    assert expit(moved).sum() == pytest.approx(outcome.sum(), rel=0.01)
    assert fit_random_intercepts(score + 3, outcome, np.ones(len(score)), place).value(place) == pytest.approx(
        shifts.value(place), abs=1e-5
    )
    assert fit_random_intercepts(moved, outcome, np.ones(len(score)), place).std_devs == (0.0, 0.0)


@pytest.mark.parametrize("homes", [300, 3000])
def test_with_many_households_it_is_the_normal_closed_form(homes):
    """Rates of equal areas with equal offsets: logit(rate) is normal with variance 1 / (n p (1 - p))."""
    random = np.random.default_rng(homes)
    true = random.normal(0, 0.3, 40)
    area = np.repeat(np.arange(40), homes)
    outcome = (random.logistic(size=len(area)) < true[area] - 0.2).astype(float)
    shifts = fit_random_intercepts(np.zeros(len(area)), outcome, np.ones(len(area)), area[:, None])
    rate, mean = np.bincount(area, outcome) / homes, outcome.mean()
    gap, noise = logit(rate) - logit(mean), 1 / (homes * rate * (1 - rate))
    std_dev = np.sqrt(np.mean(gap**2 - noise))
    assert shifts.std_devs[0] == pytest.approx(std_dev, rel=0.03)
    expected = gap * std_dev**2 / (std_dev**2 + noise)
    assert shifts.value(np.arange(40)[:, None]) == pytest.approx(expected, abs=0.01)
    errors = np.sqrt(std_dev**2 * noise / (std_dev**2 + noise))
    assert shifts.std_error(np.arange(40)[:, None]) == pytest.approx(errors, rel=0.05)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    homes=st.integers(1, 12),
    counties=st.integers(1, 5),
    level=st.sampled_from([-60.0, -4.0, 0.0, 40.0]),
)
def test_any_sample_gives_finite_shifts_whatever_the_order(seed, homes, counties, level):
    score, outcome, place, _ = simulate(seed, counties=counties, villages=3, homes=homes, level=level)
    random = np.random.default_rng(seed)
    place[random.random(len(score)) < 0.1, 1] = ""
    outcome[place[:, 0] == "c0"] = 0.0
    outcome[place[:, 0] == "c1"] = 1.0
    weight = random.choice([0.0, 0.5, 2.0], len(score))
    order = random.permutation(len(score))
    shifts = fit_random_intercepts(score, outcome, weight, place)
    assert fit_random_intercepts(score[order], outcome[order], weight[order], place[order]) == shifts
    value, error = shifts.value(place), shifts.std_error(place)
    assert np.isfinite(value).all()
    assert np.abs(value).max() < 12
    assert (error >= 0).all()
    assert np.isfinite(error).all()
    assert decode(RandomIntercepts, encode(RandomIntercepts, shifts)[0]) == shifts


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_one_outcome_only_gives_nothing(outcome):
    shifts = fit_random_intercepts(np.zeros(20), np.full(20, outcome), np.ones(20), [["a"]] * 10 + [["b"]] * 10)
    assert (shifts.levels, shifts.std_devs) == (({"a": 0.0, "b": 0.0},), (0.0,))


def test_one_area_only_gives_nothing():
    shifts = fit_random_intercepts(np.zeros(90), np.arange(90) % 3 == 0, np.ones(90), [["a", "b"]] * 90)
    assert shifts.std_devs == (0.0, 0.0)
    assert shifts.value([["a", "b"]]).tolist() == [0.0]


def test_ten_households_move_little_and_the_area_says_how_little_is_known():
    random = np.random.default_rng(0)
    place = [["big"]] * 3000 + [["other"]] * 3000 + [["third"]] * 3000 + [["tiny"]] * 10
    rate = np.concatenate([np.full(3000, 0.05), np.full(3000, 0.1), np.full(3000, 0.2), np.full(10, 0.3)])
    shifts = fit_random_intercepts(np.full(9010, -2.0), random.random(9010) < rate, np.ones(9010), place)
    value, error = shifts.value([["big"], ["tiny"], ["new"]]), shifts.std_error([["big"], ["tiny"], ["new"]])
    assert value[0] < -0.5
    assert abs(value[1]) < 1.0
    assert error[0] < 0.1 < error[1] < error[2] == shifts.std_devs[0]


def test_a_weight_of_two_is_a_row_given_twice():
    score, outcome, place, _ = simulate(5, villages=5)
    two = fit_random_intercepts(score, outcome, np.full(len(score), 2.0), place)
    twice = fit_random_intercepts(
        np.tile(score, 2), np.tile(outcome, 2), np.ones(2 * len(score)), np.tile(place, (2, 1))
    )
    assert two.value(place) == pytest.approx(twice.value(place), abs=1e-6)


def test_villages_of_one_name_in_two_counties_are_two():
    shifts, _, _ = fit(1, std_devs=(0.2, 1.0))
    assert len(shifts.levels[1]) == 120
    first, second = shifts.value([["c0", "v0"], ["c1", "v0"]])
    assert first != second


def test_what_is_not_known_adds_nothing_and_the_spread_to_the_error():
    shifts = RandomIntercepts(
        levels=({"a": 0.5}, {"a\x1fb": 0.25}), errors=({"a": 0.3}, {"a\x1fb": 0.2}), std_devs=(0.8, 0.4)
    )
    place = np.array([["a", "b"], ["a", ""], ["a", "z"], ["", "b"], ["z", "z"], [None, None]], dtype=object)
    assert shifts.value(place).tolist() == [0.75, 0.5, 0.5, 0.0, 0.0, 0.0]
    both = np.hypot(0.8, 0.4)
    assert shifts.std_error(place) == pytest.approx([0.2, 0.5, 0.5, both, both, both])


@pytest.mark.parametrize("place", [["a", "b"], [["a", "b"]], np.empty((2, 0))])
def test_places_of_another_shape_are_refused(place):
    shifts = RandomIntercepts(levels=({"a": 0.5},), errors=({"a": 0.3},), std_devs=(0.8,))
    with pytest.raises(ValueError, match="place must have the shape"):
        shifts.value(place)


WHOLE = {"levels": [{"a": 0.5}], "errors": [{"a": 0.1}], "std_devs": [0.3]}


def test_undamaged_shifts_are_read():
    assert read_part(RandomIntercepts, WHOLE).value([["a"]]).tolist() == [0.5]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"levels": [], "errors": [], "std_devs": []},
        {**WHOLE, "levels": [["a"]]},
        {**WHOLE, "std_devs": [-0.3]},
        {**WHOLE, "std_devs": [0.3, 0.3]},
        {**WHOLE, "errors": [{}]},
        {**WHOLE, "errors": [{"a": -0.1}]},
        {**WHOLE, "levels": [{"a": float("nan")}]},
        {**WHOLE, "levels": [{"a": [0.5]}]},
    ],
)
def test_damaged_shifts_are_refused(values):
    with pytest.raises(BundleError):
        read_part(RandomIntercepts, values)
