"""Columns of yes and no that carry knowledge: rows of its table, columns of a person, from when they were known."""

from datetime import date

import pytest

from relapse_risk.ingest import read_records
from relapse_risk.policy import Texts

HOUSE = ["户编号", "户主姓名", "年度", "家庭人口数", "户类型"]
PERSON = ["户编号", "人编号", "姓名", "与户主关系", "年度"]


@pytest.fixture
def read(write_workbook, tmp_path):
    """Read sheets; rows of 户信息 and 家庭成员 are given without their first columns."""

    def reading(exported_on="2023-06-30", **sheets):
        return read_records(write_workbook(tmp_path / "county.xlsx", sheets), exported_on=exported_on)

    return reading


def homes(header, *rows):
    return [[*HOUSE, header], *([home, "某", year, 3, "脱贫户", cell] for home, year, cell in rows)]


def persons(header, *rows):
    return [[*PERSON, header], *(["h1", person, "某", "其他", year, cell] for person, year, cell in rows)]


def rows_of(intake, table, *columns):
    return intake.records.table(table).select(*columns).sort(*columns).rows()


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("是否享受低保", "subsistence"),
        ("是否享受农村居民最低生活保障", "subsistence"),
        ("是否特困供养人员", "social_assistance"),
        ("是否接受医疗救助", "medical_aid"),
        ("是否享受雨露计划", "education"),
        ("是否光伏受益户", "industry"),
        ("是否参加防贫保", "insurance"),
    ],
)
def test_a_yes_is_help_from_the_years_first_day_known_at_its_end_until_a_row_says_no(read, header, kind):
    sheet = homes(header, ("h1", 2020, "是"), ("h1", 2021, "是"), ("h1", 2022, "否"), ("h2", 2020, "否"))
    given = rows_of(read(户信息=sheet), "assistance", "household_id", "kind", "started_on", "recorded_on", "ended_on")
    first = date(2020, 1, 1)
    assert given == [
        ("h1", kind, first, date(2020, 12, 31), None),
        ("h1", kind, first, date(2022, 12, 31), date(2022, 12, 31)),
    ]


def test_nothing_is_known_of_it_before_the_row_is(read):
    records = read(户信息=homes("是否享受低保", ("h1", 2020, "否"), ("h1", 2021, "是"))).records
    assert records.known_by("2021-12-30").table("assistance").is_empty()
    assert records.known_by("2021-12-31").table("assistance").height == 1


def test_a_word_for_the_kind_is_a_yes_and_a_word_for_no_is_not(read):
    sheet = homes("享受低保政策情况", ("h1", 2021, "农村低保"), ("h2", 2021, "未享受"), ("h1", 2022, "未享受"))
    given = rows_of(read(户信息=sheet), "assistance", "household_id", "kind", "ended_on")
    assert given == [("h1", "subsistence", None), ("h1", "subsistence", date(2022, 12, 31))]


def test_a_column_of_measures_of_one_sort_is_help_of_that_kind(read):
    sheet = [
        [*row, more]
        for row, more in zip(homes("产业帮扶", ("h1", 2021, "种植")), ["就业帮扶", "劳务输出"], strict=True)
    ]
    assert rows_of(read(户信息=sheet), "assistance", "kind") == [("industry",), ("job",)]


def test_one_of_a_household_is_enough_and_a_day_of_its_own_counts_before_the_year(read):
    sheet = persons("是否享受低保", ("p1", 2022, "否"), ("p2", 2022, "是"))
    sheet = [[*row, day] for row, day in zip(sheet, ["开始享受低保时间", "", "2019-05-01"], strict=True)]
    given = rows_of(
        read(户信息=homes("备注", ("h1", 2022, "")), 家庭成员=sheet), "assistance", "kind", "started_on", "ended_on"
    )
    assert given == [("subsistence", date(2019, 5, 1), None)]


def test_a_list_of_its_own_counts_before_the_flag(read):
    listed = [["户编号", "措施类型", "开始日期"], ["h1", "低保", "2018-03-01"]]
    sheet = homes("是否享受低保", ("h1", 2020, "是"), ("h2", 2020, "是"))
    given = rows_of(read(户信息=sheet, 帮扶措施=listed), "assistance", "household_id", "started_on")
    assert given == [("h1", date(2018, 3, 1)), ("h2", date(2020, 1, 1))]


def test_what_a_list_records_later_takes_nothing_away_from_what_was_known(read):
    listed = [["户编号", "措施类型", "开始日期", "录入日期"], ["h1", "低保", "2018-03-01", "2022-04-01"]]
    sheet = homes("是否享受低保", ("h1", 2020, "是"))
    before, after = (read(户信息=sheet, **more).records for more in ({}, {"帮扶措施": listed}))
    for day in ("2020-12-31", "2022-03-31"):
        kept = [records.known_by(day).table("assistance")["started_on"].to_list() for records in (before, after)]
        assert kept == [[date(2020, 1, 1)]] * 2
    listed[1][-1] = "2020-06-01"
    assert rows_of(read(户信息=sheet, 帮扶措施=listed), "assistance", "started_on") == [(date(2018, 3, 1),)]


