import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.alerts import rank_households

COARSE = st.sampled_from([0.02, 0.3, 0.3, 0.3, 0.9])  # few values, so that ties are common


@st.composite
def cohorts(draw):
    n = draw(st.integers(0, 25))
    return pl.DataFrame(
        {
            "household_id": [f"h{i}" for i in range(n)],
            "probability": draw(st.lists(st.none() | COARSE, min_size=n, max_size=n)),
            "ratio": draw(st.lists(st.none() | st.sampled_from([1.1, 1.1, 2.5]), min_size=n, max_size=n)),
        },
        schema={"household_id": pl.String, "probability": pl.Float64, "ratio": pl.Float64},
    )


def ranks(frame, key=b"key"):
    return dict(zip(frame["household_id"], rank_households(frame, key), strict=True))


@given(cohorts(), st.randoms(use_true_random=False))
def test_row_order_never_matters(frame, random):
    shuffled = list(range(frame.height))
    random.shuffle(shuffled)
    assert ranks(frame[shuffled]) == ranks(frame)


@given(cohorts())
def test_every_scored_household_has_a_rank_of_its_own(frame):
    found = ranks(frame)
    scored = frame.filter(pl.col("probability").is_not_null())["household_id"]
    assert sorted(found[household] for household in scored) == list(range(1, len(scored) + 1))
    assert all(found[household] is None for household in set(frame["household_id"]) - set(scored))


@given(cohorts())
def test_probability_comes_first_then_the_lower_income(frame):
    order = frame.with_columns(rank_households(frame, b"key")).drop_nulls("rank").sort("rank")
    rows = list(zip(order["probability"], order["ratio"].fill_null(float("inf")), strict=True))
    assert rows == sorted(rows, key=lambda row: (-row[0], row[1]))


def tied(n=40):
    return pl.DataFrame({"household_id": [f"h{i}" for i in range(n)], "probability": [0.2] * n, "ratio": [1.5] * n})


def test_the_key_decides_full_ties():
    assert ranks(tied(), b"one") == ranks(tied(), b"one")
    assert ranks(tied(), b"one") != ranks(tied(), b"two")


def test_a_long_key_counts_in_full():
    assert ranks(tied(), b"k" * 100 + b"a") != ranks(tied(), b"k" * 100 + b"b")


def test_noise_in_the_last_digits_is_no_difference():
    frame = pl.DataFrame({"household_id": ["a", "b"], "probability": [0.3, 0.1 + 0.2], "ratio": [1.2, 1.1]})
    assert frame["probability"].n_unique() == 2
    assert ranks(frame) == {"b": 1, "a": 2}


@pytest.mark.parametrize("ratio", [None, float("nan")])
def test_an_unknown_income_comes_after_known_ones(ratio):
    frame = pl.DataFrame({"household_id": ["a", "b"], "probability": [0.3, 0.3], "ratio": [ratio, 99.0]})
    assert ranks(frame) == {"b": 1, "a": 2}
