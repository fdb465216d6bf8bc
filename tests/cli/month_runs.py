"""Running months through the command line, filling in their visits, and what a ledger holds."""

import sqlite3
import sys
from pathlib import Path

import openpyxl

from relapse_risk.monitoring import open_ledger

OCTOBER = "2020-10-31"
NOVEMBER = "2020-11-30"
RELAPSE_RISK = [sys.executable, "-c", "from relapse_risk.cli import main; main()"]
TABLES = {
    "risk",
    "areas",
    "assessment",
    "changes",
    "alerts",
    "clearing",
    "watch",
    "watch_counts",
    "sites",
    "focus",
    "plan",
}
WRITTEN = {f"{name}.parquet" for name in (*TABLES, "rejected")}
WRITTEN |= {"visits.xlsx", "bulletin.html", "bulletin.docx", "report.html", "run.json"}
MODEL_ONLY = {"expected.parquet", "drift.parquet", "capacity.parquet"}
FILL = {
    "zh": ("走访日期", "走访结果", "走访人", "备注", "有返贫风险", "记录有误"),
    "en": ("Visited on", "Finding", "By whom", "Remark", "at risk", "wrong record"),
}
HOUSEHOLD = {"zh": "户编号", "en": "Household"}
SAID = "李四家 13800138000"
HEADER = 5


def month_command(source, place, as_of, out, *more, ledger=None):
    where = ["--ledger", str(place / "county.db" if ledger is None else ledger), "--out", str(place / out)]
    return ["monitor", str(source), "--rule", "--as-of", as_of, "--capacity", "40", *where, *more]


def visits_command(source, place, *more, ledger="county.db"):
    return ["visits", str(source), "--ledger", str(place / ledger), *more]


def fill_in(source, target, on, *, lines=6, lang="zh"):
    """Fill in the first lines of a workbook; every second finds the record wrong. Return how many were."""
    day, finding, by, remark, at_risk, wrong = FILL[lang]
    book, filled = openpyxl.load_workbook(source), 0
    for sheet in book.worksheets[1:]:
        if sheet.sheet_state != "visible":
            continue
        places = {cell.value: cell.column for cell in sheet[HEADER]}
        if day not in places:  # of those who wait
            continue
        for row in range(HEADER + 1, sheet.max_row + 1):
            if (
                filled == lines or sheet.cell(row, places[HOUSEHOLD[lang]]).value is None
            ):  # what follows is for households found
                break
            said = wrong if filled % 2 else at_risk
            for name, value in ((day, on), (finding, said), (by, "王五"), (remark, SAID if filled % 2 else None)):
                sheet.cell(row, places[name]).value = value
            filled += 1
    book.save(target)
    return filled


def ledger_content(place, ledger="county.db"):
    """Return all that a ledger holds, but for the moments at which it was recorded."""
    book = open_ledger(place / ledger, make=False)
    return book.months(), book.history().drop("recorded_at").rows(), book.listings().rows()


def dump(file):
    connection = sqlite3.connect(file)
    try:
        return "\n".join(connection.iterdump())
    finally:
        connection.close()


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir() if path.name != "run.json"}


def one_line(capsys, *parts, without=()):
    out, err = capsys.readouterr()
    assert err.count("\n") == 1, err
    assert "Traceback" not in out + err
    assert all(part in err for part in parts), err
    assert not any(part in out + err for part in without), err
