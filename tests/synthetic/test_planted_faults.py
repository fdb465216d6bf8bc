"""Faults stand where the truth says, in both dialects, and nowhere else."""

import csv
import io
import re
import unicodedata
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
import python_calamine

from relapse_risk.ingest import read_records
from relapse_risk.policy import DialectsFile, read_model
from relapse_risk.synthetic import synthesise, write_population

pytestmark = pytest.mark.slow

KINDS = {
    *("wrong_check_digit", "id_as_float", "impossible_date", "birth_in_future", "unknown_category", "unit_slip"),
    *("negative_income", "component_sum", "per_capita_mismatch", "member_count_mismatch", "reimbursement_over_total"),
    *("event_before_birth", "event_after_death", "orphan_member", "duplicate_household", "loan_twice"),
    *("exit_year_after_relapse", "grade_without_category", "mojibake"),
}
DIALECTS = ("registry", "departments")
TOP = {"registry": 3, "departments": 1}  # rows down to the headers
# What reading sees of them; the others are plausible cells.
SEEN = ("unknown_category", "impossible_date", "mojibake", "id_as_float")
EPOCH = date(1899, 12, 30)


@pytest.fixture(scope="module")
def population():
    return synthesise(households=900, seed=5)


@pytest.fixture(scope="module")
def folders(population, tmp_path_factory):
    folders = {dialect: tmp_path_factory.mktemp(dialect) for dialect in DIALECTS}
    for dialect, folder in folders.items():
        write_population(population, folder, dialect=dialect, faults=0.02)
    return folders


@pytest.fixture(scope="module")
def planted(folders):
    read = [pl.read_csv(folder / "truth" / "planted_rows.csv") for folder in folders.values()]
    return pl.concat([frame.with_columns(pl.col("sheet", "header").fill_null("")) for frame in read])


@pytest.fixture(scope="module")
def sheets(folders):
    """Every sheet and list by dialect, file and sheet: rows as a spreadsheet or an editor counts them."""
    found = {}
    for path in sorted(folders["registry"].glob("*.xlsx")):
        book = python_calamine.CalamineWorkbook.from_path(path)
        for sheet in book.sheet_names:
            rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            found["registry", path.name, sheet] = rows
    for path in sorted(folders["departments"].glob("*.csv")):
        text = path.read_bytes().decode("gb18030")
        found["departments", path.name, ""] = list(csv.reader(io.StringIO(text, newline="")))
    return found


@pytest.fixture(scope="module")
def cells(planted, sheets):
    """Every planted line with the row it names, as headers and cells."""
    lines = []
    for line in planted.rows(named=True):
        rows = sheets[line["dialect"], line["file"], line["sheet"]]
        headers = rows[TOP[line["dialect"]] - 1]
        lines.append((line, dict(zip(headers, rows[line["row"] - 1], strict=True))))
    return lines


def of_kind(cells, kind):
    found = [(line, row) for line, row in cells if line["kind"] == kind]
    assert {line["dialect"] for line, _ in found} == set(DIALECTS)
    return found


def said(row, *headers):
    """What stands under the first of these headers that the row has, without spaces and in half width."""
    cell = next(row[header] for header in headers if header in row)
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).strip("'")


def amount(row, *headers):
    text = said(row, *headers).replace(",", "")
    factor = 10_000 if text.endswith("万元") else 1
    return Decimal(text.removesuffix("元").removesuffix("万")) * factor


def day(row, *headers):
    """A day in any form; of a month its first."""
    text = said(row, *headers)
    if re.fullmatch(r"\d{5}", text):
        return EPOCH + timedelta(days=int(text))
    if re.fullmatch(r"\d{8}", text):
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    parts = [int(part) for part in re.findall(r"\d+", text)]
    return date(parts[0], parts[1], parts[2] if len(parts) > 2 else 1)


def test_every_kind_is_planted_in_both_dialects(planted):
    for dialect in DIALECTS:
        assert set(planted.filter(pl.col("dialect") == dialect)["kind"]) == KINDS
    assert planted.columns == ["dialect", "file", "sheet", "row", "table", "column", "header", "kind"]


