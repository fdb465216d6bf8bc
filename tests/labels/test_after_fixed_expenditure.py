"""Relapses as incomes show them once rigid expenditure is taken off."""

from datetime import date

import pytest

from relapse_risk.errors import InputError
from relapse_risk.labels import find_cohort, label_relapse
from tests.labels.small_registers import account, home, register, untyped

DAY = "2019-12-31"


def bill(day, self_paid, household_id="h1", recorded_on=None, **more):
    return {
        "household_id": household_id,
        "occurred_on": day,
        "self_paid": self_paid,
        "recorded_on": recorded_on or day,
        **more,
    }


def labelled(*bills, incomes=(5000, 3500), typed=True, label="after_fixed_expenditure", **options):
    accounts = [account(year, income) for year, income in enumerate(incomes, start=2019)]
    records = register(households=[home() if typed else untyped()], incomes=accounts, illness=list(bills))
    labels = label_relapse(records, DAY, label=label, **options)
    return labels.frame.select("population", "relapsed", "unknown").row(0)


@pytest.mark.parametrize(("paid", "relapsed"), [(2000.0, False), (2001.0, True)])
def test_the_bills_of_the_later_period_are_taken_off_its_income(paid, relapsed):
    assert labelled(bill(date(2020, 7, 1), paid)) == ("at_risk", relapsed, None)
    assert labelled(bill(date(2020, 7, 1), paid), label="income") == ("at_risk", False, None)


def test_bills_of_other_periods_are_not():
    assert labelled(bill(date(2019, 7, 1), 9000.0), bill(date(2021, 1, 1), 9000.0)) == ("at_risk", False, None)


def test_they_are_taken_off_the_current_income_where_incomes_decide_who_is_at_risk():
    poor = bill(date(2019, 7, 1), 9000.0)
    assert labelled(poor, typed=False) == ("rule_only", None, "not_at_risk")
    assert labelled(typed=False)[0] == "at_risk"


def test_a_bill_recorded_after_the_day_does_not_change_who_was_at_risk():
    late = bill(date(2019, 7, 1), 9000.0, recorded_on=date(2020, 1, 1))
    assert labelled(late, typed=False) == ("at_risk", False, None)


def test_an_outcome_sees_no_bill_recorded_after_known_by():
    late = bill(date(2020, 7, 1), 9000.0, recorded_on=date(2021, 3, 1))
    assert labelled(late, known_by="2021-02-28") == ("at_risk", False, None)
    assert labelled(late, known_by="2021-03-01") == ("at_risk", True, None)


def test_a_bill_without_an_amount_leaves_open_what_could_be_below():
    unknown = bill(date(2020, 7, 1), None)
    assert labelled(unknown) == ("at_risk", None, "expenditure_missing")
    # whoever is below the line without that bill is below it with it
    assert labelled(unknown, incomes=(5000, 2000)) == ("at_risk", True, None)


def test_narrow_looks_at_earlier_periods_the_same_way():
    accounts = [account(2018, 3500), account(2019, 3500), account(2020, 3500)]
    records = register(households=[untyped()], incomes=accounts, illness=[bill(date(2018, 7, 1), 4000.0)])
    net, plain = (
        find_cohort(records, DAY, cohort="narrow", after_fixed_expenditure=one)["exclusion_reason"].item()
        for one in (True, False)
    )
    assert (net, plain) == (None, "never_poor")


def test_counts_and_the_last_outcome_are_those_of_incomes():
    accounts = [account(2019, 5000), account(2020, 3500)]
    records = register(households=[home()], incomes=accounts, illness=[bill(date(2020, 7, 1), 3000.0)])
    labels = label_relapse(records, DAY, label="after_fixed_expenditure")
    assert (labels.label, labels.unreported_share, labels.last_outcome) == (
        "after_fixed_expenditure",
        0.0,
        date(2020, 12, 31),
    )
    assert (labels.counts["pairs"], labels.counts["relapses"]) == (1, 1)
    assert labels.frame["outcome_ratio"].to_list() == [pytest.approx(2750 / 3000)]


def test_records_without_any_such_expenditure_are_refused():
    records = register(households=[home()], incomes=[account(2019, 5000), account(2020, 3500)])
    with pytest.raises(InputError) as caught:
        label_relapse(records, DAY, label="after_fixed_expenditure")
    assert caught.value.code == "no_rigid_expenditure"
