"""Which monitoring line a household is compared with, and what is said of it."""

import pytest

from relapse_risk.alerts import find_facts, monitoring_line_remarks
from relapse_risk.features import build_features
from relapse_risk.policy import read_policy
from relapse_risk.records import AsOfView, Records
from tests.alerts.assessment.assessed_registers import DAY, POLICY, household, incomes, risk_of

RECORDS = Records({"households": household(county="大姚县", household_type="general"), "incomes": incomes(5500.0)})


@pytest.fixture
def view():
    return AsOfView.of(RECORDS, DAY, lines=POLICY.lines)


def lines_of(tmp_path, text):
    file = tmp_path / "lines.toml"
    file.write_text(text, encoding="utf-8")
    return read_policy(lines=file)


def facts_of(view, policy):
    return find_facts(build_features(view), risk_of(RECORDS), view, policy).frame.row(0, named=True)


def test_a_county_s_own_line_decides_who_is_near_poor(view, tmp_path):
    policy = lines_of(tmp_path, '[monitoring.line."大姚".2019]\nyuan = 6000\n')
    own, usual = facts_of(view, policy), facts_of(view, POLICY)
    assert (own["monitoring_line"], own["near_poor"]) == (6000, True)
    assert (usual["monitoring_line"], usual["near_poor"]) == (pytest.approx(1.5 * 3218), False)
    assert list(monitoring_line_remarks(view, policy.monitoring)) == []


def test_a_line_of_a_place_where_nobody_lives_is_said(view, tmp_path):
    tables = (f'[monitoring.line."{place}".2019]\nyuan = 6000\n' for place in ("大窑", "5323"))
    remarks = dict(monitoring_line_remarks(view, lines_of(tmp_path, "".join(tables)).monitoring))
    assert remarks["monitoring_line_of_nowhere"] == {"places": ("5323", "大窑")}


def test_a_year_without_the_county_s_line_takes_its_last_and_says_so(view, tmp_path):
    policy = lines_of(tmp_path, '[monitoring.line."大姚".2018]\nyuan = 5800\n')
    assert facts_of(view, policy)["monitoring_line"] == 5800
    ((code, details),) = monitoring_line_remarks(view, policy.monitoring)
    assert (code, details["of_year"], details["years"]) == ("monitoring_line_of_other_year", "2018", (2019,))
