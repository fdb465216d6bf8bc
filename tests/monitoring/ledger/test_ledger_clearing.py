from datetime import date

import pytest

from relapse_risk.errors import InputError
from tests.monitoring.ledger.ledger_months import APR, FEB, JAN, MAR, act_of, acts_of, month_of

TOWN = "Z州/甲县/东镇"
FIRST, SECOND = f"{TOWN}/上村/一组", f"{TOWN}/上村/二组"
PLACES = {"h3": {"group_name": "二组"}, "h4": {"village": "下村", "group_name": None}}


@pytest.fixture
def listed(ledger):
    ledger.record_month(month_of(JAN, dict.fromkeys(("h1", "h2", "h3", "h4"), "red"), places=PLACES))
    return ledger


def clear(ledger, *households, on=FEB):
    acts = [act_of(household, kind, on) for household in households for kind in ("visited", "cleared")]
    assert set(ledger.act(acts_of(*acts))["outcome"]) == {"done"}


def counted(ledger, level):
    return ledger.clearing(level).select("area", "open", "cleared", "refused", "clear", "unsigned").rows()


def refused(ledger, code, *given):
    with pytest.raises(InputError) as caught:
        ledger.sign_off(*given)
    assert caught.value.code == code
    return caught.value.details


def test_every_level_counts_the_same_alerts(listed):
    clear(listed, "h1", "h3")
    assert counted(listed, "group") == [
        (FIRST, 1, 1, 0, False, 0),
        (SECOND, 0, 1, 0, True, 0),
        (f"{TOWN}/下村/-", 1, 0, 0, False, 0),
    ]
    assert counted(listed, "village") == [
        (f"{TOWN}/上村", 1, 2, 0, False, 2),
        (f"{TOWN}/下村", 1, 0, 0, False, 0),
    ]
    for level in ("group", "village", "town", "county", "prefecture"):
        frame = listed.clearing(level)
        assert (frame["open"].sum(), frame["cleared"].sum(), frame["refused"].sum()) == (2, 2, 0)
    assert listed.clearing("village")["village"].to_list() == ["上村", "下村"]
    assert listed.clearing("group")["group_name"].to_list() == ["一组", "二组", None]


def test_all_levels_at_once_are_each_level_by_itself(listed):
    clear(listed, "h1", "h2", "h3")
    listed.sign_off("group", FIRST, "王", FEB)
    whole = listed.clearing()
    assert whole["level"].unique(maintain_order=True).to_list() == ["group", "village", "town", "county", "prefecture"]
    for level in whole["level"].unique():
        alone = listed.clearing(level)
        assert whole.filter(level=level).select(alone.columns).equals(alone)


def test_groups_clear_the_village_and_so_on_up(listed):
    clear(listed, "h1", "h2", "h3")
    assert refused(listed, "area_open", "village", f"{TOWN}/上村", "王", FEB)["unsigned"] == 2
    assert listed.sign_off("group", FIRST, "王", FEB)
    assert listed.sign_off("group", SECOND, "赵", "2020-03-01")
    assert listed.sign_off("village", f"{TOWN}/上村", "钱", MAR)
    assert refused(listed, "area_open", "town", TOWN, "孙", MAR) == {
        "level": "town",
        "area": TOWN,
        "open": 1,
        "unsigned": 1,
    }
    clear(listed, "h4")
    assert listed.sign_off("village", f"{TOWN}/下村", "钱", MAR)  # its groups have no names: nobody signs for them
    for level, area in (("town", TOWN), ("county", "Z州/甲县"), ("prefecture", "Z州")):
        assert listed.sign_off(level, area, "周", MAR)
    signed = listed.clearing("group").select("signed_by", "signed_on").rows()
    assert signed == [("王", FEB), ("赵", date(2020, 3, 1)), (None, None)]
    assert listed.clearing("prefecture").select("clear", "signed_by").row(0) == (True, "周")


def test_an_open_alert_keeps_its_group_open(listed):
    clear(listed, "h1")
    assert refused(listed, "area_open", "group", FIRST, "王", FEB)["open"] == 1
    assert listed.clearing("group")["signed_by"].null_count() == 3


def test_signing_twice_is_signing_once(listed):
    clear(listed, "h3")
    assert listed.sign_off("group", SECOND, "王", FEB)
    assert not listed.sign_off("group", SECOND, "赵", MAR)
    assert listed.clearing("group")["signed_by"].to_list() == [None, "王", None]


def test_what_is_opened_again_undoes_what_was_signed_on_every_level(listed):
    clear(listed, "h1", "h2", "h3")
    for level, area in (("group", FIRST), ("group", SECOND), ("village", f"{TOWN}/上村")):
        listed.sign_off(level, area, "王", FEB)
    listed.record_month(month_of(MAR, {"h3": "red"}, places=PLACES))
    assert listed.clearing("group")["signed_by"].to_list() == ["王", None, None]
    assert listed.clearing("village")["signed_by"].to_list() == [None, None]
    clear(listed, "h3", on=MAR)
    assert listed.clearing("group")["signed_by"].to_list() == ["王", None, None]  # to be signed again
    assert listed.sign_off("group", SECOND, "王", MAR)
    assert listed.sign_off("village", f"{TOWN}/上村", "王", MAR)


def test_a_later_visit_does_not_undo_a_signature(listed):
    clear(listed, "h3")
    listed.sign_off("group", SECOND, "王", FEB)
    listed.act(acts_of(act_of("h3", "visited", MAR)))
    assert listed.clearing("group")["signed_by"].to_list()[1] == "王"


def test_refused_alerts_are_closed(listed):
    listed.act(acts_of(act_of("h3", "refused", FEB, note="已迁出")))
    assert counted(listed, "group")[1] == (SECOND, 0, 0, 1, True, 0)


def test_signatures_that_cannot_be_are_refused(listed):
    refused(listed, "level_unknown", "street", "x", "王", FEB)
    refused(listed, "area_unknown", "group", "Z州/x", "王", FEB)
    refused(listed, "ledger_by", "group", FIRST, " ", FEB)
    refused(listed, "day_unreadable", "group", FIRST, "王", "soon")


def test_villages_of_one_name_in_two_towns_are_two(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red", "h2": "red"}, places={"h2": {"town": "西镇"}}))
    assert ledger.clearing("village")["open"].to_list() == [1, 1]


def test_the_clearing_of_a_day_knows_nothing_that_came_after(listed):
    clear(listed, "h3")
    before = {level: listed.clearing(level) for level in ("group", "village", "prefecture")}
    clear(listed, "h1", "h2", on=MAR)
    assert listed.sign_off("group", SECOND, "王", MAR)
    listed.record_month(month_of(APR, {"h3": "red", "h5": "red"}, places=PLACES))
    for level, then in before.items():
        assert listed.clearing(level, FEB).equals(then)
    assert listed.clearing("group", MAR)["signed_by"].to_list() == [None, "王", None]
    assert listed.clearing("group", "2020-01-30").is_empty()
