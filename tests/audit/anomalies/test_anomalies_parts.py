"""The parts of the tests: how amounts are written, how far they are from their peers, how units differ."""

import numpy as np
import polars as pl
from scipy.stats import t

from relapse_risk.audit.anomalies.anomaly_frames import villages
from relapse_risk.audit.anomalies.excess import excess
from relapse_risk.audit.anomalies.peers import PeerSpread, fitted_spread, standing
from relapse_risk.audit.anomalies.written import PLACES, last_place, place_shares


def test_last_places_move_by_the_power():
    amounts = np.array([1130.0, 12.34, 50000.0, 7.1])
    assert (last_place(amounts * 10.0) - last_place(amounts)).tolist() == [1, 1, 1, 1]
    assert (last_place(amounts * 1e-4) - last_place(amounts)).tolist() == [-4, -4, -4, -4]


def test_shares_of_places_sum_to_one_and_know_no_parts_of_a_fen():
    places, decades = np.array([-2] * 500 + [0] * 500), np.full(1000, 3)
    shares = place_shares(places, decades, places, 0.1)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    told = dict(zip(PLACES, shares[3 - PLACES.start], strict=True))
    assert told[-3] < 0.001 < told[1] < 0.01 < told[-2]


def test_shares_of_places_are_those_of_the_decade():
    """Amounts of thousands and of ten thousands, all written to two digits."""
    places, decades = np.array([2] * 500 + [3] * 500), np.array([3] * 500 + [4] * 500)
    shares = place_shares(places, decades, places, 0.1)
    assert shares[3 - PLACES.start, 2 - PLACES.start] == shares[4 - PLACES.start, 3 - PLACES.start] > 0.8
    assert shares[0, 2 - PLACES.start] == shares[0, 3 - PLACES.start]


def test_the_spread_is_a_density_fitted_to_its_tails():
    u = np.random.default_rng(0).standard_t(3, 20000)
    fitted = fitted_spread(u)
    grid = np.linspace(-300, 300, 600001)
    assert abs(fitted.density(grid).sum() * (grid[1] - grid[0]) - 1.0) < 0.01
    np.testing.assert_allclose(fitted.density(np.array([-8.0, 0.0, 8.0])), t.pdf([-8.0, 0.0, 8.0], 3), rtol=0.35)


def test_sides_differ():
    spread = PeerSpread(below=(1.0, 3.0), above=(2.0, 30.0))
    assert spread.density(np.array([-1.0]))[0] != spread.density(np.array([1.0]))[0]
    np.testing.assert_allclose(spread.density(np.array([-2.0])), t.pdf(-2.0, 3.0))


def stands(rows, own):
    frame = pl.DataFrame(rows, schema=["home", "kind", "y"], orient="row").with_columns(told=pl.lit(True))
    return frame, standing(frame, [["kind"]], ["kind"], own)


def test_a_household_is_judged_by_its_other_entries():
    rng = np.random.default_rng(1)
    own = rng.normal(size=400)
    rows = [(home, "a", own[home] + 0.1 * rng.normal()) for home in range(400) for _ in range(4)]
    frame, alone = stands(rows, [])
    _, beside = stands(rows, ["home"])
    assert beside["spread"].median() < 0.3 * alone["spread"].median()
    assert 0.8 < beside["u"].std() < 1.3
    np.testing.assert_allclose(alone["u"] * alone["spread"] + frame["y"].median(), frame["y"], atol=0.1)


def test_rates_of_others_do_not_count_where_units_differ_widely():
    rng = np.random.default_rng(2)
    n = np.full(40, 200.0)
    count = rng.binomial(200, rng.beta(3, 7, 40)).astype(float)
    _, p_value = excess(n, count, 0.1)
    assert p_value.min() > 0.001


def test_the_newest_village_counts_and_codes_come_before_names():
    frame = pl.DataFrame(
        {
            "household_id": ["h1", "h1", "h2", "h3"],
            "year": [2020, 2019, 2019, 2019],
            "village_code": ["530101001002", "530101001001", None, None],
            "village": ["甲", "甲", "乙", None],
            "town": [None, None, "东乡", None],
        }
    )
    told = {home: place for home, *place in villages({"households": frame}).iter_rows()}
    assert told == {"h1": ["530101001002", "530101001"], "h2": ["东乡/乙", "东乡"]}
