"""Exports as offices send them, through the command line: what is read of them, and what is told."""

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from relapse_risk.cli import run
from relapse_risk.ingest import describe_source, read_records

ONE_SHEET = "17-one-sheet-monitoring"
DEFAULT_NAMES = "18-default-sheet-names"
NAMES = ["户信息", "家庭成员", "收入", "医疗", "残疾", "灾害", "务工", "小额信贷", "帮扶措施", "监测对象"]


@pytest.fixture(scope="module")
def cases(shared, require):
    require(shared / "cases", "the cases among the sample exports")
    return shared / "cases"


@pytest.fixture(scope="module")
def incomes(tmp_path_factory):
    """A workbook of two households and their incomes of 2020."""
    path = tmp_path_factory.mktemp("incomes") / "county.xlsx"
    sheets = {
        "户信息": [
            ["户编号", "户主姓名", "联系电话", "年度", "家庭人口数", "户类型"],
            ["h1", "赵甲", "13800000000", 2020, 2, "脱贫户"],
            ["h2", "钱乙", "13900000000", 2020, 3, "一般农户"],
        ],
        "收入": [
            ["户编号", "年度", "家庭人口数", "工资性收入", "人均纯收入"],
            ["h1", 2020, 2, 9000, 4500],
            ["h2", 2020, 3, 30000, 10000],
        ],
    }
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return path


def _score(source, out, *more):
    return ["score", str(source), "--rule", "--capacity", "1", "--out", str(out), "--quiet", *more]


@pytest.mark.parametrize("day", ["2020/12/31", "2020年12月31日", "20201231"])
def test_a_day_is_written_in_any_form_with_the_year_first(incomes, tmp_path, day):
    assert run(_score(incomes, tmp_path / "out", "--as-of", day)) == 0
    assert set(pl.read_parquet(tmp_path / "out" / "risk.parquet")["as_of"].cast(pl.String)) == {"2020-12-31"}


@pytest.mark.parametrize(("lang", "said"), [("zh", "月末请写 2020-12-31"), ("en", "write 2020-12-31")])
def test_a_month_is_refused_with_its_last_day(incomes, tmp_path, capsys, lang, said):
    assert run(_score(incomes, tmp_path / "out", "--as-of", "2020-12", "--lang", lang)) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_columns_to_carry_are_named_by_their_headers(incomes, tmp_path):
    carry = ["--carry", "户主姓名，联系电话", "--as-of", "2020-12-31", "--lang", "zh"]
    assert run(_score(incomes, tmp_path / "out", *carry)) == 0
    book = openpyxl.load_workbook(tmp_path / "out" / "roster.xlsx")
    cells = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert {"赵甲", "13800000000"} <= cells


@pytest.mark.parametrize("folder", [pytest.param("nat2023", marks=pytest.mark.slow), "nat2023b"])
def test_a_national_list_of_the_monitored_is_read_whole_with_and_without_a_year(cases, folder, tmp_path, capsys):
    source = cases / ONE_SHEET / folder
    assert run(["audit", str(source), "--dry-run", "--lang", "en"]) == 0
    found = describe_source(source)
    assert not {"elsewhere", "twice"} & set(found["reason"])
    assert found.filter(reason="unknown").is_empty()
    tables = {name: read_records(source).records.table(name).height for name in ("households", "incomes", "monitoring")}
    assert tables == {"households": 60, "incomes": 60, "monitoring": 23}
    assert run(_score(source, tmp_path / "out", "--as-of", "2023-12-31", "--lang", "en")) == 0
    assert pl.read_parquet(tmp_path / "out" / "risk.parquet").height == 60


@pytest.mark.slow
def test_default_names_of_sheets_change_nothing(cases, tmp_path):
    source = cases / DEFAULT_NAMES / "默认表名.xlsx"
    book = openpyxl.load_workbook(source)
    for sheet, name in zip(book.worksheets, NAMES, strict=True):
        sheet.title = name
    book.save(tmp_path / "named.xlsx")
    default, named = (read_records(path).records for path in (source, tmp_path / "named.xlsx"))
    for table in (*named.tables, "relapses"):
        assert default.table(table).equals(named.table(table)), table
    assert named.table("relapses").height > 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_dry_run_tells_the_tables_of_default_names(cases, capsys, lang):
    assert run(["audit", str(cases / DEFAULT_NAMES / "默认表名.xlsx"), "--dry-run", "--lang", lang]) == 0
    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if "Sheet10" in line and "relapsed_on" in line]


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "said"), [("zh", "各只计一次"), ("en", "each counts once")])
def test_losses_that_a_department_lists_too_are_told_and_count_once(cases, tmp_path, capsys, lang, said):
    where = ["--rule", "--as-of", "2020-12-31", "--capacity", "5", "--out", str(tmp_path / "out"), "--lang", lang]
    assert run(["score", str(cases / "19-losses-twice"), *where]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if said in line)
    assert "33" in line
