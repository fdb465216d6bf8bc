"""Relapses as incomes show them."""

from datetime import date

import polars as pl
import pytest

from relapse_risk.labels import label_relapse
from relapse_risk.policy import Lines
from relapse_risk.records import Records
from tests.labels.small_registers import account, home, member, register, untyped

DAY = "2019-12-31"


def outcome(records, day=DAY, **options):
    """Return (relapsed, unknown) of the first household."""
    return label_relapse(records, day, label="income", **options).frame.select("relapsed", "unknown").row(0)


def accounts(*incomes, first=2019, **options):
    rows = [account(year, income, **options) for year, income in enumerate(incomes, start=first)]
    return register(households=[untyped()], incomes=rows)


@pytest.mark.parametrize(("after", "relapsed"), [(2999, True), (3000, False), (3001, False)])
def test_the_income_a_horizon_later_is_set_against_its_line(after, relapsed):
    assert outcome(accounts(5000, after)) == (relapsed, None)


def test_each_period_has_its_own_line():
    rows = [account(2019, 3100, line=3000.0), account(2020, 3500, line=4000.0)]
    assert outcome(register(households=[untyped()], incomes=rows)) == (True, None)


def test_without_such_a_period_the_outcome_is_unknown():
    rows = [account(2019, 5000), account(2021, 1000)]
    assert outcome(register(households=[untyped()], incomes=rows)) == (None, "period_missing")
    assert outcome(accounts(5000, 1000), horizon=6) == (None, "period_missing")


def test_a_period_without_a_line_leaves_it_unknown():
    rows = [account(1999, 5000), account(2000, 1000, line=None)]
    assert outcome(register(households=[untyped(recorded_on=date(1999, 1, 1))], incomes=rows), "1999-12-31") == (
        None,
        "line_missing",
    )


def test_an_outcome_known_only_later_is_not_seen_by_an_earlier_known_by():
    rows = [account(2019, 5000), account(2020, 1000, recorded_on=date(2021, 3, 1))]
    records = register(households=[untyped()], incomes=rows)
    assert outcome(records, known_by="2021-02-28") == (None, "period_missing")
    assert outcome(records, known_by="2021-03-01") == (True, None)


def test_the_newest_version_of_the_outcome_counts_and_of_the_start_the_one_known_then():
    rows = [
        *(account(2019, 5000), account(2019, 1000, recorded_on=date(2020, 5, 1))),
        *(account(2020, 1000), account(2020, 5000, recorded_on=date(2021, 5, 1))),
    ]
    records = register(households=[untyped()], incomes=rows)
    assert outcome(records, known_by="2021-04-30") == (True, None)
    assert outcome(records) == (False, None)


def quarter(year, number, income):
    ends = {1: date(year, 3, 31), 2: date(year, 6, 30), 3: date(year, 9, 30), 4: date(year, 12, 31)}
    return account(year, income / 4) | {
        "period_start": date(year, 3 * number - 2, 1),
        "period_end": ends[number],
        "recorded_on": ends[number],
    }


def test_quarters_lead_to_the_same_quarter_a_year_later():
    rows = [quarter(2019, 2, 5000), quarter(2020, 1, 1000), quarter(2020, 2, 6000)]
    records = register(households=[untyped()], incomes=rows)
    assert outcome(records, "2019-06-30") == (False, None)
    assert outcome(records, "2019-06-30", horizon=9) == (True, None)


def test_february_leads_to_february_in_leap_years_too():
    rows = [
        account(2019, 400) | {"period_start": date(2019, 2, 1), "period_end": date(2019, 2, 28)},
        account(2020, 100) | {"period_start": date(2020, 2, 1), "period_end": date(2020, 2, 29)},
    ]
    assert outcome(register(households=[untyped()], incomes=rows), "2019-12-31", max_age=12) == (True, None)


def test_of_two_periods_that_end_together_the_longer_counts():
    rows = [account(2019, 5000), account(2020, 5000), quarter(2020, 4, 1000)]
    assert outcome(register(households=[untyped()], incomes=rows)) == (False, None)


# A pair of periods counts once


def test_a_pair_of_periods_counts_once_over_several_days():
    labels = label_relapse(accounts(5000, 1000), [DAY, "2020-03-31", "2020-06-30"], label="income")
    assert labels.frame.select("relapsed", "unknown").rows() == [
        (True, None),
        (None, "pair_counted"),
        (None, "pair_counted"),
    ]
    assert (labels.counts["pairs"], labels.counts["known"], labels.counts["unknown_pair_counted"]) == (1, 1, 2)


