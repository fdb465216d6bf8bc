"""Relapses as the register entered them."""

from datetime import date

import pytest

from relapse_risk.errors import InputError
from relapse_risk.labels import label_relapse
from tests.labels.small_registers import account, home, member, register, relapse

DAY = "2019-12-31"


def outcome(records, day=DAY, **options):
    """Return (relapsed, unknown) of the first household."""
    labels = label_relapse(records, day, **({"label": "recorded"} | options))
    return labels.frame.select("relapsed", "unknown").row(0)


def with_relapse(*days, exported_on=date(2021, 12, 31), **options):
    return register(exported_on=exported_on, households=[home()], relapses=[relapse(day, **options) for day in days])


@pytest.mark.parametrize(
    ("relapsed_on", "expected"),
    [
        (date(2019, 12, 31), (None, "fallen_already")),
        (date(2020, 1, 1), (True, None)),
        (date(2020, 12, 31), (True, None)),
        (date(2021, 1, 1), (False, None)),
    ],
)
def test_a_relapse_counts_from_the_day_after_to_the_last_day_of_the_horizon(relapsed_on, expected):
    entered_late = relapse(relapsed_on, recorded_on=date(2021, 6, 1))
    assert outcome(register(households=[home()], relapses=[entered_late])) == expected


@pytest.mark.parametrize(("horizon", "relapsed"), [(3, False), (6, True)])
def test_the_horizon_is_counted_in_calendar_months(horizon, relapsed):
    assert outcome(with_relapse(date(2020, 4, 1)), horizon=horizon) == (relapsed, None)


def test_of_several_relapses_any_within_the_horizon_counts():
    assert outcome(with_relapse(date(2018, 1, 5), date(2020, 2, 1), date(2021, 3, 1)), "2017-12-31") == (True, None)
    later = with_relapse(date(2020, 2, 1), date(2021, 3, 1))
    assert [outcome(later, day)[0] for day in ("2018-12-31", DAY)] == [False, True]


def test_who_is_not_at_risk_has_no_outcome():
    poor = register(households=[home(household_type="poor")], relapses=[relapse(date(2020, 5, 1))])
    assert outcome(poor) == (None, "not_at_risk")


# Unknown, not zero


@pytest.mark.parametrize(
    ("exported_on", "expected"), [(date(2020, 11, 30), (False, None)), (date(2020, 11, 29), (None, "horizon_open"))]
)
def test_an_outcome_is_known_where_the_horizon_ends_at_most_a_month_after_the_last_day_known(exported_on, expected):
    records = register(exported_on=exported_on, households=[home()], relapses=[])
    assert outcome(records, "2019-12-30") == expected


def test_a_relapse_seen_before_its_horizon_is_over_is_not_known_either():
    # Or the open horizons would hold relapses only.
    records = register(
        exported_on=date(2020, 6, 30), households=[home(), home("h2")], relapses=[relapse(date(2020, 3, 1), "h2")]
    )
    assert label_relapse(records, DAY).frame["unknown"].to_list() == ["horizon_open", "horizon_open"]


def test_without_an_export_date_the_newest_recording_is_the_last_day_known():
    records = with_relapse(date(2020, 11, 29), exported_on=None)
    assert outcome(records, "2019-12-29") == (True, None)
    assert outcome(records, "2019-12-31") == (None, "horizon_open")


def test_nothing_recorded_after_known_by_is_looked_at():
    records = with_relapse(date(2020, 11, 1), recorded_on=date(2021, 1, 15))
    assert outcome(records, known_by="2021-01-14") == (False, None)
    assert outcome(records, known_by="2021-01-15") == (True, None)
    assert outcome(records, known_by="2020-11-29") == (None, "horizon_open")


def test_known_by_cannot_be_later_than_the_records():
    records = register(exported_on=date(2020, 6, 30), households=[home()], relapses=[])
    assert outcome(records, known_by="2025-01-01") == (None, "horizon_open")


# Households that died out or moved away


def gone(left_on, recorded_on=None, **more):
    return member(recorded_on=recorded_on or left_on, left_on=left_on, left_reason="moved", **more)


@pytest.mark.parametrize(
    ("left_on", "expected"), [(date(2020, 12, 30), (None, "departed")), (date(2020, 12, 31), (False, None))]
)
def test_a_household_that_was_gone_before_the_end_is_censored(left_on, expected):
    records = register(households=[home()], members=[member(), gone(left_on)], relapses=[])
    assert outcome(records) == expected


def test_a_household_with_somebody_left_is_not_censored():
    members = [member(), gone(date(2020, 5, 1)), member("p2")]
    assert outcome(register(households=[home()], members=members, relapses=[])) == (False, None)


def test_a_relapse_before_it_was_gone_is_a_relapse():
    members = [member(), gone(date(2020, 10, 1))]
    assert outcome(register(households=[home()], members=members, relapses=[relapse(date(2020, 5, 1))])) == (True, None)


