"""The register as a county workbook, read back: the same records, but for what such a workbook does not say."""

import unicodedata
from datetime import date

import openpyxl
import polars as pl
import pytest
import python_calamine
from polars.testing import assert_frame_equal

from relapse_risk.errors import InputError
from relapse_risk.ingest import read_records
from relapse_risk.policy import REASONS, DialectsFile, read_model, read_policy
from relapse_risk.records import TABLES, Records
from relapse_risk.synthetic import synthesise, write_population

pytestmark = pytest.mark.slow

EXPORTED_ON = date(2020, 12, 31)
TOP = 3  # title, unit and export date, headers

# What a workbook says otherwise than the record tables, and why it cannot be compared.
OTHERWISE = {
    "households": {"recorded_on"},  # the yearly visit, not the day something changed
    "members": {"recorded_on"},
    "incomes": {"period_start", "period_end"},  # a year only, which is read as the calendar year
    "loans": {"recorded_on"},  # the day the contract was entered, not its status
    "assistance": {"recorded_on"},  # the day the measure was entered, not its end
}
DATED_ONLY_BY_MONTH = "1mo"  # a month alone is read as its last day


@pytest.fixture(scope="module")
def population():
    return synthesise(households=500, seed=21)


@pytest.fixture(scope="module")
def folder(population, tmp_path_factory):
    folder = tmp_path_factory.mktemp("registry")
    write_population(population, folder, dialect="registry", faults=0)
    return folder


@pytest.fixture(scope="module")
def intake(folder):
    return read_records(folder)


@pytest.fixture(scope="module")
def books(folder):
    paths = sorted(folder.glob("*.xlsx"))
    return {path.name: python_calamine.CalamineWorkbook.from_path(path) for path in paths}


def both(population, intake, day):
    """The state of a day by the record tables, and by the workbooks."""
    tables = Records(population.tables, exported_on=population.exported_on).known_by(day)
    return tables, intake.records.known_by(day)


def comparable(frame, columns):
    """Days by their month, amounts to the cent, the one code that has two names by one of them; in one order."""
    days = [name for name in columns if frame.schema[name] == pl.Date]
    amounts = [name for name in columns if frame.schema[name] == pl.Float64]
    same = frame.select(columns).with_columns(pl.col(days).dt.truncate(DATED_ONLY_BY_MONTH), pl.col(amounts).round(2))
    if "student_status" in columns:
        same = same.with_columns(pl.col("student_status").replace("not_student", "none"))
    return same.sort(columns)


def assert_same(name, table, read):
    columns = sorted(set(table.columns) & set(read.columns) - OTHERWISE.get(name, set()))
    assert_frame_equal(comparable(table, columns), comparable(read, columns))


def without_villages(name, frame):
    # A county workbook has the losses of households only.
    return frame.filter(pl.col("household_id").is_not_null()) if name == "disasters" else frame


# The same records


def test_every_table_is_there_with_every_column_but_those_of_other_offices(population, intake):
    missing = {
        name: set(frame.columns) - set(intake.records.table(name).columns) for name, frame in population.tables.items()
    }
    # Names and numbers of persons are left behind by the reader.
    assert {name: columns for name, columns in missing.items() if columns} == {
        "members": {"name", "id_number"},
        "disasters": {"event_id", "village_code"},
        "relapses": {"event_id"},
    }


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_records_of_the_export_day_are_those_of_the_record_tables(population, intake, name):
    tables, read = both(population, intake, EXPORTED_ON)
    assert_same(name, without_villages(name, tables.table(name)), read.table(name))


def test_incomes_are_those_of_the_years_in_which_the_accounts_end(population, intake):
    tables, read = both(population, intake, EXPORTED_ON)
    year = pl.col("period_end").dt.year()
    ours, theirs = (frame.table("incomes").select("household_id", year).sort(pl.all()) for frame in (tables, read))
    assert ours.equals(theirs)


@pytest.mark.parametrize("name", ["households", "members", "employment", "monitoring", "disabilities", "relapses"])
def test_so_are_those_of_an_earlier_december(population, intake, name):
    # Only what a registry overwrites (corrected bills and accounts, statuses, ends of measures) is lost for the past.
    tables, read = both(population, intake, date(2018, 12, 31))
    assert_same(name, tables.table(name), read.table(name))


@pytest.mark.parametrize(
    ("name", "key", "days"),
    [
        ("members", "person_id", ["birth_date", "left_on"]),
        ("illness", "event_id", ["occurred_on", "recorded_on"]),
        ("loans", "loan_id", ["started_on", "due_on", "status_on"]),
    ],
)
def test_days_are_exact_but_for_those_of_which_only_the_month_is_written(population, intake, name, key, days):
    tables, read = both(population, intake, EXPORTED_ON)
    pairs = tables.table(name).join(read.table(name), on=key)
    assert pairs.height == tables.table(name).height
    for day in days:
        differs = pairs.filter(pl.col(day) != pl.col(f"{day}_right"))
        assert (differs[f"{day}_right"] == differs[day].dt.month_end()).all()
        assert differs.height < 0.03 * pairs.height


# Every row


