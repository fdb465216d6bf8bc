"""Never all or nothing: what of a source cannot be read is told, and the rest is read."""

from datetime import date

import pytest

from relapse_risk.errors import InputError
from relapse_risk.ingest import describe_source, read_records
from relapse_risk.policy import Texts
from relapse_risk.records import sheet_reason

HOMES = [["户编号", "户类型"], ["h1", "脱贫户"], ["h2", "一般农户"]]
KEYLESS = [["户编号", "监测对象类别", "状态"], ["h1", "脱贫不稳定户", "未消除"]]
LOANS = [["合同编号", "户编号", "贷款金额", "放款日期"], ["l1", "h1", 5000, "2019-05-01"]]
BILLS = ["户编号", "人编号", "病种", "入院日期", "个人自付"]


def statuses(intake):
    return {(row["source"], row["sheet"]): (row["status"], row["reason"]) for row in intake.sheets.to_dicts()}


def test_a_sheet_without_its_key_is_told_with_what_might_be_it_and_the_rest_is_read(tmp_path, write_workbook):
    book = write_workbook(tmp_path / "a.xlsx", {"户信息": HOMES, "监测户": KEYLESS, "小额信贷": LOANS})
    intake = read_records(book)
    assert intake.records.table("households").height == 2
    assert intake.records.table("loans").height == 1
    assert statuses(intake)["a.xlsx", "监测户"] == ("unread", "sheet_without_key")
    (details,) = [details for code, details in intake.notes if code == "sheet_without_key"]
    assert details["missing"].startswith("identified_on") and details["headers"] == "状态"
    for lang in ("zh", "en"):
        assert "状态" in Texts(lang)("intake_notes", "sheet_without_key", **details)
    assert [
        sheet.label for sheet in read_records(book, exported_on="2020-01-01").records.known_by("2020-01-01").unread
    ] == ["a.xlsx · 监测户"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("b.xlsx", b"PK\x03\x04 no workbook"),
        ("b.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("households.parquet", b"no table"),
        ("b.csv", b"\xff\xff\x00"),
    ],
)
def test_a_file_that_cannot_be_opened_never_stops_the_others(tmp_path, write_workbook, name, content):
    write_workbook(tmp_path / "a.xlsx", {"户信息": HOMES})
    (tmp_path / name).write_bytes(content)
    intake = read_records(tmp_path)
    assert intake.records.table("households").height == 2
    assert statuses(intake)[name, None][0] == "unread"
    row = describe_source(tmp_path).filter(source=name).row(0, named=True)
    assert row["status"] == "unread" and row["reason"] == statuses(intake)[name, None][1]


def test_a_file_of_a_record_table_without_its_key_is_told_and_a_frame_is_refused(tmp_path, write_workbook):
    write_workbook(tmp_path / "a.xlsx", {"户信息": HOMES})
    (tmp_path / "incomes.csv").write_text("household_id,wage\nh1,3\n")
    assert statuses(read_records(tmp_path))["incomes.csv", "-"] == ("unread", "sheet_without_key")
    found = describe_source(tmp_path).filter(source="incomes.csv", reason="sheet_without_key")
    assert "period_start" in found["missing"].item()


@pytest.mark.parametrize(
    ("sheet", "headers", "table"),
    [
        ("医疗", BILLS, "illness"),
        ("医疗", ["姓名", "身份证号", "病种", "入院日期", "个人自付"], "illness"),
        ("残疾", ["姓名", "残疾证号", "残疾类别", "残疾等级"], "disabilities"),
        ("受灾信息", ["户编号", "灾害类型", "受灾日期", "损失金额"], "disasters"),
        ("务工", ["姓名", "身份证号", "务工地点", "开始日期"], "employment"),
        ("民政局", ["申请人", "身份证号", "措施类型", "开始日期"], "assistance"),
    ],
)
def test_a_list_of_headers_alone_is_an_empty_list_and_no_error(tmp_path, write_workbook, sheet, headers, table):
    write_workbook(tmp_path / "a.xlsx", {"户信息": HOMES})
    write_workbook(tmp_path / f"{sheet}.xlsx", {sheet: [headers]})
    intake = read_records(tmp_path)
    assert intake.records.table("households").height == 2
    details = {"source": f"{sheet}.xlsx", "sheet": sheet, "tables": table}
    assert ("sheet_without_rows", details) in intake.notes
    assert statuses(intake)[f"{sheet}.xlsx", sheet] == ("read", None)


@pytest.mark.parametrize("above", [[[]], [[], []], [["", ""], ["户信息表"], []], [[" "]]])
def test_empty_rows_above_headers_stop_nothing(tmp_path, write_workbook, above):
    book = write_workbook(tmp_path / "a.xlsx", {"户信息": [*above, *HOMES]})
    intake = read_records(book)
    assert intake.records.table("households").height == 2
    assert intake.records.exported_on is None
    assert set(describe_source(book)["status"]) == {"read"}


