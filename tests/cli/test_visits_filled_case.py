"""A workbook filled in by many hands, read back into the ledger of the months it was written from."""

import sqlite3
from datetime import date

import openpyxl
import polars as pl
import pytest

from relapse_risk.cli import run
from relapse_risk.monitoring import open_ledger

TODAY = "2021-02-15"


@pytest.fixture(scope="module")
def case(shared, require):
    require(shared / "cases" / "21-visits-filled", "the case of a filled workbook among the sample exports")
    return shared / "cases" / "21-visits-filled"


@pytest.fixture
def county(case, tmp_path):
    """A copy of the ledger of the case, whose layout is an earlier one."""
    path = tmp_path / "county.db"
    path.write_bytes((case / "county.db").read_bytes())
    return path


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.slow)])
def test_it_is_read_and_what_is_not_taken_goes_back(case, county, tmp_path, lang, capsys):
    with sqlite3.connect(f"file:{county}?mode=ro", uri=True) as old:
        numbers = dict(old.execute("SELECT alert_id, household_id FROM alerts"))
    asked = ["visits", str(case / "visits_filled.xlsx"), "--ledger", str(county), "--today", TODAY, "--lang", lang]
    assert run([*asked, "--out", str(tmp_path / "out")]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert {"zh": "已由版式 1 升级到 3", "en": "brought from layout 1 to 3"}[lang] in first
    saved = next(tmp_path.glob("county.backup-*.db"))
    assert saved.name in first
    assert saved.stat().st_size == (case / "county.db").stat().st_size
    ledger = open_ledger(county)
    assert dict(ledger.alerts().select("alert_id", "household_id").iter_rows()) == numbers
    visits = ledger.history().filter(kind="visited")
    assert visits.height > 0
    # The visitor's name is merged over four rows.
    merged = openpyxl.load_workbook(case / "visits_filled.xlsx")["虚拟乙县 金沙镇 大寨村"]
    four = {merged.cell(row, 3).value for row in range(6, 10)}
    assert four <= set(visits["household_id"])
    assert visits.filter(pl.col("household_id").is_in(list(four)))["by"].unique().to_list() == ["李四"]
    # An alert of November may be visited before the list of December.
    opened = ledger.alerts().select("alert_id", "opened_on")
    early = visits.join(opened, on="alert_id").filter(pl.col("on") < date(2020, 12, 31))
    assert (early["on"] >= early["opened_on"]).all()
    assert early.height > 0
    rejected = pl.read_parquet(tmp_path / "out" / "rejected.parquet").select("sheet", "row").unique()
    back = openpyxl.load_workbook(tmp_path / "out" / {"zh": "退回更正.xlsx", "en": "to_send_back.xlsx"}[lang])
    sent = sum(sheet.max_row - 5 for sheet in back.worksheets if sheet.sheet_state == "visible")
    acts = pl.read_parquet(tmp_path / "out" / "acts.parquet").filter(outcome="refused").select("sheet", "row")
    assert sent == pl.concat([rejected, acts]).unique().height > 0
    before = ledger.history().height
    assert run(asked) == 0  # once more, nothing is added
    assert ledger.history().height == before


@pytest.mark.slow
def test_the_next_month_goes_on_and_can_be_withdrawn(case, county, shared, tmp_path, capsys):
    assert run(["visits", str(case / "visits_filled.xlsx"), "--ledger", str(county), "--today", TODAY]) == 0
    before = open_ledger(county).alerts()
    where = ["--rule", "--capacity", "200", "--ledger", str(county), "--out", str(tmp_path / "out"), "--lang", "en"]
    assert run(["monitor", str(shared / "samples" / "registry"), "--as-of", "2021-01-31", *where]) == 0
    assert [str(day) for day in open_ledger(county).months()] == ["2020-11-30", "2020-12-31", "2021-01-31"]
    assert run(["ledger", "check", "--ledger", str(county), "--lang", "en"]) == 0
    assert "575 entries of these were recorded before layout 3" in capsys.readouterr().out
    said = ["--operator", "王", "--reason", "走访能力填错"]
    assert run(["ledger", "withdraw", "--as-of", "2021-01-31", "--ledger", str(county), *said]) == 0
    assert open_ledger(county).alerts().equals(before)
