"""A visit workbook written of the ledger's alerts, filled in, read back and entered."""

from dataclasses import replace
from datetime import date

import openpyxl
import polars as pl
import pytest

from relapse_risk.ingest import read_visits
from relapse_risk.policy import read_policy
from relapse_risk.reports import VisitList, write_visit_workbook
from tests.monitoring.ledger.ledger_months import APR, FEB, JAN, MAR, month_of, states_of

POLICY = read_policy()
DEC = date(2019, 12, 31)
FINDINGS = {"h1": "stable", "h2": "difficult", "h3": "risk_gone", "h4": "no_risk", "h5": "wrong_record"}
CODES = (pl.String, ("override", "change", "moved", "reason_text", "measures"))


@pytest.fixture
def filled(ledger, tmp_path):
    """Write the visits of January, and fill each household's finding in."""
    ledger.record_month(month_of(JAN, dict.fromkeys(FINDINGS, "red")))
    alerts = ledger.alerts(JAN)
    nothing = pl.lit(None, dtype=CODES[0])
    lines = alerts.with_columns(listed_for=pl.lit("model"), **dict.fromkeys(CODES[1], nothing))
    path = tmp_path / "visits.xlsx"
    write_visit_workbook(VisitList(as_of=JAN, lines=lines, places=alerts), path, policy=POLICY)
    book = openpyxl.load_workbook(path)
    sheet = book["上村"]
    headers = [cell.value for cell in sheet[5]]
    said = {code: finding.zh for code, finding in POLICY.mechanism.visits.findings.items()}
    for row in range(6, 6 + alerts.height):
        household = sheet.cell(row, headers.index("户编号") + 1).value
        cells = {"走访日期": FEB, "走访结果": said[FINDINGS[household]], "走访人": "张三", "备注": "查无此事"}
        for header, cell in cells.items():
            sheet.cell(row, headers.index(header) + 1).value = cell
    book.save(path)
    return path


def test_every_act_of_a_filled_workbook_is_entered_once(ledger, filled):
    intake = read_visits(filled, POLICY, today=MAR, known=ledger.alerts())
    done = ledger.act(intake.acts)
    assert done["outcome"].to_list() == ["done"] * intake.acts.height
    assert states_of(ledger) == {
        **{"h1": "proposed", "h2": "visited", "h3": "proposed", "h4": "refused", "h5": "wrong_record"},
    }
    assert ledger.alerts().filter(household_id="h1")["proposed_on"].to_list() == [FEB]
    renamed = filled.rename(filled.with_name("again.xlsx"))
    again = ledger.act(read_visits(renamed, POLICY, today=MAR, known=ledger.alerts()).acts)
    assert again["outcome"].to_list() == ["already"] * intake.acts.height


def test_a_workbook_of_before_is_read_though_a_household_has_another_number_since(ledger, filled):
    renumbered = pl.DataFrame({"household_id": ["h1"], "became": ["n1"]})
    ledger.record_month(replace(month_of(MAR, {"n1": "red"}, known=("n1", "h2")), renumbered=renumbered))
    intake = read_visits(filled, POLICY, today=APR, known=ledger.alerts(), numbers=ledger.numbers())
    assert intake.rejected.is_empty()
    assert set(intake.visits["household_id"]) == {"n1", "h2", "h3", "h4", "h5"}
    assert set(ledger.act(intake.acts).filter(household_id="n1", kind="visited")["outcome"]) == {"done"}


def test_a_workbook_of_a_month_that_was_run_anew_is_read_with_its_household(ledger, filled):
    ledger.withdraw_month(JAN, by="王", reason="户编号变更")
    ledger.record_month(month_of(DEC, {"old": "red"}, digest="d"))
    renumbered = pl.DataFrame({"household_id": ["old"], "became": ["h1"]})
    again = replace(month_of(JAN, dict.fromkeys(FINDINGS, "red"), digest="e"), renumbered=renumbered)
    assert ledger.record_month(again).renumbered == 1
    numbers = dict(ledger.alerts().select("household_id", "alert_id").iter_rows())
    intake = read_visits(filled, POLICY, today=MAR, known=ledger.alerts(), numbers=ledger.numbers())
    assert intake.rejected.is_empty()
    assert intake.notes == ()
    assert dict(intake.visits.select("household_id", "alert_id").iter_rows()) == numbers
    assert set(ledger.act(intake.acts)["outcome"]) == {"done"}


def test_a_file_of_the_same_name_with_other_visits_is_another_source(ledger, filled):
    first = read_visits(filled, POLICY, today=MAR).acts
    book = openpyxl.load_workbook(filled)
    sheet = book["上村"]
    headers = [cell.value for cell in sheet[5]]
    sheet.cell(6, headers.index("走访日期") + 1).value = MAR
    book.save(filled)
    second = read_visits(filled, POLICY, today=MAR).acts
    ledger.act(first)
    household = sheet.cell(6, headers.index("户编号") + 1).value
    done = ledger.act(second.filter(household_id=household, kind="visited"))
    assert done["outcome"].to_list() == ["done"]


def test_a_household_found_in_the_village_gets_an_alert_and_is_visited_once(ledger, filled):
    book = openpyxl.load_workbook(filled)
    sheet = book["上村"]
    headers = [cell.value for cell in sheet[5]]
    row = 6 + len(FINDINGS)
    assert sheet.cell(row, headers.index("列入依据") + 1).value == "村内新发现"
    cells = {"户编号": "h9", "走访日期": FEB, "走访结果": "有返贫风险", "走访人": "张三", "备注": "房屋倒塌"}
    for header, cell in cells.items():
        sheet.cell(row, headers.index(header) + 1).value = cell
    book.save(filled)
    done = ledger.act(read_visits(filled, POLICY, today=MAR, known=ledger.alerts()).acts)
    assert done.filter(household_id="h9").select("kind", "outcome").rows() == [("found", "done"), ("visited", "done")]
    found = ledger.alerts().filter(household_id="h9")
    assert found.select("state", "opened_on", "last_kind").rows() == [("visited", FEB, "visited")]
    again = ledger.act(read_visits(filled, POLICY, today=MAR, known=ledger.alerts()).acts)
    assert set(again["outcome"]) == {"already"}


def test_who_was_found_keeps_the_alert_when_a_month_lists_the_household(ledger, filled):
    found = {"household_id": "h9", "kind": "found", "on": FEB, "by": "张三", "note": "房屋倒塌"}
    assert ledger.act(pl.DataFrame([found]))["outcome"].to_list() == ["done"]
    account = ledger.record_month(month_of(MAR, {"h9": "red"}))
    assert (account.opened, account.escalated) == (0, 1)
    assert ledger.alerts().filter(household_id="h9")["tier"].to_list() == ["red"]


def test_an_act_on_a_household_that_nobody_listed_or_found_is_refused(ledger, filled):
    visit = {"household_id": "h9", "kind": "visited", "on": FEB, "by": "张三"}
    assert ledger.act(pl.DataFrame([visit]))["rule"].to_list() == ["no_alert"]
    assert ledger.alerts().filter(household_id="h9").is_empty()
