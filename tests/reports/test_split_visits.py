"""Visit workbooks of each place: its own households alone, and all of them together what the whole has."""

import re
from dataclasses import replace
from zipfile import ZipFile

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.ingest import read_visits
from relapse_risk.policy import read_policy
from relapse_risk.reports import file_names, write_split_visits
from tests.reports.invented_visits import AS_OF, make_visits, make_waiting

POLICY = read_policy()


def households_in(path):
    """Return every household code that any part of a workbook holds, whatever sheet it is on."""
    with ZipFile(path) as parts:
        return set(re.findall(r"005323\d{14}", "".join(parts.read(name).decode() for name in parts.namelist())))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("level", ["village", "town"])
def test_each_holds_its_own_and_all_of_them_the_whole(tmp_path, level, lang):
    visits = make_visits(remarks=(("stale", {"count": 37, "share": 0.031}),))
    paths = write_split_visits(visits, tmp_path / "visits", level=level, policy=POLICY, lang=lang)
    assert sorted(paths) == sorted((tmp_path / "visits").iterdir())
    homes = {row["household_id"]: (row["town"], row["village"]) for row in visits.places.iter_rows(named=True)}
    own = {path: households_in(path) for path in paths}
    assert sorted(one for found in own.values() for one in found) == sorted(visits.lines["household_id"])
    for found in own.values():
        assert len({homes[one] if level == "village" else homes[one][0] for one in found}) == 1


@pytest.mark.parametrize("level", ["village", "town"])
def test_who_waits_stands_with_its_own_place(tmp_path, level):
    made = make_visits()
    waiting, homes = make_waiting(11)
    visits = replace(made, waiting=waiting, places=pl.concat([made.places, homes]))
    paths = write_split_visits(visits, tmp_path, level=level, policy=POLICY)
    where = {row["household_id"]: (row["town"], row["village"]) for row in visits.places.iter_rows(named=True)}
    own = {path: households_in(path) for path in paths}
    assert {one for found in own.values() for one in found} == set(visits.places["household_id"])
    for found in own.values():
        assert len({where[one] if level == "village" else where[one][0] for one in found}) == 1


def test_a_folder_of_them_is_read_back_whole(tmp_path):
    visits = make_visits()
    paths = write_split_visits(visits, tmp_path, level="town", policy=POLICY)
    for path in paths:
        book = openpyxl.load_workbook(path)
        for sheet in book.worksheets[1:]:
            if sheet.sheet_state == "visible":
                place = {cell.value: cell.column for cell in sheet[5]}
                listed = [row for row in range(6, sheet.max_row + 1) if sheet.cell(row, place["户编号"]).value]
                for row in listed:
                    for name, said in (("走访日期", AS_OF), ("走访结果", "生活稳定"), ("走访人", "甲")):
                        sheet.cell(row, place[name]).value = said
        book.save(path)
    intake = read_visits(tmp_path, POLICY, today=AS_OF)
    assert sorted(intake.visits["household_id"]) == sorted(visits.lines["household_id"])
    assert intake.rejected.is_empty()


def test_one_bad_file_never_stops_the_rest(tmp_path):
    visits = make_visits()
    write_split_visits(visits, tmp_path, level="town", policy=POLICY)
    (tmp_path / "坏.xlsx").write_bytes(b"not a workbook")
    intake = read_visits(tmp_path, POLICY, today=AS_OF)
    assert {name: error.code for name, error in intake.unread.items()} == {"坏.xlsx": "file_unreadable"}
    assert intake.accounts["read"].sum() == visits.lines.height


def test_no_visits_no_workbooks(tmp_path):
    assert write_split_visits(make_visits(n=0), tmp_path, level="village", policy=POLICY) == []
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.text(max_size=200), max_size=8))
def test_any_names_make_files_none_twice(names):
    found = file_names(names)
    assert len({one.casefold() for one in found}) == len(names)
    for name in found:
        assert 0 < len(name.encode()) < 200
        assert name.isprintable()
        assert not set(name) & set('<>:"/\\|?* ')
        assert not name.startswith((".", "~$"))
        assert not name.endswith(".")
