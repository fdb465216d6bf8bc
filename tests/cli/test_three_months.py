"""Three months on the sample exports, by the command line alone: mistakes are undone, and every output adds up."""

import json
import re
import shutil
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import docx
import openpyxl
import polars as pl
import pytest

from relapse_risk.cli import run
from relapse_risk.monitoring import open_ledger
from relapse_risk.policy import read_policy

pytestmark = pytest.mark.slow

MONTHS = ("2020-11-30", "2020-12-31", "2021-01-31")
CAPACITY = 200
FORGOTTEN = "532311_防返贫监测信息导出.xlsx"
STATES = ("visit", "in_hand", "waiting")


@dataclass(kw_only=True)
class County:
    """A county's desk: its files, its ledger, and what the screen said."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    files: Path
    said: dict[str, str] = field(default_factory=dict)

    def call(self, *words: object, code: int = 0) -> str:
        """Call the program, which must end with a code; return what it said."""
        found = run([*map(str, words), "--ledger", str(self.folder / "county.db"), "--lang", "en"])
        out, err = self.capsys.readouterr()
        assert found == code, out + err
        assert "Traceback" not in err
        return out + err

    def options(self, day: str, capacity: int) -> tuple[object, ...]:
        """Return the options of a month."""
        return ("--rule", "--capacity", capacity, "--as-of", day, "--out", self.folder / day)

    def month(self, day: str, *more: str, capacity: int = CAPACITY) -> Path:
        """Run a month, and keep what the screen said."""
        self.said[day] = self.call("monitor", self.files, *self.options(day, capacity), *more)
        return self.folder / day

    def month_refused(self, day: str) -> str:
        """Run a month that must be refused in one line, writing nothing; return the line."""
        line = self.call("monitor", self.files, *self.options(day, CAPACITY), code=2)
        assert not (self.folder / day).exists()
        return line

    def withdraw(self, day: str) -> str:
        """Withdraw a month."""
        return self.call("ledger", "withdraw", "--as-of", day, "--operator", "Wang", "--reason", "a mistake")


def fill_in(path: Path, day: date, relapsed: set[str]) -> int:
    """Fill in a visit workbook: relapsed, or at risk and doing well by turns; return how many lines."""
    headers = {column.en: name for name, column in read_policy().mechanism.visits.columns.items()}
    book, filled = openpyxl.load_workbook(path), 0
    for sheet in book.worksheets:
        top = next((row for row in sheet.iter_rows() if "Visited on" in [cell.value for cell in row]), None)
        if top is None or sheet.sheet_state != "visible":
            continue
        place = {headers[cell.value]: cell.column for cell in top if cell.value in headers}
        for row in range(top[0].row + 1, sheet.max_row + 1):
            household = sheet.cell(row, place["household_id"]).value
            if household is not None:
                found = "has relapsed" if household in relapsed else ("at risk", "stable")[filled % 2]
                for name, value in {"visited_on": day, "finding": found, "by": "Li"}.items():
                    sheet.cell(row, place[name]).value = value
                filled += 1
    book.save(path)
    return filled


def renumber(path: Path, old: str, new: str) -> None:
    """Let a household of a registry's export go by another number from the round of 2020 on."""
    book = openpyxl.load_workbook(path)
    changed = 0
    for name in ("户信息", "家庭成员"):
        sheet = book[name]
        headers = {cell.value: cell.column for cell in sheet[3]}
        for row in range(4, sheet.max_row + 1):
            number, year = (sheet.cell(row, headers[header]) for header in ("户编号", "年度"))
            if str(number.value) == old and str(year.value) == "2020":
                number.value = new
                changed += 1
    assert changed >= 2
    book.save(path)


def lines_of(path: Path) -> set[str]:
    """Return the households of a visit workbook, village by village."""
    found = []
    for sheet in openpyxl.load_workbook(path, read_only=True).worksheets:
        if sheet.sheet_state != "visible":
            continue
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        top = next((at for at, row in enumerate(rows) if "Visited on" in row), None)
        if top is not None:
            place = rows[top].index("Household")
            found += [row[place] for row in rows[top + 1 :] if len(row) > place and row[place] is not None]
    assert len(found) == len(set(found))
    return set(found)