def test_where_nothing_usable_is_left_every_sheet_is_told(tmp_path, write_workbook):
    write_workbook(tmp_path / "a.xlsx", {"户信息": [["甲", "乙"], ["1", "2"]], "监测户": KEYLESS})
    (tmp_path / "b.xlsx").write_bytes(b"no workbook")
    with pytest.raises(InputError) as refused:
        read_records(tmp_path)
    assert refused.value.code == "nothing_readable"
    for lang in ("zh", "en"):
        message = refused.value.in_language(lang)
        assert all(name in message for name in ("户信息", "监测户", "b.xlsx", "状态"))


def test_a_required_table_that_is_not_there_is_told_with_the_sheets_that_were_not_read(tmp_path, write_workbook):
    book = write_workbook(tmp_path / "a.xlsx", {"小额信贷": LOANS, "监测户": KEYLESS})
    records = read_records(book).records
    with pytest.raises(InputError) as refused:
        records.require("households")
    assert refused.value.code == "table_needed"
    assert "监测户" in refused.value.in_language("zh") and "状态" in refused.value.in_language("en")


def test_only_a_list_that_nobody_reads_is_called_unread(tmp_path, write_workbook):
    sheets = {
        "户信息": HOMES,
        "说明": [["填报说明"], ["一、按月填报"], ["二、不得空缺"]],
        "空": [],
        "光伏": [["电站", "容量", "并网日"], ["一号", 3, "2018-01-02"], ["二号", 5, "2018-03-04"]],
    }
    intake = read_records(write_workbook(tmp_path / "a.xlsx", sheets))
    assert {sheet: status for (_, sheet), status in statuses(intake).items()} == {
        "户信息": ("read", None),
        "说明": ("not_needed", "sheet_no_list"),
        "空": ("not_needed", "sheet_empty"),
        "光伏": ("unread", "sheet_unknown"),
    }
    assert describe_source(tmp_path).filter(sheet="光伏")["header"].drop_nulls().to_list() == ["电站", "容量", "并网日"]


def test_examples_show_no_identity(tmp_path, write_workbook):
    headers = ["户编号", "户主姓名", "户主证件号码", "户类型", "联系电话", "带头人", "带头人号码", "户况"]
    row = ["5323111012010001", "赵甲", "533399196001010035", "脱贫户", "13812345678", "钱乙", "533399196001010051", 3]
    found = describe_source(write_workbook(tmp_path / "a.xlsx", {"户信息": [headers, row]}))
    shown = dict(found.drop_nulls("header").select("header", "example").rows())
    assert shown["户类型"] == "脱贫户" and shown["户况"] == "3"
    assert not any(cell in shown.values() for cell in row if cell not in ("脱贫户", 3))


@pytest.mark.parametrize("name", ["nowhere", "nowhere.xlsx"])
def test_only_a_path_that_is_not_there_is_refused_a_description(tmp_path, name):
    with pytest.raises(InputError) as refused:
        describe_source(tmp_path / name)
    assert refused.value.code == "source_unknown"


@pytest.mark.parametrize(("name", "content"), [("a.zip", b"no archive"), ("a.doc", b"x"), ("a.xlsx", b"")])
def test_a_source_that_cannot_be_read_is_described(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert describe_source(tmp_path / name)["status"].to_list() == ["unread"]


def test_an_empty_folder_is_described(tmp_path):
    assert describe_source(tmp_path)["reason"].to_list() == ["nothing_to_read"]


def test_the_day_of_the_other_sheets_stays_when_one_is_not_read(tmp_path, write_workbook):
    dated = [["导出日期：2020年12月31日"], *HOMES]
    book = write_workbook(tmp_path / "a.xlsx", {"户信息": dated, "监测户": [["导出日期：2019年12月31日"], *KEYLESS]})
    assert read_records(book).records.exported_on == date(2020, 12, 31)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_why_a_sheet_is_not_read_is_said_in_words_whatever_the_reason(lang):
    texts, details = Texts(lang), {"missing": "year", "headers": "x", "table": "incomes"}
    unread = [
        *("sheet_unknown", "sheet_no_list", "sheet_empty", "sheet_same", "sheet_hidden", "sheet_too_far"),
        *("headers_missing", "sheet_without_key", "file_same", "file_not_read", "file_unreadable", "file_locked"),
        *("file_too_old", "file_is_document", "no_permission", "columns_twice"),
    ]
    for reason in unread:
        assert texts.template("intake_notes", reason)
        assert sheet_reason(reason, texts, **details) != reason


def test_of_a_sheet_without_its_key_the_header_that_may_be_it_is_named_first(tmp_path, write_workbook):
    rows = [["户编号", "监测对象类别", "颜色", "纳入监测之日"], ["h1", "脱贫不稳定户", "红", "2022-03-04"]]
    book = write_workbook(tmp_path / "a.xlsx", {"户信息": HOMES, "监测户": rows})
    (details,) = [details for code, details in read_records(book).notes if code == "sheet_without_key"]
    likely = describe_source(book).filter(header="纳入监测之日")
    assert likely.select("status", "proposed").rows() == [("proposed", "monitoring.identified_on")]
    assert details["headers"] == "纳入监测之日 → identified_on?, 颜色"
