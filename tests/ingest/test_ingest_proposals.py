"""What is proposed for headers and cells that are not understood, and what is not."""

import polars as pl
import pytest

from relapse_risk.ingest import (
    ExportDictionary,
    HeaderMatcher,
    ValueMatcher,
    describe_source,
    propose_source,
    read_records,
)
from relapse_risk.policy import WordingPartsFile, read_model, read_policy
from relapse_risk.records import TABLES

PARTS = read_model(WordingPartsFile, "parts")
HOUSEHOLDS = [["户编号", "户类型", "年度"], ["5323001", "脱贫户", "2020"], ["5323002", "一般农户", "2020"]]


def with_column(header, cells):
    return [[*row, cell] for row, cell in zip(HOUSEHOLDS, [header, *cells], strict=True)]


@pytest.fixture(scope="module")
def matcher(dictionary: ExportDictionary) -> HeaderMatcher:
    return HeaderMatcher(dictionary.aliases, PARTS)


@pytest.fixture
def proposed(tmp_path, write_workbook):
    def of(sheet, rows):
        found = describe_source(write_workbook(tmp_path / "county.xlsx", {sheet: rows}))
        return {row["header"]: row["proposed"] for row in found.filter(status="proposed").iter_rows(named=True)}

    return of


@pytest.mark.parametrize(
    ("header", "table", "column"),
    [
        ("初次申领时间", "disabilities", "certified_on"),
        ("目前家庭人口规模", "households", "size"),
        ("安置地点名称", "households", "resettlement_site"),
        ("主要脱贫退出年度", "households", "exit_year"),
        ("最新健康状况", "members", "health_status"),
        ("外出打工区域", "employment", "region"),
    ],
)
def test_a_header_of_the_same_parts_is_proposed(matcher, header, table, column):
    best = matcher.best(header, table)
    assert (best and best.alias.column) == column


@pytest.mark.parametrize(
    ("header", "table"),
    [
        ("林地面积", "households"),  # 耕地面积
        ("配偶身份证号", "members"),  # somebody else's
        ("上年人均纯收入", "incomes"),  # another year's
        ("经营净收入", "incomes"),  # less cost
        ("致贫返贫风险2", "monitoring"),  # the second of several
        ("是否参加商业医疗保险", "members"),  # another insurance
        ("日期", "loans"),  # which?
        ("编号", "households"),  # of the row?
        ("财产性支出", "incomes"),  # two signs of 生产性支出
    ],
)
def test_what_says_something_else_is_not_proposed(matcher, header, table):
    assert matcher.best(header, table) is None


def test_a_known_header_with_a_part_that_nobody_knows_is_never_proposed_for_its_column(matcher, dictionary):
    for table, known in dictionary.aliases.headers.items():
        for header in known:
            best = matcher.best(f"{header}鑫", table) if not header.isascii() else None
            assert best is None or best.grounds == "spelling", (table, header)


def test_cells_that_the_column_cannot_hold_take_a_proposal_away(proposed):
    assert proposed("户信息", with_column("目前家庭人口规模", ["4", "3"])) == {"目前家庭人口规模": "households.size"}
    assert proposed("户信息", with_column("目前家庭人口规模", ["大户", "小户"])) == {}
    assert proposed("户信息", with_column("家庭地址", ["999999196305020009", "999999196305020017"])) == {}


def test_cells_make_a_proposal_surer(tmp_path, write_workbook):
    sure = {}
    for cells in (["", ""], ["4", "3"]):
        book = write_workbook(tmp_path / "county.xlsx", {"户信息": with_column("目前家庭人口规模", cells)})
        sure[cells[0]] = describe_source(book).filter(status="proposed")["confidence"].item()
    assert sure["4"] > sure[""]


def test_of_two_headers_for_one_column_none_is_proposed(proposed):
    rows = [
        [*row, cell]
        for row, cell in zip(with_column("目前家庭人口规模", ["4", "3"]), ["最新人口规模", "4", "2"], strict=True)
    ]
    assert proposed("户信息", rows) == {}


def test_a_column_that_is_read_already_is_not_proposed(proposed):
    rows = [[*row, cell] for row, cell in zip(HOUSEHOLDS, ["最新户类型状况", "脱贫户", "一般农户"], strict=True)]
    assert proposed("户信息", rows) == {}


