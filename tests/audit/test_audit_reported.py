"""What visitors found wrong is listed where it stands, until the register has it anew."""

from datetime import date

import polars as pl
import pytest

from relapse_risk.audit import run_audit
from relapse_risk.ingest import read_records

HOMES = pl.DataFrame(
    {
        "household_id": ["h1", "h1", "h2", "h3"],
        "recorded_on": [date(2018, 1, 1), date(2019, 1, 1), date(2018, 1, 1), date(2018, 1, 1)],
        "size": [3, 3, 2, 1],
    }
)


@pytest.fixture(scope="module")
def intake():
    return read_records({"households": HOMES})


def _reported(intake, **visits):
    reported = pl.DataFrame(
        {"household_id": list(visits), "on": list(visits.values())}, schema={"household_id": pl.String, "on": pl.Date}
    )
    result = run_audit(intake, reported=reported)
    return result.findings.filter(rule="reported_wrong").select("household_id", "row", "severity").rows(), result


def test_the_newest_row_of_the_household_is_shown(intake):
    found, result = _reported(intake, h1=date(2019, 6, 1), h2=date(2018, 6, 1))
    assert found == [("h1", 2, "warn"), ("h2", 3, "warn")]
    assert result.rules.filter(rule="reported_wrong").select("judged", "broken").row(0) == (4, 2)


def test_a_newer_entry_closes_it(intake):
    assert _reported(intake, h1=date(2018, 6, 1))[0] == []


def test_who_is_not_in_the_register_is_not_shown_and_without_visits_there_is_no_such_rule(intake):
    assert _reported(intake, h9=date(2019, 6, 1))[0] == []
    assert run_audit(intake).rules.filter(rule="reported_wrong").is_empty()
