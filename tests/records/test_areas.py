"""The levels of areas, and which village a household is in."""

from typing import get_args

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.alerts import Level
from relapse_risk.records import ADDRESS_COLUMNS, AREA_COLUMNS, AREA_LEVELS, TABLES, VISIT_LEVELS, area_path, village_of

NAMES = st.sampled_from(["A", "B", "", None])
HOME = st.fixed_dictionaries(
    {"county": NAMES, "town": NAMES, "village": NAMES, "village_code": st.sampled_from(["1", "2", "", None])}
)
SCHEMA = dict.fromkeys(("county", "town", "village", "village_code"), pl.String)


def villages(*homes, columns=tuple(SCHEMA)):
    frame = pl.DataFrame(list(homes), schema=SCHEMA).select(columns)
    return frame.select(village_of(frame.columns)).to_series().to_list()


def home(county=None, town=None, village=None, code=None):
    return {"county": county, "town": town, "village": village, "village_code": code}


def test_levels_are_stated_once():
    assert AREA_LEVELS == ("prefecture", "county", "town", "village", "group")
    assert get_args(Level) == VISIT_LEVELS
    assert set(ADDRESS_COLUMNS) == {"province", *AREA_COLUMNS.values()} <= set(TABLES["households"].columns)


@pytest.mark.parametrize(
    ("level", "path"),
    [
        ("village", ("county", "town", "village")),
        ("county", ("county",)),
        ("group", ()),
        ("prefecture", ()),
        ("street", ()),
    ],
)
def test_an_area_is_named_with_those_above_it(level, path):
    assert area_path(("household_id", "village", "town", "county"), level) == path


@pytest.mark.parametrize("code", [{}, {"code": ""}])
def test_two_villages_of_one_name_in_two_towns_are_two(code):
    found = villages(home("C", "T", "V", **code), home("C", "U", "V", **code), home("C", "T", "V", **code))
    assert found == ["C/T/V", "C/U/V", "C/T/V"]


def test_one_name_with_two_codes_is_two_villages_and_without_a_code_it_is_not_known_which():
    assert villages(home("C", "T", "V", "1"), home("C", "T", "V", "2"), home("C", "T", "V")) == ["1", "2", "C/T/V"]


def test_a_household_without_a_code_is_in_the_village_of_its_name():
    assert villages(home("C", "T", "V", "1"), home("C", "T", "V"), home("C", "U", "V")) == ["1", "1", "C/U/V"]


def test_without_code_and_name_a_village_is_not_known():
    assert villages(home("C", "T"), home("C", "T", ""), home("C", "T", code="1")) == [None, None, "1"]
    assert villages(home("C", "T"), columns=("county", "town")) == [None]


@given(homes=st.lists(HOME, min_size=1, max_size=8), order=st.randoms())
def test_the_village_is_a_matter_of_the_register_and_not_of_the_order_of_rows(homes, order):
    found = villages(*homes)
    shuffled = sorted(range(len(homes)), key=lambda _: order.random())
    assert villages(*(homes[place] for place in shuffled)) == [found[place] for place in shuffled]


@given(homes=st.lists(HOME, min_size=2, max_size=8))
def test_codes_decide_and_where_there_are_none_names(homes):
    placed = list(zip(homes, villages(*homes), strict=True))
    for one, its in placed:
        for other, theirs in placed:
            if one["village_code"] and other["village_code"]:
                assert (its == theirs) == (one["village_code"] == other["village_code"])
            if not one["village_code"] and not other["village_code"] and one["village"] and other["village"]:
                apart = len({tuple(filter(None, (place[name] for name in VISIT_LEVELS))) for place in (one, other)}) > 1
                assert its != theirs or not apart or its in {one["village_code"] for one in homes}
