"""Every household as a table: the same rows in every kind of file, in words, and text that stays text."""

import csv
from dataclasses import replace

import openpyxl
import polars as pl
import pytest

from relapse_risk.errors import InputError
from relapse_risk.policy import Texts
from relapse_risk.reports import TABLE_SUFFIXES, write_household_table
from tests.reports.invented_rosters import make_content

HEADERS = {"zh": ("户编号", "乡镇", "返贫概率", "级别"), "en": ("Household", "Town", "Risk", "Tier")}


@pytest.fixture(scope="module")
def content():
    return make_content()


def read(path):
    """Return header and rows of a written table, numbers as numbers and nothing as None."""
    if path.suffix == ".xlsx":
        head, *rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
        return list(head), [list(row) for row in rows]
    if path.suffix == ".parquet":
        frame = pl.read_parquet(path)
        return frame.columns, [list(row) for row in frame.iter_rows()]
    with path.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    return head, [[cell or None for cell in row] for row in rows]


def bare(cell):
    """Return a text without what keeps it one in a CSV file."""
    return cell.removeprefix("'").removesuffix("\t")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("suffix", TABLE_SUFFIXES)
def test_every_household_is_a_row_in_words(content, tmp_path, suffix, lang):
    path = tmp_path / f"全部 户{suffix}"
    write_household_table(content, path, lang=lang)
    head, rows = read(path)
    assert set(HEADERS[lang]) <= set(head)
    columns = dict(zip(head, zip(*rows, strict=True), strict=True))
    assert [bare(one) for one in columns[HEADERS[lang][0]]] == content.risk["household_id"].to_list()
    texts = Texts(lang)
    tiers = [None if one is None else texts("tiers", one) for one in content.risk["tier"]]
    assert list(columns[HEADERS[lang][3]]) == tiers
    risks = [None if one is None else float(one) for one in columns[HEADERS[lang][2]]]
    assert risks == pytest.approx(content.risk["probability"].to_list(), nan_ok=True)
    codes = {"at_risk", "rule_only", "exited", "near_poor", "illness", "model"}
    assert not codes & {cell for row in rows for cell in row}


def test_workbook_and_parquet_say_the_same(content, tmp_path):
    for suffix in (".xlsx", ".parquet"):
        write_household_table(content, tmp_path / f"a{suffix}")
    sheet, frame = read(tmp_path / "a.xlsx"), read(tmp_path / "a.parquet")
    assert sheet[0] == frame[0]
    assert len(sheet[1]) == len(frame[1])
    for ours, theirs in zip(sheet[1], frame[1], strict=True):
        assert [one if isinstance(one, str | None) else pytest.approx(one) for one in theirs] == ours


def test_nothing_is_run_or_turned_into_a_number(content, tmp_path):
    names = ["=1+1", "+1", "-2+3", "@SUM(A1)", " =1", "＝1", "\t=1", "3-1", "001", "东华镇", "1E5", "No. 3"]
    n = content.places.height
    places = content.places.with_columns(village=pl.Series([names[i % len(names)] for i in range(n)]))
    shown = replace(content, places=places)
    for suffix in (".csv", ".xlsx"):
        write_household_table(shown, tmp_path / f"a{suffix}")
    head, rows = read(tmp_path / "a.csv")
    ids = [bare(row[head.index("户编号")]) for row in rows]
    cells = dict(zip(ids, (row[head.index("村")] for row in rows), strict=True))
    was = dict(places.select("household_id", "village").iter_rows())
    risky = {"=1+1", "+1", "-2+3", "@SUM(A1)", " =1", "＝1", "\t=1"}
    numeric = {"3-1", "001", "1E5"}
    for household, cell in cells.items():
        name = was[household]
        assert cell == ("'" + name if name in risky else name + "\t" if name in numeric else name)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert {cell.value for cell in sheet["G"] + sheet["F"] + sheet["E"] + sheet["D"] + sheet["C"]} >= set(names)


def test_spreadsheets_know_the_csv_by_its_mark(content, tmp_path):
    write_household_table(content, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("suffix", TABLE_SUFFIXES)
def test_the_same_households_give_the_same_bytes(content, tmp_path, suffix):
    for name in ("a", "b"):
        write_household_table(content, tmp_path / f"{name}{suffix}")
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_carried_columns_are_written_under_their_header(content, tmp_path):
    carried = content.risk.select("household_id", head_name=pl.lit("张三"))
    write_household_table(content, tmp_path / "a.csv", carried=carried)
    head, rows = read(tmp_path / "a.csv")
    assert {row[head.index("户主姓名")] for row in rows} == {"张三"}


def test_more_than_a_sheet_holds_is_refused(content, tmp_path, monkeypatch):
    monkeypatch.setattr("relapse_risk.reports.household_table.MOST_ROWS", content.risk.height)
    with pytest.raises(InputError) as refused:
        write_household_table(content, tmp_path / "a.xlsx")
    assert refused.value.code == "table_too_long"
    assert list(tmp_path.iterdir()) == []
    write_household_table(content, tmp_path / "a.csv")
    monkeypatch.setattr("relapse_risk.reports.household_table.MOST_ROWS", content.risk.height + 1)
    write_household_table(content, tmp_path / "a.xlsx")


def test_another_kind_of_file_is_refused(content, tmp_path):
    with pytest.raises(InputError) as refused:
        write_household_table(content, tmp_path / "a.ods")
    assert refused.value.code == "table_kind"
