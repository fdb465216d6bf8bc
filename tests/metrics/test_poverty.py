"""The measures of Foster, Greer and Thorbecke: by hand, by their properties, and their errors by drawing anew."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.metrics import fgt

AMOUNTS = st.floats(0, 20_000, allow_nan=False)


@st.composite
def populations(draw):
    n = draw(st.integers(1, 30))
    income = draw(st.lists(AMOUNTS, min_size=n, max_size=n))
    line = draw(st.lists(st.sampled_from([2952.0, 3218.0, 4000.0]), min_size=n, max_size=n))
    weight = draw(st.lists(st.integers(1, 9), min_size=n, max_size=n))
    area = draw(st.lists(st.sampled_from("abc"), min_size=n, max_size=n))
    return np.array(income), np.array(line), np.array(weight), np.array(area)


def measures(found):
    return np.array([found.headcount, found.gap, found.severity])


@given(populations())
def test_headcount_gap_and_severity_lie_in_this_order_between_0_and_1(population):
    headcount, gap, severity = measures(fgt(*population))
    assert ((headcount >= gap) & (gap >= severity) & (severity >= 0) & (headcount <= 1)).all()


@given(populations())
def test_areas_add_up_by_their_share_of_the_population(population):
    areas, whole = fgt(*population), fgt(*population[:3])
    shares = areas.weight / areas.weight.sum()
    assert measures(areas) @ shares == pytest.approx(measures(whole)[:, 0], abs=1e-12)
    assert areas.rows.sum() == len(population[0])


@given(populations(), st.floats(0.01, 100))
def test_the_unit_of_money_does_not_matter(population, factor):
    income, line, weight, area = population
    one, other = fgt(income, line, weight, area), fgt(income * factor, line * factor, weight, area)
    assert measures(one)[1:] == pytest.approx(measures(other)[1:], abs=1e-9)


@given(populations(), st.integers(2, 5))
def test_weights_are_persons(population, times):
    income, line, weight, area = population
    single = fgt(np.repeat(income, weight), np.repeat(line, weight), area=np.repeat(area, weight))
    assert measures(fgt(income, line, weight * times, area)) == pytest.approx(measures(single), abs=1e-12)


def test_who_stands_at_the_line_is_not_poor_and_no_shortfall_exceeds_it():
    found = fgt([4000.0, -4000.0], 4000.0)
    assert (found.headcount[0], found.gap[0], found.severity[0]) == (0.5, 0.5, 0.5)


def test_errors_are_the_spread_of_the_measures_over_samples():
    rng = np.random.default_rng(0)
    income, weight = rng.lognormal(8.4, 0.5, 20_000), rng.integers(1, 7, 20_000)
    draws = []
    for _ in range(400):
        rows = rng.integers(0, 20_000, 300)
        draws.append(fgt(income[rows], 4000.0, weight[rows]))
    for name in ("headcount", "gap", "severity"):
        spread = np.std([getattr(draw, name)[0] for draw in draws])
        error = np.mean([getattr(draw, f"{name}_error")[0] for draw in draws])
        assert error == pytest.approx(spread, rel=0.12)


def test_one_household_tells_of_no_error():
    assert np.isnan(fgt([1000.0], 4000.0).headcount_error[0])


def test_nobody_is_no_area():
    assert len(fgt([], []).headcount) == 0


@pytest.mark.parametrize(
    ("income", "line", "weight", "area"),
    [
        ([np.nan], 1.0, None, None),
        ([1.0], 0.0, None, None),
        ([1.0], 1.0, [0.0], None),
        ([1.0, 2.0], 1.0, [1.0], None),
        ([1.0], 1.0, None, [np.nan]),
        ([[1.0]], 1.0, None, None),
    ],
)
def test_what_is_no_amount_is_refused(income, line, weight, area):
    with pytest.raises(ValueError, match=r"."):
        fgt(income, line, weight, area)
