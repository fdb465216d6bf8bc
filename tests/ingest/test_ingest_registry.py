from datetime import date

import pytest

from relapse_risk.errors import InputError
from relapse_risk.ingest import read_records
from relapse_risk.policy import Texts

HOUSEHOLDS = [
    ["户编号", "户主姓名", "户主证件号码", "联系电话", "户类型", "饮水困难", "填报日期"],
    ["5323111012010001", "赵甲", "999999196305020009", "13800000000", "脱贫户", "否", "2018-12-02"],
    ["5323111012010002", "钱乙", "99999919880216001X", "13900000000", "一般农户", "是", "2018-12-03"],
]
WORK = [
    "户编号",
    "人编号",
    "务工地点",
    "务工渠道",
    "月收入",
    "开始日期",
    "结束日期",
    "离岗原因",
    "录入日期",
    "离岗录入日期",
]
MONITORED = [
    "户编号",
    "监测对象类别",
    "识别日期",
    "风险类型",
    "风险消除日期",
    "是否返贫(致贫)",
    "返贫(致贫)日期",
    "返贫(致贫)原因",
    "录入日期",
    "消除录入日期",
]
MEMBERS = ["户编号", "人编号", "姓名", "证件号码", "健康状况", "年度", "减少原因", "减少日期", "死亡日期", "填报日期"]


def table(intake, name, *columns):
    return intake.records.table(name).select(columns).sort(columns).rows()


def test_an_ending_recorded_later_makes_two_versions(read_sheets):
    rows = [
        WORK,
        [
            "h1",
            "p1",
            "县内",
            "扶贫车间",
            "1,500.00元",
            "2016/1/1",
            "20160927",
            "合同到期",
            "2016-01-07",
            "2016年10月3日",
        ],
        ["h1", "p2", "省外", "劳务公司", "0.15万元", "2016/1/1", "2016-12-15", "返乡", "2016-12-31", "2016-12-21"],
        ["h1", "p3", "省外", "自主就业", 1500, "2016/1/1", "", "", "2016-01-07", ""],
    ]
    intake = read_sheets({"务工": rows})
    days = ("person_id", "recorded_on", "ended_on", "ended_reason", "monthly_wage")
    assert intake.records.table("employment").select(days).sort("person_id", "recorded_on").rows() == [
        ("p1", date(2016, 1, 7), None, None, 1500.0),
        ("p1", date(2016, 10, 3), date(2016, 9, 27), "合同到期", 1500.0),
        ("p2", date(2016, 12, 31), date(2016, 12, 15), "返乡", 1500.0),
        ("p3", date(2016, 1, 7), None, None, 1500.0),
    ]
    assert intake.accounts.select("read", "kept").rows() == [(3, 3)]


def test_a_death_is_known_when_the_register_struck_the_person_off(read_sheets):
    rows = [
        MEMBERS,
        ["h1", "p1", "赵甲", "", "健康", "2019", "死亡", "2020-01-05", "2019-12-20", "2019-12-15"],
        ["h1", "p2", "赵乙", "", "健康", "2019", "迁出", "2020-01-05", "", "2019-12-15"],
        ["h1", "p3", "赵丙", "", "健康", "2019", "", "", "", "2019-12-15"],
    ]
    members = read_sheets({"家庭成员": rows}).records
    said = ("person_id", "recorded_on", "left_on", "left_reason")
    assert members.table("members").select(said).sort("person_id", "recorded_on").rows() == [
        ("p1", date(2019, 12, 15), None, None),
        ("p1", date(2020, 1, 5), date(2019, 12, 20), "death"),
        ("p2", date(2019, 12, 15), None, None),
        ("p2", date(2020, 1, 5), date(2020, 1, 5), "moved"),
        ("p3", date(2019, 12, 15), None, None),
    ]
    known = members.known_by("2019-12-31").table("members")
    assert known["left_on"].null_count() == 3


