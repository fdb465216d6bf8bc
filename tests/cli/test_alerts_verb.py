"""Alerts seen and acted on from the command line."""

from datetime import date
from io import StringIO

import openpyxl
import pytest

from relapse_risk.monitoring import open_ledger
from tests.cli.alert_road import BY, VILLAGES, begin, said, the_whole_way
from tests.monitoring.ledger.ledger_months import FEB, month_of, states_of


@pytest.fixture
def path(tmp_path):
    begin(open_ledger(tmp_path / "county.db"))
    return tmp_path / "county.db"


def copies(path):
    return len(list(path.parent.glob("county.backup-*")))


@pytest.mark.parametrize(("lang", "visited", "overdue"), [("zh", "已入户", "逾期"), ("en", "visited", "overdue")])
def test_alerts_are_listed_by_what_is_asked(path, capsys, lang, visited, overdue):
    lines = said(capsys, "list", "--as-of", "2020-02-20", "--village", "上村", path=path, lang=lang).splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["h1", "h2"]
    assert visited in lines[1]
    assert overdue in lines[2]
    lines = said(capsys, "list", "--as-of", "2020-02-20", "--state", visited, path=path, lang=lang)
    assert "h1" in lines
    assert "h2" not in lines
    late = said(capsys, "list", "--as-of", "2020-02-20", "--overdue", path=path, lang=lang).splitlines()
    assert [line.split()[0] for line in late[1:]] == ["h2", "h3"]
    assert "上村" in said(capsys, "list", "--village", "中村", path=path, code=2, lang=lang)
    assert visited in said(capsys, "list", "--state", "x", path=path, code=2, lang=lang)


def test_alerts_are_written_as_a_table(path, capsys):
    for name in ("alerts.xlsx", "alerts.csv"):
        said(capsys, "list", "--out", path.parent / name, path=path)
    sheet = openpyxl.load_workbook(path.parent / "alerts.xlsx").active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[0][:4] == ["household", "county", "town", "village"]
    assert [row[0] for row in cells[1:]] == ["h1", "h2", "h3"]
    assert (path.parent / "alerts.csv").read_text(encoding="utf-8-sig").count("\n") == 4


@pytest.mark.parametrize(
    ("lang", "why", "done"), [("zh", "当前状态下不能这样操作", "已办理"), ("en", "not possible", "done")]
)
def test_what_was_done_and_what_was_refused_stands_in_one_table(path, capsys, lang, why, done):
    shown = said(capsys, "acknowledge", "--village", "上村", "--yes", *BY, path=path, lang=lang)
    assert states_of(open_ledger(path)) == {"h1": "visited", "h2": "acknowledged", "h3": "open"}
    lines = {line.split()[0]: line for line in shown.splitlines()}
    assert why in lines["h1"]
    assert done in lines["h2"]
    assert "county.backup-" in shown
    assert copies(path) == 1
    assert why in said(capsys, "acknowledge", "--household", "h1", *BY, path=path, code=2, lang=lang)


@pytest.mark.parametrize(
    ("lang", "head", "why"),
    [("zh", "户编号", "当前状态下不能这样操作"), ("en", "household", "not possible in the present")],
)
def test_what_was_refused_is_written_to_be_sent_back(path, capsys, lang, head, why):
    act = ("acknowledge", "--village", "上村", "--yes", *BY)
    out = path.parent / "refused.csv"
    for wrong in (path, path.parent / "refused.txt"):  # before anything is done
        said(capsys, *act, "--refused", wrong, path=path, code=2, lang=lang)
    assert states_of(open_ledger(path))["h2"] == "open"
    assert str(out) in said(capsys, *act, "--refused", out, path=path, lang=lang)
    header, *lines = out.read_text(encoding="utf-8-sig").splitlines()
    assert header.startswith(head)
    assert [line.split(",")[0] for line in lines] == ["h1"]
    assert why in lines[0]
    sign = ("sign-off", "--level", "group", "--operator", "王", "--on", "2020-02-29", "--yes")
    said(capsys, *sign, "--refused", path.parent / "areas.xlsx", path=path, code=2, lang=lang)
    sheet = openpyxl.load_workbook(path.parent / "areas.xlsx").active
    assert sheet.max_row == 3  # both groups are open


def test_many_are_acted_on_only_if_somebody_agrees(path, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO(""))
    assert "--yes" in said(capsys, "acknowledge", "--village", "下村", *BY, path=path, code=2)
    assert copies(path) == 0
    monkeypatch.setattr("sys.stdin", StringIO("y\n"))
    said(capsys, "acknowledge", "--village", "下村", *BY, path=path)
    assert states_of(open_ledger(path))["h3"] == "acknowledged"


def test_an_alert_goes_the_whole_way_in_a_file(path, capsys):
    the_whole_way(path, capsys, open_ledger(path))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_act_is_corrected_or_withdrawn(path, capsys, lang):
    ledger = open_ledger(path)
    number = ledger.history().filter(kind="visited")["entry_id"][0]
    who = ("--operator", "王", "--reason", "日期写错")
    assert "--on" in said(capsys, "correct", number, *who, path=path, code=2, lang=lang, of="ledger")
    said(capsys, "correct", number, "--on", "2020-02-04", *who, path=path, lang=lang, of="ledger")
    assert ledger.alerts()["last_on"][0] == date(2020, 2, 4)
    newest = ledger.history()["entry_id"].max()
    assert str(newest) in said(capsys, "withdraw-entry", newest, *who, path=path, lang=lang, of="ledger")
    assert states_of(ledger)["h1"] == "open"
    assert str(newest) in said(capsys, "withdraw-entry", newest, *who, path=path, code=2, lang=lang, of="ledger")
    assert copies(path) == 3


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ("1 条其后的记录", "提请销号 李")), ("en", ("1 later acts", "proposed to clear 李"))]
)
def test_what_a_withdrawal_leaves_without_ground_is_told(path, capsys, lang, words):
    said(capsys, "propose", "--household", "h1", *BY, path=path)
    number = open_ledger(path).history().filter(kind="visited")["entry_id"][0]
    who = ("--operator", "王", "--reason", "未入户", "--quiet")
    shown = said(capsys, "withdraw-entry", number, *who, path=path, lang=lang, of="ledger")
    assert all(word in shown for word in words)


@pytest.mark.parametrize(
    ("lang", "event", "area"), [("zh", "签字确认", "组 Z州/甲县"), ("en", "signed off", "group Z州/甲县")]
)
def test_the_history_lists_sign_offs(path, capsys, lang, event, area):
    said(capsys, "refuse", "--village", "下村", "--note", "已迁出", "--yes", *BY, path=path)
    sign = ("--level", "group", "--village", "下村", "--operator", "王", "--on", "2020-02-29")
    said(capsys, "sign-off", *sign, path=path)
    last = [line for line in said(capsys, "history", path=path, lang=lang, of="ledger").splitlines() if event in line]
    assert len(last) == 1
    assert area in last[0]
    assert "王" in last[0]


def test_a_late_act_finds_the_alert_as_it_stood(path, capsys):
    open_ledger(path).record_month(month_of(FEB, {"h1": "red"}, places=VILLAGES))
    shown = said(capsys, "refuse", "--household", "h1", "--note", "已迁出", *BY, path=path, code=2)
    assert "a newer list names the household" in shown