def test_a_line_names_a_header_of_its_sheet(cells):
    assert all(line["header"] in row or (line["header"], line["column"]) == ("", "(row)") for line, row in cells)


def test_no_cell_has_two_faults(planted):
    assert not planted.select("dialect", "file", "sheet", "row", "column").is_duplicated().any()


def check_digit(number):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(weight * int(digit) for weight, digit in zip(weights, number[:17], strict=True)) % 11]


def test_check_digits_are_wrong_there_and_right_elsewhere(cells, sheets, planted):
    for line, row in of_kind(cells, "wrong_check_digit"):
        number = said(row, line["header"])
        assert number[17] != check_digit(number)
    wrong = set(planted.filter(pl.col("kind").is_in(["wrong_check_digit", "id_as_float"])).select("file", "row").rows())
    rows = sheets["departments", "扶贫办_家庭成员.csv", ""]
    place = rows[0].index("公民身份号码")
    right = [row[place] for at, row in enumerate(rows[1:], 2) if ("扶贫办_家庭成员.csv", at) not in wrong]
    assert len(right) > 2000
    assert all(number.startswith("999999") and number[17] == check_digit(number) for number in right)


def test_cells_that_nobody_can_read_stand_there(cells):
    for line, row in of_kind(cells, "id_as_float"):
        assert re.fullmatch(r"\d\.\d+E\+17", said(row, line["header"]))
    for line, row in of_kind(cells, "mojibake"):
        assert "\ufffd" in said(row, line["header"])
    for line, row in of_kind(cells, "impossible_date"):
        month_and_day = re.sub(r"\D", "", said(row, line["header"]))[4:]
        assert month_and_day in {"0230", "0431", "1305", "0000"}


def test_unknown_categories_are_unknown(cells):
    unknown = {word for words in read_model(DialectsFile, "dialects").unknown.values() for word in words}
    for line, row in of_kind(cells, "unknown_category"):
        assert said(row, line["header"]) in unknown


def test_accounts_do_not_add_up(cells):
    parts = ["工资性收入", "生产经营性收入", "财产性收入", "转移性收入", "生产经营性支出"]

    def net(row):
        headers = [(part, f"{part}（元）", "经营支出（元）") for part in parts]
        *incomes, cost = (amount(row, *names) for names in headers)
        return sum(incomes) - cost, amount(row, "家庭纯收入", "家庭纯收入（元）")

    def per_head(row):
        share = amount(row, "家庭纯收入", "家庭纯收入（元）") / amount(row, "家庭人口数", "人口数")
        return share, amount(row, "人均纯收入", "人均纯收入（元）")

    for line, row in of_kind(cells, "negative_income"):
        assert amount(row, line["header"]) < 0
    for _, row in of_kind(cells, "component_sum"):
        assert abs(net(row)[0] - net(row)[1]) > 5
        assert abs(per_head(row)[0] - per_head(row)[1]) < 1
    for _, row in of_kind(cells, "per_capita_mismatch"):
        assert abs(net(row)[0] - net(row)[1]) < 1
        assert abs(per_head(row)[0] / per_head(row)[1] - 1) > Decimal("0.1")
    for _, row in of_kind(cells, "unit_slip"):
        if "工资性收入" in row or "工资性收入（元）" in row:
            assert abs(net(row)[0] - net(row)[1]) < 2


def test_amounts_slipped_by_a_unit(population, cells):
    wages = population.tables["employment"]["monthly_wage"].drop_nulls().unique()
    slips = [Decimal(text) for text in ("10000", "0.0001", "10", "0.1")]
    for line, row in of_kind(cells, "unit_slip"):
        if line["column"] == "monthly_wage":
            true = [amount(row, line["header"]) / slip for slip in slips]
            assert any(float(wage) in wages for wage in true)
            assert amount(row, line["header"]) > 5000 or amount(row, line["header"]) < 700


def test_members_are_one_more_or_less(population, cells):
    accounts = population.tables["incomes"].sort("recorded_on").with_columns(pl.col("period_end").dt.year())
    true = {row[:2]: row[2] for row in accounts.select("household_id", "period_end", "household_size").rows()}
    for line, row in of_kind(cells, "member_count_mismatch"):
        key = said(row, "户编号", "户编码"), int(said(row, "年度", "统计年度"))
        assert abs(int(said(row, line["header"])) - true[key]) == 1


