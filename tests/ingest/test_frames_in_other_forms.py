"""Record tables with cells in other forms than the contract's: read where only one value can be meant, else told."""

import warnings
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from relapse_risk.errors import InputError, RelapseRiskWarning
from relapse_risk.ingest import read_records
from relapse_risk.policy import Texts

YEAR = {"period_start": ["2018-01-01"] * 3, "period_end": ["2018-12-31"] * 3, "household_size": [4, 3, 2]}
INCOMES = {"household_id": ["h1", "h2", "h3"], **YEAR}


def read(table="households", **columns):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RelapseRiskWarning)
        return read_records({table: pl.DataFrame(columns)})


def days(cells, dtype=None):
    """What a column of days becomes, and the notes on it."""
    column = pl.Series(cells, dtype=dtype)
    rows = [f"h{place}" for place in range(len(column))]
    intake = read(household_id=rows, exit_year=[2018] * len(column), recorded_on=column)
    return intake.records.table("households")["recorded_on"].to_list(), dict(intake.notes)


@pytest.mark.parametrize(
    ("cells", "note"),
    [
        (["12/31/2018", "03/04/2018"], "days_month_first"),
        (["12/31/2018 00:00:00", "3/4/2018 12:00:00 AM"], "days_month_first"),
        (["31.12.2018", "04.03.2018"], "days_day_first"),
        (["31-12-2018", "04-03-2018"], "days_day_first"),
        (["2018年12月31日", "2018/3/4"], "cells_in_other_form"),
        (["20181231", "20180304"], "cells_in_other_form"),
        (["31 Dec 2018", "March 4, 2018"], "cells_in_other_form"),
        ([20181231, 20180304], "cells_in_other_form"),
        ([20181231.0, 20180304.0], "cells_in_other_form"),
        (["2018-12-31T00:00:00Z", "2018-03-04 00:00:00 UTC"], "cells_in_other_form"),
    ],
)
def test_days_are_read_where_only_one_can_be_meant_and_told(cells, note):
    found, notes = days(cells)
    assert found == [date(2018, 12, 31), date(2018, 3, 4)]
    assert list(notes) == [note]
    assert (notes[note]["table"], notes[note]["column"], notes[note]["share"]) == ("households", "recorded_on", "100%")


@pytest.mark.parametrize(
    ("cells", "note"),
    [
        (["03/04/2018", "04.05.2018"], "days_of_unknown_order"),
        (["13/04/2018", "04/15/2018"], "days_of_unknown_order"),
        (["12/31/18", "2018-12"], "days_unread"),
        (["43465", "2018年上半年"], "days_unread"),
        ([43465, 17896], "days_unread"),
        (["2018-12-30T16:00:00Z", "2018-12-30T00:00:00+00:00"], "days_in_utc"),
    ],
)
def test_days_that_may_be_others_are_refused_and_told(cells, note):
    found, notes = days(cells)
    assert not found
    assert list(notes) == [note]
    assert (notes[note]["cells"], notes[note]["refused"], notes[note]["share"]) == (2, 2, "100%")


def test_first_of_january_is_one_day_in_any_order():
    assert days(["01/01/2018", "05/05/2018"])[0] == [date(2018, 1, 1), date(2018, 5, 5)]


def test_times_in_utc_are_no_local_days_unless_all_are_midnights():
    stamps = [datetime(2018, 12, 30, 16), datetime(2018, 12, 30)]
    utc, home = pl.Datetime(time_zone="UTC"), pl.Datetime(time_zone="Asia/Shanghai")
    assert days(stamps, utc)[0] == []
    assert "days_in_utc" in days(stamps, utc)[1]
    assert days([datetime(2018, 12, 30)] * 2, utc) == ([date(2018, 12, 30)] * 2, {})
    assert days(pl.Series(stamps, dtype=utc).dt.convert_time_zone("Asia/Shanghai"), home)[0] == [
        date(2018, 12, 31),
        date(2018, 12, 30),
    ]
    assert days(["2018-12-31T00:00:00+08:00"])[0] == [date(2018, 12, 31)]


