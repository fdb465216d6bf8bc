from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from relapse_risk.errors import InputError
from relapse_risk.monitoring import MonthAccount, open_ledger
from tests.monitoring.ledger.ledger_months import (
    APR,
    FEB,
    JAN,
    JUN,
    MAR,
    MAY,
    ONE_STEP,
    act_of,
    acts_of,
    kinds_of,
    month_of,
    states_of,
)


def test_a_listing_opens_an_alert_once(ledger):
    account = ledger.record_month(month_of(JAN, {"h1": "red", "h2": "yellow"}))
    assert account == MonthAccount(
        **dict.fromkeys(("reopened", "escalated", "eased", "relisted", "returned", "proposed", "renumbered"), 0),
        **{"as_of": JAN, "listed": 2, "opened": 2, "already": False},
    )
    assert ledger.record_month(month_of(FEB, {"h1": "red", "h2": "yellow"})).unchanged == 2
    assert states_of(ledger) == {"h1": "open", "h2": "open"}
    assert kinds_of(ledger) == ["opened", "opened"]


def test_another_tier_escalates_or_eases(ledger):
    ledger.record_month(month_of(JAN, {"h1": "orange", "h2": "orange"}))
    account = ledger.record_month(month_of(FEB, {"h1": "red", "h2": "none"}))
    assert (account.escalated, account.eased) == (1, 1)
    assert ledger.alerts()["tier"].to_list() == ["red", "none"]
    assert ledger.alerts(JAN)["tier"].to_list() == ["orange", "orange"]


