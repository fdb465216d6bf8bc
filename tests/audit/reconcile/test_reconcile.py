"""Departments reconciled with the register: every outcome, exact; every row in an account."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relapse_risk.audit.reconcile import COMPARISONS, OUTCOMES, note_text, reconcile
from relapse_risk.policy import Texts, read_data
from relapse_risk.records import TABLES

DAY = date(2019, 3, 5)


def sheet(source, linked, *rows):
    """Make rows as they were read: numbered as a spreadsheet shows them, all of one source."""
    place = {"_source": source, "_sheet": "s", "_kept": True, "_linked": linked}
    return [{**place, "_row": at, **row} for at, row in enumerate(rows, start=2)]


def read(**tables):
    """Put the sheets of each table together, as reading does."""
    return {table: typed(table, [row for rows in sheets for row in rows]) for table, sheets in tables.items()}


def typed(table, rows):
    frame = pl.DataFrame(rows, infer_schema_length=None)
    types: Any = {name: column.dtype for name, column in TABLES[table].columns.items() if name in frame.columns}
    return frame.cast({**types, "_row": pl.UInt32, "_linked": pl.String})


REGISTER = {
    "households": [sheet("r.xlsx", "own", {"household_id": "h1"}, {"household_id": "h2"})],
    "members": [
        sheet(
            "r.xlsx",
            "own",
            {"household_id": "h1", "person_id": "p1", "_id": "a1", "recorded_on": date(2019, 12, 1)},
            {"household_id": "h2", "person_id": "p2", "_id": "a2", "recorded_on": date(2019, 12, 1)},
        )
    ],
}


def members(**said):
    p1, p2 = (
        {**row, **{name: cells[at] for name, cells in said.items()}} for at, row in enumerate(REGISTER["members"][0])
    )
    return [[p1, p2]]


def pairs(rows, comparison, *columns):
    return reconcile(rows).pairs.filter(pl.col("comparison") == comparison).select(columns)


def loan(**cells):
    return {"loan_id": "L1", "household_id": "h1", "principal": 50000.0, "started_on": DAY, "status": "normal"} | cells


def loans(ours, theirs):
    return read(**REGISTER, loans=[sheet("r.xlsx", "own", *ours), sheet("bank.csv", "number", *theirs)])


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ([loan()], [loan()], [("matched", None, 0.0)]),
        ([loan()], [loan(principal=50049.0)], [("matched", None, 49.0)]),  # a thousandth
        ([loan()], [loan(principal=500000.0)], [("conflict", "principal", 450000.0)]),
        ([loan()], [loan(status="overdue", started_on=DAY + timedelta(4))], [("conflict", "started_on+status", 0.0)]),
        ([loan()], [loan(started_on=DAY + timedelta(3))], [("matched", None, 0.0)]),
        ([loan(started_on=date(2019, 3, 31))], [loan()], [("matched", None, 0.0)]),  # a month without a day
        ([loan()], [loan(principal=None)], [("matched", None, None)]),  # silence contradicts nothing
        ([loan()], [loan(loan_id="X9")], [("matched", None, 0.0)]),  # by household and day
        ([loan()], [loan(household_id="h2")], [("conflict", "household_id", 0.0)]),
        (
            [loan()],
            [loan(loan_id="X9", household_id="h2")],
            [("only_register", None, None), ("only_department", None, None)],
        ),
        ([loan(), loan()], [loan()], [("matched", None, 0.0), ("only_register", None, None)]),
        ([loan(principal=1e5), loan()], [loan()], [("only_register", None, None), ("matched", None, 0.0)]),
    ],
)
def test_the_loans_of_a_bank(ours, theirs, found):
    assert pairs(loans(ours, theirs), "loans", "outcome", "columns", "difference").rows() == found


def test_where_both_rows_stand_and_what_they_say():
    rows = loans([loan(loan_id="L0"), loan()], [loan(principal=5.0)])
    conflict = pairs(rows, "loans", pl.all()).filter(pl.col("outcome") == "conflict").row(0, named=True)
    assert (conflict["register_source"], conflict["register_sheet"], conflict["register_row"]) == ("r.xlsx", "s", 3)
    assert (conflict["department_source"], conflict["department_row"]) == ("bank.csv", 2)
    assert (conflict["register_amount"], conflict["department_amount"], conflict["unit"]) == (50000.0, 5.0, "yuan")
    assert (conflict["household_id"], conflict["person_id"], conflict["year"]) == ("h1", None, None)


def test_a_person_is_known_by_the_number_where_the_rest_differs():
    ours = sheet("r.xlsx", "own", {"household_id": "h1", "person_id": "p1", "_id": "a9", "started_on": DAY})
    theirs = sheet("labour.csv", None, {"household_id": None, "person_id": "pa9", "_id": "a9", "started_on": DAY})
    assert pairs(read(**REGISTER, employment=[ours, theirs]), "employment", "outcome").rows() == [("matched",)]


def test_a_borrower_who_stands_nowhere_in_the_register():
    stranger = sheet("bank.csv", None, loan(household_id=None, _id="a9", loan_id="L7"))
    rows = read(**REGISTER, loans=[sheet("bank.csv", "number", loan()), stranger])
    found = pairs(rows, "borrowers", "outcome", "household_id", "department_amount").rows()
    assert sorted(found) == [("matched", "h1", 50000.0), ("only_department", None, 50000.0)]


def test_lists_are_the_registers_if_they_name_households_or_stand_beside_them():
    by_number = sheet("r.xlsx", "number", loan())
    rows = read(**REGISTER, loans=[by_number, sheet("bank.csv", "number", loan())])
    assert pairs(rows, "loans", "register_source", "department_source").rows() == [("r.xlsx", "bank.csv")]


def test_refused_rows_are_not_compared():
    rows = loans([loan()], [loan()])
    refused = {**rows, "loans": rows["loans"].with_columns(_kept=pl.col("_source") == "r.xlsx")}
    assert "loans" not in reconcile(refused).summary["comparison"]


def test_later_versions_replace_and_other_files_repeat():
    known = {"recorded_on": date(2019, 4, 1)}
    ours = [sheet("r.xlsx", "own", loan(status="overdue", recorded_on=date(2020, 4, 1)), loan(**known))]
    theirs = [sheet(name, "number", loan(status="overdue", **known)) for name in ("a.csv", "b.csv")]
    result = reconcile(read(**REGISTER, loans=[*ours, *theirs]))
    assert result.pairs.filter(comparison="loans")["outcome"].to_list() == ["matched"]
    accounts = result.accounts.filter(comparison="loans").select(pl.exclude("comparison")).rows()
    assert accounts == [("register", 2, 1, 0, 0, 1), ("department", 2, 0, 1, 0, 1)]


def test_two_spells_that_begin_on_one_day_are_no_versions_of_each_other():
    post = spell(DAY, None, channel="public_post", recorded_on=date(2019, 4, 1))
    work = spell(DAY, None, channel="market", recorded_on=date(2019, 5, 1))
    rows = read(**REGISTER, employment=[sheet("r.xlsx", "own", post, work), sheet("labour.csv", "number", work, post)])
    assert pairs(rows, "employment", "outcome", "department_row").rows() == [("matched", 3), ("matched", 2)]


def test_years_and_kinds_the_list_does_not_speak_of_are_not_asked_of_the_register():
    aid = {"household_id": "h1", "kind": "subsistence", "started_on": DAY, "amount": 100.0}
    other = [aid | {"kind": "job"}, aid | {"started_on": date(2016, 3, 5)}, aid | {"household_id": "h2"}]
    ours, theirs = sheet("r.xlsx", "own", aid, *other), sheet("civil.csv", "number", aid)
    result = reconcile(read(**REGISTER, assistance=[ours, theirs]))
    found = result.pairs.filter(comparison="assistance").select("outcome", "household_id").rows()
    assert found == [("matched", "h1"), ("only_register", "h2")]
    assert result.accounts.filter(comparison="assistance", side="register")["beyond"].to_list() == [2]
    by_year = result.pairs.filter(comparison="subsistence").select("outcome", "year", "household_id").rows()
    assert by_year == [("matched", 2019, "h1"), ("only_register", 2019, "h2")]


def test_the_days_allowance_of_a_household_adds_up_over_the_year():
    aid = {"household_id": "h1", "kind": "subsistence", "started_on": DAY}
    ours = sheet("r.xlsx", "own", aid | {"amount": 1200.0})
    theirs = sheet("civil.csv", "number", *(aid | {"amount": 300.0, "started_on": date(2019, m, 1)} for m in (1, 4, 7)))
    found = pairs(read(**REGISTER, assistance=[ours, theirs]), "subsistence", "outcome", "columns", "difference")
    assert found.rows() == [("conflict", "amount", -300.0)]


@pytest.mark.parametrize(
    ("health", "listed", "found"),
    [
        ("chronic+disabled", True, "matched"),
        ("healthy", True, "conflict"),
        (None, True, "only_department"),
        ("disabled", False, "only_register"),
        ("healthy", False, None),
    ],
)
def test_disabled_persons_and_their_certificates(health, listed, found):
    other = {"household_id": "h2", "person_id": "p2", "grade": 2, "category": "visual"}
    own = {"household_id": "h1", "person_id": "p1", "grade": 2, "category": "visual"}
    register = {**REGISTER, "members": members(health_status=(health, "disabled"))}
    rows = read(**register, disabilities=[sheet("d.csv", "number", other, *([own] if listed else []))])
    outcomes = pairs(rows, "disabled", "person_id", "outcome", "columns").rows()
    says = "health_status" if found == "conflict" else None
    assert sorted(outcomes) == [*([("p1", found, says)] if found else []), ("p2", "matched", None)]


@pytest.mark.parametrize(("insured", "found"), [(True, "matched"), (False, "conflict"), (None, "only_department")])
def test_bills_the_insurance_paid_for_and_who_is_insured(insured, found):
    bill = {"household_id": "h1", "person_id": "p1", "occurred_on": DAY, "reimbursed": 70.0, "total_cost": 100.0}
    unpaid = bill | {"household_id": "h2", "person_id": "p2", "reimbursed": 0.0}
    register = {**REGISTER, "members": members(medical_insured=(insured, False))}
    rows = read(**register, illness=[sheet("i.csv", "number", bill, bill, unpaid)])
    assert pairs(rows, "insured", "outcome", "year", "department_amount").rows() == [(found, 2019, 140.0)]


@pytest.mark.parametrize(
    ("recorded_on", "health", "found"),
    [
        (date(2019, 11, 30), "serious", "matched"),
        (date(2019, 11, 30), "healthy", "conflict"),
        (date(2019, 12, 2), "healthy", "only_department"),  # the register has not spoken since
    ],
)
def test_serious_illness_and_what_the_register_said_next(recorded_on, health, found):
    bill = {"household_id": "h1", "person_id": "p1", "occurred_on": DAY, "recorded_on": recorded_on}
    bill |= {"medical_category": "serious", "self_paid": 9.0}
    register = {**REGISTER, "members": members(health_status=(health, "serious"))}
    rows = read(**register, illness=[sheet("i.csv", "number", bill)])
    assert pairs(rows, "serious", "outcome", "department_amount").rows() == [(found, 9.0)]


def spell(started_on, ended_on, **cells):
    return {
        "household_id": "h1",
        "person_id": "p1",
        "started_on": started_on,
        "ended_on": ended_on,
        "region": "county",
    } | cells


@pytest.mark.parametrize(
    ("months", "region", "spells", "found"),
    [
        (6.0, "county", [spell(date(2019, 1, 1), date(2019, 6, 30))], ("matched", None)),
        (10.0, "county", [spell(date(2019, 1, 1), date(2019, 6, 30))], ("conflict", "work_months")),
        (6.0, "outside", [spell(date(2019, 1, 1), date(2019, 6, 30))], ("conflict", "work_region")),
        (6.0, "county", [spell(date(2018, 7, 1), date(2019, 6, 30))], ("matched", None)),
        (
            6.0,
            "county",
            [spell(date(2019, 1, 1), date(2019, 6, 30)), spell(date(2019, 2, 1), date(2019, 5, 1))],
            ("matched", None),
        ),
        (12.0, "county", [spell(date(2018, 2, 1), None, recorded_on=date(2019, 12, 31))], ("matched", None)),
        (0.0, None, [spell(date(2018, 2, 1), date(2019, 1, 9))], ("matched", None)),
        (0.0, None, [spell(date(2019, 1, 1), date(2019, 6, 30))], ("conflict", "work_months")),
        (7.0, "county", [spell(date(2019, 1, 1), date(2019, 6, 30), person_id="p9")], ("only_register", None)),
    ],
)
def test_months_of_work_and_spells_of_employment(months, region, spells, found):
    register = {**REGISTER, "members": members(work_months=(months, 0.0), work_region=(region, None))}
    rows = read(**register, employment=[sheet("labour.csv", "number", *spells)])
    result = pairs(rows, "working", "year", "person_id", "outcome", "columns").filter(pl.col("year") == 2019)
    assert result.filter(pl.col("person_id") == "p1").select("outcome", "columns").rows() == [found]


def test_public_posts_are_no_months_of_work():
    register = {**REGISTER, "members": members(work_months=(6.0, 0.0))}
    work = [spell(DAY, date(2019, 9, 5), channel="market"), spell(DAY, None, channel="public_post", person_id="p2")]
    rows = read(**register, employment=[sheet("labour.csv", "number", *work)])
    assert pairs(rows, "working", "person_id", "outcome").rows() == [("p1", "matched")]


def test_what_cannot_be_compared_is_left_out_and_said():
    result = reconcile(read(**REGISTER, loans=[sheet("bank.csv", "number", loan())]))
    assert set(result.summary["comparison"]) == {"borrowers"}
    assert {details["comparison"] for _, details in result.notes} == set(COMPARISONS) - {"borrowers"}
    missing = reconcile(
        read(**REGISTER, disabilities=[sheet("d.csv", "number", {"household_id": "h1", "person_id": "p1"})])
    )
    notes = [note for note in missing.notes if note[1]["comparison"] == "disabled"]
    columns = {"comparison": "disabled", "side": "register", "table": "members", "columns": "health_status"}
    assert notes == [("left_out_columns", columns)]
    assert "health_status" in note_text(notes[0], Texts("zh"))


def test_a_register_alone_is_compared_with_nothing():
    result = reconcile(read(**REGISTER))
    assert result.pairs.is_empty()
    assert result.summary.is_empty()
    assert result.accounts.is_empty()


def test_everything_is_worded_in_both_languages():
    assert list(read_data("reconcile", "comparisons")) == list(COMPARISONS)
    assert list(read_data("reconcile", "outcomes")) == list(OUTCOMES)
    for topic in set(read_data("reconcile")) - {"tolerances"}:
        for key in read_data("reconcile", topic):
            assert Texts("zh").template(f"reconcile.{topic}", key) != Texts("en").template(f"reconcile.{topic}", key)


ROWS = st.lists(
    st.builds(
        loan,
        loan_id=st.sampled_from(["L1", "L2", "L3"]),
        household_id=st.sampled_from(["h1", "h2"]),
        principal=st.sampled_from([100.0, 200.0, None]),
        started_on=st.dates(date(2019, 1, 1), date(2019, 1, 20)),
        status=st.sampled_from(["normal", "overdue"]),
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(ours=ROWS, theirs=ROWS)
def test_every_row_of_either_side_is_in_one_outcome(ours, theirs):
    result = reconcile(loans(ours, theirs))
    found = result.pairs.filter(comparison="loans")
    counts = Counter(found["outcome"])
    both = counts["matched"] + counts["conflict"]
    assert (both + counts["only_register"], both + counts["only_department"]) == (len(ours), len(theirs))
    for side, rows in (("register", ours), ("department", theirs)):
        assert sorted(found[f"{side}_row"].drop_nulls()) == list(range(2, len(rows) + 2))
        assert found[f"{side}_amount"].sum() == sum(row["principal"] or 0 for row in rows)
    assert dict(result.summary.filter(comparison="loans").select("outcome", "rows").rows()) == {
        name: counts[name] for name in OUTCOMES
    }
    accounts = result.accounts
    parts = accounts.select(pl.sum_horizontal("replaced", "repeated", "beyond", "compared")).to_series()
    assert accounts["read"].to_list() == parts.to_list()


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(ours=ROWS, theirs=ROWS, seed=st.integers(0, 9))
def test_the_order_of_rows_changes_nothing(ours, theirs, seed):
    rows = loans(ours, theirs)
    shuffled = {table: frame.sample(fraction=1.0, shuffle=True, seed=seed) for table, frame in rows.items()}
    first, second = reconcile(rows), reconcile(shuffled)
    assert first.pairs.equals(second.pairs)
    assert first.summary.equals(second.summary)
