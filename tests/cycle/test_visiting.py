"""Filled-in visits go into the ledger once, and come out again for the audit and for design-weighted figures."""

import shutil
from datetime import date

import openpyxl
import polars as pl
import pytest

from relapse_risk.audit import run_audit
from relapse_risk.cycle import completion_of, endline_due, endline_visits, enter_visits, monitor, visits_of
from relapse_risk.ingest import read_records
from relapse_risk.monitoring import open_ledger
from relapse_risk.policy import read_policy
from tests.cycle.ledger_entries import entries

TODAY = date(2019, 3, 31)
FINDINGS = ("difficult", "stable", "risk_gone", "wrong_record", "absent", "no_risk")


def fill_in(path, on, findings):
    """Fill in the lines of a workbook with one finding after another; return what they say of each household."""
    book = openpyxl.load_workbook(path)
    said = {}
    columns = {column.en: name for name, column in read_policy().mechanism.visits.columns.items()}
    words = {code: finding.en for code, finding in read_policy().mechanism.visits.findings.items()}
    for sheet in book.worksheets:
        headers = next((row for row in sheet.iter_rows() if "Visited on" in [cell.value for cell in row]), None)
        if headers is None or sheet.sheet_state != "visible":
            continue
        place = {columns[cell.value]: cell.column for cell in headers if cell.value in columns}
        for row in range(headers[0].row + 1, sheet.max_row + 1):
            household = sheet.cell(row, place["household_id"]).value
            if household is None:
                continue
            code = findings[len(said) % len(findings)]
            said[household] = code
            sheet.cell(row, place["visited_on"]).value = on
            sheet.cell(row, place["finding"]).value = words[code]
            sheet.cell(row, place["by"]).value = "walker"
            sheet.cell(row, place["remark"]).value = "see the file"
    book.save(path)
    return said


@pytest.fixture(scope="module")
def january(records, bundle, tmp_path_factory):
    """A month's ledger and workbook, its lines filled in with one finding after another, and what they say."""
    folder = tmp_path_factory.mktemp("january")
    ledger = open_ledger(folder / "county.db")
    month = monitor(records, bundle, ledger, as_of="2019-01-31", capacity=40, lang="en")
    ledger.store.engine.dispose()
    month.write(folder / "out")
    path = folder / "out" / "visits.xlsx"
    return folder / "county.db", path, fill_in(path, date(2019, 2, 10), FINDINGS)


@pytest.fixture
def ledger(january, tmp_path):
    return open_ledger(shutil.copy(january[0], tmp_path / "county.db"))


@pytest.fixture
def filled(january):
    return january[1:]


def test_every_row_is_accounted_for_and_reading_again_changes_nothing(filled, ledger):
    path, said = filled
    entered = enter_visits(path, ledger, today=TODAY)
    counts = entered.counts
    assert counts["read"] == counts["kept"] + counts["refused"] + counts["not_filled"]
    assert counts["kept"] == len(said)
    assert counts["acts_refused"] == 0
    before = entries(ledger)
    again = enter_visits(path, ledger, today=TODAY)
    assert again.counts["acts_done"] == 0
    assert again.counts["acts_already"] == counts["acts_done"]
    assert entries(ledger).equals(before)


def test_what_was_found_leads_where_it_says(filled, ledger):
    path, said = filled
    enter_visits(path, ledger, today=TODAY)
    states = dict(ledger.alerts().select("household_id", "state").iter_rows())
    leads = {
        **{"difficult": "visited", "stable": "proposed", "risk_gone": "proposed", "no_risk": "refused"},
        **{"wrong_record": "wrong_record", "absent": "open"},
    }
    assert {states[household] for household in said} == set(leads.values())
    assert all(states[household] == leads[code] for household, code in said.items())
    proposed = ledger.alerts().filter(pl.col("proposed_on").is_not_null())
    assert set(proposed["household_id"]) == {household for household, code in said.items() if leads[code] == "proposed"}


def test_a_wrong_record_goes_to_the_audit(filled, ledger, population):
    path, said = filled
    enter_visits(path, ledger, today=TODAY)
    wrong = ledger.wrong_records()
    assert set(wrong["household_id"]) == {household for household, code in said.items() if code == "wrong_record"}
    homes = population.tables["households"].filter(pl.col("recorded_on") <= date(2019, 1, 31))
    found = run_audit(read_records({"households": homes}), reported=wrong).findings.filter(rule="reported_wrong")
    assert set(found["household_id"]) == set(wrong["household_id"])


