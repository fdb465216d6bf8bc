"""Spells in and out of poverty."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.errors import InputError
from relapse_risk.labels import fall_back_rates, find_spells, periods_at_risk


def states(**units):
    """One row per period; ``P`` poor, ``-`` not, ``?`` not known, a blank: no row."""
    rows = [
        {"unit": unit, "period": period, "poor": {"P": True, "-": False, "?": None}[sign]}
        for unit, signs in units.items()
        for period, sign in enumerate(signs)
        if sign != " "
    ]
    return pl.DataFrame(rows, schema={"unit": pl.String, "period": pl.Int64, "poor": pl.Boolean})


def rows(frame):
    return frame.drop("unit").rows()


def test_spells_have_an_order_a_start_and_an_end():
    found = find_spells(states(a="PP-P--"))
    assert found.columns == [
        *("unit", "order", "poor", "start", "end", "periods", "left_censored", "right_censored"),
    ]
    assert rows(found) == [
        (1, True, 0, 1, 2, True, False),
        (2, False, 2, 2, 1, False, False),
        (3, True, 3, 3, 1, False, False),
        (4, False, 4, 5, 2, False, True),
    ]


@pytest.mark.parametrize("gap", ["?", " "])
def test_a_period_that_is_not_known_breaks_a_spell(gap):
    found = find_spells(states(a=f"--{gap}--P"))
    assert rows(found.filter(~pl.col("poor"))) == [
        (1, False, 0, 1, 2, True, True),
        (2, False, 3, 4, 2, True, False),
    ]


def test_a_state_after_a_gap_begins_a_spell_though_it_is_another_one():
    assert rows(find_spells(states(a="P -")))[1] == (2, False, 2, 2, 1, True, True)


def test_units_are_apart():
    assert rows(find_spells(states(a="P", b="P-"))) == [
        (1, True, 0, 0, 1, True, True),
        (1, True, 0, 0, 1, True, False),
        (2, False, 1, 1, 1, False, True),
    ]


def test_periods_at_risk_are_those_out_of_poverty_whose_next_state_is_known():
    found = periods_at_risk(find_spells(states(a="-P--P-", b="P-?", c="P--")))
    assert found.rows() == [
        ("a", 0, None, True),
        ("a", 2, 1, False),
        ("a", 3, 2, True),
        ("c", 1, 1, False),
    ]


def test_fall_backs_by_time_since_exit_and_by_period():
    at_risk = periods_at_risk(find_spells(states(a="P-P--", b=" P--P", c="P---", d="--P")))
    assert fall_back_rates(at_risk, "duration").rows() == [(1, 4, 1, 0.25), (2, 2, 1, 0.5)]
    assert fall_back_rates(at_risk, "period").rows() == [(1, 2, 1, 0.5), (2, 2, 0, 0.0), (3, 2, 1, 0.5)]


def test_nothing_gives_nothing():
    assert periods_at_risk(find_spells(states())).height == 0
    assert fall_back_rates(periods_at_risk(find_spells(states())), "duration").height == 0


@given(st.lists(st.text("P-? ", min_size=0, max_size=12), max_size=5))
def test_spells_hold_every_known_state_once(signs):
    given_states = states(**{f"u{place}": text for place, text in enumerate(signs)})
    spells = find_spells(given_states)
    back = (
        spells.with_columns(period=pl.int_ranges("start", pl.col("end") + 1))
        .explode("period")
        .select("unit", "period", "poor")
        if spells.height
        else given_states.clear()
    )
    assert back.sort("unit", "period").equals(given_states.drop_nulls().sort("unit", "period"))
    # a transition is seen where two periods that adjoin are both known
    seen = sum(text[i] == "-" and text[i + 1] in "P-" for text in signs for i in range(len(text) - 1))
    fell = sum(text[i : i + 2] == "-P" for text in signs for i in range(len(text) - 1))
    at_risk = periods_at_risk(spells)
    assert (at_risk.height, int(at_risk["fell"].sum())) == (seen, fell)


def test_states_that_are_none_are_refused():
    with pytest.raises(InputError) as caught:
        find_spells(states(a="P-").drop("poor"))
    assert caught.value.code == "spells_columns"
    with pytest.raises(InputError) as caught:
        find_spells(states(a="P-").with_columns(pl.col("period").cast(pl.Float64)))
    assert caught.value.code == "spells_columns"
    with pytest.raises(InputError) as caught:
        find_spells(pl.concat([states(a="P-"), states(a="P")]))
    assert caught.value.code == "spells_twice"
