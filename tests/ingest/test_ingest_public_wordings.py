"""Lists in the wordings of public templates: read as they are, and what has no place is named."""

import csv
from datetime import date
from pathlib import Path

import pytest

from relapse_risk.ingest import columns_of, read_records
from relapse_risk.labels import find_cohort
from relapse_risk.policy import Texts
from relapse_risk.records import TABLES, AsOfView


@pytest.fixture(scope="session")
def case(shared, require):
    """Find the files of a case of public material."""

    def found(name, part=""):
        return require(shared / "cases" / name / part, "the cases of public material")

    return found


def note_codes(intake):
    return [code for code, _ in intake.notes]


@pytest.mark.parametrize("order", ["A", "B", "C"])
def test_what_a_household_stands_now_counts_before_what_it_was_registered_as(case, order):
    types = read_records(case("03-two-status-columns", order)).records.table("households")
    # 已脱贫, 已脱贫, 未脱贫, 已脱贫, 返贫, 已脱贫; registered as 一般农户, 低保贫困户, ..., 一般脱贫户
    assert types["household_type"].to_list() == ["exited", "exited", "poor", "exited", "poor", "exited"]


STATUS = ["户编号", "户主姓名", "贫困户属性", "脱贫状态", "脱贫年度"]


def test_a_blank_status_is_taken_from_the_exit_year_and_never_from_the_registered_attribute(write_workbook, tmp_path):
    rows = [
        ["h1", "某", "一般贫困户", "", "2017"],
        ["h2", "某", "一般贫困户", "", ""],
        ["h3", "某", "五保户？", "已脱贫", ""],
    ]
    found = read_records(write_workbook(tmp_path / "户信息.xlsx", {"户信息": [STATUS, *rows]}))
    assert found.records.table("households")["household_type"].to_list() == ["exited", None, "exited"]
    assert "types_contradict" not in note_codes(found)


def test_an_attribute_that_the_status_contradicts_is_told_with_its_rows(write_workbook, tmp_path):
    rows = [
        ["h1", "某", "一般农户", "未脱贫", ""],
        ["h2", "某", "低保贫困户", "已脱贫", "2018"],
        ["h3", "某", "一般脱贫户", "返贫", ""],
    ]
    found = read_records(write_workbook(tmp_path / "户信息.xlsx", {"户信息": [STATUS, *rows]}))
    assert found.records.table("households")["household_type"].to_list() == ["poor", "exited", "poor"]
    (details,) = [details for code, details in found.notes if code == "types_contradict"]
    assert (details["count"], details["rows"]) == (2, "2, 4")
    assert all("2, 4" in Texts(lang)("intake_notes", "types_contradict", **details) for lang in ("zh", "en"))


def test_the_attribute_is_the_type_where_a_list_has_no_other(write_workbook, tmp_path):
    rows = [
        ["户编号", "户主姓名", "贫困户属性", "脱贫年度"],
        ["h1", "某", "低保贫困户", ""],
        ["h2", "某", "某种户", ""],
    ]
    found = read_records(write_workbook(tmp_path / "户信息.xlsx", {"户信息": rows}))
    assert found.records.table("households")["household_type"].to_list() == ["poor", None]
    assert found.blanked.select("column", "rule").rows() == [("household_type", "unknown_code")]
    assert "words_unknown" in note_codes(found)


def test_income_headers_of_public_templates_are_read(case):
    incomes = read_records(case("05-income-headers", "in")).records.table("incomes")
    names = ["household_size", "wage", "business", "property", "transfer", "production_cost", "net_income"]
    figures = (4, 12000.0, 6000.0, 200.0, 3000.0, 1500.0, 19700.0, 4925.0)
    assert incomes.select(*names, "net_income_per_capita").unique().rows() == [figures]


def test_a_banks_list_under_three_rows_of_headers_is_read_in_its_unit(case):
    loans = read_records(case("08-bank-loans", "in")).records.table("loans")
    rows = loans.select("loan_id", "principal", "started_on", "due_on", "status").rows()
    assert rows == [(f"L{place}", 50_000.0, date(2019, 3, 1), date(2022, 3, 1), "normal") for place in range(3)]


def test_a_list_of_civil_affairs_is_read(case):
    given = read_records(case("09-civil-affairs", "in")).records.table("assistance")
    kinds = ["subsistence", "social_assistance", "temporary_relief", "medical_aid"]
    assert given.sort("household_id")["kind"].to_list() == kinds
    assert given.select("amount", "started_on", "ended_on").unique().rows() == [
        (600.0, date(2020, 1, 31), date(2020, 12, 31))
    ]


def test_types_after_2020_leave_no_household_without_one(case):
    intake = read_records(case("16-types-after-2020"))
    assert "household_type" not in [details["column"] for code, details in intake.notes if code == "words_unknown"]
    missing = find_cohort(AsOfView.of(intake.records, "2025-12-31"))["exclusion_reason"].to_list().count("type_missing")
    assert missing == 0


# What says the same as a column of the list: whether a house is dangerous, when somebody died.
SAME = {"house_grade": {"dangerous_house"}, "left_on": {"died_on"}, "household_type": {"registered_type"}}


def test_headers_of_public_lists_are_read_rightly_or_not_at_all(case, dictionary):
    with Path(case("headers.tsv")).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    asked = [(row["header"], row["column"]) for row in rows]
    read = {
        header: {alias.column for table in TABLES if (alias := dictionary.aliases.understood(header, table))}
        for header, _ in asked
    }
    assert [header for header, column in asked if not read[header] & {column, *SAME.get(column, ())}] == []


VALUES = {
    **{"flag": ("members", "medical_insured"), "cause": ("households", "poverty_cause")},
    **{"work_region": ("members", "work_region"), "assistance_kind": ("assistance", "kind")},
    **{"disability_category": ("disabilities", "category"), "disability_grade": ("disabilities", "grade")},
    **{"loan_status": ("loans", "status"), "channel": ("employment", "channel")},
    **{"household_type": ("households", "household_type"), "house_grade": ("households", "house_grade")},
    "monitoring_type": ("monitoring", "monitoring_type"),
}


def test_values_of_public_lists_are_read_rightly_or_not_at_all(case, dictionary):
    with Path(case("values.tsv")).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    wrong, unread = [], []
    for row in rows:
        table, name = VALUES.get(row["topic"], ("members", row["topic"]))
        found = dictionary.reader(table, name, columns_of(table)[name]).read(row["value"]).value
        if found is None and row["code"]:
            unread.append(row["value"])
        elif found is not None and str(found) != row["code"]:
            wrong.append((row["value"], found))
    assert wrong == []
    assert unread == ["江苏省苏州市昆山市"]  # outside the province, or not: by the household's own
