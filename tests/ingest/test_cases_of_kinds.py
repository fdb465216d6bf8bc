"""Files as other people's offices sent them: quoted cells, kinds of .xls, lost formulas, a hidden sheet."""

import pytest
from polars.testing import assert_frame_equal

from relapse_risk.ingest import read_records


@pytest.fixture(scope="module")
def cases(shared):
    return shared / "cases"


def test_a_list_of_quoted_cells_is_the_list_without_quotes(cases):
    quoted, plain = (read_records(cases / "01-equals-quoted" / name) for name in ("in", "plain"))
    assert_frame_equal(quoted.blanked, plain.blanked)
    assert quoted.rejected.is_empty()
    assert_frame_equal(quoted.records.table("members"), plain.records.table("members"))
    assert set(quoted.changes["change"]) == {"equals_quoted"}


@pytest.mark.parametrize("kind", ["biff5", "biff8", "csv_as_xls", "html", "sml", "xlsx_as_xls"])
def test_every_kind_of_xls_gives_the_same_households(cases, kind):
    households = read_records(cases / "12-xls-kinds" / kind).records.table("households")
    expected = [(f"53339900{at}", "exited", 3) for at in range(3)]
    assert households.select("household_id", "household_type", "size").rows() == expected


def test_formulas_without_results_and_errors_are_told_cell_by_cell(cases):
    blanked = read_records(cases / "13-formulas-without-values" / "in").blanked
    lost = [
        (row, column, "formula_without_value")
        for row in (2, 3, 4)
        for column in ("net_income", "net_income_per_capita")
    ]
    errors = [(5, name, "error_value") for name in ("net_income", "net_income_per_capita", "wage")]
    assert blanked.select("row", "column", "rule").rows() == [*lost, *errors]
    assert blanked["value_masked"].to_list()[-3:] == ["#VALUE!", "#DIV/0!", "#REF!"]


def test_an_old_copy_on_a_hidden_sheet_is_told_and_not_read(cases):
    intake = read_records(cases / "14-hidden-sheet" / "in")
    assert set(intake.accounts["sheet"]) == {"户信息"}
    assert ("sheet_hidden", {"source": "登记.xlsx", "sheet": "农户信息"}) in intake.notes