def test_times_that_are_all_alike_are_read_and_told_since_they_may_be_midnights_elsewhere():
    found, notes = days([datetime(2018, 12, 30, 16), datetime(2018, 12, 31, 16)])
    assert found == [date(2018, 12, 30), date(2018, 12, 31)]
    assert notes["times_all_alike"]["example"] == "2018-12-30 16:00:00"


def test_amounts_with_separators_and_units_are_read_and_told_with_an_example():
    intake = read("incomes", **INCOMES, wage=["12,000", "1.2万元", "300"], business=["1,5", "12,000", "3"])
    incomes, notes = intake.records.table("incomes"), dict(intake.notes)
    assert incomes["wage"].to_list() == [12000.0, 12000.0, 300.0]
    assert incomes["business"].to_list() == [None, None, 3.0]
    assert (notes["cells_in_other_form"]["cells"], notes["cells_in_other_form"]["example"]) == (2, "1.2万元")
    assert (notes["numbers_unread"]["cells"], notes["numbers_unread"]["example"]) == (2, "1,5")
    assert intake.changes.select("column", "change", "cells").rows() == [("wage", "number_form", 2)]


def test_values_that_show_only_when_the_row_is_kept_are_read_too():
    intake = read("incomes", **(INCOMES | {"period_end": ["12/31/2018"] * 3}), wage=["12,000"] * 3)
    assert intake.records.table("incomes")["wage"].to_list() == [12000.0] * 3


@pytest.mark.parametrize("cells", [[123.0, 124.0], ["123.0", "124"], [Decimal("123.0"), Decimal("124.0")]])
def test_household_numbers_that_went_through_floats_are_digits_again(cells):
    intake = read(household_id=cells)
    assert intake.records.table("households")["household_id"].to_list() == ["123", "124"]
    assert "123" not in str(intake.notes)


@pytest.mark.parametrize("lost", ["5.33E+17", "5.33e+17", "9007199254740992.0"])
def test_household_numbers_that_lost_digits_are_refused_and_told_by_their_form(lost):
    intake = read(household_id=[lost, "h2"])
    assert intake.records.table("households")["household_id"].to_list() == ["h2"]
    assert intake.rejected.select("row", "rule").rows() == [(1, "identifier_as_number")]
    assert dict(intake.notes)["identifiers_lost"]["share"] == "50%"
    assert lost not in str(intake.notes)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("'5301", "identifiers_in_signs"),
        ("５３０１", "identifiers_in_signs"),
        ("\u200b5301", "identifiers_in_signs"),
        ('="5301"', "cells_quoted"),
    ],
)
def test_identifiers_behind_other_signs_are_the_identifiers_and_told(make, cell, code):
    frame = make({"household_id": [cell, "5302"], "recorded_on": ["2019-12-05"] * 2})
    intake = read_records({"households": frame})
    assert sorted(intake.records.table("households")["household_id"]) == ["5301", "5302"]
    assert [(found, details["cells"]) for found, details in intake.notes] == [(code, 1)]


@pytest.mark.parametrize(
    ("cell", "rule"),
    [("5301、5302", "identifiers_several"), ("合计", "identifier_worded"), ("全村", "identifier_worded")],
)
def test_what_names_nobody_is_refused_and_told(cell, rule):
    ids = ["5301", "5302", "5303", cell]
    intake = read_records({"households": pl.DataFrame({"household_id": ids, "recorded_on": ["2019-12-05"] * 4})})
    assert intake.rejected.select("row", "rule").rows() == [(4, rule)]
    assert [(code, details["refused"]) for code, details in intake.notes] == [("identifiers_none", 1)]


