"""Who is at risk on a day."""

from datetime import date

import polars as pl
import pytest

from relapse_risk.errors import InputError
from relapse_risk.labels import find_cohort
from relapse_risk.policy import Lines
from relapse_risk.records import AsOfView, Records
from tests.labels.small_registers import account, frame_of, home, member, register, relapse, untyped

DAY = "2019-12-31"


def status(records, day=DAY, **options):
    """Return (population, why) of the only household."""
    return find_cohort(records, day, **options).select("population", "exclusion_reason").row(0)


# Registers that keep types


@pytest.mark.parametrize("called", ["exited", "near_poor", "general"])
def test_whom_the_register_calls_out_of_poverty_is_at_risk(called):
    assert status(register(households=[home(household_type=called)])) == ("at_risk", None)


def test_whom_it_calls_poor_falls_under_hard_rules():
    assert status(register(households=[home(household_type="poor")])) == ("rule_only", "poor")


def test_income_below_the_line_does_not_overrule_the_type():
    records = register(households=[home()], incomes=[account(2019, 1000)])
    assert status(records) == ("at_risk", None)


def test_one_household_without_a_type_is_not_scored_where_others_have_one():
    records = register(
        households=[home("h1"), home("h2", household_type=None)], incomes=[account(2019, 9000, household_id="h2")]
    )
    assert find_cohort(records, DAY).select("population", "exclusion_reason").rows() == [
        ("at_risk", None),
        ("not_scored", "type_missing"),
    ]


def test_it_is_what_the_register_called_it_then_that_counts():
    records = register(households=[home(household_type="poor"), home(recorded_on=date(2019, 12, 20))])
    assert status(records, "2019-12-19") == ("rule_only", "poor")
    assert status(records, "2019-12-20") == ("at_risk", None)


def test_a_relapse_entered_since_takes_it_out():
    records = register(households=[home()], relapses=[relapse(date(2018, 5, 1), recorded_on=date(2018, 6, 1))])
    assert status(records, "2018-05-31") == ("at_risk", None)
    assert status(records, "2018-06-01") == ("rule_only", "relapsed")
    assert status(records, "2021-06-01") == ("rule_only", "relapsed")


def test_a_relapse_takes_it_out_until_the_register_calls_it_exited_anew():
    records = register(
        households=[home(exit_year=2016), home(recorded_on=date(2019, 12, 1), exit_year=2019)],
        relapses=[relapse(date(2018, 5, 1), recorded_on=date(2018, 6, 1))],
    )
    assert status(records, "2019-11-30") == ("rule_only", "relapsed")
    assert status(records, "2019-12-01") == ("at_risk", None)


def test_what_counts_is_the_entry_of_the_relapse_not_its_day():
    # Dated before the register called it exited, entered after.
    records = register(
        households=[home(recorded_on=date(2018, 12, 1))],
        relapses=[relapse(date(2018, 11, 1), recorded_on=date(2019, 2, 1))],
    )
    assert status(records, "2019-01-31") == ("at_risk", None)
    assert status(records, "2019-02-01") == ("rule_only", "relapsed")


def test_a_relapse_entered_on_the_day_of_the_type_counts():
    records = register(
        households=[home(recorded_on=date(2018, 12, 1))],
        relapses=[relapse(date(2018, 11, 1), recorded_on=date(2018, 12, 1))],
    )
    assert status(records) == ("rule_only", "relapsed")


def test_without_a_recording_day_a_relapse_was_entered_when_it_happened():
    entry = {"household_id": "h1", "relapsed_on": date(2018, 5, 1)}
    assert status(register(households=[home()], relapses=[entry])) == ("rule_only", "relapsed")


def test_an_undated_register_says_what_the_export_says():
    undated = {"household_id": "h1", "household_type": "exited", "exit_year": 2020}
    records = register(households=[undated], relapses=[relapse(date(2018, 5, 1))])
    assert status(records, "2021-12-31") == ("at_risk", None)
    with pytest.raises(InputError, match="2021-12-31"):
        find_cohort(records, "2020-12-31")


def test_an_undated_register_remembers_a_relapse_on_later_days():
    undated = {"household_id": "h1", "household_type": "exited"}
    records = register(
        date(2020, 3, 1), households=[undated], relapses=[relapse(date(2020, 2, 1), "h1", date(2020, 3, 1))]
    )
    assert {status(records, day) for day in ("2020-03-01", "2020-03-02", "2021-06-30")} == {("rule_only", "relapsed")}


