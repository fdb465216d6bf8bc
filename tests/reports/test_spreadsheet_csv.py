"""A CSV file for spreadsheets: what people wrote stays a text, whatever a spreadsheet would make of it."""

import polars as pl
import pytest

from relapse_risk.reports import write_spreadsheet_csv


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@a", "＝1", " =1"])
def test_no_text_is_a_formula(text, tmp_path):
    path = tmp_path / "history.csv"
    write_spreadsheet_csv(pl.DataFrame({"note": [text], "count": [-1]}), path)
    found = pl.read_csv(path, schema_overrides={"note": pl.String})
    assert found.row(0) == (f"'{text}", -1)


def test_numbers_of_households_keep_their_digits(tmp_path):
    path = tmp_path / "alerts.csv"
    write_spreadsheet_csv(pl.DataFrame({"household_id": ["004211028200000017"]}), path)
    assert pl.read_csv(path, infer_schema=False).item() == "004211028200000017\t"