def test_a_years_members_without_departures_are_one_snapshot(read_sheets):
    rows = [
        ["户编号", "人编号", "年度", "填报日期"],
        ["h1", "p1", "2018", "2018-12-02"],
        ["h1", "p2", "2018", "2018-12-05"],
        ["h1", "p1", "2019", "2019-12-02"],
    ]
    records = read_sheets({"家庭成员": rows}).records
    assert records.known_by("2018-12-31").table("members")["person_id"].to_list() == ["p1", "p2"]
    assert records.known_by("2019-12-31").table("members")["person_id"].to_list() == ["p1"]


def test_one_sheet_feeds_monitoring_and_relapses(read_sheets):
    rows = [
        MONITORED,
        ["h1", "边缘易致贫户", "2015/12/3", "因病", "2016-10-28", "否", "", "", "2015/12/4", "2016/11/12"],
        ["h2", "", "", "", "", "是", "2020-12-20", "其他", "2020-12-26", ""],
        ["h3", "突发严重困难户", "2018-01-02", "因灾", "", "有", "2019年3月5日", "因灾", "2018-01-05", ""],
        ["h4", "", "", "", "", "是", "", "因病", "2018-01-05", ""],
        ["h5", "", "", "", "", "", "", "", "2018-01-05", ""],
    ]
    intake = read_sheets({"监测对象": rows})
    assert table(intake, "monitoring", "household_id", "recorded_on", "cleared_on") == [
        ("h1", date(2015, 12, 4), None),
        ("h1", date(2016, 11, 12), date(2016, 10, 28)),
        ("h3", date(2018, 1, 5), None),
    ]
    assert table(intake, "relapses", "household_id", "relapsed_on", "cause") == [
        ("h2", date(2020, 12, 20), "other"),
        ("h3", date(2019, 3, 5), "disaster"),
    ]
    assert intake.accounts.select("table", "read", "kept", "refused").rows() == [
        ("monitoring", 3, 2, 1),
        ("relapses", 3, 2, 1),
    ]
    assert intake.rejected.select("row", "table", "column", "rule").rows() == [
        (8, "monitoring", "identified_on", "missing"),
        (7, "relapses", "relapsed_on", "missing"),
    ]


def test_rows_that_deny_a_relapse_are_none(read_sheets):
    rows = [["户编号", "是否返贫", "返贫日期"], ["h1", "是", "2019-03-05"], ["h2", "否", "2019-03-05"]]
    intake = read_sheets({"返贫": rows})
    assert table(intake, "relapses", "household_id") == [("h1",)]
    assert intake.accounts.select("read", "kept", "skipped").rows() == [(1, 1, 1)]


def test_incomes_are_of_the_calendar_year_and_found_in_the_sheet_of_households_too(read_sheets):
    separate = [
        ["户编号", "年度", "家庭人口数", "工资性收入", "录入日期"],
        ["h1", 2016.0, "4", "1.2万元", "2016/12/26"],
    ]
    beside = [
        ["户编号", "年度", "家庭人口数", "户类型", "工资性收入", "填报日期"],
        ["h2", "2017", "3", "脱贫户", "800元", "2017-12-01"],
    ]
    beside.append(["h3", "2017", "3", "脱贫户", "", "2017-12-01"])
    intake = read_sheets({"收入": separate, "户信息": beside})
    assert table(intake, "incomes", "household_id", "period_start", "period_end", "household_size", "wage") == [
        ("h1", date(2016, 1, 1), date(2016, 12, 31), 4, 12000.0),
        ("h2", date(2017, 1, 1), date(2017, 12, 31), 3, 800.0),
    ]
    assert table(intake, "households", "household_id", "size") == [("h2", 3), ("h3", 3)]