def test_a_departure_the_register_learned_of_later_censors_but_does_not_reach_back():
    members = [member(), gone(date(2019, 10, 1), recorded_on=date(2020, 3, 1))]
    labels = label_relapse(register(households=[home()], members=members, relapses=[]), DAY, label="recorded")
    assert labels.frame.select("population", "relapsed", "unknown").row(0) == ("at_risk", None, "departed")


def test_a_household_seen_elsewhere_is_gone_from_its_old_place():
    members = [member(), member(household_id="h2", recorded_on=date(2020, 6, 1))]
    assert outcome(register(households=[home()], members=members, relapses=[])) == (None, "departed")


# A relapse dated before the as-of day, entered after it


def test_who_had_fallen_already_is_unknown_though_the_register_of_the_day_called_it_at_risk():
    records = with_relapse(date(2019, 12, 20), recorded_on=date(2020, 1, 10))
    labels = label_relapse(records, [DAY, "2020-06-30"], label="recorded")
    found = labels.frame.select("population", "relapsed", "unknown").rows()
    assert found == [("at_risk", None, "fallen_already"), ("rule_only", None, "not_at_risk")]
    assert (labels.counts["entered_late"], labels.counts["unknown_fallen_already"]) == (1, 1)


def test_who_had_fallen_already_is_no_relapse_of_the_horizon_either():
    again = [relapse(date(2019, 12, 20), recorded_on=date(2020, 1, 10)), relapse(date(2020, 9, 1))]
    assert outcome(register(households=[home()], relapses=again)) == (None, "fallen_already")


def test_before_its_entry_nobody_can_know_that_a_household_had_fallen_already():
    records = with_relapse(date(2019, 12, 20), recorded_on=date(2021, 3, 10))
    assert outcome(records, known_by="2021-03-09") == (False, None)
    assert outcome(records, known_by="2021-03-10") == (None, "fallen_already")


def test_a_relapse_known_and_overcome_is_no_late_entry():
    again = home(recorded_on=date(2019, 12, 1), exit_year=2019)
    records = register(households=[home(), again], relapses=[relapse(date(2018, 5, 1))])
    labels = label_relapse(records, DAY, label="recorded")
    assert (labels.counts["at_risk"], labels.counts["entered_late"]) == (1, 0)


# What is decided and said


def test_auto_is_recorded_if_any_entry_is_dated_after_the_first_day():
    records = register(households=[home(), home("h2")], relapses=[relapse(date(2019, 3, 1), "h2")])
    assert label_relapse(records, "2019-02-28").label == "recorded"
    assert label_relapse(records, "2019-03-01").label == "income"
    assert label_relapse(records, ["2019-03-01", "2018-12-31"]).label == "recorded"


def test_auto_does_not_see_entries_recorded_after_known_by():
    records = with_relapse(date(2019, 3, 1), recorded_on=date(2020, 3, 1))
    assert label_relapse(records, "2018-12-31", known_by="2020-02-29").label == "income"


def test_recorded_without_a_table_of_relapses_is_refused():
    with pytest.raises(InputError, match="relapses"):
        label_relapse(register(households=[home()]), DAY, label="recorded")


def test_another_label_is_refused():
    with pytest.raises(InputError, match="auto, recorded, income"):
        label_relapse(with_relapse(date(2020, 5, 1)), DAY, label="poor")


def test_no_day_is_refused():
    with pytest.raises(InputError, match="no as-of day"):
        label_relapse(with_relapse(date(2020, 5, 1)), [])


def test_counts_by_kind_and_by_day():
    households = [home(f"h{i}") for i in range(1, 5)] + [home("h5", "poor"), home("h6", None)]
    accounts = [account(2019, 5000, f"h{i}") for i in range(2, 5)]
    members = [member("p3", "h3"), gone(date(2020, 3, 1), person_id="p3", household_id="h3")]
    relapses = [relapse(date(2020, 5, 1), "h1"), relapse(date(2020, 6, 1), "h2")]
    records = register(households=households, incomes=accounts, members=members, relapses=relapses)
    labels = label_relapse(records, [DAY, "2021-06-30"])
    assert dict(labels.counts) == {
        **{"rows": 12, "at_risk": 5, "rule_only": 4, "not_scored": 3, "known": 3, "relapses": 2, "stale": 1},
        **{"entered_late": 0, "unknown_departed": 1, "unknown_horizon_open": 1},
    }
    assert labels.days.select("as_of", "at_risk", "known", "relapses").rows() == [
        (date(2019, 12, 31), 4, 3, 2),
        (date(2021, 6, 30), 1, 0, 0),
    ]


def test_the_last_day_outcomes_touch():
    assert label_relapse(with_relapse(date(2020, 5, 1)), [DAY, "2018-12-31"]).last_outcome == date(2020, 12, 31)
    until = with_relapse(date(2020, 5, 1), exported_on=date(2020, 12, 10))
    assert label_relapse(until, DAY).last_outcome == date(2020, 12, 10)
    assert label_relapse(until, "2020-06-30", label="recorded").last_outcome is None
