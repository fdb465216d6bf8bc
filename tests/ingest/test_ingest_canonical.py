import datetime
from datetime import date

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from polars.testing import assert_frame_equal

from relapse_risk.errors import InputError
from relapse_risk.ingest import read_records

HOUSEHOLDS = pl.DataFrame(
    {
        "household_id": ["h1", "h1", "h2"],
        "recorded_on": [date(2018, 12, 1), date(2019, 12, 1), date(2019, 12, 3)],
        "household_type": ["poor", "exited", "general"],
        "safe_water": [True, None, False],
        "size": [4, 4, 2],
        "farmland_mu": [1.5, None, 0.25],
        "weight": [59, 60, 61],
    }
)
MEMBERS = pl.DataFrame(
    {
        "person_id": ["p1", "p2"],
        "recorded_on": [date(2019, 12, 1)] * 2,
        "household_id": ["h1", "h2"],
        "education": ["none", "higher_incomplete"],
        "labour_capacity": ["none", "ordinary"],
    }
)


def as_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    return frame.to_pandas().set_index(pd.Index(range(5, 5 + frame.height), name=None))


@pytest.mark.parametrize("library", [lambda f: f, pl.DataFrame.lazy, as_pandas, pl.DataFrame.to_arrow])
def test_frames_of_any_library_give_the_same_records(library):
    intake = read_records({"households": library(HOUSEHOLDS), "members": library(MEMBERS)})
    assert_frame_equal(intake.records.table("households"), HOUSEHOLDS)
    assert_frame_equal(intake.records.table("members"), MEMBERS)
    assert intake.blanked.is_empty()


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_files_named_for_their_table_give_the_same_records(tmp_path, suffix):
    for name, frame in (("households", HOUSEHOLDS), ("members", MEMBERS)):
        getattr(frame, f"write_{suffix}")(tmp_path / f"{name}.{suffix}")
    intake = read_records(tmp_path)
    assert_frame_equal(intake.records.table("households"), HOUSEHOLDS)
    assert_frame_equal(intake.records.table("members"), MEMBERS)
    assert intake.accounts.select("source", "table", "read", "kept", "refused").rows() == [
        (f"households.{suffix}", "households", 3, 3, 0),
        (f"members.{suffix}", "members", 2, 2, 0),
    ]


def test_one_file_is_a_source(tmp_path):
    HOUSEHOLDS.write_parquet(tmp_path / "households.parquet")
    assert read_records(tmp_path / "households.parquet").records.table("households").height == 3
    assert read_records(str(tmp_path / "households.parquet"), exported_on="2020-12-31").records.exported_on == date(
        2020, 12, 31
    )


def test_refused_rows_and_blanked_cells_are_listed_by_row_and_shape(tmp_path):
    rows = [
        "household_id,recorded_on,size,house_grade",
        "h1,2019-12-01,4,A",
        ",2019-12-01,4,A",
        "h3,soon,4,A",
        "h4,2019-12-01,viele,E",
    ]
    (tmp_path / "households.csv").write_text("\n".join(rows), encoding="utf-8")
    intake = read_records(tmp_path)
    listed = ("source", "row", "table", "column", "rule", "value_masked")
    assert intake.rejected.select(listed).rows() == [
        ("households.csv", 3, "households", "household_id", "missing", None),
        ("households.csv", 4, "households", "recorded_on", "unreadable", "XXXX"),
    ]
    assert intake.blanked.select(listed).rows() == [
        ("households.csv", 5, "households", "house_grade", "unknown_code", "E"),
        ("households.csv", 5, "households", "size", "unreadable", "XXXXX"),
    ]
    assert intake.accounts.select("read", "kept", "refused", "skipped").rows() == [(4, 2, 2, 0)]


def test_a_row_whose_day_of_recording_is_unreadable_is_refused_lest_it_be_known_too_early():
    events = pl.DataFrame(
        {
            "household_id": ["h1", "h2"],
            "relapsed_on": [date(2019, 3, 1)] * 2,
            "recorded_on": ["2019-04-01", "2019-13-01"],
        }
    )
    intake = read_records({"relapses": events})
    assert intake.records.table("relapses")["household_id"].to_list() == ["h1"]
    assert intake.rejected.select("row", "column", "rule").rows() == [(2, "recorded_on", "unreadable")]


