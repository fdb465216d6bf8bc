"""Losses and bills that the register and a department both list count once."""

from datetime import date

import polars as pl
import pytest

from relapse_risk.audit.reconcile import reconcile
from relapse_risk.ingest import read_records

NUMBER = "110101197202020027"
HOUSES = [["户编号", "户主证件号码", "填报日期"], ["h1", NUMBER, "2020-01-05"]]
LOSSES = ["户编号", "灾害类型", "受灾日期", "损失金额", "录入日期"]
LIST = ["报灾编号", "证件号码", "灾害种类", "受灾日期", "直接经济损失(元)", "上报日期"]


@pytest.fixture
def read(tmp_path, write_workbook):
    """Read losses of the register, and those of a department in a file of its own."""

    def read(register, department):
        write_workbook(tmp_path / "county.xlsx", {"户信息": HOUSES, "灾害": [LOSSES, *register]})
        write_workbook(tmp_path / "应急局.xlsx", {"应急局": [LIST, *department]})
        return read_records(tmp_path)

    return read


def known(intake, day):
    return intake.records.known_by(day).table("disasters").select("loss", "recorded_on").sort("loss").rows()


def counted(intake):
    return [details["count"] for code, details in intake.notes if code == "same_events"]


OURS = ["h1", "洪涝", "2020-09-15", 2000, "2020-10-20"]
THEIRS = ["L1", NUMBER, "洪涝", "2020-09-15", 2000, "2020-09-17"]


def test_a_loss_in_both_counts_once_from_the_first_of_its_days(read):
    intake = read([OURS], [THEIRS])
    assert counted(intake) == [1]
    assert known(intake, "2020-09-16") == []
    assert known(intake, "2020-09-30") == [(2000, date(2020, 9, 17))]
    assert known(intake, "2020-12-31") == [(2000, date(2020, 10, 20))]
    assert reconcile(intake.rows).pairs.filter(comparison="disasters")["outcome"].to_list() == ["matched"]


def test_what_differs_is_one_event_whose_newest_word_counts(read):
    intake = read([[*OURS[:3], 2500, OURS[4]]], [THEIRS])
    assert known(intake, "2020-12-31") == [(2500, date(2020, 10, 20))]
    assert reconcile(intake.rows).pairs.filter(comparison="disasters")["outcome"].to_list() == ["conflict"]


@pytest.mark.parametrize(
    "other",
    [
        ["L2", NUMBER, "洪涝", "2020-07-01", 2000, "2020-07-05"],
        ["L2", "110101197001010011", "洪涝", "2020-09-15", 2000, "2020-09-17"],
    ],
)
def test_another_day_or_household_is_another_loss(read, other):
    intake = read([OURS], [other])
    assert counted(intake) == []
    assert (2000, date(2020, 10, 20)) in known(intake, "2020-12-31")


def test_two_losses_of_one_list_stay_two(read):
    second = ["L2", NUMBER, "洪涝", "2020-09-15", 700, "2020-09-18"]
    intake = read([OURS], [THEIRS, second])
    assert counted(intake) == [1]
    assert [loss for loss, _ in known(intake, "2020-12-31")] == [700, 2000]


def test_what_was_read_stays_as_it_stands_in_the_files(read):
    rows = read([OURS], [THEIRS]).rows["disasters"].sort("_source")
    assert rows.select("_source", "event_id").rows() == [("county.xlsx", None), ("应急局.xlsx", "L1")]


def test_the_order_of_files_and_rows_does_not_matter(read):
    second = ["L2", NUMBER, "洪涝", "2020-09-15", 700, "2020-09-18"]
    one, other = read([OURS], [THEIRS, second]), read([OURS], [second, THEIRS])
    assert known(one, "2020-12-31") == known(other, "2020-12-31")


def test_the_losses_of_the_sample_county_count_once(shared, require):
    require(shared / "cases", "the cases among the sample exports")
    intake = read_records(shared / "cases" / "19-losses-twice")
    losses = intake.records.known_by("2020-12-31").table("disasters")
    assert counted(intake) == [33]
    assert losses.select(pl.len(), pl.col("loss").sum()).row(0) == (33, 57770)
