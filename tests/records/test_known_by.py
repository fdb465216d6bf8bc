"""What was known when: each rule of the gate on its own."""

from datetime import date, timedelta

import polars as pl
import pytest

from relapse_risk.errors import InputError
from relapse_risk.periods import AsOf
from relapse_risk.records import Records
from tests.records.known_rows import BILL, EXPORT, HOUSEHOLD, INCOME, JOB, LOAN, WATCH, known, person, records, row

# Recorded by the end of the day


def test_a_row_is_known_from_the_day_it_was_recorded_not_before():
    bill = row(BILL, recorded_on=date(2019, 2, 10))
    assert known("2019-02-09", "illness", [bill]).height == 0
    assert known("2019-02-10", "illness", [bill]).height == 1


def test_what_began_long_before_it_was_recorded_is_not_known_in_between():
    job = row(JOB, started_on=date(2015, 1, 1), recorded_on=date(2019, 1, 1))
    assert known("2018-12-31", "employment", [job]).height == 0


@pytest.mark.parametrize("day", ["2019-02-10", date(2019, 2, 10), AsOf.of("2019-02-10")])
def test_the_day_may_be_a_text_a_date_or_an_as_of_day(day):
    assert known(day, "illness", [row(BILL, recorded_on=date(2019, 2, 10))]).height == 1


# No recorded_on


@pytest.mark.parametrize(
    ("table", "rows", "begins"),
    [
        ("incomes", INCOME, "period_end"),
        ("illness", BILL, "occurred_on"),
        ("disasters", {"household_id": "h1", "occurred_on": date(2018, 5, 2)}, "occurred_on"),
        ("disabilities", {"person_id": "p1", "household_id": "h1", "certified_on": date(2018, 5, 2)}, "certified_on"),
        ("employment", JOB, "started_on"),
        ("loans", LOAN, "started_on"),
        ("assistance", {"household_id": "h1", "kind": "job", "started_on": date(2018, 5, 2)}, "started_on"),
        ("monitoring", WATCH, "identified_on"),
        ("relapses", {"household_id": "h1", "relapsed_on": date(2018, 5, 2)}, "relapsed_on"),
    ],
)
def test_without_a_recording_date_a_row_is_known_from_the_day_it_began(table, rows, begins):
    day = rows[begins]
    assert known(day - timedelta(days=1), table, [rows]).height == 0
    assert known(day, table, [rows]).height == 1


def test_rows_that_lack_it_among_rows_that_have_it_fall_back_one_by_one():
    bills = [row(BILL, recorded_on=date(2019, 2, 10), self_paid=1.0), row(BILL, recorded_on=None, self_paid=2.0)]
    assert known("2018-05-02", "illness", bills)["self_paid"].to_list() == [2.0]


def test_without_a_recording_date_an_ending_is_known_from_its_own_day():
    job = row(JOB, ended_on=date(2019, 8, 31))
    assert known("2019-08-30", "employment", [job])["ended_on"].to_list() == [None]
    assert known("2019-08-31", "employment", [job])["ended_on"].to_list() == [date(2019, 8, 31)]


def test_an_undated_status_of_an_unrecorded_loan_is_known_from_the_export_only():
    loan = row(LOAN, status="overdue")
    assert known("2021-06-29", "loans", [loan])["status"].to_list() == ["normal"]
    assert known("2021-06-30", "loans", [loan])["status"].to_list() == ["overdue"]


def test_a_row_without_any_day_is_known_from_the_export_only():
    certificate = {"person_id": "p1", "household_id": "h1", "certified_on": None}
    assert known("2021-06-29", "disabilities", [certificate]).height == 0
    assert known("2021-06-30", "disabilities", [certificate]).height == 1


@pytest.mark.parametrize(
    "tables",
    [
        {"households": [{"household_id": "h1", "household_type": "exited"}]},
        {"households": [{"household_id": "h1", "recorded_on": None}]},
        {"members": [{"person_id": "p1", "household_id": "h1"}]},
    ],
)
def test_undated_households_and_members_are_refused_before_the_export(tables):
    with pytest.raises(InputError) as refused:
        records(**tables).known_by("2021-06-29")
    assert refused.value.code == "undated_before_export"
    assert "2021-06-30" in str(refused.value)
    assert records(**tables).known_by("2021-06-30").table(next(iter(tables))).height == 1


