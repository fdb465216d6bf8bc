"""What one column alone tells, and how far tests reach beyond training."""

import numpy as np
import polars as pl
import pytest

from relapse_risk.evaluation import EvaluationFold, extreme_ratio, halves, reach_beyond, separating_levels, single_auc

RANDOM = np.random.default_rng(5)
N = 4000
Y = (RANDOM.random(N) < 0.1).astype(float)
HOMES = np.arange(N)
HALF = halves(HOMES)


@pytest.mark.parametrize(
    "column",
    [
        pl.Series(np.where(Y == 1, RANDOM.random(N) + 2, RANDOM.random(N))),
        pl.Series(-Y),
        pl.Series([None if y else 1.0 for y in Y]),  # that it is missing tells all
        pl.Series(["fell" if y else "stands" for y in Y]),
        pl.Series(np.where(Y == 1, 0.0, np.where(HOMES % 2, -1.0, 1.0))),  # in the middle
    ],
    ids=["number", "falling", "missing", "code", "middle"],
)
def test_a_column_that_gives_the_outcome_away_is_seen_however_it_does(column):
    assert single_auc(column, Y, HALF) > 0.99


@pytest.mark.parametrize("column", [pl.Series(RANDOM.random(N)), pl.Series([f"c{i % 700}" for i in HOMES])])
def test_a_column_that_tells_nothing_has_one_half_even_with_many_codes(column):
    assert single_auc(column, Y, HALF) == pytest.approx(0.5, abs=0.05)


def test_extreme_values_are_held_against_the_usual_ones():
    assert extreme_ratio(pl.Series([*RANDOM.random(1000), 1e12])) > 1e11
    assert extreme_ratio(pl.Series(RANDOM.lognormal(size=1000))) < 100
    assert extreme_ratio(pl.Series([None, 0.0], dtype=pl.Float64)) == 1.0


def test_only_values_that_part_the_outcomes_separate():
    found = separating_levels(pl.Series([0.0, 0.0, 1.0, 1.0, None]), np.array([0.0, 1.0, 0.0, 0.0, 1.0]))
    assert [(one.value, one.rows, one.events) for one in found] == [("1", 2, 0)]


def test_reach_counts_tested_rows_beyond_their_own_training():
    X = pl.DataFrame(
        {
            "number": [1.0, 2.0, 3.0, 9.0, None, 2.0],
            "code": ["a", "b", "a", "c", None, "a"],
            "never": [None, None, None, 1.0, 1.0, 1.0],
        },
        schema={"number": pl.Float64, "code": pl.String, "never": pl.Float64},
    )
    one = EvaluationFold(train=np.array([0, 1, 2]), test=np.array([3, 4]), outcome=np.zeros(3))
    other = EvaluationFold(train=np.array([3, 4]), test=np.array([5]), outcome=np.zeros(2))
    found = reach_beyond(X, [one, other])
    assert found.outside == {"number": pytest.approx(2 / 3)}
    assert found.unseen == {"code": pytest.approx(2 / 3)}
    assert found.missing == {"number": pytest.approx(1 / 3), "code": pytest.approx(1 / 3)}
    assert found.rows == pytest.approx(2 / 3)
