"""Sequences that an office gets into: undone twice, run anew, renumbered there and back, merged, visited by two."""

import polars as pl
import pytest

from relapse_risk.errors import InputError
from relapse_risk.monitoring import Month
from tests.monitoring.ledger.ledger_months import (
    APR,
    FEB,
    JAN,
    MAR,
    act_of,
    acts_of,
    month_of,
    states_of,
)

SAID = {"by": "王", "reason": "填错"}


def refused(code, ask, *given, **named):
    with pytest.raises(InputError) as caught:
        ask(*given, **named)
    assert caught.value.code == code


def renumbered(month, **became):
    pairs = pl.DataFrame({"household_id": list(became), "became": list(became.values())})
    return Month(as_of=month.as_of, digest=month.digest, listings=month.listings, scores=month.scores, renumbered=pairs)


def entry_of(ledger, kind):
    return ledger.history().filter(kind=kind)["entry_id"].to_list()[-1]


def test_nothing_is_withdrawn_twice(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    ledger.act(acts_of(act_of("h1", "visited", FEB)))
    ledger.withdraw_entry(entry_of(ledger, "visited"), **SAID)
    refused("ledger_no_entry", ledger.withdraw_entry, entry_of(ledger, "visited"), **SAID)
    ledger.withdraw_month(JAN, **SAID)
    refused("ledger_no_month", ledger.withdraw_month, JAN, **SAID)
    assert ledger.check().is_empty()


def test_an_earlier_month_is_restated_with_the_later_ones(ledger):
    first, second = month_of(JAN, {"h1": "red", "h2": "red"}), month_of(FEB, {"h1": "red", "h3": "yellow"})
    ledger.record_month(first)
    ledger.record_month(second)
    ledger.act(acts_of(act_of("h2", "visited", FEB), act_of("h3", "visited", MAR)))
    refused("ledger_month_other", ledger.record_month, month_of(JAN, {"h1": "red"}, digest="e"))
    refused("ledger_month_built_on", ledger.withdraw_month, JAN, **SAID)
    ledger.withdraw_month(FEB, **SAID)
    refused("ledger_month_other", ledger.record_month, month_of(JAN, {"h1": "red"}, digest="e"))
    ledger.withdraw_month(JAN, **SAID)
    ledger.record_month(month_of(JAN, {"h1": "yellow"}, digest="e"))
    ledger.record_month(second)
    assert states_of(ledger) == {"h1": "open", "h3": "visited"}
    assert ledger.alerts().filter(household_id="h1")["tier"].to_list() == ["red"]
    ledger.record_month(month_of(MAR, {"h2": "red"}))
    assert states_of(ledger)["h2"] == "open"  # visited before it was listed anew
    assert ledger.check().is_empty()


def test_an_act_is_corrected_twice_and_back(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    ledger.act(acts_of(act_of("h1", "visited", FEB, source="a/S/7")))
    first = entry_of(ledger, "visited")
    ledger.correct(first, {"by": "张"}, **SAID)
    refused("ledger_no_entry", ledger.correct, first, {"by": "赵"}, **SAID)
    second = entry_of(ledger, "visited")
    ledger.correct(second, {"by": "赵"}, **SAID)
    third = entry_of(ledger, "visited")
    refused("ledger_correction_refused", ledger.correct, third, {"by": "张"}, **SAID)
    ledger.correct(third, {"by": "张", "note": "原来没有写错"}, **SAID)
    counts = ledger.history().filter(kind="visited", withdrawn=False)
    assert counts.select("by", "note").rows() == [("张", "原来没有写错")]
    again = ledger.act(acts_of(act_of("h1", "visited", FEB, source="a/S/7")))
    assert again["rule"].to_list() == ["withdrawn"]
    assert ledger.check().is_empty()


def test_a_correction_that_changes_nothing_is_refused_and_leaves_the_act(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    ledger.act(acts_of(act_of("h1", "visited", FEB)))
    number = entry_of(ledger, "visited")
    refused("ledger_correction_refused", ledger.correct, number, {"by": "李"}, **SAID)
    assert states_of(ledger) == {"h1": "visited"}


def test_a_household_is_renumbered_twice_and_back(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    ledger.act(acts_of(act_of("h1", "visited", FEB)))
    ledger.record_month(renumbered(month_of(FEB, {"b1": "red"}, known=("b1",)), h1="b1"))
    ledger.record_month(renumbered(month_of(MAR, {"c1": "red"}, known=("c1",)), b1="c1"))
    assert states_of(ledger) == {"c1": "visited"}
    ledger.record_month(renumbered(month_of(APR, {"h1": "red"}, known=("h1",)), c1="h1"))
    assert states_of(ledger) == {"h1": "visited"}
    assert set(ledger.numbers().items()) == {("h1", "h1"), ("b1", "h1"), ("c1", "h1")}
    ledger.act(acts_of(act_of("b1", "measure", APR, measure="medical_aid")))
    assert states_of(ledger) == {"h1": "measure"}
    assert ledger.alerts()["listed_on"].to_list() == [APR]
    ledger.withdraw_month(APR, **SAID)
    ledger.withdraw_month(MAR, **SAID)
    assert states_of(ledger) == {"b1": "measure"}
    assert ledger.check().is_empty()


def test_two_households_become_one_and_both_alerts_can_be_closed(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red", "h2": "yellow"}))
    ledger.act(acts_of(act_of("h1", "visited", FEB), act_of("h2", "visited", FEB)))
    ledger.record_month(renumbered(month_of(FEB, {"n1": "red"}, known=("n1",)), h1="n1", h2="n1"))
    assert states_of(ledger) == {"h1": "visited", "n1": "visited"}
    done = ledger.act(acts_of(act_of("h1", "refused", MAR, note="并户"), act_of("n1", "cleared", MAR)))
    assert done["outcome"].to_list() == ["done", "done"]
    assert states_of(ledger) == {"h1": "refused", "n1": "cleared"}
    assert ledger.check().is_empty()


def test_a_household_splits_and_the_part_with_a_new_number_begins_anew(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    ledger.act(acts_of(act_of("h1", "visited", FEB)))
    ledger.record_month(month_of(FEB, {"h1": "red", "h1a": "red"}, known=("h1", "h1a")))
    assert states_of(ledger) == {"h1": "visited", "h1a": "open"}


def test_two_people_on_one_day_are_two_visits(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    both = acts_of(act_of("h1", "visited", FEB), act_of("h1", "visited", FEB) | {"by": "张"})
    assert ledger.act(both)["outcome"].to_list() == ["done", "done"]
    assert ledger.act(both)["outcome"].to_list() == ["already", "already"]
    assert ledger.history().filter(kind="visited").height == 2


def test_acts_on_a_withdrawn_month_are_refused_until_it_is_run_anew(ledger):
    month = month_of(JAN, {"h1": "red"})
    ledger.record_month(month)
    ledger.withdraw_month(JAN, **SAID)
    act = acts_of(act_of("h1", "visited", FEB, source="a/S/7"))
    assert ledger.act(act)["rule"].to_list() == ["no_alert"]
    ledger.record_month(month)
    assert ledger.act(act)["outcome"].to_list() == ["done"]
    assert states_of(ledger) == {"h1": "visited"}


def test_a_clearing_dated_before_a_newer_list_counts_only_once_that_is_withdrawn(
    ledger,
):
    ledger.record_month(month_of(JAN, {"h1": "yellow"}))
    ledger.act(acts_of(act_of("h1", "visited", FEB.replace(day=3))))
    second = month_of(FEB, {"h1": "red"})
    ledger.record_month(second)
    late = acts_of(act_of("h1", "cleared", FEB.replace(day=10)))
    assert ledger.act(late)["rule"].to_list() == ["list_since"]
    ledger.withdraw_month(FEB, **SAID)
    assert ledger.act(late)["outcome"].to_list() == ["done"]
    ledger.record_month(second)
    assert states_of(ledger) == {"h1": "open"}  # reopened by the list
    assert ledger.history().filter(month=FEB, withdrawn=False)["kind"].to_list() == ["reopened"]
    assert ledger.check().is_empty()


GROUP = "Z州/甲县/东镇/上村/一组"


def signed(ledger):
    return ledger.clearing("group").select("open", "signed_by").row(0)


def test_a_signature_falls_with_the_closing_it_rests_on(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    ledger.act(acts_of(act_of("h1", "visited", FEB), act_of("h1", "refused", FEB, note="不在名单")))
    assert ledger.sign_off("group", GROUP, "王", FEB)
    assert signed(ledger) == (0, "王")
    ledger.withdraw_entry(entry_of(ledger, "refused"), **SAID)
    assert signed(ledger) == (1, None)
    ledger.act(acts_of(act_of("h1", "cleared", MAR)))
    assert signed(ledger) == (0, None)  # closed otherwise: to be signed anew
    assert ledger.sign_off("group", GROUP, "王", MAR)
    assert signed(ledger) == (0, "王")


def test_a_correction_of_what_closed_nothing_leaves_the_signature(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    ledger.act(acts_of(act_of("h1", "visited", FEB), act_of("h1", "refused", FEB, note="不在名单")))
    ledger.sign_off("group", GROUP, "王", FEB)
    ledger.correct(entry_of(ledger, "visited"), {"by": "张"}, **SAID)
    assert signed(ledger) == (0, "王")


def test_who_was_found_by_mistake_can_be_found_again(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    found = act_of("h9", "found", FEB)
    ledger.act(acts_of(found, act_of("h9", "visited", MAR)))
    ledger.withdraw_entry(entry_of(ledger, "found"), **SAID)
    assert states_of(ledger) == {"h1": "open"}
    assert ledger.act(acts_of(found))["rule"].to_list() == ["withdrawn"]
    assert ledger.act(acts_of(found | {"note": "确有困难"}))["outcome"].to_list() == ["done"]
    assert states_of(ledger) == {"h1": "open", "h9": "visited"}
    assert ledger.check().is_empty()


def test_what_a_month_carried_over_goes_with_it(ledger):
    """Run as if b1 were new; then as h1 under another number; then that was wrong."""
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    as_new = month_of(FEB, {"b1": "red"}, known=("b1", "h1"))
    ledger.record_month(as_new)
    ledger.act(acts_of(act_of("b1", "visited", MAR)))
    ledger.withdraw_month(FEB, **SAID)
    follows = renumbered(month_of(FEB, {"b1": "red"}, known=("b1",), digest="e"), h1="b1")
    assert ledger.record_month(follows).carried == 1
    assert states_of(ledger) == {"b1": "visited"}
    ledger.withdraw_month(FEB, **SAID)
    assert states_of(ledger) == {"h1": "open"}
    assert ledger.record_month(follows).carried == 1
    assert states_of(ledger) == {"b1": "visited"}
    ledger.withdraw_month(FEB, **SAID)
    ledger.record_month(as_new)
    assert states_of(ledger) == {"h1": "open", "b1": "visited"}
    assert ledger.check().is_empty()