def test_without_an_export_date_undated_households_wait_for_the_newest_recording():
    held = records(
        exported_on=None,
        households=[{"household_id": "h1"}],
        illness=[row(BILL, recorded_on=date(2019, 2, 10))],
    )
    with pytest.raises(InputError, match="2019-02-10"):
        held.known_by("2019-02-09")
    assert held.known_by("2019-02-10").table("households").height == 1


def test_undated_households_among_dated_ones_are_known_from_the_export_only():
    rows = [
        {"household_id": "h1", "recorded_on": date(2018, 1, 1), "household_type": "poor"},
        {"household_id": "h1", "recorded_on": None, "household_type": "exited"},
        {"household_id": "h2", "recorded_on": None, "household_type": "general"},
    ]
    assert known("2021-06-29", "households", rows)["household_type"].to_list() == ["poor"]
    assert known("2021-06-30", "households", rows)["household_type"].to_list() == ["exited", "general"]


# Versions


def test_the_newest_version_known_by_the_day_counts():
    rows = [row(HOUSEHOLD, recorded_on=date(y, 12, 1), household_type=t) for y, t in ((2017, "poor"), (2019, "exited"))]
    assert known("2019-11-30", "households", rows)["household_type"].to_list() == ["poor"]
    assert known("2019-12-01", "households", rows)["household_type"].to_list() == ["exited"]


def test_a_later_version_may_take_an_ending_back():
    jobs = [
        row(JOB, ended_on=date(2018, 9, 1), recorded_on=date(2018, 9, 5)),
        row(JOB, ended_on=None, recorded_on=date(2018, 10, 5)),
    ]
    assert known("2018-09-30", "employment", jobs)["ended_on"].to_list() == [date(2018, 9, 1)]
    assert known("2018-10-05", "employment", jobs)["ended_on"].to_list() == [None]


def test_two_recording_dates_of_one_spell_are_two_versions():
    jobs = [
        row(JOB, recorded_on=date(2018, 3, 5)),
        row(JOB, ended_on=date(2018, 9, 1), recorded_on=date(2018, 10, 20)),
    ]
    assert known("2018-10-19", "employment", jobs)["ended_on"].to_list() == [None]
    assert known("2018-10-20", "employment", jobs)["ended_on"].to_list() == [date(2018, 9, 1)]


def test_an_income_corrected_later_is_one_income():
    incomes = [
        row(INCOME, net_income=12000.0, recorded_on=date(2019, 1, 10)),
        row(INCOME, net_income=9000.0, recorded_on=date(2019, 4, 10)),
    ]
    assert known("2019-04-09", "incomes", incomes)["net_income"].to_list() == [12000.0]
    assert known("2019-04-10", "incomes", incomes)["net_income"].to_list() == [9000.0]


def test_different_keys_are_no_versions_of_each_other():
    jobs = [row(JOB, recorded_on=date(2018, 3, 5), started_on=date(2018, month, 1)) for month in (1, 2, 3)]
    assert known("2019-01-01", "employment", jobs).height == 3


@pytest.mark.parametrize("turned", [False, True])
def test_of_one_day_the_version_with_an_ending_wins(turned):
    jobs = [
        row(JOB, recorded_on=date(2018, 9, 5), ended_on=date(2018, 9, 1), monthly_wage=1.0),
        row(JOB, recorded_on=date(2018, 9, 5), monthly_wage=2.0),
    ]
    assert known("2019-01-01", "employment", jobs[::-1] if turned else jobs)["monthly_wage"].to_list() == [1.0]


@pytest.mark.parametrize("turned", [False, True])
def test_of_one_day_the_later_status_wins(turned):
    loans = [
        row(LOAN, recorded_on=date(2018, 3, 5), status="overdue", status_on=date(2019, 3, 1)),
        row(LOAN, recorded_on=date(2018, 3, 5), status="repaid", status_on=date(2019, 2, 1)),
    ]
    assert known("2020-01-01", "loans", loans[::-1] if turned else loans)["status"].to_list() == ["overdue"]