def test_the_same_month_again_changes_nothing(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    first = ledger.record_month(month_of(FEB, {"h1": "orange", "h2": "red"}))
    before = ledger.history(), ledger.listings(), ledger.alerts()
    again = ledger.record_month(month_of(FEB, {"h1": "orange", "h2": "red"}))
    assert (first.already, again.already) == (False, True)
    assert (again.opened, again.eased, again.listed) == (first.opened, first.eased, first.listed) == (1, 1, 2)
    assert all(a.equals(b) for a, b in zip(before, (ledger.history(), ledger.listings(), ledger.alerts()), strict=True))
    assert ledger.record_month(month_of(JAN, {"h1": "red"})).already


def test_another_run_of_the_same_day_is_refused(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    with pytest.raises(InputError, match="2020-01-31: it was recorded from other inputs") as caught:
        ledger.record_month(month_of(JAN, {"h2": "red"}, digest="other"))
    assert caught.value.code == "ledger_month_other"
    assert states_of(ledger) == {"h1": "open"}


def test_an_earlier_month_is_refused(ledger):
    ledger.record_month(month_of(FEB, {"h1": "red"}))
    with pytest.raises(InputError, match="2020-02-29 is recorded already") as caught:
        ledger.record_month(month_of(JAN, {"h1": "red"}))
    assert caught.value.code == "ledger_month_earlier"
    assert ledger.months() == [FEB]


def test_clearing_is_proposed_after_two_months_without_a_listing_and_once(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red", "h2": "red"}))
    assert ledger.record_month(month_of(FEB, {"h2": "red"})).proposed == 0
    assert ledger.record_month(month_of(MAR, {"h2": "red"})).proposed == 1
    assert ledger.record_month(month_of(APR, {"h2": "red"})).proposed == 0
    alerts = ledger.alerts()
    assert alerts["proposed_on"].to_list() == [MAR, None]
    assert states_of(ledger) == {"h1": "open", "h2": "open"}  # a person clears


def test_clearing_is_never_proposed_for_who_has_relapsed(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red", "h2": "red"}))
    for day in (FEB, MAR):
        account = ledger.record_month(replace(month_of(day, {}), relapsed=frozenset({"h1"})))
    assert account.proposed == 1
    assert ledger.alerts()["proposed_on"].to_list() == [None, MAR]
    assert ledger.record_month(month_of(APR, {})).proposed == 1  # out of poverty again


def test_what_was_on_the_way_to_be_cleared_is_sent_back_once_the_household_has_relapsed(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red", "h2": "red"}))
    ledger.act(acts_of(act_of("h2", "visited", FEB), act_of("h2", "proposed", FEB)))
    for day in (FEB, MAR):
        ledger.record_month(month_of(day, {}))
    assert ledger.alerts()["proposed_on"].to_list() == [MAR, FEB]
    fallen = replace(month_of(APR, {"h3": "red"}), relapsed=frozenset({"h1", "h2"}))
    account = ledger.record_month(fallen)
    assert (account.returned, account.unlisted, account.opened, account.unchanged) == (2, 2, 1, 0)
    alerts = ledger.alerts().filter(pl.col("household_id") != "h3")
    assert alerts.select("state", "proposed_on").rows() == [("open", None)] * 2
    again = ledger.record_month(replace(month_of(MAY, {}), relapsed=frozenset({"h1", "h2"})))
    assert (again.returned, again.proposed) == (0, 0)


def test_a_proposal_falls_when_the_household_is_listed_again(ledger):
    for month in (month_of(JAN, {"h1": "red"}), month_of(FEB, {}), month_of(MAR, {}), month_of(APR, {"h1": "red"})):
        ledger.record_month(month)
    assert ledger.alerts()["proposed_on"].to_list() == [None]
    refused = ledger.act(acts_of(act_of("h1", "cleared", APR)))
    assert refused.select("outcome", "rule").row(0) == ("refused", "not_now")


def test_who_is_not_known_this_month_is_not_proposed(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red", "h2": "red"}))
    ledger.record_month(month_of(FEB, {}))
    assert ledger.record_month(month_of(MAR, {}, known=("h2", "h3"))).proposed == 1
    assert ledger.alerts()["proposed_on"].to_list() == [None, MAR]
    assert ledger.record_month(month_of(APR, {})).proposed == 1


def test_a_listing_after_the_closing_reopens_the_same_alert(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red", "h2": "red"}))
    closed = [act_of("h1", "visited", FEB), act_of("h1", "cleared", FEB), act_of("h2", "refused", FEB, note="迁出")]
    ledger.act(acts_of(*closed))
    assert states_of(ledger) == {"h1": "cleared", "h2": "refused"}
    account = ledger.record_month(month_of(MAR, {"h1": "yellow", "h2": "red"}))
    assert account.reopened == 2
    alerts = ledger.alerts()
    assert alerts.select("alert_id", "state", "tier", "opened_on", "closed_on").rows() == [
        (1, "open", "yellow", MAR, None),
        (2, "open", "red", MAR, None),
    ]


@pytest.fixture
def closed(url):
    """A ledger with our own rest, in which two alerts were closed in February."""
    ledger = open_ledger(url, policy=ONE_STEP)
    ledger.record_month(month_of(JAN, {"h1": "orange", "h2": "orange"}))
    ledger.act(acts_of(*(act_of(household, "refused", FEB, note="稳定") for household in ("h1", "h2"))))
    return ledger


def test_who_was_closed_lately_is_left_in_peace(closed):
    for month in (FEB, MAR, APR, MAY, JUN, date(2020, 7, 31)):
        assert closed.record_month(month_of(month, {"h1": "orange", "h2": "yellow"})).reopened == 0
    assert closed.record_month(month_of(date(2020, 8, 31), {"h1": "orange", "h2": "yellow"})).reopened == 2


def test_a_more_urgent_tier_a_new_rule_or_chance_reopens_at_once(closed):
    assert closed.record_month(month_of(MAR, {"h1": "red", "h2": "orange"})).reopened == 1
    ruled = month_of(APR, {"h2": "orange"}, listed_for="rule")
    ruled = replace(ruled, listings=ruled.listings.with_columns(override=pl.lit("house_d")))
    assert closed.record_month(ruled).reopened == 1
    closed.act(acts_of(act_of("h2", "refused", APR, note="稳定"), act_of("h1", "refused", APR, note="稳定")))
    again = replace(ruled, as_of=MAY, digest="e")
    assert closed.record_month(again).reopened == 0  # the same rule as last month
    assert closed.record_month(month_of(JUN, {"h1": "none"}, listed_for="random")).reopened == 1


def test_a_hard_rule_that_makes_red_gives_no_rest(closed):
    red = month_of(MAR, {"h1": "red"}, listed_for="rule")
    red = replace(red, listings=red.listings.with_columns(override=pl.lit("relapsed")))
    assert closed.record_month(red).reopened == 1
    closed.act(acts_of(act_of("h1", "refused", MAR, note="已核实")))
    assert closed.record_month(replace(red, as_of=APR, digest="e")).reopened == 1


def test_a_draw_does_not_ease_an_open_alert(ledger):
    ledger.record_month(month_of(JAN, {"h1": "yellow"}))
    assert ledger.record_month(month_of(FEB, {"h1": "none"}, listed_for="random")).eased == 0
    assert ledger.alerts()["tier"].to_list() == ["yellow"]


def test_who_was_cleared_after_the_day_of_the_month_is_not_reopened_by_it(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    ledger.act(acts_of(act_of("h1", "visited", date(2020, 3, 2)), act_of("h1", "cleared", date(2020, 3, 3))))
    assert ledger.record_month(month_of(FEB, {"h1": "red"})).reopened == 0
    assert states_of(ledger, FEB) == {"h1": "open"}
    assert ledger.record_month(month_of(MAR, {"h1": "red"})).reopened == 1


def test_listings_and_scores_are_kept_as_they_were(ledger):
    month = month_of(JAN, {"h2": "red", "h1": "yellow"}, listed_for="random")
    ledger.record_month(month, operator="王")
    kept = ledger.listings(JAN)
    assert kept.drop("as_of").equals(month.listings.sort("household_id").select(kept.columns[1:]))
    assert ledger.listings(FEB).is_empty()
    assert ledger.scores(JAN) == month.scores
    assert ledger.scores(FEB) is None
    assert ledger.history()["by"].unique().to_list() == ["王"]


def test_a_month_without_listings_is_a_month(ledger):
    assert ledger.record_month(month_of(JAN, {})).listed == 0
    assert ledger.months() == [JAN]
    assert ledger.alerts().is_empty()
    assert ledger.clearing("village").is_empty()


BROKEN = (
    (lambda frame: frame.drop("inclusion_probability"), "listings_columns"),
    (lambda frame: pl.concat([frame, frame]), "listings_twice"),
    (lambda frame: frame.with_columns(tier=pl.lit("purple")), "listings_value"),
    (lambda frame: frame.with_columns(tier=pl.lit(None, dtype=pl.String)), "listings_value"),
    (lambda frame: frame.with_columns(inclusion_probability=pl.lit(0.0)), "listings_value"),
    (lambda frame: frame.with_columns(listed_for=pl.lit("whim")), "listings_value"),
)


def test_listings_that_cannot_be_are_refused_and_nothing_is_kept(ledger):
    month = month_of(JAN, {"h1": "red"})
    for change, code in BROKEN:
        broken = type(month)(as_of=JAN, digest="d", listings=change(month.listings), scores=month.scores)
        with pytest.raises(InputError) as caught:
            ledger.record_month(broken)
        assert caught.value.code == code
    assert ledger.months() == []


def test_scores_that_are_not_packed_leave_nothing_behind(ledger):
    month = month_of(JAN, {"h1": "red"})
    with pytest.raises(InputError) as caught:
        ledger.record_month(type(month)(as_of=JAN, digest="d", listings=month.listings, scores=b"scores"))
    assert caught.value.code == "packed_damaged"
    assert ledger.months() == []
    assert ledger.listings().is_empty()


def test_deadlines_come_from_the_tier_and_easing_gives_no_time(ledger):
    ledger.record_month(month_of(JAN, {"h1": "yellow", "h2": "red"}))
    assert ledger.alerts()["deadline"].to_list() == [date(2020, 3, 1), date(2020, 2, 7)]
    ledger.record_month(month_of(FEB, {"h1": "red", "h2": "yellow"}))
    assert ledger.alerts()["deadline"].to_list() == [date(2020, 3, 1), date(2020, 2, 7)]
    assert ledger.alerts()["overdue"].to_list() == [False, True]
    ledger.act(acts_of(act_of("h2", "visited", FEB)))
    assert ledger.alerts().select("due", "deadline").rows()[1] == ("cleared", date(2020, 3, 31))
    ledger.record_month(month_of(MAY, {"h2": "red"}))
    assert ledger.alerts()["overdue"].to_list() == [True, True]
