"""What the register and a department both list counts once: losses and bills, jobs, loans and assistance."""

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


SHEETS = {
    "assistance": (
        ("帮扶措施", ["户编号", "措施类型", "开始日期", "金额", "录入日期"]),
        ("民政局", ["证件号码", "救助类型", "享受起始", "救助金额（元）", "登记日期"]),
    ),
    "employment": (
        ("务工", ["户编号", "人员编号", "开始日期", "月工资", "录入日期"]),
        ("人社局", ["证件号码", "就业起始", "月薪", "采集时间"]),
    ),
    "loans": (
        ("小额信贷", ["合同编号", "户编号", "贷款金额", "放款日期", "录入日期"]),
        ("银行", ["借款合同号", "借款人证件号码", "贷款金额", "发放日", "报送日期"]),
    ),
}
MEMBERS = [["户编号", "人员编号", "证件号码", "与户主关系", "填报日期"], ["h1", "p1", NUMBER, "户主", "2020-01-05"]]


@pytest.fixture
def read_both(tmp_path, write_workbook):
    """Read a table of the register, and the same of a department in a file of its own."""

    def read(table, register, department):
        (ours, here), (theirs, there) = SHEETS[table]
        sheets = {"户信息": HOUSES, "家庭成员": MEMBERS, ours: [here, *register]}
        write_workbook(tmp_path / "county.xlsx", sheets)
        write_workbook(tmp_path / f"{theirs}.xlsx", {theirs: [there, *department]})
        return read_records(tmp_path)

    return read


def known_of(intake, table, day, *columns):
    return intake.records.known_by(day).table(table).select(columns).sort(columns).rows()


@pytest.mark.parametrize(
    ("table", "register", "department", "amount"),
    [
        (
            "assistance",
            ["h1", "临时救助", "2020-03-05", 1000, "2020-04-20"],
            [NUMBER, "临时救助", "2020-03-06", 1200, "2020-03-10"],
            "amount",
        ),
        (
            "employment",
            ["h1", "p1", "2020-03-05", 1000, "2020-04-20"],
            [NUMBER, "2020-03-06", 1200, "2020-03-10"],
            "monthly_wage",
        ),
        (
            "loans",
            ["L1", "h1", 1000, "2020-03-05", "2020-04-20"],
            ["6217-9", NUMBER, 1200, "2020-03-06", "2020-03-10"],
            "principal",
        ),
    ],
)
def test_a_job_loan_or_grant_under_two_keys_counts_once(read_both, table, register, department, amount):
    intake = read_both(table, [register], [department])
    assert counted(intake) == [1]
    assert known_of(intake, table, "2020-03-09", amount) == []
    # The department knew of it first: its day holds, also once the register says another amount.
    assert known_of(intake, table, "2020-03-31", "started_on", amount) == [(date(2020, 3, 6), 1200)]
    assert known_of(intake, table, "2020-12-31", "started_on", amount) == [
        (date(2020, 3, 5) if table == "loans" else date(2020, 3, 6), 1000)
    ]


def test_equal_keys_are_versions_as_before_and_not_told(read_both):
    own = ["h1", "临时救助", "2020-03-05", 1000, "2020-04-20"]
    intake = read_both("assistance", [own], [[NUMBER, "临时救助", "2020-03-05", 1200, "2020-03-10"]])
    assert counted(intake) == []
    assert known_of(intake, "assistance", "2020-12-31", "amount") == [(1000,)]


@pytest.mark.parametrize("other", [["低保", "2020-03-06"], ["临时救助", "2020-05-06"]])
def test_another_kind_or_day_of_assistance_is_another_one(read_both, other):
    own = ["h1", "临时救助", "2020-03-05", 1000, "2020-04-20"]
    intake = read_both("assistance", [own], [[NUMBER, *other, 1200, "2020-03-10"]])
    assert counted(intake) == []
    assert len(known_of(intake, "assistance", "2020-12-31", "amount")) == 2


def test_two_grants_of_one_list_stay_two(read_both):
    own = [["h1", "临时救助", day, 1000, "2020-04-20"] for day in ("2020-03-05", "2020-03-07")]
    intake = read_both("assistance", own, [[NUMBER, "临时救助", "2020-03-06", 1000, "2020-03-10"]])
    assert counted(intake) == [1]
    assert len(known_of(intake, "assistance", "2020-12-31", "started_on")) == 2


def test_what_the_newer_list_leaves_blank_the_older_one_says(read_both):
    own = ["h1", "临时救助", "2020-03-05", None, "2020-04-20"]
    intake = read_both("assistance", [own], [[NUMBER, "临时救助", "2020-03-06", 1200, "2020-03-10"]])
    assert known_of(intake, "assistance", "2020-12-31", "amount") == [(1200,)]


def test_a_row_without_a_day_of_recording_is_known_no_earlier_under_another_key(read_both):
    own = ["h1", "临时救助", "2020-03-05", 1000, "2020-03-05"]
    intake = read_both("assistance", [own], [[NUMBER, "临时救助", "2020-03-07", 1200, None]])
    assert counted(intake) == [1]
    assert known_of(intake, "assistance", "2020-03-06", "amount") == [(1000,)]
    assert known_of(intake, "assistance", "2020-03-07", "started_on", "amount") == [(date(2020, 3, 5), 1200)]


def test_other_amounts_for_the_same_loss_are_told_and_the_later_entry_counts(read):
    intake = read([OURS], [["L1", NUMBER, "洪涝", "2020-09-15", 2600, "2020-09-17"]])
    (details,) = [details for code, details in intake.notes if code == "same_events_differ"]
    assert details == {"table": "disasters", "count": 1, "columns": "loss"}
    assert known(intake, "2020-09-30") == [(2600, date(2020, 9, 17))]
    assert known(intake, "2020-12-31") == [(2000, date(2020, 10, 20))]
    assert "same_events_differ" not in [code for code, _ in read([OURS], [THEIRS]).notes]


def test_certificates_of_a_year_are_compared_too(tmp_path, write_workbook):
    register = [
        ["户编号", "人编号", "证件号码", "残疾类别", "残疾等级", "残疾证办证年度"],
        ["h1", "p1", NUMBER, "肢体", "二级", 2018],
    ]
    write_workbook(tmp_path / "county.xlsx", {"户信息": HOUSES, "残疾": register})
    write_workbook(
        tmp_path / "残联.xlsx",
        {"残联": [["证件号码", "残疾类别", "残疾等级", "发证日期"], [NUMBER, "肢体", "二级", "2018-05-06"]]},
    )
    days = read_records(tmp_path, exported_on="2020-12-31").records.table("disabilities")["certified_on"]
    assert set(days) == {date(2018, 5, 6), date(2018, 12, 31)}