def test_a_record_table_of_quoted_cells_is_read_whole(tmp_path):
    rows = ['="5301",="2019-12-05",="exited",="3",="云南省"', '="5302",="2019-12-05",="poor",="4",=""']
    text = "household_id,recorded_on,household_type,size,province\n" + "\n".join(rows) + "\n"
    (tmp_path / "households.csv").write_text(text, encoding="utf-8")
    intake = read_records(tmp_path)
    kept = intake.records.table("households").select("household_id", "household_type", "size", "province").rows()
    assert kept == [("5301", "exited", 3, "云南省"), ("5302", "poor", 4, None)]
    assert intake.rejected.is_empty() and intake.blanked.is_empty()
    assert {code for code, _ in intake.notes} == {"cells_quoted"}
    assert intake.changes.filter(change="equals_quoted")["cells"].to_list() == [2] * 5


def test_floats_beyond_what_they_hold_exactly_lost_digits():
    intake = read(household_id=[2.0**53, 1.0])
    assert intake.records.table("households")["household_id"].to_list() == ["1"]
    assert {code: details["cells"] for code, details in intake.notes} == {
        "identifiers_lost": 1,
        "identifiers_as_numbers": 1,
    }


def test_points_that_part_numbers_stay():
    numbers = ["2.0", "2.1", "2.10"]
    assert read(household_id=numbers).records.table("households")["household_id"].to_list() == numbers


def test_a_column_that_is_nearly_ours_is_told_with_ours():
    intake = read("incomes", **INCOMES, net_income_percapita=[1, 2, 3], weight=[1, 2, 3])
    assert [(code, details["column"], details["like"]) for code, details in intake.notes] == [
        ("column_like_ours", "net_income_percapita", "net_income_per_capita")
    ]
    with pytest.raises(InputError, match=r"HouseholdID \(household_id\?\)"):
        read(HouseholdID=["h1"])


def test_an_unseen_code_is_told_with_its_share():
    notes = dict(read(household_id=["h1", "h2"], house_grade=["A", "E"]).notes)
    assert (notes["words_unknown"]["words"], notes["words_unknown"]["share"]) == ("E (1)", "50%")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_strict_names_all_that_is_not_as_the_contract_has_it(lang):
    wrong = {**INCOMES, "period_end": ["12/31/2018"] * 3, "wage": ["12,000"] * 3, "wages": [1, 2, 3]}
    homes = {"household_id": ["h1", None], "house_grade": ["E", "A"]}
    with pytest.raises(InputError) as raised:
        read_records({"households": pl.DataFrame(homes), "incomes": pl.DataFrame(wrong)}, strict=True)
    assert raised.value.code == "tables_not_clean"
    said = raised.value.in_language(lang)
    assert all(word in said for word in ("household_id", "house_grade", "12/31/2018", "12,000"))
    clean = read_records({"incomes": pl.DataFrame(INCOMES)}, strict=True)
    assert clean.records.table("incomes").height == 3
    assert not clean.notes


def test_strict_holds_for_files_of_record_tables(tmp_path):
    pl.DataFrame({"household_id": ["123.0", "124.0"]}).write_csv(tmp_path / "households.csv")
    assert [code for code, _ in read_records(tmp_path).notes] == ["identifiers_as_numbers"]
    with pytest.raises(InputError, match=r"households\.csv"):
        read_records(tmp_path, strict=True)


def test_a_table_that_is_emptied_warns_once_with_the_reason():
    frame = pl.DataFrame(INCOMES | {"period_end": ["03/04/2018"] * 3})
    with pytest.warns(RelapseRiskWarning, match=r"3 of 3 cells of period_end \(100%\).*03/04/2018") as warned:
        read_records({"households": pl.DataFrame({"household_id": ["h1"]}), "incomes": frame})
    assert len(warned) == 1
    assert warned[0].filename == __file__


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_note_has_its_words(lang):
    intakes = [
        read("incomes", **(INCOMES | {"period_start": ["2019-01-01", "x", None]}), wage=["12,000", "x", None]),
        read(household_id=[1.5, 2.0], recorded_on=["31.12.2018", "2018-12-30T16:00:00Z"]),
    ]
    for intake in intakes:
        assert intake.notes
        for code, details in intake.notes:
            assert "\n" not in Texts(lang)("intake_notes", code, **details)
        for rule in intake.rejected["rule"].unique():
            assert Texts(lang)("intake_rules", rule)


