"""The two accounts of the sample counties: they agree but for what a planted fault, or the calendar, explains."""

import polars as pl
import pytest

from relapse_risk.audit.reconcile import reconcile
from relapse_risk.ingest import read_records

LISTS = ("illness", "disabilities", "assistance", "disasters", "employment", "loans")
pytestmark = pytest.mark.slow  # it reads both counties in both dialects


@pytest.fixture(scope="module")
def intake(shared, tmp_path_factory):
    """Both accounts in one folder."""
    folder = tmp_path_factory.mktemp("both")
    for path in sorted((shared / "samples").glob("*/*")):
        (folder / path.name).symlink_to(path.resolve())
    return read_records(folder)


@pytest.fixture(scope="module")
def result(intake):
    return reconcile(intake.rows)


@pytest.fixture(scope="module")
def faults(shared):
    return pl.read_csv(shared / "samples" / "planted_faults.csv")


@pytest.fixture(scope="module")
def ruined(faults):
    """Persons whose identity number, or household, bears a planted fault: lists do not find them."""
    cut_off = (pl.col("column") == "id_number") | (pl.col("kind") == "orphan_member")
    return faults.filter(cut_off & (pl.col("table") == "members"))["row_key"].implode()


@pytest.fixture(scope="module")
def planted(shared):
    """Where faults stand in the lists of departments."""
    rows = pl.read_csv(shared / "samples" / "planted_rows.csv").filter(dialect="departments")
    return rows.select("kind", department_source="file", department_row=pl.col("row").cast(pl.UInt32))


def others(result, comparison):
    return result.pairs.filter((pl.col("comparison") == comparison) & (pl.col("outcome") != "matched"))


def counted(frame):
    return dict(frame.group_by("outcome").len().rows())


def test_everything_is_compared(result):
    assert result.notes == ()
    assert result.summary.height == 12 * 4


@pytest.mark.parametrize("comparison", LISTS)
def test_every_row_of_both_accounts_is_counted(intake, result, comparison):
    accounts = result.accounts.filter(comparison=comparison)
    rows = intake.rows[comparison].filter(pl.col("_kept") & ~pl.col("_source").str.contains("村级"))
    books = pl.col("_source").str.ends_with(".xlsx")
    assert accounts["read"].to_list() == [rows.filter(books).height, rows.filter(~books).height]
    for side in ("register", "department"):
        outcomes = result.pairs.filter(
            pl.col("comparison") == comparison, pl.col("outcome").is_in(["matched", "conflict", f"only_{side}"])
        )
        assert accounts.filter(side=side)["compared"].item() == outcomes.height


@pytest.mark.parametrize("comparison", [*LISTS, "subsistence"])
def test_the_lists_agree_row_by_row(result, comparison):
    assert others(result, comparison).is_empty()


def test_the_one_borrower_not_in_the_register_is_cut_off_by_a_ruined_number(intake, result):
    row = others(result, "borrowers").row(0, named=True)
    assert counted(others(result, "borrowers")) == {"only_department": 1}
    place = (row["department_source"], row["department_row"])
    unlinked = intake.unlinked.select("source", "row").rows()
    assert place in unlinked


def test_disabled_persons_without_certificate_are_cut_off_or_called_so_by_the_last_word_alone(intake, result, ruined):
    found = others(result, "disabled")
    assert counted(found) == {"only_register": 12, "only_department": 2}
    rest = found.filter((pl.col("outcome") == "only_register") & ~pl.col("person_id").is_in(ruined))
    words = intake.rows["members"].drop_nulls(["health_status", "recorded_on"])
    disabled = pl.col("health_status").str.contains("disabled")
    spoken = words.group_by("person_id").agg(
        pl.col("recorded_on").filter(disabled).min().alias("first"), pl.col("recorded_on").max().alias("last")
    )
    assert rest.height == 10
    assert rest.join(spoken, on="person_id").select((pl.col("first") == pl.col("last")).sum()).item() == 10


def test_bills_for_serious_illness_agree_but_for_those_the_register_was_silent_on(intake, result):
    found = others(result, "serious")
    assert counted(found) == {"only_department": 24}
    assert result.summary.filter(comparison="serious", outcome="matched")["rows"].item() == 717
    bills = intake.rows["illness"].select("recorded_on", department_source="_source", department_row="_row")
    last = intake.rows["members"].group_by("person_id").agg(pl.col("recorded_on").max().alias("last"))
    known = found.join(bills, on=["department_source", "department_row"]).join(last, on="person_id")
    blank = pl.col("register_row").is_not_null()
    late = pl.col("recorded_on") > pl.col("last")
    assert known.select(blank=blank.sum(), late=(~blank & late).sum()).row(0) == (6, 17)
    assert found["person_id"].null_count() == 1


def test_what_insurance_paid_agrees_but_for_medical_aid_and_planted_faults(result, planted):
    found = others(result, "insured").join(planted, on=["department_source", "department_row"], how="left")
    assert counted(found) == {"only_department": 17, "conflict": 14}
    conflicts = found.filter(outcome="conflict")["kind"].to_list()
    assert sorted(conflicts, key=str) == [None] * 12 + ["reimbursement_over_total"] * 2  # the 12: medical aid alone
    known = found.filter(pl.col("outcome") == "only_department", pl.col("person_id").is_not_null())
    assert known["kind"].to_list() == ["event_after_death"] * 9


def test_months_of_work_without_a_spell_are_those_of_refused_rows_and_persons_cut_off(intake, result, ruined):
    alone = others(result, "working").filter(outcome="only_register")
    ending = pl.coalesce(pl.col("ended_on").dt.year(), pl.col("recorded_on").dt.year()).cast(pl.Int64)
    refused = intake.rows["employment"].filter(~pl.col("_kept")).select("person_id", ending.alias("year"))
    assert alone.height == 99
    assert (
        alone.filter(~pl.col("person_id").is_in(ruined)).join(refused, on=["person_id", "year"], how="anti").is_empty()
    )


def test_where_months_of_work_differ_the_register_nearly_always_says_more(result):
    """Not planted: the register mostly says the months of 2019 again for 2020, when spells are shorter."""
    working = result.pairs.filter(comparison="working")
    found = working.filter(outcome="conflict")
    assert [(found["difference"] < 0).sum(), (found["difference"] > 0).sum()] == [2398, 7]
    assert found.filter(year=2020).height == 1634
    before = working.filter(year=2019, outcome="matched").select("person_id", before="register_amount")
    again = found.filter(year=2020).join(before, on="person_id")
    assert (again.height, (again["before"] == again["register_amount"]).sum()) == (1431, 1123)


def test_departments_alone_are_compared_with_the_register_beside_them(shared):
    result = reconcile(read_records(shared / "samples" / "departments").rows)
    assert set(result.summary["comparison"]) == {"disabled", "serious", "insured", "working", "borrowers"}
    assert {details["side"] for _, details in result.notes} == {"register"}


def test_a_registry_alone_is_compared_with_nothing(shared):
    result = reconcile(read_records(shared / "samples" / "registry").rows)
    assert result.pairs.is_empty()
    assert {details["side"] for _, details in result.notes} == {"department"}


def test_no_number_stands_in_what_comes_out(result):
    texts = [column for column in result.pairs if column.dtype == pl.String]
    assert not any(column.str.contains("999999").any() for column in texts)
