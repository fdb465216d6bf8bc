"""One identity for each area, whether a household's row gives names, a code or both."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.policy import Divisions
from relapse_risk.records import AsOfView, Records, area_path, divided, name_places

COLUMNS = ("province", "prefecture", "county", "town", "village", "village_code")
TABLE = Divisions(
    names={
        "53": "云南省",
        "5339": "丁州",
        "533901000000": "甲县",
        "533901203000": "乙乡",
        "533901203205": "丙村",
        "533901204201": "丙村",
    }
)


def homes(*rows, columns=COLUMNS):
    frame = pl.DataFrame([dict.fromkeys(COLUMNS) | row for row in rows], schema=dict.fromkeys(COLUMNS, pl.String))
    return frame.select(columns).with_row_index("household_id").cast({"household_id": pl.String})


def named(*rows, columns=COLUMNS):
    found = name_places(homes(*rows, columns=columns))
    return found.select(name for name in COLUMNS[2:5] if name in found.columns).rows()


def row(code=None, village=None, **more):
    return {"village_code": code, "village": village, **more}


def test_code_alone_is_the_name_on_every_level():
    found = name_places(homes(row("533901203205"), columns=("village_code",)))
    assert found.select(COLUMNS[:5]).rows() == [("53", "5339", "533901", "533901 203", "533901 203 205")]
    assert area_path(found.columns, "village") == ("prefecture", "county", "town", "village")


def test_names_of_neighbours_with_the_same_code_serve_those_who_have_only_the_code():
    whole = row("533901203205", "丙村", county="甲县", town="乙乡")
    assert named(whole, row("533901203205"), row("533901203206"), row("533901204201")) == [
        ("甲县", "乙乡", "丙村"),
        ("甲县", "乙乡", "丙村"),
        ("甲县", "乙乡", "533901 203 206"),
        ("甲县", "533901 204", "533901 204 201"),
    ]


def test_a_name_alone_is_the_village_of_its_code():
    whole = row("533901203205", "丙村", county="甲县", town="乙乡")
    found = name_places(homes(whole, row(None, "丙村", county="甲县", town="乙乡")))
    assert found["village_code"].to_list() == ["533901203205"] * 2


def test_one_name_with_two_codes_is_two_villages():
    found = named(*[row("533901203205", "丙村")] * 2, row("533901203206", "丙村"))
    assert [village for *_, village in found] == ["丙村", "丙村", "丙村（533901 203 206）"]


def test_one_code_with_two_names_is_a_village_that_was_renamed():
    found = named(row("533901203205", "丙村"), *[row("533901203205", "新丙村")] * 2)
    assert [village for *_, village in found] == ["新丙村"] * 3


def test_codes_that_are_no_divisions_keep_the_names_apart():
    rows = [row("7", "丙村", county="甲县"), row("7", "丁村", county="乙县")]
    assert named(*rows, columns=("county", "village", "village_code")) == [("甲县", "丙村"), ("乙县", "丁村")]


@pytest.mark.parametrize("code", ["533901203000", "533901203"])
def test_the_code_of_a_town_names_no_village(code):
    assert named(row(code), columns=("village", "village_code")) == [("533901", "533901 203", None)]
    records = Records({"households": homes(row(code)).with_columns(recorded_on=date(2019, 1, 1))})
    assert AsOfView.of(records, "2019-12-31").areas["village"].to_list() == [""]


def test_without_codes_nothing_changes():
    frame = homes(row(None, "丙村", county="甲县"))
    assert name_places(frame) is frame
    assert name_places(frame.drop("village_code")).equals(frame.drop("village_code"))


def test_an_office_table_names_codes_and_gives_names_their_code():
    found = divided(homes(row("533901203205"), row(None, "丙村", county="甲县", town="乙乡")), TABLE)
    assert found.select(COLUMNS).rows() == [("云南省", "丁州", "甲县", "乙乡", "丙村", "533901203205")] * 2


def test_an_office_table_guesses_no_code_and_overrules_no_name():
    twice = divided(homes(row(None, "丙村"), columns=("village",)), TABLE)
    assert "village_code" not in twice.columns
    assert divided(homes(row("533901203205", "旧丙村")), TABLE)["village"].to_list() == ["旧丙村"]
    assert divided(homes(row("999901203205")), TABLE)["village"].to_list() == [None]


def test_a_view_knows_only_the_names_of_its_day():
    rows = homes(row("533901203205"), row("533901203205", "丙村"))
    rows = rows.with_columns(recorded_on=pl.Series([date(2018, 1, 1), date(2019, 6, 1)]))
    records = Records({"households": rows})
    views = [AsOfView.of(records, day) for day in ("2018-12-31", "2019-12-31")]
    assert [view.known.require("households")["village"].to_list() for view in views] == [
        ["533901 203 205"],
        ["丙村", "丙村"],
    ]
    assert [set(view.areas["village"]) for view in views] == [{"533901203205"}] * 2


CODES = st.sampled_from(["533901203205", "533901203206", "533901204201", "533901204000", None, ""])
NAMES = st.sampled_from(["甲", "乙", "", None])
HOMES = st.lists(
    st.fixed_dictionaries({"village_code": CODES, "county": NAMES, "town": NAMES, "village": NAMES}),
    min_size=1,
    max_size=8,
)


@given(rows=HOMES, order=st.randoms())
def test_names_tell_villages_of_codes_apart_and_no_others_whatever_the_order(rows, order):
    found = name_places(homes(*rows))
    known = found.filter(pl.col("village_code").str.contains("^5339012.*[1-9]$"))
    path = ["county", "town", "village"]
    assert known.select(*path, "village_code").unique().height == known["village_code"].n_unique()
    assert known.select(path).unique().height == known["village_code"].n_unique()
    shuffled = sorted(range(len(rows)), key=lambda _: order.random())
    again = name_places(homes(*(rows[place] for place in shuffled)))
    assert again.select(path).rows() == [found.select(path).row(place) for place in shuffled]