@pytest.mark.parametrize("turned", [False, True])
def test_else_the_last_in_lexical_order_wins_never_the_order_of_rows(turned):
    rows = [row(HOUSEHOLD, household_type=household_type) for household_type in ("exited", "poor", "general")]
    assert known("2019-01-01", "households", rows[::-1] if turned else rows)["household_type"].to_list() == ["poor"]


def test_the_order_of_columns_decides_nothing():
    rows = pl.DataFrame([row(HOUSEHOLD, town="a", village="y"), row(HOUSEHOLD, town="b", village="x")])
    turned = rows.select(sorted(rows.columns, reverse=True))
    towns = [
        Records({"households": f}).known_by("2019-01-01").table("households")["town"].item() for f in (rows, turned)
    ]
    assert towns == ["b", "b"]


def test_an_ending_still_to_come_does_not_choose_the_version():
    """Of two versions of one day, the one that will have ended must not win for that before the end."""
    jobs = [
        row(JOB, recorded_on=date(2018, 9, 5), ended_on=date(2019, 9, 1), monthly_wage=1.0),
        row(JOB, recorded_on=date(2018, 9, 5), monthly_wage=2.0),
    ]
    assert known("2019-08-31", "employment", jobs)["monthly_wage"].to_list() == [2.0]
    assert known("2019-09-01", "employment", jobs)["monthly_wage"].to_list() == [1.0]


# Endings to come


def test_a_future_ended_on_is_blanked_with_its_reason():
    job = row(JOB, recorded_on=date(2018, 3, 5), ended_on=date(2019, 9, 1), ended_reason="contract")
    assert known("2019-08-31", "employment", [job]).select("ended_on", "ended_reason").row(0) == (None, None)
    assert known("2019-09-01", "employment", [job])["ended_reason"].to_list() == ["contract"]


def test_a_future_end_of_support_is_blanked():
    support = {
        "household_id": "h1",
        "kind": "subsistence",
        "started_on": date(2018, 1, 1),
        "ended_on": date(2019, 9, 1),
    }
    assert known("2019-08-31", "assistance", [support])["ended_on"].to_list() == [None]
    assert known("2019-09-01", "assistance", [support])["ended_on"].to_list() == [date(2019, 9, 1)]


def test_a_future_cleared_on_is_blanked():
    watch = row(WATCH, recorded_on=date(2018, 3, 5), cleared_on=date(2019, 9, 1), risk="illness")
    assert known("2019-08-31", "monitoring", [watch]).select("cleared_on", "risk").row(0) == (None, "illness")
    assert known("2019-09-01", "monitoring", [watch])["cleared_on"].to_list() == [date(2019, 9, 1)]


def test_a_future_left_on_is_blanked_with_its_reason_and_the_death():
    dead = person(
        "p1", date(2018, 12, 16), left_on=date(2019, 1, 5), left_reason="death", died_on=date(2018, 8, 9), sex="male"
    )
    shown = ("left_on", "left_reason", "died_on", "sex")
    assert known("2018-12-31", "members", [dead]).select(shown).row(0) == (None, None, None, "male")
    assert known("2019-01-05", "members", [dead]).select(shown).row(0) == (
        *(date(2019, 1, 5), "death", date(2018, 8, 9)),
        "male",
    )


def test_a_future_loan_status_reads_normal_and_the_due_day_stays():
    loan = row(LOAN, recorded_on=date(2018, 3, 5), status="overdue", status_on=date(2021, 4, 1))
    shown = ("status", "status_on", "due_on")
    assert known("2021-03-31", "loans", [loan]).select(shown).row(0) == ("normal", None, date(2021, 3, 1))
    assert known("2021-04-01", "loans", [loan]).select(shown).row(0) == ("overdue", date(2021, 4, 1), date(2021, 3, 1))
    assert known("2019-01-01", "loans", [loan])["due_on"].to_list() == [date(2021, 3, 1)]


