"""The views of several days: one a day, of the same records and lines."""

from collections import Counter
from datetime import date

import polars as pl
import pytest

from relapse_risk.errors import InputError
from relapse_risk.policy import Lines
from relapse_risk.records import AsOfView, AsOfViews, Records

LINES = Lines(by_year={2018: 2995.0})


@pytest.fixture
def records():
    days = [date(2018, 6, 30), date(2020, 6, 30)]
    return Records({"households": pl.DataFrame({"household_id": ["h1", "h2"], "recorded_on": days})})


@pytest.fixture
def looked_at(monkeypatch):
    """Count how often the state of each day is worked out."""
    days, known_by = Counter(), Records.known_by
    monkeypatch.setattr(Records, "known_by", lambda self, day: days.update([str(day)]) or known_by(self, day))
    return days


def test_each_day_is_looked_at_once(records, looked_at):
    views = AsOfViews.of(records)
    assert views.on("2019-12-31") is views.on(date(2019, 12, 31))
    assert views.on("2020-12-31").known.require("households").height == 2
    assert looked_at == {"2019-12-31": 1, "2020-12-31": 1}


def test_a_view_that_is_there_stays_the_one_of_its_day(records, looked_at):
    view = AsOfView.of(records, "2019-12-31", lines=LINES)
    views = AsOfViews.of(view)
    assert views.on("2019-12-31") is view and views.lines is LINES and views.records is records
    assert views.on("2018-12-31").lines is LINES
    assert looked_at == {"2019-12-31": 1, "2018-12-31": 1}


def test_views_are_handed_on_and_keep_their_states_by_other_lines(records, looked_at):
    views = AsOfViews.of(records, lines=LINES)
    before = views.on("2019-12-31")
    assert AsOfViews.of(views) is views and AsOfViews.of(views, lines=LINES, max_age=1) is views
    other = AsOfViews.of(views, max_age=2).on("2019-12-31")
    assert other.max_age == 2 and other.known is before.known and before.max_age == 1
    assert looked_at == {"2019-12-31": 1}


def test_the_last_day_is_that_of_the_records_at_most(records):
    views = AsOfViews.of(records)
    assert views.last_known() == views.last_known("2021-01-01") == date(2020, 6, 30)
    assert views.last_known("2019-12-31") == date(2019, 12, 31)


def test_a_day_before_the_first_record_is_refused(records):
    with pytest.raises(InputError) as caught:
        AsOfViews.of(records).on("2017-12-31")
    assert caught.value.code == "before_first_record"


def test_a_village_is_one_over_the_days_whether_names_or_codes_were_known():
    rows = [
        *(("a", 2018, "甲县", "丙村", None), ("b", 2018, "甲县", "丁村", None)),
        *(("a", 2019, "甲县", "丙村", "533901203205"), ("c", 2019, None, None, "533901203205")),
    ]
    names = ("household_id", "recorded_on", "county", "village", "village_code")
    homes = pl.DataFrame(
        [dict(zip(names, (home, date(year, 6, 30), *place), strict=True)) for home, year, *place in rows],
        schema_overrides={"village_code": pl.String},
    )
    views = AsOfViews.of(Records({"households": homes}))
    found = views.areas([date(2019, 12, 31), date(2018, 12, 31)]).sort("as_of", "household_id")
    assert found["village"].to_list() == ["533901203205", "甲县/丁村", "533901203205", "甲县/丁村", "533901203205"]
    assert views.areas([date(2018, 12, 31)])["village"].sort().to_list() == ["甲县/丁村", "甲县/丙村"]
