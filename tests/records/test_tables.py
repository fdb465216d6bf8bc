"""The declaration of the tables holds together."""

import polars as pl
import pytest

from relapse_risk.errors import LANGUAGES
from relapse_risk.policy import Texts
from relapse_risk.records import TABLES


def test_the_eleven_tables_of_the_contract_are_there_and_each_has_a_name_for_readers():
    assert set(TABLES) >= {
        *("households", "members", "incomes", "illness", "disabilities", "disasters"),
        *("employment", "loans", "assistance", "monitoring", "relapses"),
    }
    assert all(Texts(lang)("tables", table) for table in TABLES for lang in LANGUAGES)


def test_what_has_no_first_day_of_its_own_is_a_state_of_a_household_or_person():
    assert [name for name, table in TABLES.items() if table.begins is None] == ["households", "members"]


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_whatever_a_table_names_is_a_column_of_it(table):
    named = {*table.key, *table.required, *table.either, *table.blank, *(table.span or ()), *table.endings}
    hanging = {column for columns in table.endings.values() for column in columns}
    assert named | hanging | {"recorded_on"} <= set(table.columns)
    assert table.begins is None or table.begins in table.columns


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_keys_are_required_and_days_are_dates(table):
    assert set(table.key) <= set(table.required)
    assert table.event == (not table.key) == ("event_id" in table.columns)
    days = [name for name in table.columns if name.endswith("_on") or name.startswith("period_")]
    assert all(table.columns[name].dtype == pl.Date for name in days)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_every_later_day_but_a_plan_is_an_ending(table):
    later = {"ended_on", "cleared_on", "left_on", "died_on", "status_on"} & set(table.columns)
    assert later == set(table.endings)
