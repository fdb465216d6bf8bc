"""Days that a training chooses itself: month ends whose outcomes are known, a household once a year, no peeking."""

from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.bundle import read_bundle
from relapse_risk.errors import InputError
from relapse_risk.labels import find_cohort
from relapse_risk.periods import add_months
from relapse_risk.records import AsOfViews, Records
from relapse_risk.training import TrainRequest, train
from relapse_risk.training.sample import SamplePlan, choose_days, deal_households, first_known, gather


def _register(first=date(2010, 1, 1), until=date(2020, 12, 31), relapsed_on=()):
    households = pl.DataFrame({"household_id": ["h1"], "household_type": ["exited"], "recorded_on": [first]})
    tables = {"households": households}
    if relapsed_on:
        days = list(relapsed_on)
        tables["relapses"] = pl.DataFrame({"household_id": ["h1"] * len(days), "relapsed_on": days})
    return AsOfViews.of(Records(tables, exported_on=until))


def _chosen(views, horizon=12, until=date(2020, 12, 31), recorded=False):
    first = views.on(until).relapse_entries["happened_on"].min() if recorded else None
    days = choose_days(first_known(views.records), horizon, until, first_relapse=first)
    return {day.day: first for day, first in days.items()}


@given(st.integers(1, 24), st.integers(0, 800), st.integers(0, 1500))
def test_all_are_month_ends_whose_horizons_are_over_in_a_register_that_has_begun(horizon, ahead, before):
    until = date(2019, 1, 1) + timedelta(days=ahead)
    begins = until - timedelta(days=before)
    try:
        days = _chosen(_register(begins, until), horizon, until)
    except InputError as error:
        assert error.code == "train_no_month_end"
        return
    for day, first in days.items():
        assert (day + timedelta(days=1)).day == 1
        assert begins <= first <= day
        assert add_months(day, horizon) <= until
    assert add_months(max(days), horizon + 1) > until - timedelta(days=31)  # the newest there is


def test_three_years_hold_every_month_of_the_calendar_four_days_a_year():
    days = _chosen(_register())
    assert max(days) == date(2019, 12, 31)
    assert {day.month for day in days} == set(range(1, 13))
    assert sorted(np.unique(list(days.values()), return_counts=True)[1]) == [4, 4, 4]


def test_before_anybody_entered_relapses_there_is_nothing_to_learn():
    views = _register(relapsed_on=[date(2019, 5, 10)])
    assert min(_chosen(views, recorded=True)) >= date(2018, 5, 10)
    assert min(_chosen(views, recorded=False)) < date(2018, 5, 10)


def test_records_too_short_are_refused_with_their_bounds():
    with pytest.raises(InputError, match="2020-12-31") as caught:
        _chosen(_register(first=date(2020, 3, 1)))
    assert caught.value.code == "train_no_month_end"


@pytest.fixture(scope="module")
def chosen(records):
    views = AsOfViews.of(records)
    return SimpleNamespace(views=views, material=gather(views, TrainRequest(label="recorded")))


def test_a_household_counts_once_a_year(chosen):
    sample = chosen.material.sample
    rows = pl.DataFrame({"household": sample.household, "year": sample.time})
    assert rows.is_duplicated().sum() == 0
    assert len(np.unique(sample.time)) == 3
    assert len(np.unique(sample.day)) == 12


@pytest.fixture(scope="module")
def days(chosen):
    return SamplePlan.of(chosen.views, TrainRequest(label="recorded")).year_of


@pytest.fixture(scope="module")
def cohorts(chosen, days):
    rows = pl.concat([find_cohort(chosen.views.on(day)) for day in days])
    return rows.filter(pl.col("household_id").is_in(rows["household_id"].unique().sort().head(200).implode()))


def test_every_household_is_dealt_one_day_a_year_and_every_day_some(cohorts, days):
    everywhere = cohorts.select("household_id").unique().join(cohorts.select("as_of").unique(), how="cross")
    dealt = deal_households(everywhere, days)
    assert dealt.height == 3 * cohorts["household_id"].n_unique()
    assert dealt["as_of"].value_counts()["count"].min() > 0.15 * dealt.height / 3


@given(st.integers(0, 2**32))
def test_who_is_at_risk_on_which_day_deals_nobody_otherwise(cohorts, days, seed):
    """Or who falls soon, and is not at risk later in the year, would count more often than others."""
    kept = pl.Series(np.random.default_rng(seed).random(cohorts.height) < 0.6)
    dealt = deal_households(cohorts.with_columns(kept=kept), days)
    assert deal_households(cohorts.filter(kept), days).equals(dealt.filter("kept").drop("kept"))


def test_a_pair_of_incomes_counts_once_and_not_always_on_the_first_day_it_can(records):
    sample = gather(records, TrainRequest(label="income")).sample
    assert sample.known().frame.select("household_id", "outcome_ratio").is_duplicated().sum() == 0
    newest = sample.day[sample.time == sample.time.max()]
    assert np.unique(newest, return_counts=True)[1].min() > 0.1 * len(newest)


def test_each_year_is_predicted_by_what_was_known_when_it_began(chosen):
    known = chosen.material.known_then
    years = sorted(set(chosen.material.sample.time.tolist()))
    assert [day.astype(date) for day in known] == years[1:]
    for day, outcome in known.items():
        assert (chosen.material.sample.time[np.isfinite(outcome)] < day).all()


def test_an_account_says_how_old_it_is(chosen):
    sample = chosen.material.sample
    assert "income_age" in {feature.name for feature in sample.predictors}
    assert sample.frame["income_age"].is_between(0, 12).all()


@pytest.mark.slow
def test_a_training_without_days_is_saved_with_those_it_chose(records, light_models, tmp_path):
    bundle = train(records, label="recorded")
    assert len(bundle.as_of) == 12
    assert bundle.rows <= 3 * bundle.households
    assert (bundle.choice is None) == (bundle.evaluation.scheme != "time")
    bundle.save(tmp_path / "county.rrb")
    assert read_bundle(tmp_path / "county.rrb").as_of == bundle.as_of
