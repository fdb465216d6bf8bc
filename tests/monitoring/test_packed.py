from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.errors import InputError
from relapse_risk.monitoring import pack, unpack, waiting


def risk_of(probabilities, contributions):
    n = len(probabilities)
    return pl.DataFrame(
        {
            "household_id": [f"h{number:03d}" for number in range(n)],
            "as_of": "2020-01-31",
            "population": ["at_risk", "rule_only", "not_scored"] * (n // 3) + ["at_risk"] * (n % 3),
            "probability": pl.Series(probabilities, dtype=pl.Float64),
            "tier": pl.Series(["red", None] * (n // 2) + ["none"] * (n % 2), dtype=pl.String),
            "rank": pl.Series([*range(1, n), None][:n], dtype=pl.Int64),
            "override": pl.Series(["grade_d+dropout", None] * (n // 2) + [None] * (n % 2), dtype=pl.String),
            "contribution_illness": pl.Series(contributions, dtype=pl.Float64),
            "contribution_base": -3.2,
        }
    )


_PROBABILITY = st.one_of(st.none(), st.floats(0, 1))


@given(st.lists(st.tuples(_PROBABILITY, st.one_of(st.none(), st.floats(-30, 30))), min_size=1, max_size=40))
def test_what_is_packed_is_unpacked(rows):
    risk = risk_of([row[0] for row in rows], [row[1] for row in rows])
    unpacked = unpack(pack(risk))
    exact = ["household_id", "population", "probability", "tier", "rank", "override"]
    assert unpacked.select(exact).equals(risk.select(exact))
    assert unpacked["contribution_illness"].null_count() == risk["contribution_illness"].null_count()
    apart = (unpacked["contribution_illness"] - risk["contribution_illness"]).abs().max()
    assert apart is None or apart <= 0.0005 + 1e-12
    assert "as_of" not in unpacked.columns


def test_who_waits_and_is_not_in_the_register_is_kept_apart():
    risk = risk_of([0.5, 0.25], [0.1, 0.2]).with_columns(
        waiting_for=pl.Series([None, "model"]), waiting_since=pl.Series([None, date(2020, 1, 31)])
    )
    former = pl.DataFrame({"household_id": ["gone"], "waiting_since": [date(2019, 12, 31)]})
    packed = pack(risk, former)
    assert unpack(packed).equals(unpack(pack(risk)))
    assert waiting(packed).rows() == [("gone", date(2019, 12, 31)), ("h001", date(2020, 1, 31))]
    assert waiting(pack(risk)).height == 1


def test_the_order_of_rows_does_not_matter():
    risk = risk_of(np.linspace(0, 1, 30), np.linspace(-2, 2, 30))
    assert pack(risk) == pack(risk.sample(fraction=1, shuffle=True, seed=1))


def test_contributions_beyond_the_reach_are_held_there():
    assert unpack(pack(risk_of([0.5, 0.5], [99.0, -99.0])))["contribution_illness"].to_list() == [32.767, -32.767]


def test_a_household_takes_few_bytes():
    rng = np.random.default_rng(1)
    n = 20_000
    risk = risk_of(rng.beta(1, 20, n), rng.normal(0, 0.3, n)).with_columns(
        household_id=pl.Series([f"532301{number:06d}" for number in range(n)])
    )
    assert len(pack(risk)) / n < 20


def test_what_was_not_packed_is_refused():
    with pytest.raises(InputError) as caught:
        unpack(b"scores")
    assert caught.value.code == "packed_damaged"
    with pytest.raises(InputError, match="rank, override"):
        pack(pl.DataFrame({"household_id": ["a"], "population": ["at_risk"], "probability": [0.1], "tier": ["red"]}))
