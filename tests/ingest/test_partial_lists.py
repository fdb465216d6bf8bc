"""Lists of persons that name some members of households alone, and headers that may stand for several columns."""

from datetime import date

import pytest

from relapse_risk.ingest import describe_source, read_records

A, B, C = "533399196001010035", "533399196202020046", "533399199003030057"
ROSTER = [
    ["户编号", "姓名", "证件号码", "与户主关系", "年度"],
    *([["H1", "某甲", A, "户主", "2018"], ["H1", "某乙", B, "配偶", "2018"], ["H1", "某丙", C, "之子", "2018"]]),
    *([["H1", "某甲", A, "户主", "2019"], ["H1", "某丙", C, "之子", "2019"]]),
]
HOUSEHOLDS = [["户编号", "户类型", "年度"], ["H1", "脱贫户", "2018"], ["H1", "脱贫户", "2019"]]
LISTS = {
    "城乡医保": [
        ["姓名", "身份证号", "年度", "参保状态"],
        ["某甲", A, "2019", "已参保"],
        ["某乙", B, "2018", "未参保"],
    ],
    "养老保险名单": [["户编号", "姓名", "身份证号", "年度", "参保状态"], ["H1", "某甲", A, "2020", "已参保"]],
    "学生": [
        ["姓名", "身份证号", "与户主关系", "户编号", "是否在校生", "录入日期"],
        ["某丙", C, "之子", "H1", "是", "2020-06-01"],
    ],
    "残疾人": [
        ["姓名", "身份证号", "残疾证号", "残疾类别", "残疾等级", "发证日期", "性别", "民族", "文化程度", "录入日期"],
        ["某丙", C, f"{C}43", "肢体", "三级", "2019-05-06", "男", "彝族", "小学", "2020-07-01"],
    ],
}


def there(intake, day):
    members = intake.records.known_by(day).require("members")
    return members.filter(left_on=None) if "left_on" in members.columns else members


@pytest.mark.parametrize("name", [*LISTS, "all"])
def test_nobody_leaves_or_stays_because_a_list_of_some_members_names_him(read_sheets, name):
    lists = LISTS if name == "all" else {name: LISTS[name]}
    alone = read_sheets({"户信息": HOUSEHOLDS, "家庭成员": ROSTER})
    both = read_sheets({"户信息": HOUSEHOLDS, "家庭成员": ROSTER, **lists})
    for day in (date(2018, 12, 31), date(2019, 6, 30), date(2019, 12, 31), date(2020, 12, 31)):
        assert sorted(there(both, day)["relation"]) == sorted(there(alone, day)["relation"]), day
        assert there(both, day)["household_id"].unique().to_list() == ["H1"]


def test_a_list_of_members_as_such_is_whole_though_it_names_no_household(read_sheets):
    years = [
        ["身份证号", "年度", "健康状况"],
        *([person, "2018", "健康"] for person in (A, B, C)),
        [A, "2019", "健康"],
        [C, "2019", "健康"],
    ]
    intake = read_sheets({"户信息": HOUSEHOLDS, "家庭成员": ROSTER, "成员年度": years})
    assert "list_of_some_members" not in {code for code, _ in intake.notes}
    assert set(intake.rows["members"]["_sheet"]) == {"家庭成员", "成员年度"}


def test_a_list_of_the_insured_completes_what_is_known_of_them(read_sheets):
    intake = read_sheets({"户信息": HOUSEHOLDS, "家庭成员": ROSTER, **LISTS})
    now = there(intake, date(2020, 12, 31))
    insured = dict(now.select("relation", "medical_insured").rows())
    assert insured == {"head": True, "child": None}
    assert dict(now.select("relation", "pension_insured").rows()) == {"head": True, "child": None}
    then = there(intake, date(2018, 12, 31))
    assert dict(then.select("relation", "medical_insured").rows())["spouse"] is False
    noted = {details["sheet"] for code, details in intake.notes if code == "list_of_some_members"}
    assert noted == {*LISTS}
    assert set(intake.rows["members"]["_sheet"]) == {"家庭成员"}


def test_heads_are_still_known_as_heads_beside_a_list_of_some_members(read_sheets):
    heads = [["户编号", "户主姓名", "户主证件号码", "户类型"], ["H1", "某甲", A, "脱贫户"], ["H2", "某乙", B, "脱贫户"]]
    intake = read_sheets({"户信息": heads, "城乡医保": LISTS["城乡医保"]})
    now = there(intake, date(2020, 12, 31))
    assert sorted(now.select("household_id", "relation", "only_head", "medical_insured").rows()) == [
        ("H1", "head", True, True),
        ("H2", "head", True, False),
    ]


@pytest.mark.parametrize(
    ("name", "more", "column"),
    [
        ("城乡医保", [], "medical_insured"),
        ("居民养老保险", [], "pension_insured"),
        ("养老参保", ["医保类型"], "pension_insured"),  # its name stands nearer than its other headers
        ("参保", ["养老金领取时间"], "pension_insured"),
        ("参保", ["新农合缴费档次"], "medical_insured"),
        ("参保", [], None),
        ("医保和养老参保", [], None),
        ("参保", ["养老金领取时间", "新农合缴费档次"], None),
    ],
)
def test_what_insurance_is_meant_is_what_the_sheet_says(tmp_path, write_workbook, name, more, column):
    headers = ["户编号", "姓名", "身份证号", "年度", "参保状态", *more]
    rows = [headers, ["H1", "某甲", A, "2020", "已参保", *[""] * len(more)]]
    path = write_workbook(tmp_path / "county.xlsx", {"户信息": HOUSEHOLDS, name: rows})
    members = read_records(path).records.require("members")
    said = {one for one in ("medical_insured", "pension_insured") if one in members.columns}
    assert said == ({column} if column else set())
    found = describe_source(path).filter(sheet=name, header="参保状态")
    assert found["column"].to_list() == [column]
    assert found["reason"].to_list() == [None if column else "either"]
    noted = [details for code, details in read_records(path).notes if code == "header_either"]
    assert [details["header"] for details in noted] == ([] if column else ["参保状态"])


def test_the_group_above_a_header_says_which_insurance_is_meant(tmp_path, write_workbook):
    rows = [
        ["户编号", "姓名", "身份证号", "年度", "医疗保险", "", "养老保险", ""],
        ["", "", "", "", "参保状态", "缴费金额", "参保状态", "缴费金额"],
        ["H1", "某甲", A, "2020", "已参保", 400, "未参保", 0],
    ]
    path = write_workbook(tmp_path / "county.xlsx", {"户信息": HOUSEHOLDS, "参保": rows})
    members = read_records(path).records.require("members")
    assert members.select("medical_insured", "pension_insured").rows() == [(True, False)]
