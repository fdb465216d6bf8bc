"""A workbook filled in by many hands, read back into the ledger of the months it was written from."""

import sqlite3
from datetime import date

import openpyxl
import polars as pl
import pytest

from relapse_risk.cli import run
from relapse_risk.monitoring import Month, open_ledger, pack

TODAY = "2021-02-15"
PLACES = ("prefecture", "county", "town", "village", "group_name")


@pytest.fixture(scope="module")
def case(shared, require):
    require(shared / "cases" / "21-visits-filled", "the case of a filled workbook among the sample exports")
    return shared / "cases" / "21-visits-filled"


def listings_of(path):
    """Return who was listed in the months of a ledger of an earlier layout, as a month has them today."""
    wanted = ("as_of", "household_id", "listed_for", "tier", "rank", "probability", "chance", "override", "reasons")
    names = ", ".join((*wanted, "measures", *PLACES))
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as old:
        rows = old.execute(f"SELECT {names} FROM listings ORDER BY as_of, household_id").fetchall()
    frame = pl.DataFrame(rows, schema=names.split(", "), orient="row", infer_schema_length=None)
    return frame.with_columns(pl.col("as_of").str.to_date()).rename({"chance": "inclusion_probability"})


@pytest.fixture(scope="module")
def county(case, tmp_path_factory):
    """The ledger of the case, whose layout is an earlier one, with the same months in the layout of today."""
    path = tmp_path_factory.mktemp("county") / "county.db"
    ledger = open_ledger(path)
    for (as_of,), listed in listings_of(case / "county.db").partition_by("as_of", as_dict=True).items():
        risk = listed.select("household_id", "probability", "tier", "rank", "override", population=pl.lit("at_risk"))
        ledger.record_month(Month(as_of=as_of, digest=str(as_of), listings=listed.drop("as_of"), scores=pack(risk)))
    return path


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ("1", "3", "另建新台账")), ("en", ("1", "3", "Go on in a new file"))]
)
def test_its_own_ledger_is_refused_with_what_to_do_and_left_as_it_is(case, tmp_path, lang, words, capsys):
    path = tmp_path / "county.db"
    path.write_bytes((case / "county.db").read_bytes())
    assert run(["visits", str(case / "visits_filled.xlsx"), "--ledger", str(path), "--lang", lang]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert all(word in err for word in words)
    assert path.read_bytes() == (case / "county.db").read_bytes()


def test_alerts_have_the_numbers_that_the_workbook_names(case, county):
    with sqlite3.connect(f"file:{case / 'county.db'}?mode=ro", uri=True) as old:
        numbers = dict(old.execute("SELECT alert_id, household_id FROM alerts"))
    assert dict(open_ledger(county).alerts().select("alert_id", "household_id").iter_rows()) == numbers


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.slow)])
def test_it_is_read_and_what_is_not_taken_goes_back(case, county, tmp_path, lang, capsys):
    path = tmp_path / "county.db"
    path.write_bytes(county.read_bytes())
    asked = ["visits", str(case / "visits_filled.xlsx"), "--ledger", str(path), "--today", TODAY, "--lang", lang]
    assert run([*asked, "--out", str(tmp_path / "out")]) == 0
    ledger = open_ledger(path)
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