def test_a_yes_is_known_from_its_first_row_whatever_is_written_down_later(read):
    rows = [["h1", "某", 2020, 3, "脱贫户", "是", day] for day in ("2020-03-01", "2020-11-01")]
    for known in (rows[:1], rows):
        sheet = [[*HOUSE, "是否享受低保", "填报日期"], *known]
        assert read(户信息=sheet).records.known_by("2020-03-31").table("assistance").height == 1


def spells(records, day):
    return records.known_by(day).table("assistance").select("started_on", "ended_on").sort("started_on").rows()


def test_a_no_and_a_later_yes_of_one_year_are_both_told(read):
    days = [(2019, "是", "2019-12-01"), (2020, "否", "2020-03-01"), (2020, "是", "2020-11-01")]
    rows = [["h1", "某", year, 3, "脱贫户", cell, day] for year, cell, day in days]
    records = read(户信息=[[*HOUSE, "是否享受低保", "填报日期"], *rows]).records
    ended = (date(2019, 1, 1), date(2020, 3, 1))
    assert spells(records, "2020-02-29") == [(date(2019, 1, 1), None)]
    assert spells(records, "2020-10-31") == [ended]
    assert spells(records, "2020-12-31") == [ended, (date(2020, 11, 1), None)]


def test_a_yes_that_is_taken_back_within_the_year_has_ended(read):
    rows = [["h1", "某", 2020, 3, "脱贫户", cell, day] for cell, day in (("是", "2020-03-01"), ("否", "2020-11-01"))]
    records = read(户信息=[[*HOUSE, "是否享受低保", "填报日期"], *rows]).records
    assert spells(records, "2020-12-31") == [(date(2020, 1, 1), date(2020, 11, 1))]


def test_of_persons_the_newest_word_of_each_counts_and_one_yes_is_enough(read):
    said = [("p1", "是", "2020-03-01"), ("p2", "否", "2020-04-01"), ("p1", "否", "2020-09-01")]
    rows = [["h1", person, "某", "其他", 2020, cell, day] for person, cell, day in said]
    records = read(
        户信息=homes("备注", ("h1", 2019, "")), 家庭成员=[[*PERSON, "是否享受低保", "录入日期"], *rows]
    ).records
    assert spells(records, "2020-05-01") == [(date(2020, 1, 1), None)]
    assert spells(records, "2020-12-31") == [(date(2020, 1, 1), date(2020, 9, 1))]


def test_a_list_of_another_year_takes_back_what_one_said(tmp_path, write_workbook):
    for year, cell in ((2019, "是"), (2020, "否")):
        write_workbook(tmp_path / f"{year}.xlsx", {"户信息": homes("是否享受低保", ("h1", year, cell))})
    records = read_records(tmp_path, exported_on="2023-06-30").records
    assert spells(records, "2020-12-31") == [(date(2019, 1, 1), date(2020, 12, 31))]


def test_what_a_list_of_its_own_tells_later_is_the_same_event(read):
    sheet = homes("是否享受低保", ("h1", 2020, "是"))
    listed = [["户编号", "措施类型", "开始日期", "录入日期"], ["h1", "低保", "2018-03-01", "2022-04-01"]]
    records = read(户信息=sheet, 帮扶措施=listed).records
    assert spells(records, "2022-03-31") == [(date(2020, 1, 1), None)]
    assert spells(records, "2022-04-01") == [(date(2018, 3, 1), None)]


def test_a_relapse_of_one_year_counts_once_whatever_day_each_list_gives(read):
    sheet = homes("返贫年度", ("h1", 2019, 2019), ("h2", 2019, 2019))
    fallen = [
        ["户编号", "返贫日期", "录入日期"],
        ["h1", "2019-08-15", "2020-06-01"],
        ["h2", "2016-05-01", "2016-06-01"],
    ]
    records = read(户信息=sheet, 返贫=fallen).records

    def days(household, day):
        found = records.known_by(day).table("relapses").filter(household_id=household)
        return sorted(found["relapsed_on"])

    assert days("h1", "2020-05-31") == [date(2019, 12, 31)]
    assert days("h1", "2020-06-01") == [date(2019, 8, 15)]
    assert days("h2", "2020-06-01") == [date(2016, 5, 1), date(2019, 12, 31)]


