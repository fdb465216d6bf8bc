from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from relapse_risk.alerts import Capacity
from relapse_risk.policy import Lines, read_policy
from relapse_risk.records import Records
from relapse_risk.scoring import score
from tests.scoring.scored_registers import make_bundle, make_evaluation, make_records, make_tables

DAY = "2019-12-31"


@pytest.fixture(scope="module")
def tables():
    return make_tables()


@pytest.fixture(scope="module")
def records():
    return make_records()


@pytest.fixture(scope="module")
def bundle():
    return make_bundle()


def remarks(records, bundle, as_of=DAY, **settings):
    return dict(score(records, bundle, as_of=as_of, **settings).remarks)


def test_a_day_before_the_last_outcome_seen_is_no_forecast(records, bundle):
    assert remarks(records, bundle, "2018-12-31")["not_forecast"] == {
        "through": date(2019, 12, 31),
        "as_of": date(2018, 12, 31),
    }
    assert not score(records, bundle, as_of="2018-12-31").forecast


def test_the_last_outcome_s_own_day_is_a_forecast(records, bundle):
    assert "not_forecast" not in remarks(records, bundle)
    assert score(records, bundle, as_of=DAY).forecast


def test_stale_incomes_are_counted(tables, bundle):
    old = tables["incomes"].filter(
        (tables["incomes"]["period_end"] < date(2018, 1, 1)) | (tables["incomes"]["household_id"] > "5399000100")
    )
    found = remarks(Records(tables | {"incomes": old}, exported_on=date(2019, 12, 31)), bundle)["stale"]
    assert 60 < found["count"] <= 101
    assert found["share"] == pytest.approx(found["count"] / 345, abs=0.01)


def test_a_year_without_a_line_of_its_own_is_named(records, bundle):
    policy = read_policy()
    short = replace(policy, lines=Lines(by_year={2016: 2952.0}))
    assert remarks(records, bundle, policy=short)["line_of_other_year"] == {
        **{"years": (2019,), "of_year": "2016", "yuan": "2,952", "count": 345}
    }
    assert "line_of_other_year" not in remarks(records, bundle)


def test_what_the_records_cannot_tell_is_said(records, bundle):
    found = remarks(records, bundle)
    assert {"employment", "disability", "debt"} <= set(found["unseen_reasons"]["reasons"])
    assert not {"income", "illness"} & set(found["unseen_reasons"]["reasons"])
    assert {"loans", "members"} <= set(found["missing_tables"]["tables"])
    assert not {"incomes", "illness"} & set(found["missing_tables"]["tables"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"better": True}, "better_models"),
        ({"scheme": "household"}, "untried_forward"),
        ({"predicted": 0.35}, "calibration_off"),
    ],
)
def test_what_the_trials_found_is_said(records, changes, code):
    plain = remarks(records, make_bundle(evaluation=make_evaluation()))
    warned = remarks(records, make_bundle(evaluation=make_evaluation(**changes)))
    assert set(warned) - set(plain) == {code}


@pytest.mark.parametrize(
    ("label", "share", "remarked"), [("recorded", 0.2, True), ("recorded", 0.001, False), ("income", 0.2, False)]
)
def test_relapses_still_to_be_entered_are_told(records, label, share, remarked):
    found = remarks(records, make_bundle(label=label, unreported_share=share))
    assert ("still_to_come" in found) is remarked


def test_outcomes_judged_by_the_line_of_another_year_are_told(records):
    assert remarks(records, make_bundle(carried_forward_line=7))["outcomes_by_other_line"] == {"count": 7}
    assert "outcomes_by_other_line" not in remarks(records, make_bundle())


@pytest.mark.parametrize(("as_of", "months"), [("2020-01-31", None), ("2020-02-01", 2), ("2021-12-31", 24)])
def test_a_day_long_after_the_records_end_is_told(records, bundle, as_of, months):
    found = remarks(records, bundle, as_of).get("long_after_records")
    day = date.fromisoformat(as_of)
    assert found == (months and {"until": date(2019, 12, 31), "as_of": day, "months": months})


def test_rules_the_records_cannot_answer_are_told(records, bundle):
    unseen = remarks(records, bundle)["rules_unseen"]["rules"]
    assert len(unseen["zh"]) == len(unseen["en"])
    assert "microcredit overdue" in unseen["en"]
    assert "no safe water" not in unseen["en"]


def test_what_does_not_fit_is_told_with_its_count(records, bundle):
    found = remarks(records, bundle, capacity=10)
    waiting = found["waiting"]
    kinds = sum(waiting[f"{kind}_count"] for kind in ("model", "rule", "revisit"))
    assert waiting["count"] == kinds == waiting["demanded"] - 10
    assert waiting["former_count"] == 0
    assert "grave_waiting" not in found
    assert "listed_beyond_capacity" not in found


def test_a_capacity_below_what_the_gravest_rules_demand_is_told(records, bundle):
    found = remarks(records, bundle, capacity=1)
    assert 0 < found["grave_waiting"]["count"] <= found["waiting"]["rule_count"]


def test_rules_may_go_beyond_the_capacity(records, bundle):
    found = remarks(records, bundle, capacity=10, rules_beyond_capacity=True)
    assert found["listed_beyond_capacity"]["count"] > 10
    assert "waiting" not in found


def test_a_capacity_that_reaches_everybody_is_told(records, bundle):
    assert "capacity_everybody" in remarks(records, bundle, capacity=399)
    assert "capacity_everybody" not in remarks(records, bundle, capacity=200)


def test_a_capacity_by_area_says_what_it_makes_in_all(records, bundle):
    found = remarks(records, bundle, capacity=Capacity(visits=10, per="town"))
    assert found["capacity_in_all"] == {"areas": 2, "level": "town", "visits": 20}
    table = pl.DataFrame({"town": ["东镇", "西镇"], "visits": [5, 0]})
    assert remarks(records, bundle, capacity=Capacity(visits=table, per="town"))["capacity_zero_areas"]["areas"] == 1