def test_reimbursements_add_up_and_an_unreadable_part_leaves_the_sum_unknown(read_sheets):
    rows = [
        [
            "流水号",
            "户编号",
            "医疗类别",
            "病种",
            "入院日期",
            "医疗总费用",
            "基本医保报销",
            "大病保险报销",
            "医疗救助",
            "个人自付",
        ],
        ["M1", "h1", "住院", "恶性肿瘤", "2016/1/6", 1000, "500.00", "100元", "", "400"],
        ["M2", "h1", "门诊慢特病", "高血压", "2016/1/7", 1000, "五百", "100元", "0", "400"],
        ["M3", "h1", "住院", "肺炎", "2016/1/8", 1000, "", "", "", "400"],
        ["M4", "h1", "住院", "鍐犲績鐥\ufffd", "2016/1/9", 1000, "1", "1", "1", "400"],
    ]
    intake = read_sheets({"医疗": rows})
    assert table(intake, "illness", "event_id", "reimbursed", "kind") == [
        ("M1", 600.0, "serious"),
        ("M2", None, "chronic"),
        ("M3", None, "ordinary"),
        ("M4", 3.0, None),
    ]
    assert intake.blanked.select("row", "column", "rule").rows() == [
        (5, "reimbursed", "unreadable"),
        (7, "disease", "garbled"),
    ]


def test_identifiers_that_went_through_a_number_refuse_the_row_where_they_are_needed(read_sheets):
    rows = [
        MEMBERS,
        ["5323111012010001", "532311101201000101", "赵甲", "9.99999E+17", "健康", "2019", "", "", "", "2019-12-15"],
        ["5323111012010001", 532311101201000102, "赵乙", "", "健康", "2019", "", "", "", "2019-12-15"],
        ["5.32311E+15", "532311101201000103", "赵丙", 999999196305020009, "健康", "2019", "", "", "", "2019-12-15"],
    ]
    intake = read_sheets({"家庭成员": rows})
    assert table(intake, "members", "person_id") == [("532311101201000101",)]
    assert intake.rejected.select("row", "column", "rule").rows() == [
        (5, "person_id", "identifier_as_number"),
        (6, "household_id", "identifier_as_number"),
        (6, "id_number", "identifier_as_number"),
    ]
    assert intake.blanked.select("row", "column", "rule", "value_masked").rows() == [
        (4, "id_number", "identifier_as_number", "9.99999X+99")
    ]
    assert "按文本导出" in Texts("zh")("intake_rules", "identifier_as_number")


def test_totals_remarks_blank_rows_and_repeated_headers_are_passed_over(read_sheets):
    rows = [
        *HOUSEHOLDS,
        ["", " ", None, "", "", "", ""],
        HOUSEHOLDS[0],
        ["合 计", "", "", "", "", "", "2"],
        ["填表人：某某", "", "", "", "", "", ""],
        ["", "", "", "", "脱贫户", "", ""],
    ]
    intake = read_sheets({"户信息": rows})
    accounts = intake.accounts.filter(table="households")
    assert accounts.select("read", "kept", "refused", "skipped").rows() == [(3, 2, 1, 4)]
    assert intake.rejected.select("row", "column", "rule").rows() == [(10, "household_id", "missing")]


def test_no_name_or_number_of_a_person_comes_in_unless_asked(read_sheets):
    rows = [*HOUSEHOLDS, ["5.3E+17", "孙丙", "9.99999E+17", "13700000000", "孙丁户", "否", "2018-12-02"]]
    intake = read_sheets({"户信息": rows})
    issues = repr(
        [
            *intake.notes,
            *(frame.rows() for frame in intake.records.tables.values()),
            intake.rejected.rows(),
            intake.blanked.rows(),
        ]
    )
    assert not [
        secret
        for row in rows[1:]
        for secret in (row[1], row[2], row[3])
        if secret in issues and secret != "9.99999E+17"
    ]
    assert intake.carried.columns == ["household_id"]
    asked = read_sheets({"户信息": rows}, carry=("head_name", "phone"))
    assert asked.carried.rows() == [
        ("5323111012010001", "赵甲", "13800000000"),
        ("5323111012010002", "钱乙", "13900000000"),
    ]
    assert not {"head_name", "phone"} & set(asked.records.table("households").columns)