def test_a_recorded_status_without_a_day_of_its_own_stays():
    loan = row(LOAN, recorded_on=date(2018, 3, 5), status="extended")
    assert known("2018-03-05", "loans", [loan])["status"].to_list() == ["extended"]


def test_endings_without_a_single_value_are_no_obstacle():
    jobs = pl.DataFrame([JOB])
    assert jobs.schema["ended_on"] == pl.Null
    assert known("2019-01-01", "employment", [JOB]).height == 1


# Known until, the first day, and the gate itself


def test_known_until_is_the_export_date_else_the_newest_recording_of_any_table():
    assert records().known_until == EXPORT
    held = records(exported_on=None, illness=[row(BILL, recorded_on=date(2019, 2, 10))])
    assert held.known_until == date(2019, 2, 10)
    assert held.known_by("2018-01-01").known_until == date(2018, 1, 1)


def test_known_until_needs_a_date_of_recording_or_export():
    with pytest.raises(InputError, match="exported_on"):
        _ = records(exported_on=None, households=[{"household_id": "h1"}]).known_until


def test_the_first_day_is_the_first_day_anything_is_known_from():
    assert records(illness=[row(BILL, occurred_on=date(2009, 5, 5))]).first_day == date(2009, 5, 5)
    assert records(households=[{"household_id": "h1"}]).first_day == EXPORT


def test_a_day_before_the_first_household_is_refused():
    held = records(illness=[row(BILL, occurred_on=date(2009, 5, 5))])
    with pytest.raises(InputError) as refused:
        held.known_by("2009-12-31")
    assert refused.value.code == "before_first_record"
    assert "2010-01-01" in str(refused.value)


def test_a_state_is_not_asked_for_another_day():
    state = records().known_by("2019-12-31")
    for day in ("2018-12-31", "2020-12-31"):
        with pytest.raises(InputError, match="2019-12-31"):
            state.known_by(day)


def test_tables_stay_with_their_columns_when_nothing_of_them_is_known():
    state = records(illness=[row(BILL, recorded_on=date(2019, 2, 10), ward="3")]).known_by("2015-01-01")
    assert state.has("illness", "self_paid", "ward")
    assert state.table("illness").height == 0


def test_columns_of_a_source_s_own_are_kept():
    assert known("2019-01-01", "households", [row(HOUSEHOLD, rooms=3)])["rooms"].to_list() == [3]


def test_has_and_table_say_what_is_there():
    held = records()
    assert held.has("households") and held.has("households", "recorded_on")
    assert not held.has("households", "safe_water") and not held.has("illness")
    assert held.table("illness") is None


@pytest.mark.parametrize(
    ("tables", "code"),
    [
        ({"livestock": {"household_id": ["h1"]}}, "table_unknown"),
        ({"incomes": {"household_id": ["h1"]}}, "table_without_key"),
        ({"disasters": {"occurred_on": [date(2019, 1, 1)]}}, "table_without_key"),
        ({"households": {"household_id": ["h1"], "recorded_on": ["2019-01-01"]}}, "days_not_dates"),
    ],
)
def test_unusable_tables_are_refused(tables, code):
    with pytest.raises(InputError) as refused:
        Records({name: pl.DataFrame(columns) for name, columns in tables.items()})
    assert refused.value.code == code


def test_the_printed_form_says_nothing_of_persons():
    held = records(members=[person("p1", date(2019, 1, 1), name="somebody")])
    assert "somebody" not in repr(held) and "members: 1" in repr(held)


def test_snapshots_of_a_real_panel_leave_as_many_members_as_the_household_has(shared):
    tables = {path.stem: pl.read_parquet(path) for path in sorted((shared / "data" / "eph").glob("*.parquet"))}
    state = Records(tables).known_by("2018-12-31")
    assert state.table("households")["household_id"].is_unique().all()
    assert state.table("members")["person_id"].is_unique().all()
    sizes = state.table("members").group_by("household_id").len()
    same = state.table("households").join(sizes, on="household_id").select((pl.col("size") == pl.col("len")).mean())
    assert same.item() > 0.99