def test_every_row_is_kept_and_every_cell_understood(intake):
    accounts = intake.accounts
    assert (accounts["read"] == accounts["kept"] + accounts["refused"]).all()
    assert accounts["refused"].sum() == 0
    assert intake.rejected.is_empty()
    assert intake.blanked.is_empty()
    assert {code for code, _ in intake.notes} == {"month_as_last_day"}
    assert intake.records.exported_on == EXPORTED_ON


def test_every_sheet_is_read_to_the_last_row(intake, books):
    for source, book in books.items():
        for sheet in book.sheet_names:
            rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)[TOP:]
            blank = sum(not any(str(cell).strip() for cell in row) for row in rows)
            totals = sum(row[0] == "合计" for row in rows)
            own = intake.accounts.filter((pl.col("source") == source) & (pl.col("sheet") == sheet))
            assert own["read"].sum() == len(rows) - blank - totals
            assert own["skipped"].sum() == blank + totals
            assert totals == (sheet == "收入")


def test_households_and_members_are_stated_once_a_year(books):
    for book in books.values():
        for sheet, key in (("户信息", "户编号"), ("家庭成员", "人编号")):
            rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)[TOP - 1 :]
            places = rows[0].index(key), rows[0].index("年度")
            stated = [tuple(plain(row[at]) for at in places) for row in rows[1:] if any(row)]
            assert len(stated) == len(set(stated))
            assert {year for _, year in stated} == {str(year) for year in range(2015, 2021)}


def plain(cell):
    text = str(int(cell)) if isinstance(cell, float) else str(cell)
    return unicodedata.normalize("NFKC", text).strip(" '").removesuffix(".0")


# As an export looks


def test_cells_are_typed_in_many_ways(books):
    cells = [
        cell
        for book in books.values()
        for sheet in book.sheet_names
        for row in book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)[TOP:]
        for cell in row
    ]
    texts = [cell for cell in cells if isinstance(cell, str) and cell]
    for sign in ("元", "万元", "\u3000", "年", "/", ","):
        assert any(sign in text for text in texts), sign
    assert any(text != text.strip(" ") for text in texts)
    assert any(text[0] == "'" for text in texts)
    assert any("０" <= sign <= "９" for text in texts for sign in text)
    assert any(isinstance(cell, date) for cell in cells)
    assert any(isinstance(cell, float) and 36_526 < cell < 44_197 for cell in cells)
    assert {"是", "否", "有", "无", "1", "0"} <= set(texts)


def test_a_workbook_opens_elsewhere_with_title_and_day(tmp_path):
    write_population(synthesise(households=40, seed=1), tmp_path, dialect="registry")
    book = openpyxl.load_workbook(tmp_path / "999901_防返贫监测信息导出.xlsx")
    assert book.properties.created.date() == EXPORTED_ON
    sheet = book["小额信贷"]
    assert sheet["A1"].value == "虚拟甲县防止返贫监测信息系统 小额信贷导出表"
    assert [sheet["A2"].value, sheet["D2"].value] == ["单位：虚拟甲县乡村振兴局", "导出日期：2020年12月31日"]
    assert [str(merged) for merged in sheet.merged_cells.ranges] == ["A1:J1"]


def test_the_same_seed_gives_the_same_bytes(folder, tmp_path):
    write_population(synthesise(households=500, seed=21), tmp_path, dialect="registry", faults=0)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*.*"))
    assert len(files) == 5
    for path in files:
        assert (folder / path).read_bytes() == (tmp_path / path).read_bytes(), path


# In words the reader knows


def registry_sheets():
    return read_model(DialectsFile, "dialects").registry.sheets.items()


@pytest.mark.parametrize(("sheet", "entry"), registry_sheets())
def test_every_sheet_and_header_stands_among_the_aliases(sheet, entry):
    aliases = read_policy().aliases
    known = set(aliases.headers["any"]).union(*(aliases.headers.get(table, {}) for table in aliases.sheets[sheet]))
    for header in entry.columns:
        bare, _, unit = header.removesuffix(")").rpartition("(")
        assert header in known or (bare in known and unit in aliases.units), header


@pytest.mark.parametrize("topic", sorted(read_model(DialectsFile, "dialects").wordings))
def test_every_wording_of_the_registry_stands_for_its_code(topic):
    known = dict(read_policy().codes.dictionaries[topic])
    if topic == "cause":
        known |= {cause: reason.code for reason in REASONS.values() for cause in reason.cause}
    for code, entry in read_model(DialectsFile, "dialects").wordings[topic].items():
        # A relation also names the sex; a household that fell back is poor again; who does not study is "none" too.
        meant = "not_student" if (topic, code) == ("student_status", "none") else code.partition("/")[0]
        assert str(known[entry.registry]) == meant


@pytest.mark.parametrize(("wrong", "says"), [({"dialect": "spoken"}, "registry"), ({"faults": 2}, "from 0 to 1")])
def test_what_cannot_be_written_is_refused(population, tmp_path, wrong, says):
    with pytest.raises(InputError, match=says):
        write_population(population, tmp_path, **({"dialect": "registry"} | wrong))
