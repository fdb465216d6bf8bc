"""What a month's input lacks of last month's: told by households and tables, not by names."""

import json
import zlib
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.errors import InputError
from relapse_risk.monitoring import InputProfile, TableProfile, find_gaps
from relapse_risk.policy import read_policy
from relapse_risk.records import AsOfView, Records, SourceSheet

LIMITS = read_policy().mechanism.ledger.inputs
HOMES = tuple(f"h{number:03d}" for number in range(100))
LOANS = {"rows": 200, "newest": date(2020, 11, 20), "columns": ("household_id", "principal")}


def profile(homes=HOMES, loans=None, villages=10, rename=""):
    """Return a profile of so many villages, household by household in turn."""
    placed = {f"{rename}V{number}": tuple(homes[number::villages]) for number in range(villages)}
    tables = {"households": TableProfile(rows=len(homes), newest=date(2020, 11, 1), columns=("household_id",))}
    tables |= {} if loans == {} else {"loans": TableProfile(**LOANS | (loans or {}))}
    return InputProfile(tables=tables, villages={name: ids for name, ids in placed.items() if ids})


def codes(now, **options):
    return [code for code, _ in find_gaps(profile(), now, LIMITS, **options)]


def test_nothing_is_missing_of_the_same_input_a_larger_one_or_one_with_other_village_names():
    assert codes(profile()) == codes(profile((*HOMES, "new"))) == codes(profile(rename="new ")) == []
    assert codes(profile(loans={"rows": 900, "newest": date(2020, 12, 30)})) == []


def test_a_village_that_was_left_out_is_named_with_its_households():
    left = InputProfile(tables=profile().tables, villages={k: v for k, v in profile().villages.items() if k != "V3"})
    assert find_gaps(profile(), left, LIMITS) == (
        ("gap_villages", {"villages": ("V3",), "count": 1, "households": 10}),
    )


def test_a_good_share_of_households_missing_here_and_there_is_told_a_few_are_not():
    assert codes(profile(HOMES[5:])) == []
    assert codes(profile(HOMES[6:])) == ["gap_households"]


def test_who_goes_by_another_number_is_not_missing():
    other = {home: f"n{home}" for home in HOMES[:30]}
    now = profile((*other.values(), *HOMES[30:]))
    assert codes(now) == ["gap_households"] or "gap_villages" in codes(now)
    assert codes(now, renumbered=other) == []


@pytest.mark.parametrize(
    ("loans", "code"),
    [
        ({}, "gap_table"),
        ({"rows": 150}, "gap_rows"),
        ({"newest": date(2020, 9, 1)}, "gap_older"),
        ({"columns": ("household_id",)}, "gap_columns"),
    ],
)
def test_a_table_that_is_gone_short_old_or_without_a_column_is_told(loans, code):
    assert codes(profile(loans=loans)) == [code]


def test_fewer_rows_are_no_gap_of_their_own_where_households_are_missing():
    half = [village for village in profile().villages if village < "V5"]
    fewer = profile(loans={"rows": 100})
    now = InputProfile(tables=fewer.tables, villages={village: fewer.villages[village] for village in half})
    assert codes(now) == ["gap_villages"]


def test_an_undated_list_that_has_the_last_word_takes_no_days_away():
    """Of lists of departments the rows of a year are dated; the list of households counts from the export on."""
    dated = {"household_id": "h1", "household_type": "poor", "recorded_on": date(2019, 12, 28)}
    rows = [dated, {"household_id": "h1", "household_type": "exited", "recorded_on": None}]
    records = Records({"households": pl.DataFrame(rows)}, exported_on=date(2020, 12, 31))
    before, now = (InputProfile.of(AsOfView.of(records, day)) for day in ("2019-12-31", "2020-12-31"))
    assert AsOfView.of(records, "2020-12-31").known.require("households")["recorded_on"].to_list() == [None]
    assert now.tables["households"].newest == date(2019, 12, 28)
    assert find_gaps(before, now, LIMITS) == ()


@given(st.sets(st.sampled_from(HOMES)))
def test_it_comes_back_as_it_was_packed_and_lacks_nothing_of_itself(homes):
    made = profile(tuple(sorted(homes)))
    assert InputProfile.unpack(made.pack()) == made
    assert find_gaps(made, made, LIMITS) == ()


def test_what_was_not_packed_is_refused():
    with pytest.raises(InputError) as caught:
        InputProfile.unpack(b"x")
    assert caught.value.code == "packed_damaged"


def _sheet(source, name, status="read"):
    return SourceSheet(source=source, sheet=name, status=status, reason=None if status == "read" else "sheet_unknown")


@pytest.mark.parametrize(
    ("source", "name", "gap"),
    [
        ("监测对象_20201130.xlsx", "监测户", True),
        ("监测对象_20201130(2).xlsx", "监测户", True),
        ("监测对象_20201130.xlsx", None, True),
        ("监测对象_20201130.xlsx", "附件", False),
        ("附件.xlsx", "监测户", False),
    ],
)
def test_a_sheet_that_was_read_last_month_and_is_not_now_is_a_gap(source, name, gap):
    before = replace(profile(), sheets=_sheet("监测对象_20201031.xlsx", "监测户").keys)
    unread = _sheet(source, name, "unread")
    found = find_gaps(before, profile(), LIMITS, sheets=[unread])
    assert found == ((("gap_sheets", {"sheets": (unread.label,)}),) if gap else ())


def test_a_profile_of_before_sheets_were_kept_is_still_read():
    made = profile()
    old = zlib.compress(json.dumps({"tables": {}, "villages": {}}).encode())
    assert InputProfile.unpack(old).sheets == made.sheets == ()