def test_the_newest_value_is_carried(read_sheets):
    rows = [
        ["户编号", "户主姓名", "填报日期"],
        ["h1", "赵新", "2019-12-02"],
        ["h1", "赵旧", "2018-12-02"],
        ["h1", "", "2020-12-02"],
    ]
    assert read_sheets({"户信息": rows}, carry=("head_name",)).carried.rows() == [("h1", "赵新")]


def test_a_negated_header_means_the_opposite(read_sheets):
    intake = read_sheets({"户信息": HOUSEHOLDS})
    assert intake.records.table("households")["safe_water"].to_list() == [True, False]


def test_what_is_not_understood_is_listed_and_never_guessed(read_sheets):
    rows = [["户编号", "户类型", "脱贫属性", "牲畜", "神秘列"], ["h1", "脱贫户", "返贫户", "3", "x"]]
    intake = read_sheets({"户信息": rows, "别的": [["a"]], "空的": []})
    codes = [(code, details.get("header") or details.get("sheet")) for code, details in intake.notes]
    assert ("header_unknown", "神秘列") in codes
    assert ("header_twice", "脱贫属性") in codes
    assert ("sheet_no_list", "别的") in codes
    assert len(codes) == 4  # and the empty sheet, which here has a title only
    assert intake.records.table("households")["household_type"].to_list() == ["exited"]
    for code, details in intake.notes:
        assert Texts("zh")("intake_notes", code, **details) and Texts("en")("intake_notes", code, **details)


def test_months_are_counted(read_sheets):
    rows = [["户编号", "填报日期"], ["h1", "2019年3月"], ["h2", "2019年3月"], ["h3", "201904"]]
    intake = read_sheets({"户信息": rows})
    assert [details["count"] for code, details in intake.notes if code == "month_as_last_day"] == [3]
    assert intake.records.table("households")["recorded_on"].to_list() == [date(2019, 3, 31)] * 2 + [date(2019, 4, 30)]


def test_the_units_of_headers_hold(read_sheets):
    rows = [["户编号", "合同编号", "贷款金额（万元）"], ["h1", "X1", 5.0], ["h1", "X2", "3"], ["h1", "X3", "20,000元"]]
    intake = read_sheets({"小额信贷": rows})
    assert intake.records.table("loans")["principal"].to_list() == [50000.0, 30000.0, 20000.0]


def test_versions_of_one_day_that_differ_are_both_kept(read_sheets):
    rows = [["户编号", "户类型", "填报日期"], ["h1", "脱贫户", "2019-12-02"], ["h1", "返贫户", "2019-12-02"]]
    intake = read_sheets({"户信息": rows})
    assert intake.records.table("households").height == 2
    assert intake.accounts["refused"].sum() == 0


def test_the_export_date_comes_from_above_the_headers_unless_given(read_sheets):
    assert read_sheets({"户信息": HOUSEHOLDS}).records.exported_on == date(2020, 12, 31)
    assert read_sheets({"户信息": HOUSEHOLDS}, exported_on="2021-01-31").records.exported_on == date(2021, 1, 31)


@pytest.mark.parametrize(
    ("sheets", "code"),
    [
        ({"户信息": [["户类型", "户主姓名"], ["脱贫户", "赵甲"]]}, "sheet_without_key"),
        ({"收入": [["户编号", "家庭人口数", "工资性收入"], ["h1", 3, 100]]}, "sheet_without_key"),
        ({"户信息": [["甲", "乙"], ["1", "2"]]}, "headers_missing"),
        ({"户信息": HOUSEHOLDS[:1]}, "nothing_but_headers"),
        ({"别的": [["甲", "乙", "丙"], ["1", "2", "3"]]}, "nothing_understood"),
    ],
)
def test_unusable_sheets_are_one_clear_line(read_sheets, sheets, code):
    with pytest.raises(InputError) as raised:
        read_sheets(sheets)
    assert raised.value.code == code
    for lang in ("zh", "en"):
        line = raised.value.in_language(lang)
        assert "\n" not in line and "赵甲" not in line