def pandas_of(cells, index=None):
    return pd.DataFrame(cells, index=index)


PLAIN = pl.DataFrame({"household_id": ["1", "2"], "size": [4, 3]})


@pytest.mark.parametrize(
    "frame",
    [
        pandas_of({"household_id": [1, "2"], "size": [4, "3"]}),
        pandas_of({"household_id": [1.0, "2"], "size": [4, 3]}),
        pandas_of({"size": [4, 3]}, pd.Index(["1", "2"], name="household_id")),
        pandas_of({"size": [4, 3]}, pd.RangeIndex(1, 3, name="household_id")),
        pandas_of({}, pd.MultiIndex.from_tuples([(1, 4), (2, 3)], names=["household_id", "size"])),
        pandas_of({"household_id": ["1", "2"], "size": [4, 3]}, pd.Index(["8", "9"], name="household_id")),
        pandas_of({"household_id": pd.Categorical([1, 2]), "size": pd.Categorical([4, 3])}),
        pandas_of({"household_id": pd.array(["1", "2"], "string"), "size": pd.array([4, 3], "Int64")}),
        pandas_of({"household_id": pd.array([1.0, 2.0], "Float64"), "size": pd.arrays.SparseArray([4, 3])}),
        pandas_of({"household_id": ["1", "2"], "size": np.array([np.int8(4), "3"], dtype=object)}),
        pa.table({"household_id": pa.array(["1", "2"]).dictionary_encode(), "size": pa.array([4, 3], pa.uint8())}),
        pa.RecordBatch.from_pydict({"household_id": [1, 2], "size": ["4", "3"]}),
    ],
)
def test_frames_of_any_make_give_the_same_records(frame):
    assert_frame_equal(read_records({"households": frame}).records.table("households"), PLAIN, check_column_order=False)


def test_what_stands_for_nothing_is_blank_in_every_make():
    frame = pandas_of(
        {
            "household_id": list("abcdef"),
            "recorded_on": [pd.NaT, pd.NA, None, "", np.datetime64("2019-01-02"), pd.Timestamp("2019-01-02 10:00")],
            "size": pd.array([pd.NA, 1, 2, 3, 4, 5], dtype="Int64"),
        }
    )
    intake = read_records({"households": frame})
    assert intake.records.table("households")["recorded_on"].to_list() == [None] * 4 + [date(2019, 1, 2)] * 2
    assert intake.accounts.select("kept", "refused").rows() == [(6, 0)]
    assert not intake.notes


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (pd.DataFrame([["a", "b"]], columns=["household_id"] * 2), "columns_twice"),
        (pd.DataFrame([["a", "b"]], columns=["1", 1]), "columns_twice"),
        (pa.table([pa.array(["a"])] * 2, names=["household_id"] * 2), "columns_twice"),
        (pd.DataFrame([["a"]], columns=pd.MultiIndex.from_tuples([("household_id", "x")])), "columns_nested"),
        (pd.DataFrame(), "sheet_without_key"),
        (pl.DataFrame(), "sheet_without_key"),
        (pd.DataFrame({"household_id": []}), "nothing_but_headers"),
        (pl.LazyFrame({"a": [1]}).select("b"), "frame_fails"),
        (pd.Series(["a"]), "frame_unreadable"),
        (pl.Series(["a"]), "frame_unreadable"),
        ({"household_id": ["a"]}, "frame_unreadable"),
    ],
)
def test_frames_that_cannot_be_used_are_one_line(frame, code):
    with pytest.raises(InputError) as raised:
        read_records({"households": frame})
    assert raised.value.code == code
    assert all("\n" not in raised.value.in_language(lang) for lang in ("zh", "en"))