def test_a_public_post_that_a_list_of_work_names_later_is_one(read):
    work = [
        ["户编号", "人编号", "就业渠道", "开始日期", "录入日期"],
        ["h1", "p1", "公益性岗位", "2021-05-01", "2023-01-05"],
    ]
    homes_of = homes("备注", ("h1", 2022, ""))
    records = read(户信息=homes_of, 家庭成员=persons("公益性岗位", ("p1", 2022, "是")), 务工=work).records
    began = [records.known_by(day).table("employment")["started_on"].to_list() for day in ("2022-12-31", "2023-01-05")]
    assert began == [[date(2022, 1, 1)], [date(2021, 5, 1)]]


def test_what_happened_in_a_year_is_of_its_last_day_or_of_the_day_it_was_seen(read):
    sheet = homes("返贫年度", ("h1", 2020, 2019), ("h1", 2021, 2019), ("h2", 2023, 2023), ("h3", 2021, ""))
    rows = rows_of(read(户信息=sheet), "relapses", "household_id", "relapsed_on", "recorded_on")
    seen = date(2023, 6, 30)
    assert rows == [("h1", date(2019, 12, 31), date(2020, 12, 31)), ("h2", seen, seen)]


@pytest.mark.parametrize(
    ("header", "cell"), [("公益性岗位", "是"), ("公益性岗位(月数)", 8), ("公益性岗位类型", "护林员")]
)
def test_a_public_post_of_a_person_is_work(read, header, cell):
    sheet = persons(header, ("p1", 2022, cell), ("p2", 2022, ""))
    rows = rows_of(
        read(户信息=homes("备注", ("h1", 2022, "")), 家庭成员=sheet), "employment", "person_id", "channel", "started_on"
    )
    assert rows == [("p1", "public_post", date(2022, 1, 1))]


@pytest.mark.parametrize(
    ("header", "cell", "column", "value"),
    [
        ("是否健在", "否", "left_reason", "death"),
        ("户口是否迁出", "是", "left_reason", "moved"),
        ("是否国外务工", "是", "work_region", "outside"),
        ("是否残疾人", "是", "health_status", "disabled"),
        ("是否参加职工医保", "是", "medical_insured", True),
        ("是否参加职工医保", "否", "medical_insured", None),
        ("是否参加城镇职工基本养老保险", "是", "pension_insured", True),
    ],
)
def test_a_flag_of_a_person_fills_the_column_it_speaks_of(read, header, cell, column, value):
    intake = read(户信息=homes("备注", ("h1", 2022, "")), 家庭成员=persons(header, ("p1", 2022, cell)))
    assert intake.records.table("members")[column].to_list() == [value]
    left_on = date(2022, 12, 31) if column == "left_reason" else None
    assert intake.records.table("members").to_dicts()[0].get("left_on") == left_on


MONITORED = ["户编号", "户主姓名", "监测对象类别", "识别日期", "风险是否已消除"]


def test_a_risk_that_is_said_to_be_cleared_is_so_from_the_day_that_was_seen(read):
    rows = [
        ["h1", "某", "边缘易致贫户", "2021-05-06", "是"],
        ["h2", "某", "突发严重困难户", "2021-05-06", "风险未消除"],
    ]
    records = read(监测对象=[MONITORED, *rows]).records
    assert records.table("monitoring").sort("household_id")["cleared_on"].to_list() == [date(2023, 6, 30), None]
    assert records.known_by("2022-01-01").table("monitoring")["cleared_on"].to_list() == [None, None]


def test_a_list_of_measures_is_help_of_each_kind_that_it_names(read):
    sheet = homes(
        "落实帮扶措施", ("h1", 2021, "产业帮扶、就业帮扶"), ("h1", 2022, "就业帮扶"), ("h2", 2022, "某种帮扶")
    )
    intake = read(户信息=sheet)
    rows = rows_of(intake, "assistance", "household_id", "kind", "started_on", "ended_on")
    first, end = date(2021, 1, 1), date(2022, 12, 31)
    assert rows == [("h1", "industry", first, None), ("h1", "industry", first, end), ("h1", "job", first, None)]
    assert intake.blanked.select("column", "rule").rows() == [("measures", "unknown_code")]


def test_what_was_made_of_flags_is_told_and_what_has_no_day_is_told_too(read):
    intake = read(户信息=homes("是否享受低保", ("h1", 2020, "是")))
    (details,) = [details for code, details in intake.notes if code == "flags_as_rows"]
    assert (details["table"], details["columns"], details["count"]) == ("assistance", "on_subsistence", 1)
    undated = read(exported_on=None, 户信息=homes("是否享受低保", ("h1", "", "是")))
    assert "flags_undated" in [code for code, _ in undated.notes]
    assert undated.records.table("assistance") is None
    for lang in ("zh", "en"):
        assert "assistance" in Texts(lang)("intake_notes", "flags_undated", **details)