def test_two_registers_exported_on_different_days_are_known_to_the_earlier(tmp_path, write_workbook):
    for name, day in (("甲", "2020-12-31"), ("乙", "2021-03-31")):
        rows = [["导出日期：" + day], ["户编号", "户类型"], [name, "脱贫户"]]
        write_workbook(tmp_path / f"{name}.xlsx", {"户信息": rows})
    intake = read_records(tmp_path)
    assert intake.records.exported_on == date(2020, 12, 31)
    assert ("export_dates_differ", {"first": date(2020, 12, 31), "last": date(2021, 3, 31)}) in intake.notes
    # What bears no day is known from its own file's export, not from the earlier one.
    assert table(intake, "households", "recorded_on", "household_id") == [
        (date(2020, 12, 31), "甲"),
        (date(2021, 3, 31), "乙"),
    ]


def test_the_same_table_of_several_workbooks_is_one(tmp_path, write_workbook):
    write_workbook(tmp_path / "a.xlsx", {"户信息": [["户编号", "户类型"], ["h1", "脱贫户"]]})
    write_workbook(tmp_path / "b.xlsx", {"户信息": [["户编号", "家庭人口数"], ["h2", 3]]})
    intake = read_records(tmp_path)
    assert intake.records.table("households").select("household_id", "household_type", "size").rows() == [
        ("h1", "exited", None),
        ("h2", None, 3),
    ]
    assert intake.accounts["source"].to_list() == ["a.xlsx", "b.xlsx"]


def test_yearly_rows_without_a_day_are_known_from_the_end_of_their_year(read_sheets):
    rows = [
        ["户编号", "年度", "户类型"],
        ["h1", "2018", "未脱贫户"],
        ["h1", "2019", "脱贫户"],
        ["h1", "2021", "返贫户"],
    ]
    intake = read_sheets({"户信息": rows})
    assert intake.records.known_by("2019-06-30").table("households")["household_type"].to_list() == ["poor"]
    assert intake.records.known_by("2019-12-31").table("households")["household_type"].to_list() == ["exited"]
    assert intake.records.table("households")["recorded_on"].max() == date(2020, 12, 31)
    assert ("year_as_last_day", {"source": "county.xlsx", "sheet": "户信息", "count": 3}) in intake.notes


def test_every_change_of_form_is_counted_by_kind(read_sheets):
    rows = [
        ["户编号", "年度", "家庭人口数", "工资性收入", "录入日期"],
        ["h1", 2019, "3", "1,234.50", "2019-12-31"],
        ["'h2", 2019, "３", "0.1万元", "2019年12月31日"],
        ["h3", 2019, 3, 1000, 43830],
    ]
    changes = read_sheets({"收入": rows}).changes
    assert changes.select("column", "change", "cells").rows() == [
        ("household_id", "signs", 1),
        ("household_size", "number_form", 1),
        ("wage", "number_form", 1),
        ("wage", "unit", 1),
        ("recorded_on", "date_form", 1),
        ("recorded_on", "serial_day", 1),
    ]


def test_a_list_of_persons_each_with_a_day_of_entry_loses_nobody(read_sheets):
    rows = [["户编号", "人编号", "录入日期"], ["h1", "p1", "2016-05-01"], ["h1", "p2", "2019-03-01"]]
    records = read_sheets({"家庭成员": rows}).records
    found = [members_on(records, day)["person_id"].to_list() for day in ("2018-12-31", "2020-12-31")]
    assert found == [["p1"], ["p1", "p2"]]


def test_lists_of_one_day_each_are_snapshots(read_sheets):
    rows = [["户编号", "人编号", "录入日期"]]
    rows += [["h1", "p1", "2016-05-01"], ["h1", "p2", "2016-05-01"], ["h1", "p1", "2019-03-01"]]
    records = read_sheets({"家庭成员": rows}).records
    assert members_on(records, "2020-12-31")["person_id"].to_list() == ["p1"]


def members_on(records, day):
    return records.known_by(day).table("members")