def test_an_empty_frame_beside_others_is_a_table_without_rows():
    frames = {"households": PLAIN, "loans": pd.DataFrame(columns=["loan_id", "household_id"])}
    assert read_records(frames).records.table("loans").height == 0


@pytest.mark.parametrize(
    "cells",
    [
        pd.period_range("2019-01", periods=2, freq="M"),
        pd.to_timedelta([1, 2]),
        [1 + 2j, 2 + 1j],
        pd.interval_range(0, 2),
        [b"a", "b"],
        [object(), object()],
    ],
)
def test_cells_that_nobody_can_read_are_told_and_the_rows_kept(cells):
    intake = read_records({"households": pandas_of({"household_id": ["1", "2"], "size": cells})})
    assert intake.records.table("households")["size"].to_list() == [None, None]
    assert [code for code, _ in intake.notes] == ["numbers_unread"]


def test_a_csv_of_pandas_is_read_without_its_row_numbers(tmp_path):
    pandas_of({"household_id": ["a", "b"], "size": [4.0, None]}).to_csv(tmp_path / "households.csv")
    assert read_records(tmp_path).records.table("households").rows() == [("a", 4), ("b", None)]


DAYS = st.lists(st.dates(date(1950, 1, 1), date(2030, 12, 31)), min_size=1, max_size=8)
FORMS = st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日", "%d.%m.%Y", "%m/%d/%Y", "%d-%m-%Y"])


@given(cells=DAYS, form=FORMS)
def test_days_in_any_form_are_the_same_days_or_told(cells, form):
    found, notes = days([cell.strftime(form) for cell in cells])
    lost = sum(details["cells"] for details in notes.values() if "refused" in details)
    assert len(found) + lost == len(cells)
    assert set(found) <= set(cells)
    assert not lost or "days_of_unknown_order" in notes


@given(
    amounts=st.lists(st.integers(0, 10**7), min_size=1, max_size=6),
    form=st.sampled_from(["{}", "{:,}", "{}元", "¥{:,}", "{}.0", " {} "]),
)
def test_amounts_in_any_form_are_the_same_amounts(amounts, form):
    rows = [f"h{place}" for place in range(len(amounts))]
    intake = read(household_id=rows, farmland_mu=[form.format(amount) for amount in amounts])
    assert intake.records.table("households")["farmland_mu"].to_list() == amounts


TIMES = ["31.12.2018", "03.04.2018", "2018-12-30T16:00:00Z", "2019-01-01", "soon", None]
CELLS = st.fixed_dictionaries(
    {
        "household_id": st.sampled_from(["1", "2.0", "3", "5.3E+17", None]),
        "recorded_on": st.sampled_from(
            ["31.12.2018", "03.04.2018", "2018-12-30T16:00:00Z", "2019-01-01", "soon", None]
        ),
        "size": st.sampled_from(["4", "4人", "four", None]),
        "farmland_mu": st.sampled_from(["1,200", "1,5", "2", None]),
    }
)


@given(rows=st.lists(CELLS, min_size=1, max_size=8), data=st.data())
def test_the_order_of_rows_and_columns_changes_nothing(rows, data):
    frame = pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String))
    other = pl.DataFrame(data.draw(st.permutations(rows)), schema=frame.schema)
    other = other.select(data.draw(st.permutations(other.columns)))
    try:
        first, second = (
            read(**one.to_dict()) for one in (frame, other.select(data.draw(st.permutations(other.columns))))
        )
    except InputError as error:
        assert error.code == "nothing_but_headers"
        return
    tables = [one.records.table("households").select(frame.columns) for one in (first, second)]
    assert_frame_equal(*tables, check_row_order=False)
    assert sorted(map(str, first.notes)) == sorted(map(str, second.notes))