def test_a_correction_of_an_entry_is_no_new_entry():
    entry = {**relapse(date(2017, 5, 1), "h1", date(2017, 6, 1)), "event_id": "e1", "cause": None}
    corrected = {**entry, "recorded_on": date(2019, 3, 1), "cause": "illness"}
    called = home(recorded_on=date(2018, 12, 1), exit_year=2018)
    records = register(households=[called], relapses=[entry, corrected])
    assert {status(records, day) for day in ("2019-02-28", "2019-12-31")} == {("at_risk", None)}
    another = {**corrected, "event_id": "e2"}
    assert status(register(households=[called], relapses=[entry, another]), "2019-12-31") == ("rule_only", "relapsed")


# Registers without types


def test_without_types_at_risk_is_whose_current_income_is_above_the_line():
    records = register(
        households=[untyped(f"h{i}") for i in range(1, 5)],
        incomes=[account(2019, income, household_id=f"h{i}") for i, income in enumerate((3001, 3000, 2999), start=1)],
    )
    assert find_cohort(records, DAY).select("population", "exclusion_reason").rows() == [
        ("at_risk", None),
        ("rule_only", "below_line"),
        ("rule_only", "below_line"),
        ("not_scored", "income_missing"),
    ]


def test_a_column_of_types_without_any_is_no_types():
    records = register(households=[home(household_type=None)], incomes=[account(2019, 5000)])
    assert status(records) == ("at_risk", None)


def test_types_the_register_only_kept_later_do_not_reach_back():
    records = register(
        households=[untyped() | {"household_type": None}, home(household_type="poor", recorded_on=date(2020, 1, 1))],
        incomes=[account(2019, 5000)],
    )
    assert status(records, DAY) == ("at_risk", None)
    assert status(records, "2020-01-01") == ("rule_only", "poor")


def test_without_types_a_relapse_after_the_current_period_counts():
    accounts = [account(2018, 5000), account(2019, 5000)]
    records = register(households=[untyped()], incomes=accounts, relapses=[relapse(date(2019, 5, 1))])
    assert status(records, "2019-06-30") == ("rule_only", "relapsed")
    assert status(records, "2019-12-31") == ("at_risk", None)


def test_without_a_line_nobody_can_be_above_it():
    records = register(households=[untyped()], incomes=[account(2019, 5000, line=None)])
    assert status(records, lines=Lines(by_year={2020: 4000.0})) == ("not_scored", "line_missing")


def test_without_a_table_of_households_those_with_an_income_are_known():
    assert status(register(incomes=[account(2019, 5000)])) == ("at_risk", None)


# The current income


def test_the_current_income_is_the_last_known_and_its_line_that_of_the_year_it_ends_in():
    records = register(
        households=[home()],
        incomes=[account(2017, 4000, line=None), account(2018, 5000, line=None, recorded_on=date(2019, 2, 1))],
    )
    lines = Lines(by_year={2017: 2500.0})
    columns = ("period_end", "income", "line", "ratio", "line_is_own", "stale")
    assert find_cohort(records, "2019-01-31", lines=lines).select(columns).rows() == [
        (date(2017, 12, 31), 4000.0, 2500.0, 1.6, True, True)
    ]
    assert find_cohort(records, "2019-02-01", lines=lines).select(columns).rows() == [
        (date(2018, 12, 31), 5000.0, 2500.0, 2.0, False, False)
    ]


def test_a_household_whose_income_is_too_old_is_at_risk_and_marked():
    records = register(households=[home()], incomes=[account(2018, 5000)])
    found = [find_cohort(records, day).select("population", "stale").row(0) for day in ("2019-12-31", "2020-01-01")]
    assert found == [("at_risk", False), ("at_risk", True)]
    assert not find_cohort(records, "2020-12-31", max_age=2)["stale"].item()


def test_a_household_without_any_income_is_marked_too():
    assert find_cohort(register(households=[home()]), DAY).select("population", "stale", "income").row(0) == (
        "at_risk",
        True,
        None,
    )


# The narrow cohort


def test_narrow_keeps_who_exited_or_was_poor_in_an_earlier_period():
    accounts = [
        *(account(2017, income, household_id) for household_id, income in (("h2", 2000), ("h3", 5000))),
        *(account(2019, 5000, f"h{i}") for i in range(1, 5)),
    ]
    types = {"h1": "exited", "h2": "general", "h3": "general", "h4": "near_poor"}
    records = register(households=[home(name, called) for name, called in types.items()], incomes=accounts)
    assert find_cohort(records, DAY, cohort="narrow").select("population", "exclusion_reason").rows() == [
        ("at_risk", None),
        ("at_risk", None),
        ("not_scored", "never_poor"),
        ("not_scored", "never_poor"),
    ]


