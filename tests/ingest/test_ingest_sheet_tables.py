"""Which tables a sheet feeds, by its name and by its headers."""

from datetime import date

import pytest

from relapse_risk.errors import InputError
from relapse_risk.ingest import describe_source, read_records
from relapse_risk.records import AsOfView

MONITORED = ["户编号", "户主姓名", "监测对象类别", "识别日期", "风险类型", "风险消除日期"]
RELAPSES = ["是否返贫(致贫)", "返贫(致贫)日期", "返贫(致贫)原因"]
ONE_SHEET = [
    *["村", "户编号", "户主证件号码", "家庭人口数", "户类型", "监测对象类别", "监测对象识别时间", "致贫返贫风险1"],
    *[
        "风险消除时间",
        "工资性收入（元）",
        "财产性收入（元）",
        "家庭年人均纯收入（元）",
        "住房安全等级",
        "是否解决安全饮用水",
    ],
]
HOUSES = [
    ["东村", "h1", "110101197001010011", 2, "脱贫户", "", "", "因病", "", 9000, 0, 4500, "A级", "是"],
    [
        "东村",
        "h2",
        "110101197202020026",
        1,
        "一般农户",
        "边缘易致贫户",
        "2022-02-15",
        "因病",
        "",
        3000,
        0,
        3000,
        "B级",
        "是",
    ],
]


@pytest.fixture
def tables_of(tmp_path, write_workbook):
    """Say which tables a workbook of these sheets feeds, in the order of the sheets."""

    def tables(sheets):
        found = describe_source(write_workbook(tmp_path / "book.xlsx", sheets))
        return {
            name: list(dict.fromkeys(found.drop_nulls("header").filter(sheet=name, status="read")["table"]))
            for name in sheets
        }

    return tables


@pytest.mark.parametrize(
    ("headers", "tables"),
    [
        (["合同编号", "户编号", "贷款金额", "放款日期", "到期日期"], ["loans"]),
        ([*MONITORED, *RELAPSES], ["monitoring", "relapses"]),
        (["户编号", "户主姓名", "措施类型", "金额", "开始日期", "结束日期"], ["assistance"]),
        (["户编号", "年度", "家庭人口数", "工资性收入", "财产性收入", "转移性收入"], ["incomes"]),
        (["户编号", "姓名", "户类型"], []),
        (["户编号", "金额", "备注"], []),
    ],
)
def test_a_sheet_of_any_name_is_told_from_headers_of_one_table_alone(tables_of, headers, tables):
    assert tables_of({"Sheet1": [headers, [""] * len(headers)]}) == {"Sheet1": tables}


def test_a_sheet_whose_name_stands_for_one_table_feeds_another_that_it_holds_whole(tables_of):
    headers = ["户编号", "户类型", "识别日期", "风险类型", "风险消除日期"]
    assert tables_of({"户信息": [headers]}) == {"户信息": ["households", "monitoring"]}


def test_what_another_table_knows_and_the_sheet_does_not_hold_whole_is_told(tmp_path, write_workbook):
    rows = [["户编号", "户类型", "风险消除日期"], ["h1", "脱贫户", ""]]
    source = write_workbook(tmp_path / "book.xlsx", {"户信息": rows})
    assert describe_source(source).filter(reason="elsewhere").select("header", "table").rows() == [
        ("风险消除日期", "monitoring")
    ]
    notes = dict(read_records(source).notes)
    assert notes["headers_elsewhere"]["tables"] == "monitoring"


def test_one_sheet_holds_households_heads_incomes_and_monitoring(tmp_path, write_workbook):
    rows = [["2023年度监测对象家庭基本信息表"], ONE_SHEET, *HOUSES]
    intake = read_records(write_workbook(tmp_path / "book.xlsx", {"Sheet1": rows}))
    tables = {name: intake.records.table(name) for name in ("households", "members", "incomes", "monitoring")}
    assert {name: table.height for name, table in tables.items()} == {
        **dict.fromkeys(("households", "members", "incomes"), 2),
        "monitoring": 1,  # a risk alone, noted of everybody, makes nobody monitored
    }
    assert tables["incomes"].select("period_start", "period_end").unique().rows() == [
        (date(2023, 1, 1), date(2023, 12, 31))
    ]
    assert tables["members"]["relation"].unique().to_list() == ["head"]
    assert (intake.accounts["read"] == intake.accounts["kept"] + intake.accounts["refused"]).all()
    assert {"year_of_title", "only_heads"} <= {code for code, _ in intake.notes}


def test_who_lives_with_a_head_is_not_known_unless_the_head_lives_alone(tmp_path, write_workbook):
    rows = [["2023年度监测对象家庭基本信息表"], ONE_SHEET, *HOUSES]
    intake = read_records(write_workbook(tmp_path / "book.xlsx", {"Sheet1": rows}))
    residents = AsOfView.of(intake.records, "2023-12-31").residents
    assert residents.select("household_id", "age", "sex").rows() == [("h2", 51, "female")]


def test_a_list_of_members_is_what_tells_of_members(tmp_path, write_workbook):
    sheets = {
        "Sheet1": [["2023年度监测对象家庭基本信息表"], ONE_SHEET, *HOUSES],
        "家庭成员": [
            ["户编号", "人编号", "年度", "与户主关系"],
            ["h1", "p1", 2023, "户主"],
            ["h1", "p2", 2023, "配偶"],
        ],
    }
    intake = read_records(write_workbook(tmp_path / "book.xlsx", sheets))
    assert intake.records.table("members")["person_id"].to_list() == ["p1", "p2"]
    assert "only_heads" not in {code for code, _ in intake.notes}


@pytest.mark.parametrize("title", ["监测对象信息表", "2022年度、2023年度监测对象信息表", "1023年度监测对象信息表"])
def test_a_year_is_taken_from_no_title_that_names_none_or_several(tmp_path, write_workbook, title):
    rows = [[title], ["户编号", "家庭人口数", "工资性收入"], ["h1", 3, 100]]
    with pytest.raises(InputError) as refused:
        read_records(write_workbook(tmp_path / "book.xlsx", {"收入": rows}))
    assert refused.value.code == "sheet_without_key"


@pytest.mark.parametrize(
    ("more", "relapses"),
    [
        (["认定日期"], False),
        (["认定日期", "是否返贫(致贫)"], True),
        (["返贫(致贫)日期"], True),
        (RELAPSES, True),
    ],
)
def test_a_day_of_recognition_alone_makes_nobody_of_a_list_of_the_monitored_relapsed(tables_of, more, relapses):
    known = tables_of({"监测户": [[*MONITORED, *more]]})["监测户"]
    assert known == ["monitoring", *(["relapses"] if relapses else [])]
    lacking = tables_of({"监测户": [["户编号", "监测对象类别", *more]]})["监测户"]
    assert ("relapses" in lacking) == (len(more) > 1)
