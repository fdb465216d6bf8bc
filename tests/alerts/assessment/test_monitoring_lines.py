"""Which monitoring line a household is compared with, and what is said of it."""

import polars as pl
import pytest

from relapse_risk.alerts.assessment import monitoring_line_remarks
from relapse_risk.alerts.assessment.populations import over_lines
from relapse_risk.policy import read_policy
from relapse_risk.records import AsOfView, Records
from tests.alerts.assessment.assessed_registers import DAY, POLICY, household, incomes


@pytest.fixture
def view():
    homes = household(county="大姚县")
    return AsOfView.of(Records({"households": homes, "incomes": incomes(5500.0)}), DAY, lines=POLICY.lines)


def lines_of(tmp_path, text):
    file = tmp_path / "lines.toml"
    file.write_text(text, encoding="utf-8")
    return read_policy(lines=file).monitoring


def test_a_county_s_own_line_decides_who_is_below_it(view, tmp_path):
    lines = lines_of(tmp_path, '[monitoring.line."大姚".2019]\nyuan = 6000\n')
    assert over_lines(view, lines)["monitoring_line"].to_list() == [6000]
    assert (over_lines(view, lines)["income_over_monitoring"] < 1).all()
    assert over_lines(view, POLICY.monitoring)["monitoring_line"].to_list() == [pytest.approx(1.5 * 3218)]
    assert list(monitoring_line_remarks(view, lines)) == []


def test_a_line_of_a_place_where_nobody_lives_is_said(view, tmp_path):
    lines = lines_of(
        tmp_path, '[monitoring.line."大窑".2019]\nyuan = 6000\n[monitoring.line."5323".2019]\nyuan = 6000\n'
    )
    remarks = dict(monitoring_line_remarks(view, lines))
    assert remarks["monitoring_line_of_nowhere"] == {"places": ("5323", "大窑")}


def test_a_year_without_the_county_s_line_takes_its_last_and_says_so(view, tmp_path):
    lines = lines_of(tmp_path, '[monitoring.line."大姚".2018]\nyuan = 5800\n')
    assert over_lines(view, lines).get_column("monitoring_line").cast(pl.Int64).to_list() == [5800]
    ((code, details),) = monitoring_line_remarks(view, lines)
    assert (code, details["of_year"], details["years"]) == ("monitoring_line_of_other_year", "2018", (2019,))