def page_text(path: Path) -> str:
    """Return the words of a page."""
    page = re.sub(r"<(style|svg).*?</\1>", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace(",", "")


def word_text(path: Path) -> str:
    """Return the words of a bulletin as .docx, with those of its tables."""
    document = docx.Document(str(path))
    words = [one.text for one in document.paragraphs]
    words += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return re.sub(r"\s+", " ", " ".join(words)).replace(",", "")


def check_ledger(county: County, out: Path, kinds: dict[str, dict[str, int]]) -> None:
    """Check that the ledger has the same households on its list, for the same."""
    day = date.fromisoformat(out.name)
    listed = open_ledger(county.folder / "county.db").listings().filter(as_of=day)
    risk = pl.read_parquet(out / "risk.parquet")
    for kind in ("model", "rule"):
        in_table = risk.filter(listed_for=kind)["household_id"]
        assert set(listed.filter(listed_for=kind)["household_id"]) == set(in_table)
        assert in_table.len() == kinds[kind]["visit"] + kinds[kind]["in_hand"]
    drawn = pl.read_parquet(out / "plan.parquet").filter(demanded_for="random")["household_id"]
    assert set(listed.filter(listed_for="random")["household_id"]) == set(drawn)
    assert listed.height == sum(counts["visit"] + counts["in_hand"] for counts in map(kinds.get, ("model", "rule"))) + (
        drawn.len()
    )


def check_roster(county: County, day: str) -> None:
    """Check that the roster of a day without a ledger adds up: its sheets, its screen, its tables."""
    out = county.folder / f"roster {day}"
    found = run(
        [
            "score",
            str(county.files),
            *map(str, ("--rule", "--capacity", CAPACITY, "--as-of", day, "--out", out)),
            "--lang",
            "en",
        ]
    )
    shown = county.capsys.readouterr().out.replace(",", "")
    assert found == 0
    scores = json.loads((out / "run.json").read_text(encoding="utf-8"))["scores"]
    total, risk = scores["plan"]["all"], pl.read_parquet(out / "risk.parquet")
    book = openpyxl.load_workbook(out / "roster.xlsx", read_only=True)
    listed, waiting = (households_of(book[name]) for name in ("Roster", "Waiting list"))
    assert set(listed) == set(risk.filter(pl.col("listed_for").is_not_null())["household_id"])
    assert set(waiting) == set(risk.filter(pl.col("waiting_for").is_not_null())["household_id"])
    assert (len(listed), len(waiting)) == (total["visit"], total["waiting"])
    assert total["visit"] == scores["listed_by_risk"] + scores["listed_by_rule"] <= CAPACITY
    demanded, visits, waits = (total[name] for name in ("demanded", "visit", "waiting"))
    assert f"{demanded} households are to be visited: {visits} this month 0 in hand {waits} waiting" in shown
    assert f"Total {demanded} {visits} 0 {waits}" in page_text(out / "report.html")


def households_of(sheet) -> list[str]:
    """Return the households of a sheet of the roster, in its order."""
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    top = next(at for at, row in enumerate(rows) if "Household" in row)
    place = rows[top].index("Household")
    return [row[place] for row in rows[top + 1 :] if len(row) > place and row[place] is not None]


def check_month(county: County, out: Path) -> dict[str, dict[str, int]]:
    """Check that a month says the same everywhere; return its plan."""
    summary = json.loads((out / "run.json").read_text(encoding="utf-8"))["month"]
    scores, plan = summary["scores"], summary["scores"]["plan"]
    kinds = {kind: plan[kind] for kind in ("model", "rule", "revisit", "former", "random", "all")}
    for counts in kinds.values():
        assert counts["demanded"] == sum(counts[state] for state in STATES)
    total, risk = kinds["all"], pl.read_parquet(out / "risk.parquet")
    assert total["visit"] <= CAPACITY
    table = pl.read_parquet(out / "plan.parquet").group_by("demanded_for", "state").len()
    for kind, state, count in table.iter_rows():
        assert kinds[kind][state] == count
    assert table["len"].sum() == total["demanded"]
    for kind in ("model", "rule"):
        assert risk.filter(visit_for=kind).height == kinds[kind]["visit"]
        assert risk.filter(waiting_for=kind).height == kinds[kind]["waiting"]
        assert risk.filter(listed_for=kind).height == kinds[kind]["visit"] + kinds[kind]["in_hand"]
    whole = pl.read_parquet(out / "areas.parquet").row(by_predicate=pl.col("level") == "all", named=True)
    listed = {"model": scores["listed_by_risk"], "rule": scores["listed_by_rule"]}
    assert (whole["by_model"], whole["by_rule"]) == tuple(listed.values())
    assert listed == {kind: kinds[kind]["visit"] + kinds[kind]["in_hand"] for kind in listed}
    lines = lines_of(out / "visits.xlsx")
    assert len(lines) == total["visit"] == summary["visits"]
    assert set(risk.filter(pl.col("visit_for").is_not_null())["household_id"]) <= lines
    sentence = (
        f"{total['demanded']} households are to be visited: {total['visit']} this month {total['in_hand']} in hand "
        f"{total['waiting']} waiting (capacity {CAPACITY})"
    )
    bulletin = word_text(out / "bulletin.docx")
    for words in (county.said[out.name].replace(",", ""), page_text(out / "bulletin.html"), bulletin):
        assert sentence in words
    row = " ".join(str(total[name]) for name in ("demanded", *STATES))
    for page in ("bulletin.html", "report.html"):
        assert f"Total {row}" in page_text(out / page)
    assert f"Total {row}" in bulletin
    assert f"listed {listed['model']} by risk, {listed['rule']} by rule" in county.said[out.name]
    check_ledger(county, out, kinds)
    return kinds


def relapsed_in(out: Path) -> set[str]:
    """Return the relapsed of a month, after checking that each is demanded, red, and nobody proposes to clear it."""
    relapsed = pl.read_parquet(out / "risk.parquet").filter(exclusion_reason="relapsed")
    households = set(relapsed["household_id"])
    assert set(relapsed["tier"]) == {"red"}
    assert households <= set(pl.read_parquet(out / "plan.parquet")["household_id"])
    alerts = pl.read_parquet(out / "alerts.parquet").filter(pl.col("household_id").is_in(list(households)))
    assert alerts["proposed_on"].null_count() == alerts.height
    assert alerts["open"].all()
    return households


@pytest.fixture
def county(shared, tmp_path, capsys):
    files = Path(shutil.copytree(shared / "samples" / "registry", tmp_path / "files"))
    return County(folder=tmp_path, capsys=capsys, files=files)


def test_three_months_of_a_new_user_add_up(county):
    first, second, third = MONTHS

    # A capacity without its last nought, withdrawn: the month is then run as if for the first time.
    wrong = county.month(first, capacity=20)
    assert json.loads((wrong / "run.json").read_text(encoding="utf-8"))["month"]["visits"] == 20
    assert first in county.withdraw(first)
    november = county.month(first, "--overwrite")
    check_month(county, november)
    assert "200 opened, 0 reopened" in county.said[first]
    relapsed = relapsed_in(november)
    assert fill_in(november / "visits.xlsx", date(2020, 12, 8), relapsed) == CAPACITY
    county.call("visits", november / "visits.xlsx", "--today", "2020-12-20")

    # A workbook is forgotten: nothing is written.
    forgotten = county.files / FORGOTTEN
    shutil.move(forgotten, county.folder / FORGOTTEN)
    assert "--accept-gaps" in county.month_refused(second)
    # Said to be meant so, the month runs with what there is, says what lacks, and adds up; it is withdrawn.
    partial = county.month(second, "--accept-gaps")
    check_month(county, partial)
    assert json.loads((partial / "run.json").read_text(encoding="utf-8"))["month"]["gaps"]
    assert second in county.withdraw(second)
    shutil.move(county.folder / FORGOTTEN, forgotten)

    # A household goes by another number: it keeps its alert, and is neither new nor gone.
    alerts = dict(pl.read_parquet(november / "alerts.parquet").select("household_id", "alert_id").iter_rows())
    listed = pl.read_parquet(november / "risk.parquet").filter(listed_for="model")["household_id"]
    old = next(household for household in listed if household.startswith(FORGOTTEN[:6]))
    new = f"{old[:12]}9{old[13:]}"
    renumber(forgotten, old, new)
    december = county.month(second, "--overwrite")
    kinds = check_month(county, december)
    assert kinds["all"]["in_hand"] >= len(relapsed)
    after = dict(pl.read_parquet(december / "alerts.parquet").select("household_id", "alert_id").iter_rows())
    assert (after.get(new), after.get(old)) == (alerts[old], None)
    changed = pl.read_parquet(december / "changes.parquet")
    assert not set(changed.filter(pl.col("household_id").is_in([old, new]))["state"]) & {"new", "gone"}
    assert old not in pl.read_parquet(december / "risk.parquet")["household_id"]
    assert relapsed <= relapsed_in(december)

    january = county.month(third)
    check_month(county, january)
    relapsed_in(january)
    waited = pl.read_parquet(january / "risk.parquet")["waiting_since"].drop_nulls()
    assert set(waited) <= {date.fromisoformat(day) for day in MONTHS}
    assert "sound: 3 months" in county.call("ledger", "check")
    check_roster(county, third)
