"""Clearing step by step: proposal, village review, public notice, town's check; as an office configures it."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from relapse_risk.monitoring import open_ledger
from relapse_risk.policy import read_policy
from tests.edited_models import edited
from tests.monitoring.ledger.ledger_months import FEB, JAN, MAR, act_of, acts_of, month_of, states_of

WAY = (
    (act_of("h1", "visited", date(2020, 2, 3)), "visited"),
    (act_of("h1", "proposed", date(2020, 2, 3)), "proposed"),
    (act_of("h1", "reviewed", date(2020, 2, 5), by="村委会"), "reviewed"),
    (act_of("h1", "published", date(2020, 2, 6), by="村委会"), "published"),
    (act_of("h1", "checked", date(2020, 2, 11), by="镇"), "cleared"),
)


def outcomes_of(ledger, *acts):
    return ledger.act(acts_of(*acts)).select("outcome", "rule").rows()


def office(url, **changes):
    ours = read_policy()
    mechanism = ours.mechanism
    for key, value in changes.items():
        mechanism = edited(mechanism, key.replace("__", "."), value)
    return open_ledger(url, policy=replace(ours, mechanism=mechanism))


@pytest.fixture
def opened(url):
    """A ledger as we ship it."""
    ledger = open_ledger(url)
    ledger.record_month(month_of(JAN, {"h1": "orange", "h2": "orange"}))
    return ledger


def taken(ledger, until=5):
    for act, state in WAY[:until]:
        assert outcomes_of(ledger, act) == [("done", None)]
        assert states_of(ledger)["h1"] == state


def test_an_alert_is_cleared_after_the_last_step_alone(opened):
    taken(opened)
    row = opened.alerts().row(0, named=True)
    assert (row["closed_on"], row["step_on"], row["step_by"], row["next_step"]) == (
        *(date(2020, 2, 11), date(2020, 2, 11), "镇", None),
    )
    assert opened.history(1).filter(pl.col("month").is_null())["by"].to_list() == ["李", "李", "村委会", "村委会", "镇"]


def test_what_comes_next_and_from_when_on_is_told(opened):
    seen = []
    for act, _ in WAY[:4]:
        outcomes_of(opened, act)
        seen.append(opened.alerts().select("next_step", "next_from", "step_on", "step_by").row(0))
    third, fifth, sixth = (date(2020, 2, day) for day in (3, 5, 6))
    assert seen == [
        (None, None, None, None),
        ("reviewed", third, third, "李"),
        ("published", fifth, fifth, "村委会"),
        ("checked", date(2020, 2, 11), sixth, "村委会"),
    ]


def test_steps_are_taken_in_their_order_and_the_notice_runs_its_days(opened):
    visited, proposed, reviewed, published, checked = (act for act, _ in WAY)
    assert outcomes_of(opened, reviewed, visited) == [("refused", "not_now"), ("done", None)]
    assert outcomes_of(opened, reviewed) == [("refused", "not_now")]
    assert outcomes_of(opened, proposed, checked) == [("done", None), ("refused", "not_now")]
    assert outcomes_of(opened, reviewed, published) == [("done", None)] * 2
    assert outcomes_of(opened, checked | {"on": date(2020, 2, 10)}) == [("refused", "notice_runs")]
    assert states_of(opened)["h1"] == "published"
    assert outcomes_of(opened, act_of("h1", "cleared", date(2020, 2, 11))) == [("refused", "no_step")]
    assert outcomes_of(opened, checked) == [("done", None)]


@pytest.mark.parametrize("until", [2, 3, 4])
def test_a_step_that_does_not_pass_sends_the_alert_back(opened, until):
    taken(opened, until)
    back = act_of("h1", "returned", date(2020, 2, 12), note="群众有异议")
    assert outcomes_of(opened, back | {"note": None}, back) == [("refused", "no_note"), ("done", None)]
    row = opened.alerts().row(0, named=True)
    assert (row["state"], row["due"], row["deadline"], row["proposed_on"], row["next_step"], row["step_on"]) == (
        *("open", "visited", date(2020, 2, 27), None, None, None),
    )
    again = [act_of("h1", kind, date(2020, 2, 14)) for kind in ("proposed", "visited", "reviewed")]
    assert outcomes_of(opened, *again) == [("done", None)] * 3


def test_what_the_run_proposes_is_reviewed_without_a_visit(opened):
    for month in (month_of(FEB, {"h2": "orange"}), month_of(MAR, {"h2": "orange"})):
        opened.record_month(month)
    acts = [act_of(household, "reviewed", date(2020, 4, 2)) for household in ("h1", "h2")]
    assert outcomes_of(opened, *acts) == [("done", None), ("refused", "not_now")]
    assert states_of(opened)["h1"] == "reviewed"


def test_one_person_clears_where_an_office_says_so(url):
    ledger = office(url, ledger__clearing__steps=("cleared",))
    ledger.record_month(month_of(JAN, {"h1": "red", "h2": "red"}))
    acts = [act_of("h1", "visited", FEB), act_of("h1", "cleared", FEB), act_of("h1", "reviewed", FEB)]
    assert outcomes_of(ledger, *acts) == [("done", None), ("done", None), ("refused", "no_step")]
    proposed = [act_of("h2", kind, FEB) for kind in ("visited", "proposed", "cleared")]
    assert outcomes_of(ledger, *proposed) == [("done", None)] * 3
    assert states_of(ledger) == {"h1": "cleared", "h2": "cleared"}


def test_the_county_decides_where_an_office_says_so(url):
    ledger = office(url, ledger__clearing__steps=("reviewed", "published", "checked", "approved"))
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    for act, _ in WAY:
        assert outcomes_of(ledger, act) == [("done", None)]
    assert states_of(ledger) == {"h1": "checked"}
    assert outcomes_of(ledger, act_of("h1", "approved", date(2020, 2, 20), by="县")) == [("done", None)]
    assert states_of(ledger) == {"h1": "cleared"}


def test_only_who_is_named_may_take_a_step(url):
    ledger = office(url, ledger__clearing__step__checked__operators=("镇",))
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    taken(ledger, 4)
    assert outcomes_of(ledger, WAY[4][0] | {"by": "李"}) == [("refused", "not_entitled")]
    assert outcomes_of(ledger, WAY[4][0]) == [("done", None)]


def test_what_was_cleared_by_the_steps_of_its_day_stays_cleared_by_others(url):
    one = office(url, ledger__clearing__steps=("cleared",))
    one.record_month(month_of(JAN, {"h1": "red", "h2": "red"}))
    outcomes_of(one, act_of("h1", "visited", FEB), act_of("h1", "cleared", FEB))
    ours = open_ledger(url)
    outcomes_of(ours, *(act_of("h2", kind, FEB) for kind in ("visited", "proposed", "reviewed")))
    assert states_of(ours) == {"h1": "cleared", "h2": "reviewed"}
    more = office(url, ledger__clearing__steps=("published", "approved"))
    assert states_of(more) == {"h1": "cleared", "h2": "reviewed"}
    assert (
        outcomes_of(more, act_of("h2", "published", MAR), act_of("h2", "approved", date(2020, 4, 9)))
        == [("done", None)] * 2
    )
    for ledger in (one, ours, more):
        assert states_of(ledger) == {"h1": "cleared", "h2": "cleared"}


def test_a_listing_with_news_sends_back_and_one_without_leaves_alone(opened):
    taken(opened, 4)
    assert opened.record_month(month_of(FEB, {"h1": "orange"})).returned == 0
    assert states_of(opened)["h1"] == "published"
    assert opened.record_month(month_of(MAR, {"h1": "red"})).returned == 1
    assert states_of(opened)["h1"] == "open"
    assert outcomes_of(opened, act_of("h1", "checked", date(2020, 4, 2))) == [("refused", "not_now")]
