"""Ranges of years rest on days that were predicted beforehand and whose horizons do not overlap."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy.special import expit, logit

from relapse_risk.periods import add_months
from relapse_risk.training.sample import TrainingSample
from relapse_risk.training.trials import past_years

N = 1_500


def _sample(days, year_of=(), to_come=None):
    """Return a sample of these days on which everybody falls with one in ten, and half as often as predicted."""
    random = np.random.default_rng(0)
    rows = [{"household_id": f"h{i}", "as_of": day} for day in days for i in range(N)]
    frame = pl.DataFrame(rows).with_columns(relapsed=pl.Series(random.random(len(rows)) < 0.1))
    years = {np.datetime64(day): np.datetime64(first) for day, first in dict(year_of).items()}
    shares = {None: {np.datetime64(day): (share, 0.0) for day, share in (to_come or {}).items()}}
    return TrainingSample(frame=frame, predictors=(), figures=(), year_of=years, to_come=shares)


def test_monthly_days_of_three_years_are_three_years():
    days = [add_months(date(2016, 12, 31), months) for months in range(30)]
    sample = _sample(days)
    found = past_years(sample, np.full(len(days) * N, 0.2), 12)
    assert found.days == ("2017-05-31", "2018-05-31", "2019-05-31")
    assert found.shifts == pytest.approx([logit(0.1) - logit(0.2)] * 3, abs=0.3)
    assert found.enough


def test_rows_that_were_not_predicted_beforehand_have_no_part():
    days = [date(2017, 12, 31), date(2018, 12, 31)]
    risk = np.concatenate([np.full(N, np.nan), np.full(N, 0.1)])
    found = past_years(_sample(days), risk, 12)
    assert found.days == ("2018-12-31",)
    assert not found.enough


def test_days_that_stand_for_a_year_together_overlap_as_long_as_any_of_them_does():
    days = [add_months(date(2016, 3, 31), months) for months in range(0, 48, 3)]
    year_of = {day: date(day.year, 3, 31) for day in days}
    sample = _sample(list(year_of), year_of)
    found = past_years(sample, np.full(len(year_of) * N, 0.1), 12)
    assert found.days == ("2017-03-31", "2019-03-31")  # those of 2018 reach into the days of 2019


def test_relapses_still_to_come_are_counted():
    days = [date(2018, 12, 31)]
    risk = expit(np.full(N, logit(0.1)))
    plain, whole = (past_years(_sample(days, to_come=share), risk, 12).shifts[0] for share in (None, {days[0]: 0.2}))
    assert whole - plain == pytest.approx(-np.log(0.8), abs=0.05)
