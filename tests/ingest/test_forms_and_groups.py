"""Forms of one household, headers under a group that says what they are of, numbers of persons in words."""

import pytest

from relapse_risk.errors import InputError
from relapse_risk.ingest import describe_source, read_records

FORM = [
    ["脱贫户基本信息登记表", "", "", ""],
    ["户编号", "H1", "户主姓名", "某甲"],
    ["身份证号", "533399196001010035", "户类型", "脱贫户"],
    ["家庭人口", 3, "联系电话", "13900000000"],
    ["致贫原因", "因病", "脱贫年度", "2019"],
]
LIST = [["户编号", "户类型", "年度"], ["H1", "脱贫户", "2020"]]


def test_a_form_of_one_household_is_told_and_the_lists_beside_it_are_read(tmp_path, write_workbook):
    path = write_workbook(tmp_path / "county.xlsx", {"登记表": FORM, "户信息": LIST})
    intake = read_records(path)
    assert intake.records.require("households").height == 1
    assert [details["sheet"] for code, details in intake.notes if code == "sheet_form"] == ["登记表"]
    assert describe_source(path).filter(sheet="登记表")["reason"].to_list() == ["sheet_form"]


@pytest.mark.parametrize("name", ["户信息", "Sheet1"])
def test_where_there_is_but_a_form_the_error_says_so(tmp_path, write_workbook, name):
    rows = [*FORM, ["家庭成员", "", "", ""], ["姓名", "关系", "身份证号", "健康状况"], ["某乙", "配偶", "", "健康"]]
    with pytest.raises(InputError) as raised:
        read_records(write_workbook(tmp_path / "county.xlsx", {name: rows}))
    assert raised.value.code == "sheet_form"


@pytest.mark.parametrize(
    ("group", "factor"), [("收入", 1), ("收入情况（元）", 1), ("年收入明细(万元)", None), ("收入（万元）", 10000)]
)
def test_a_header_is_understood_with_what_its_group_is_of(tmp_path, write_workbook, group, factor):
    rows = [
        ["户编号", "家庭人口", "年度", group, "", ""],
        ["", "", "", "工资性", "财产性", "转移性"],
        ["H1", "3人", "2020", 2, 0, 4],
    ]
    path = write_workbook(tmp_path / "county.xlsx", {"收入": rows})
    found = read_records(path).records.table("incomes")
    if factor is None:  # a group that says more than the subject is none of the known ones
        assert found is None or "wage" not in found.columns
    else:
        assert found.select("wage", "property", "transfer").rows() == [(2 * factor, 0, 4 * factor)]


def test_numbers_of_persons_are_read_as_they_are_said(tmp_path, write_workbook):
    said = {"H1": "4口人", "H2": "四口人", "H3": "共4人", "H4": "共四口", "H5": "十二人", "H6": "4", "H7": "三四口人"}
    rows = [["户编号", "户类型", "年度", "家庭人口"], *([key, "脱贫户", "2020", value] for key, value in said.items())]
    intake = read_records(write_workbook(tmp_path / "county.xlsx", {"户信息": rows}))
    sizes = dict(intake.records.require("households").select("household_id", "size").rows())
    assert sizes == {"H1": 4, "H2": 4, "H3": 4, "H4": 4, "H5": 12, "H6": 4, "H7": None}
    assert intake.blanked.select("row", "column").rows() == [(8, "size")]
