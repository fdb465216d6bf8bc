"""A ledger looked after from the command line."""

import openpyxl
import pytest

from relapse_risk.cli import run
from relapse_risk.monitoring import open_ledger
from tests.monitoring.ledger.ledger_months import FEB, JAN, act_of, acts_of, month_of

WHO = ("--operator", "王", "--reason", "走访能力填错")


@pytest.fixture
def path(tmp_path):
    ledger = open_ledger(tmp_path / "county.db")
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    ledger.act(acts_of(act_of("h1", "visited", FEB, note="=1+1")))
    ledger.record_month(month_of(FEB, {"h1": "red", "h2": "red"}))
    return tmp_path / "county.db"


def said(capsys, *args, code=0, lang="en"):
    assert run(["ledger", *map(str, args), "--lang", lang]) == code
    out, err = capsys.readouterr()
    assert err.count("\n") == (code != 0)
    return out + err


def test_a_sound_ledger_is_said_to_be_so(path, capsys):
    assert "is sound: 2 months, 2 alerts" in said(capsys, "check", "--ledger", path)


def test_a_ledger_that_was_changed_by_other_means_fails(path, capsys):
    ledger = open_ledger(path)
    with ledger.store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER entries_no_update")
        connection.exec_driver_sql("UPDATE entries SET kind = 'cleared' WHERE entry_id = 2")
    shown = said(capsys, "check", "--ledger", path, code=2)
    assert "entries 2: not as it was recorded" in shown
    assert "2 faults" in shown


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_month_is_withdrawn_and_a_ledger_restored(path, capsys, lang):
    refused = said(capsys, "withdraw", "--as-of", "2020-01-31", "--ledger", path, *WHO, code=2, lang=lang)
    assert "2020-02-29" in refused
    assert "2020-02-29" in said(capsys, "withdraw", "--as-of", "2020-02-29", "--ledger", path, *WHO, lang=lang)
    assert open_ledger(path).months() == [JAN]
    copy = sorted(path.parent.glob("county.backup-*"))[-1]
    assert "--overwrite" in said(capsys, "restore", copy, "--ledger", path, code=2, lang=lang)
    assert copy.name in said(capsys, "restore", copy, "--ledger", path, "--overwrite", lang=lang)
    assert open_ledger(path).months() == [JAN, FEB]


def test_the_history_is_a_table_on_screen_or_in_a_file(path, capsys):
    lines = said(capsys, "history", "--ledger", path).splitlines()
    assert lines[0].split()[:2] == ["recorded", "(UTC)"]
    assert sorted(line.split()[2] for line in lines[1:]) == ["backup", "month", "month", "visited"]
    for name in ("history.xlsx", "history.csv"):
        said(capsys, "history", "h1", "--ledger", path, "--out", path.parent / name)
        said(capsys, "history", "h1", "--ledger", path, "--out", path.parent / name, code=2)
    sheet = openpyxl.load_workbook(path.parent / "history.xlsx").active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[0] == ["recorded (UTC)", "what", "number", "of", "household", "by", "note", "withdrawn"]
    assert [row[1] for row in cells[1:]] == ["opened", "visited"]
    assert (cells[2][6], sheet.cell(3, 7).data_type) == ("=1+1", "s")
    written = (path.parent / "history.csv").read_text(encoding="utf-8-sig")
    assert written.startswith("recorded (UTC),what")
    assert ",'=1+1," in written


def test_what_cannot_be_is_one_line(path, capsys):
    assert "h9" in said(capsys, "history", "h9", "--ledger", path, code=2)
    assert ".csv" in said(capsys, "history", "--ledger", path, "--out", path.parent / "x.txt", code=2)
    assert "nothing.db" in said(capsys, "check", "--ledger", path.parent / "nothing.db", code=2)
    assert "withdraw" in said(capsys, "undo", code=2)


def test_a_copy_is_made_when_asked_for(path, capsys):
    before = len(list(path.parent.iterdir()))
    assert "county.backup-" in said(capsys, "backup", "--ledger", path)
    assert len(list(path.parent.iterdir())) == before + 1