def test_poor_in_the_current_period_is_not_poor_earlier():
    records = register(households=[home(household_type="general")], incomes=[account(2019, 2000)])
    assert status(records, cohort="narrow") == ("not_scored", "never_poor")


def test_narrow_without_types_keeps_who_climbed_above_the_line():
    accounts = [account(2018, 2000), account(2019, 5000), account(2018, 5000, "h2"), account(2019, 5000, "h2")]
    records = register(households=[untyped(), untyped("h2")], incomes=accounts)
    assert find_cohort(records, DAY, cohort="narrow")["population"].to_list() == ["at_risk", "not_scored"]


def test_narrow_leaves_the_poor_to_the_hard_rules():
    assert status(register(households=[home(household_type="poor")]), cohort="narrow") == ("rule_only", "poor")


# Households that are no more


def test_a_household_that_is_known_to_be_gone_is_not_scored():
    gone = member(recorded_on=date(2019, 3, 1), left_on=date(2019, 2, 1), left_reason="death")
    records = register(households=[home()], members=[member(), gone])
    assert status(records, "2019-02-28") == ("at_risk", None)
    assert status(records, "2019-03-01") == ("not_scored", "departed")


def test_one_member_left_is_a_household():
    gone = member(recorded_on=date(2019, 3, 1), left_on=date(2019, 2, 1))
    assert status(register(households=[home()], members=[member(), gone, member("p2")])) == ("at_risk", None)


def test_a_household_whose_members_were_all_seen_elsewhere_since_is_gone():
    moved = member(household_id="h2", recorded_on=date(2019, 3, 1))
    records = register(households=[home(), home("h2")], members=[member(), moved, member("p2", "h2")])
    assert find_cohort(records, DAY).select("population", "exclusion_reason").rows() == [
        ("not_scored", "departed"),
        ("at_risk", None),
    ]
    assert find_cohort(records, "2019-02-28")["population"].to_list() == ["at_risk", "at_risk"]


def test_who_moves_in_later_does_not_make_a_household_gone_before():
    moved = member(household_id="h2", recorded_on=date(2020, 6, 1))
    records = register(households=[home(), home("h2")], members=[member(), member("p2"), moved])
    assert find_cohort(records, DAY)["population"].to_list() == ["at_risk", "at_risk"]


def test_snapshots_leave_a_household_there_as_long_as_somebody_is_in_the_newest():
    seen = [
        {"person_id": p, "household_id": "h1", "recorded_on": date(y, 12, 1)} for p, y in (("p1", 2017), ("p2", 2018))
    ]
    assert status(register(households=[home()], members=seen)) == ("at_risk", None)


# The table


def test_one_row_per_household_known_on_the_day_in_order():
    households = [
        home("h2"),
        home("h1"),
        home("h3", recorded_on=date(2020, 1, 1)),
        home("h1", "poor", date(2018, 1, 1)),
    ]
    found = find_cohort(register(households=households), DAY)
    assert found.select("household_id", "as_of").rows() == [("h1", date(2019, 12, 31)), ("h2", date(2019, 12, 31))]
    assert found.columns == [
        *("household_id", "as_of", "population", "exclusion_reason", "stale", "period_end", "income", "line", "ratio"),
        "line_is_own",
    ]


def test_a_day_before_the_first_record_is_refused():
    with pytest.raises(InputError, match="2016-12-01"):
        find_cohort(register(households=[home()]), "2016-11-30")


def test_records_without_households_and_incomes_are_refused():
    with pytest.raises(InputError, match="households, incomes"):
        find_cohort(register(relapses=[relapse(date(2018, 5, 1))]), DAY)


def test_another_cohort_is_refused():
    with pytest.raises(InputError, match="wide, narrow"):
        find_cohort(register(households=[home()]), DAY, cohort="all")


def test_a_register_of_nobody_gives_nobody():
    empty = Records({"households": frame_of("households", [])}, exported_on=date(2019, 12, 31))
    assert find_cohort(empty, DAY).is_empty()
    assert find_cohort(empty, DAY).schema["population"] == pl.String


def test_a_view_of_the_day_gives_what_the_records_give_and_is_not_made_again(monkeypatch):
    records = register(households=[home(), home("h2", "poor")], incomes=[account(2018, 2000), account(2019, 5000)])
    expected = find_cohort(records, "2019-12-31", cohort="narrow")
    view = AsOfView.of(records, "2019-12-31")
    monkeypatch.setattr(Records, "known_by", None)
    assert find_cohort(view, cohort="narrow").equals(expected)
    assert find_cohort(view, "2019-12-31", cohort="narrow").equals(expected)