def test_bills_are_paid_twice_over_and_out_of_time(population, cells):
    people = population.tables["members"].sort("recorded_on").unique("person_id", keep="last")
    born = dict(people.select("id_number", "birth_date").rows())
    died = dict(people.filter(pl.col("left_reason") == "death").select("id_number", "left_on").rows())
    for line, row in of_kind(cells, "reimbursement_over_total"):
        assert amount(row, line["header"]) > amount(row, "医疗总费用")
    for line, row in of_kind(cells, "event_before_birth"):
        assert day(row, line["header"]) < born[said(row, "证件号码")]
    for line, row in of_kind(cells, "event_after_death"):
        assert died[said(row, "证件号码")] < day(row, line["header"]) + timedelta(days=31)
        assert day(row, line["header"]) <= population.exported_on


def test_births_are_after_the_export(population, cells):
    for line, row in of_kind(cells, "birth_in_future"):
        assert day(row, line["header"]) > population.exported_on


def test_orphans_belong_to_no_household(population, cells):
    homes = set(population.tables["households"]["household_id"])
    for line, row in of_kind(cells, "orphan_member"):
        assert said(row, line["header"]) not in homes


@pytest.mark.parametrize("kind", ["duplicate_household", "loan_twice"])
def test_rows_stand_twice(cells, sheets, kind):
    counted = {}
    for line, row in of_kind(cells, kind):
        place = line["dialect"], line["file"], line["sheet"]
        if place not in counted:
            headers, *rows = sheets[place][TOP[line["dialect"]] - 1 :]
            counted[place] = Counter(what_of(dict(zip(headers, other, strict=True))) for other in rows if any(other))
        assert counted[place][what_of(row)] == 2


def what_of(row):
    """The contract, or the household and its year, if the list has one."""
    keys = ("合同编号", "借款合同号"), ("户编号", "户编码"), ("年度", "统计年度")
    return tuple(said(row, *names) for names in keys if any(name in row for name in names))


def test_households_exit_after_the_relapse_they_have_not_left(population, cells):
    fell = population.tables["relapses"].group_by("household_id").agg(pl.col("relapsed_on").max().dt.year())
    year = dict(fell.rows())
    for line, row in of_kind(cells, "exit_year_after_relapse"):
        assert int(said(row, line["header"])) > year[said(row, "户编号", "户编码")]
        assert said(row, "户类型", "农户属性") == "返贫户"


def test_grades_stand_without_a_category(cells):
    for line, row in of_kind(cells, "grade_without_category"):
        assert said(row, line["header"]) == ""
        assert said(row, "残疾等级").endswith("级")


def test_reading_finds_these_cells_and_no_others(folders, planted):
    intake = read_records(folders["registry"])
    found = pl.concat([intake.rejected, intake.blanked]).select("source", "sheet", "row", "column").unique()
    seen = planted.filter((pl.col("dialect") == "registry") & pl.col("kind").is_in(SEEN))
    assert set(found.rows()) == set(seen.select("file", "sheet", "row", "column").unique().rows())
    accounts = intake.accounts
    assert (accounts["read"] == accounts["kept"] + accounts["refused"]).all()


def test_both_dialects_show_the_same_faults(cells):
    def numbers(dialect, kind):
        found = [row for line, row in of_kind(cells, kind) if line["dialect"] == dialect]
        return {said(row, "证件号码", "公民身份号码") for row in found}

    def bills(dialect, kind):
        found = [row for line, row in of_kind(cells, kind) if line["dialect"] == dialect]
        return {said(row, "流水号", "结算流水号") for row in found}

    assert numbers("registry", "wrong_check_digit") == numbers("departments", "wrong_check_digit")
    assert bills("registry", "event_after_death") == bills("departments", "event_after_death")


def test_without_faults_none_are_planted(population, tmp_path):
    write_population(population, tmp_path, dialect="departments", faults=0)
    assert pl.read_csv(tmp_path / "truth" / "planted_rows.csv").is_empty()
