"""Tables that a verb writes: what people wrote stays a text, whatever a spreadsheet would make of it."""

import polars as pl
import pytest

from relapse_risk.cli.tables import write_table


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@a", "＝1", " =1"])
def test_no_text_of_a_csv_file_is_a_formula(text, tmp_path):
    path = tmp_path / "history.csv"
    write_table(pl.DataFrame({"note": [text], "count": [-1]}), path, inputs=())
    found = pl.read_csv(path, schema_overrides={"note": pl.String})
    assert found.row(0) == (f"'{text}", -1)


def test_numbers_of_households_keep_their_digits(tmp_path):
    path = tmp_path / "alerts.csv"
    write_table(pl.DataFrame({"household_id": ["004211028200000017"]}), path, inputs=())
    assert pl.read_csv(path, infer_schema=False).item() == "004211028200000017\t"