def test_outcomes_judged_by_the_line_of_an_earlier_year_are_counted():
    rows = [account(2019, 5000, line=None), account(2020, 2500, line=None)]
    records = register(households=[untyped()], incomes=rows)
    borrowed, own = (
        label_relapse(records, DAY, label="income", lines=Lines(by_year=by_year))
        for by_year in ({2019: 3000.0}, {2019: 3000.0, 2020: 3000.0})
    )
    assert [one.counts["carried_forward_line"] for one in (borrowed, own)] == [1, 0]
    assert [one.frame["relapsed"].item() for one in (borrowed, own)] == [True, True]
    assert borrowed.frame["line_is_own"].item() and not borrowed.frame["outcome_line_is_own"].item()


def test_it_counts_on_the_first_day_the_household_is_at_risk():
    types = [home(household_type="poor"), home(recorded_on=date(2020, 2, 1))]
    records = register(households=types, incomes=[account(2019, 5000), account(2020, 1000)])
    labels = label_relapse(records, [DAY, "2020-03-31", "2020-06-30"], label="income")
    assert labels.frame["unknown"].to_list() == ["not_at_risk", None, "pair_counted"]


def test_the_order_of_the_days_does_not_matter():
    days = [DAY, "2018-12-31", "2020-06-30"]
    records = accounts(5000, 4000, 1000, first=2018)
    forward, backward = (label_relapse(records, order, label="income").frame for order in (days, days[::-1]))
    assert forward.equals(backward)
    assert forward["as_of"].is_sorted()


def test_pairs_that_start_below_the_line_are_counted_but_not_at_risk():
    rows = [account(2019, 1000), account(2020, 1000), account(2019, 5000, "h2"), account(2020, 1000, "h2")]
    labels = label_relapse(register(households=[untyped(), untyped("h2")], incomes=rows), DAY)
    assert (labels.label, labels.counts["pairs"], labels.counts["known"], labels.counts["relapses"]) == (
        "income",
        2,
        1,
        1,
    )
    assert labels.frame["outcome_ratio"].round(2).to_list() == [0.33, 0.33]
    assert labels.frame["relapsed"].to_list() == [None, True]


# Stale incomes and households that are gone


def test_a_stale_household_is_labelled_and_marked():
    records = register(
        households=[home()], incomes=[account(2017, 5000), account(2018, 1000, recorded_on=date(2020, 1, 1))]
    )
    frame = label_relapse(records, DAY, label="income").frame
    assert frame.select("population", "stale", "relapsed").row(0) == ("at_risk", True, True)


def test_a_household_gone_before_the_end_is_censored():
    members = [member(), member(recorded_on=date(2020, 7, 1), left_on=date(2020, 7, 1), left_reason="death")]
    rows = [account(2019, 5000), account(2020, 1000)]
    records = register(households=[home()], incomes=rows, members=members)
    assert outcome(records) == (None, "departed")
    assert outcome(records, "2019-06-30", horizon=6) == (None, "period_missing")


def test_a_household_gone_after_its_last_account_has_an_outcome():
    october = {"period_start": date(2018, 10, 1), "period_end": date(2019, 9, 30), "recorded_on": date(2019, 12, 1)}
    rows = [
        account(2019, 5000) | october,
        account(2020, 1000) | {"period_start": date(2019, 10, 1), "period_end": date(2020, 9, 30)},
    ]
    members = [member(), member(recorded_on=date(2020, 11, 1), left_on=date(2020, 11, 1), left_reason="moved")]
    assert outcome(register(households=[home()], incomes=rows, members=members)) == (True, None)


def test_the_last_day_outcomes_touch_is_the_end_of_the_last_outcome_period():
    assert label_relapse(accounts(5000, 1000), DAY, label="income").last_outcome == date(2020, 12, 31)
    assert label_relapse(accounts(5000), DAY, label="income").last_outcome is None


# The real panel


@pytest.fixture(scope="module")
def panel(shared):
    folder = shared / "data" / "eph"
    return Records({name: pl.read_parquet(folder / f"{name}.parquet") for name in ("households", "members", "incomes")})


QUARTERS = [
    *(date(2016, 6, 30), date(2016, 9, 30), date(2016, 12, 31)),
    *(date(year, month, day) for year in (2017, 2018) for month, day in ((3, 31), (6, 30), (9, 30), (12, 31))),
]


@pytest.mark.slow
def test_the_real_panel_gives_its_published_counts(panel):
    labels = label_relapse(panel, QUARTERS, label="income")
    assert [labels.counts[name] for name in ("pairs", "known", "relapses")] == [56_925, 44_335, 5_239]
    assert labels.counts["stale"] == 0
    assert labels.last_outcome == date(2019, 12, 31)


@pytest.mark.slow
def test_the_real_panel_gives_its_published_counts_of_exiters(panel):
    labels = label_relapse(panel, QUARTERS, label="auto", cohort="narrow")
    assert [labels.counts[name] for name in ("known", "relapses")] == [1_402, 591]