def test_where_every_header_is_unknown_the_name_of_the_sheet_says_whose_they_are(proposed):
    rows = [["目前家庭人口规模", "最新危房级别", "颜色"], ["4", "A级", "红"]]
    assert set(proposed("户信息", rows).values()) == {"households.size", "households.house_grade"}


def test_a_proposal_is_never_used_unasked(tmp_path, write_workbook, read_sheets):
    intake = read_sheets({"户信息": with_column("目前家庭人口规模", ["4", "3"])})
    assert "size" not in intake.records.table("households").columns


@pytest.mark.parametrize(
    ("column", "word", "code"),
    [
        ("households.poverty_cause", "缺乏劳力", "labour"),
        ("members.relation", "户主之重孙女", "grandchild"),
        ("members.left_reason", "参军服兵役", "army"),
        ("members.relation", "之侄儿媳", None),
        ("members.sex", "未说明的性别", None),
        ("households.household_type", "返贫贫苦户", "poor"),
        ("households.household_type", "脱贫贫苦对象", None),
        ("members.medical_insured", "参保待核实", None),
        ("members.education", "小学三年级肄业", "primary"),
        ("members.education", "小学至初中", None),
        ("members.relation", "户主之四子", "child"),
        ("members.relation", "表弟", None),
        ("members.relation", "小舅子", None),
        ("monitoring.risk", "家中有重病患者", "illness"),
        ("monitoring.risk", "因病致残", None),
        ("employment.channel", "零用散工", "market"),
        ("members.left_reason", "未迁出", None),
        ("loans.status", "逾期利息已免", None),
    ],
)
def test_a_cell_is_proposed_by_its_parts(dictionary, column, word, code):
    table, _, name = column.partition(".")
    found = ValueMatcher.of(dictionary.codebook, table, name, TABLES[table].columns[name], PARTS).best(word)
    assert (found and found.code) == code


def test_what_is_read_alike_is_proposed_alike_and_listed_once(matcher):
    known = matcher.vocabulary
    assert "新农合" not in PARTS.headers
    assert known.taken_apart("新农合") == known.taken_apart("城乡居民基本医疗保险")


def test_every_part_is_taken_apart_as_it_is_written(matcher):
    for part, said in PARTS.headers.items():
        assert matcher.vocabulary.taken_apart(part) == frozenset(said.split()), part


def test_a_cell_that_is_worded_as_a_header_makes_its_row_none(tmp_path):
    lines = ["劳动者名字,证件编号号码,用工单位信息", "张甲,999999196305020009,某厂", "李乙,999999196305020017,村委会"]
    (tmp_path / "人社局.csv").write_text("\n".join(lines), encoding="utf-8")
    found = describe_source(tmp_path)
    assert found["header"].drop_nulls().to_list() == lines[0].split(",")
    assert "employment.id_number" in found["proposed"].to_list()


def test_a_sheet_of_an_unknown_table_is_taken_for_the_one_that_its_headers_may_make(tmp_path):
    text = "户编号,目前家庭人口规模,目前耕地面积,目前住房等级\n5323,4,3.5,C级\n"
    (tmp_path / "Sheet1.csv").write_text(text, encoding="utf-8")
    found = describe_source(tmp_path).filter(status="proposed")
    assert found["proposed"].to_list() == ["households.size", "households.farmland_mu", "households.house_grade"]
    assert found["confidence"].max() <= 0.7
    read = propose_source(tmp_path).accepted_into(read_policy())
    assert read_records(tmp_path, policy=read).records.table("households")["size"].to_list() == [4]


def test_a_frame_is_told_which_column_of_ours_one_is_nearly_named_for():
    frame = pl.DataFrame({"household_id": ["h1"], "net_income_percapita": [1.0], "colour": ["red"]})
    found = describe_source({"incomes": frame}).drop_nulls("header")
    assert found["proposed"].to_list() == [None, "incomes.net_income_per_capita", None]
    assert found["confidence"].to_list() == [None, 0.8, None]


@pytest.mark.parametrize(
    ("word", "sex"),
    [("之女", "female"), ("女婿", "male"), ("侄女婿", "male"), ("妻", "female"), ("子女", None), ("配偶", None)],
)
def test_the_word_of_a_relation_keeps_the_sex_it_says(tmp_path, word, sex):
    text = f"户编号,人编号,姓名,与户主关系,性别\n5323,1,甲,{word},男\n"
    (tmp_path / "家庭成员.csv").write_text(text, encoding="utf-8")
    assert read_records(tmp_path).rows["members"]["_relation_sex"].to_list() == [sex]