def test_empty_rows_are_passed_over():
    frame = pl.DataFrame({"household_id": ["h1", None], "size": [3, None]})
    assert read_records({"households": frame}).accounts.select("read", "kept", "skipped").rows() == [(1, 1, 1)]


def test_names_and_numbers_are_left_behind_whatever_they_are_called():
    private = {
        "head_name": ["赵甲", None],
        "户主姓名": ["赵甲"] * 2,
        "id_number": ["99999919630502000X"] * 2,
        "身份证号": ["1"] * 2,
        "phone": ["1"] * 2,
    }
    frame = pl.DataFrame({"household_id": ["h1", "h2"], **private, "row": [1, 2]})
    intake = read_records({"households": frame}, carry=("head_name",))
    assert intake.records.table("households").columns == ["household_id", "row"]
    assert intake.carried.rows() == [("h1", "赵甲"), ("h2", None)]


def test_times_of_day_become_days():
    recorded = np.array(["2019-12-01T18:30:00"], dtype="datetime64[ns]")
    frame = pd.DataFrame({"household_id": ["h1"], "recorded_on": recorded})
    assert read_records({"households": frame}).records.table("households")["recorded_on"].to_list() == [
        datetime.date(2019, 12, 1)
    ]


def error_of(source, **options) -> InputError:
    with pytest.raises(InputError) as raised:
        read_records(source, **options)
    return raised.value


def test_a_table_without_its_key_is_one_line():
    error = error_of({"households": HOUSEHOLDS.drop("household_id")})
    assert error.code == "sheet_without_key"
    assert "household_id" in str(error)
    assert "\n" not in str(error)


def test_frames_of_no_table_and_things_that_are_no_frames_are_refused():
    assert error_of({"haushalte": HOUSEHOLDS}).code == "table_unknown"
    assert error_of({"households": [1, 2]}).code == "frame_unreadable"
    assert error_of({"households": pa.table({"household_id": pa.array([], pa.string())})}).code == "nothing_but_headers"
    assert error_of({}).code == "nothing_understood"


def test_only_columns_of_households_can_be_carried():
    assert error_of({"households": HOUSEHOLDS}, carry=("name",)).code == "carry_unknown"


def test_a_column_to_carry_that_nobody_has_is_told():
    assert ("carry_missing", {"column": "phone"}) in read_records({"households": HOUSEHOLDS}, carry=("phone",)).notes


def test_a_source_of_snapshots_stays_one_beside_a_source_that_says_who_left(tmp_path):
    first, second = datetime.date(2017, 12, 31), datetime.date(2018, 12, 31)
    snapshots = pl.DataFrame(
        {"person_id": ["p1", "p2", "p1"], "household_id": "h1", "recorded_on": [first, first, second]}
    )
    leavers = pl.DataFrame(
        {"person_id": ["q1"], "household_id": "h2", "recorded_on": datetime.date(2020, 12, 31), "left_on": second}
    )
    households = pl.DataFrame({"household_id": ["h1", "h2"], "recorded_on": first})
    households.write_parquet(tmp_path / "households.parquet")
    snapshots.write_csv(tmp_path / "members.csv")
    alone = read_records(tmp_path).records
    leavers.write_parquet(tmp_path / "members.parquet")
    for records in (alone, read_records(tmp_path).records):
        known = records.known_by("2018-12-31").table("members").filter(pl.col("household_id") == "h1")
        assert known["person_id"].to_list() == ["p1"]


def test_cells_that_hold_lists_or_bytes_cannot_be_read():
    frame = pl.DataFrame({"household_id": ["h1"], "size": [[3, 4]], "village": [b"\xff"], "_source_row": [7]})
    intake = read_records({"households": frame})
    assert intake.records.table("households").row(0) == ("h1", None, None)
    assert intake.blanked.select("column", "rule").rows() == [("size", "unreadable"), ("village", "unreadable")]