def test_visits_are_those_of_the_list_that_led_there(filled, ledger):
    path, said = filled
    enter_visits(path, ledger, today=TODAY)
    visits = visits_of(ledger, until=TODAY)
    gone = {household for household, code in said.items() if code != "absent"}
    assert set(visits["household_id"]) == gone
    assert visits["as_of"].unique().to_list() == [date(2019, 1, 31)]
    found = dict(visits.select("household_id", "found").iter_rows())
    tells = {"difficult": True, "wrong_record": None}
    assert all(found[household] is tells.get(said[household], False) for household in gone)
    assert visits_of(ledger, until=date(2019, 2, 9)).is_empty()
    chances = visits.join(ledger.listings(), on=["household_id", "as_of"])
    assert (chances["inclusion_probability"] == chances["inclusion_probability_right"]).all()


def test_who_rests_after_a_visit_counts_as_visited_and_a_draw_does_not(filled, ledger, run_month):
    path, said = filled
    enter_visits(path, ledger, today=TODAY)
    run_month("2019-02-28")
    visits = visits_of(ledger, until=date(2019, 2, 28)).filter(as_of=date(2019, 2, 28))
    gone = {household for household, code in said.items() if code != "absent"}
    listed = ledger.listings("2019-02-28").filter(pl.col("listed_for") != "random")
    assert set(visits["household_id"]) == gone & set(listed["household_id"])
    assert visits["found"].null_count() == visits.height
    assert visits.height


def test_completion_counts_the_visits_of_the_list_and_the_next_month_tells_it(filled, ledger, run_month):
    path, said = filled
    assert completion_of(ledger, date(2019, 1, 30)) is None
    day, before = completion_of(ledger, date(2019, 2, 9))
    towns = before.filter(level="town")
    assert day == date(2019, 1, 31)
    assert (towns["due"].sum(), towns["done"].sum()) == (len(said), 0)
    enter_visits(path, ledger, today=TODAY)
    month = run_month("2019-02-28")
    found = month.bulletin.completion.filter(level="town")
    gone = sum(code != "absent" for code in said.values())
    assert (found["due"].sum(), found["done"].sum(), found["open"].sum()) == (len(said), gone, len(said) - gone)
    assert run_month("2019-02-28").completion.equals(month.completion)
    assert completion_of(ledger, date(2019, 2, 28))[0] == date(2019, 2, 28)


@pytest.mark.parametrize("finding", ["stable", "no_risk", "difficult", "relapsed", "wrong_record"])
def test_whoever_was_drawn_is_visited_again_when_the_horizon_is_over(filled, ledger, run_month, tmp_path, finding):
    path, _ = filled
    enter_visits(path, ledger, today=TODAY)
    rule = read_policy().mechanism.listing.endline
    drawn = set(ledger.listings("2019-01-31").filter(listed_for="random")["household_id"])
    before = run_month("2019-12-31", random_share=0).visits.lines
    assert before.filter(listed_for="endline").is_empty()
    month = run_month("2020-01-31", random_share=0)
    due = set(endline_due(ledger, date(2020, 1, 31), 12, rule))
    assert due > drawn
    assert due <= set(month.visits.lines["household_id"])
    assert run_month("2020-01-31", random_share=0).account.already
    month.write(tmp_path / "out")
    fill_in(tmp_path / "out" / "visits.xlsx", date(2020, 2, 9), [finding])
    entered = enter_visits(tmp_path / "out" / "visits.xlsx", ledger, today=date(2020, 3, 31))
    assert entered.counts["acts_refused"] == 0
    assert endline_visits(ledger, 12, rule, date(2020, 2, 29)).is_empty()  # what they found is not in the register yet
    made = endline_visits(ledger, 12, rule, date(2020, 3, 31))
    assert set(made["household_id"]) == due
    assert made["visited_on"].unique().to_list() == [date(2020, 2, 9)]
    assert endline_due(ledger, date(2020, 2, 29), 12, rule).is_empty()
    alerts = ledger.alerts().filter(pl.col("household_id").is_in(drawn))
    assert alerts["open"].all() or finding in ("stable", "no_risk")
    followed = run_month("2020-03-31").summary["recall"]
    assert (followed["refused"], followed["months"], followed["drawn"]) == ("few_relapses", 1, len(drawn))


def test_a_visit_that_leaves_a_closed_alert_closed_found_no_difficulty(filled, ledger):
    path, said = filled
    enter_visits(path, ledger, today=TODAY)
    refused = next(household for household, code in said.items() if code == "no_risk")
    alert = ledger.alerts().filter(household_id=refused)["alert_id"].item()
    late = pl.DataFrame({"alert_id": [alert], "kind": "visited", "on": date(2019, 3, 9), "by": "walker"})
    assert ledger.act(late)["outcome"].to_list() == ["done"]
    found = dict(visits_of(ledger, until=TODAY).select("household_id", "found").iter_rows())
    assert found[refused] is False
