import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.monitoring import compare
from relapse_risk.policy import REASONS, read_policy

POLICY = read_policy()
TIERS = ("red", "orange", "yellow", "none")
SCHEMA = {
    **{"household_id": pl.String, "tier": pl.String, "demanded": pl.Boolean, "probability": pl.Float64},
    **dict.fromkeys((f"contribution_{part}" for part in (*REASONS, "base")), pl.Float64),
}


def month(*households):
    """A month of households: code, tier, contributions (None where not scored)."""
    rows = []
    for code, tier, parts in households:
        whole = {f"contribution_{part}": (parts or {}).get(part, 0.0) for part in (*REASONS, "base")}
        risk = None if parts is None else 1 / (1 + math.exp(-math.fsum(whole.values())))
        parts_of = dict.fromkeys(whole) if parts is None else whole
        rows.append({"household_id": code, "tier": tier, "demanded": tier != "none", "probability": risk, **parts_of})
    return pl.DataFrame(rows, schema=SCHEMA)


def states(before, now):
    return dict(compare(before, now, policy=POLICY).select("household_id", "state").rows())


def test_each_state():
    before = month(
        ("better", "red", {"illness": 1.0}),
        ("falls", "orange", {"illness": 1.0}),
        ("gone", "yellow", {"illness": 1.0}),
        ("left", "yellow", {"illness": 1.0}),
        ("new", "none", {"illness": -1.0}),
        ("never", "none", {}),
        ("rises", "yellow", {"illness": 1.0}),
        ("same", "yellow", {"illness": 1.0}),
        ("worse", "yellow", {"illness": 1.0}),
    )
    now = month(
        ("better", "red", {"illness": 0.5}),
        ("falls", "yellow", {"illness": 1.0}),
        ("gone", "none", {"illness": 0.0}),
        ("came", "red", {"illness": 3.0}),
        ("new", "yellow", {"illness": 1.0}),
        ("never", "none", {}),
        ("rises", "red", {"illness": 1.0}),
        ("same", "yellow", {"illness": 1.3}),
        ("worse", "yellow", {"illness": 1.5}),
    )
    assert states(before, now) == {
        **{"better": "better", "falls": "better", "gone": "gone", "left": "not_sent", "new": "new", "came": "new"},
        **{"rises": "worse", "same": "same", "worse": "worse"},
    }
    known = dict(compare(before, now, policy=POLICY).select("household_id", "known").rows())
    assert [code for code, there in known.items() if not there] == ["left"]


def test_without_a_month_before_all_the_listed_are_new_and_nothing_moved():
    changes = compare(None, month(("a", "red", {"illness": 1.0}), ("b", "none", {})), policy=POLICY)
    assert changes.select("household_id", "state", "log_odds", "moved").rows() == [("a", "new", None, None)]


def test_the_reason_that_moved_most_towards_the_state_is_told_and_never_the_base():
    before = month(("a", "yellow", {"base": -3.0, "illness": 0.5, "disaster": 0.0, "debt": 2.0}))
    now = month(("a", "red", {"base": -1.0, "illness": 1.0, "disaster": 0.7, "debt": 0.0}))
    row = compare(before, now, policy=POLICY).row(0, named=True)
    assert (row["state"], row["moved"], row["moved_by"]) == ("worse", "disaster", pytest.approx(0.7))
    assert row["moved_base"] == 2.0
    assert row["log_odds"] == pytest.approx(2.0 + 0.5 + 0.7 - 2.0)


def test_a_household_listed_by_rule_alone_changes_by_its_tier_only():
    before = month(("a", "orange", None), ("b", "orange", None), ("c", "orange", {"illness": 1.0}))
    now = month(("a", "orange", None), ("b", "red", None), ("c", "orange", None))
    changes = compare(before, now, policy=POLICY)
    assert changes.select("household_id", "state").rows() == [("a", "same"), ("b", "worse"), ("c", "same")]
    assert changes["log_odds"].to_list() == [None] * 3
    assert changes["moved"].to_list() == [None] * 3


def test_a_reason_that_one_month_has_no_column_of_moved_from_nothing():
    now = month(("a", "red", {"illness": 1.0}))
    before = now.drop("contribution_illness").with_columns(probability=pl.lit(0.5))
    row = compare(before, now, policy=POLICY).row(0, named=True)
    assert (row["moved"], row["moved_illness"], row["log_odds"]) == ("illness", 1.0, 1.0)


parts = st.dictionaries(st.sampled_from([*REASONS, "base"]), st.floats(-3, 3), max_size=4)
households = st.dictionaries(
    st.sampled_from("abcdefgh"), st.tuples(st.sampled_from(TIERS), st.one_of(st.none(), parts)), max_size=8
)


def as_month(found):
    return month(*((code, *details) for code, details in found.items()))


@given(households, households)
def test_moves_add_up_to_the_change_of_the_log_odds_of_the_probability(then, today):
    changes = compare(as_month(then), as_month(today), policy=POLICY)
    for row in changes.rows(named=True):
        if row["probability"] is None or row["probability_before"] is None:
            assert row["log_odds"] is None
            continue
        moved = math.fsum(row[f"moved_{part}"] for part in (*REASONS, "base"))
        logits = [math.log(p / (1 - p)) for p in (row["probability"], row["probability_before"])]
        assert row["log_odds"] == pytest.approx(moved, abs=1e-12)
        assert moved == pytest.approx(logits[0] - logits[1], abs=1e-9)
        assert row["change"] == pytest.approx(row["probability"] - row["probability_before"], abs=1e-12)


@pytest.mark.slow
@given(households, households, st.randoms(use_true_random=False))
def test_everybody_listed_in_either_month_has_one_state_whatever_the_order_of_rows(then, today, draw):
    before, now = as_month(then), as_month(today)
    changes = compare(before, now, policy=POLICY)
    listed = {code for found in (then, today) for code, (tier, _) in found.items() if tier != "none"}
    assert changes["household_id"].to_list() == sorted(listed)
    shuffled = [frame[draw.sample(range(frame.height), frame.height)] for frame in (before, now)]
    assert compare(*shuffled, policy=POLICY).equals(changes)


@given(households, households)
def test_back_in_time_new_is_gone_and_worse_is_better(then, today):
    there, back = (
        {code: state.replace("not_sent", "gone") for code, state in states(as_month(one), as_month(two)).items()}
        for one, two in ((then, today), (today, then))
    )
    other = {"new": "gone", "gone": "new", "worse": "better", "better": "worse", "same": "same"}
    assert back == {code: other[state] for code, state in there.items()}
