"""Rules, classes, measures and watch lists by the day: what ended with 2020 is on until its last day then off."""

from datetime import date

import polars as pl
import pytest

from relapse_risk.alerts import assess, suggest
from relapse_risk.alerts.watch import watch
from relapse_risk.features import build_features
from relapse_risk.labels import find_cohort
from relapse_risk.policy import read_policy
from relapse_risk.policy.mechanism import in_force
from relapse_risk.records import AsOfView, Records

LAST, NEXT = date(2020, 12, 31), date(2021, 1, 1)
POLICY = read_policy()


@pytest.fixture
def own(tmp_path):
    def read(text):
        path = tmp_path / "own.toml"
        path.write_text(text, encoding="utf-8")
        return read_policy(mechanism=path)

    return read


def of_day(day, policy, judged=assess):
    homes = {"household_id": ["a", "b"], "recorded_on": [date(2020, 6, 30)] * 2, "household_type": ["exited", "poor"]}
    incomes = {
        "household_id": ["a", "b"],
        "period_start": [date(2019, 7, 1)] * 2,
        "period_end": [date(2020, 6, 30)] * 2,
        "household_size": [3, 3],
        "net_income_per_capita": [20000.0, 20000.0],
        "recorded_on": [date(2020, 6, 30)] * 2,
    }
    tables = {"households": pl.DataFrame(homes | {"safe_water": [False, False]}), "incomes": pl.DataFrame(incomes)}
    view = AsOfView.of(Records(tables, exported_on=date(2021, 3, 1)), day)
    risk = find_cohort(view).with_columns(tier=pl.lit("none"), reason_1=pl.lit("income"), probability=pl.lit(0.1))
    return judged(view, build_features(view), risk, policy)


def test_the_rule_for_households_registered_as_poor_ends_with_2020():
    before, after = (POLICY.mechanism.rules_in_force(day) for day in (LAST, NEXT))
    assert set(before) - set(after) == {"still_poor"}
    assert "relapsed" in after


def test_the_classes_with_poor_households_end_with_2020():
    assert of_day(LAST, POLICY)["class_four"].to_list()[1] == "poor"
    assert of_day(NEXT, POLICY)["class_four"].to_list() == [None, None]


def test_an_office_s_measure_is_suggested_between_its_days(own):
    policy = own("[measures.measure.safe_water]\nsince = 2021-01-01\nuntil = 2021-01-31")
    found = {
        day: "safe_water" in of_day(day, policy, suggest)["measure"].to_list()
        for day in (LAST, NEXT, date(2021, 1, 31), date(2021, 2, 1))
    }
    assert list(found.values()) == [False, True, True, False]


def test_a_watch_list_is_told_of_between_its_days(own):
    policy = own("[watch.lists.water]\nuntil = 2020-12-31")

    def watched(view, *_):
        return watch(view, policy)

    before, after = of_day(LAST, policy, watched), of_day(NEXT, policy, watched)
    assert before.counts.filter(list="water")["n_on"].to_list() == [2]
    assert "water" not in {*after.counts["list"], *after.entries["list"], *after.missing}
    assert after.counts["list"].n_unique() == before.counts["list"].n_unique() - 1


def test_no_watch_list_at_all_is_no_entry(own):
    text = "".join(f"[watch.lists.{name}]\nuntil = 2020-12-31\n" for name in POLICY.mechanism.watch.lists.by_name)
    policy = own(text)
    found = of_day(NEXT, policy, lambda view, *_: watch(view, policy))
    assert found.entries.is_empty() and found.counts.is_empty()


def test_first_and_last_day_are_in_force(own):
    rule = own("[rules.unsafe_water]\nsince = 2020-12-31\nuntil = 2020-12-31").mechanism.rules["unsafe_water"]
    assert [in_force(rule, date(2020, 12, 30)), in_force(rule, LAST), in_force(rule, NEXT)] == [False, True, False]
    assert rule.years == "from 2020-12-31, until 2020-12-31"
