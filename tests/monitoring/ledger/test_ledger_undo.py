"""What is withdrawn counts as if it had never been, and stays on file."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relapse_risk.errors import InputError
from relapse_risk.monitoring import open_ledger
from tests.edited_models import edited
from tests.monitoring.ledger.conftest import RESTLESS
from tests.monitoring.ledger.ledger_months import APR, FEB, JAN, MAR, act_of, acts_of, month_of, states_of

RESTLESS_REVIEWED = replace(
    RESTLESS, mechanism=edited(RESTLESS.mechanism, "ledger.clearing.steps", ("reviewed", "cleared"))
)
WHO = {"by": "王", "reason": "走访能力填错"}


def outcomes_of(ledger, *acts):
    return ledger.act(acts_of(*acts)).select("outcome", "rule").rows()


def refused(code, call, *given, **more):
    with pytest.raises(InputError) as caught:
        call(*given, **more)
    assert caught.value.code == code
    for lang in ("zh", "en"):
        assert "\n" not in caught.value.in_language(lang)
    return caught.value


def account(ledger):
    """Return what a ledger says of everybody, but for numbers that tell how often something was recorded."""
    return ledger.alerts().drop("alert_id").sort("household_id")


def test_a_withdrawn_month_is_as_if_it_had_not_been_run(ledger):
    ledger.record_month(month_of(JAN, {"h1": "orange", "h2": "red"}))
    outcomes_of(ledger, act_of("h2", "refused", date(2020, 2, 3), note="已迁出"))
    before, listed = account(ledger), ledger.listings()
    ledger.record_month(month_of(FEB, {"h1": "red", "h2": "red", "h3": "red"}))
    assert states_of(ledger) == {"h1": "open", "h2": "open", "h3": "open"}
    withdrawn = ledger.withdraw_month(FEB, **WHO)
    assert (withdrawn.as_of, withdrawn.entries, withdrawn.acts_idle) == (FEB, 3, 0)
    assert account(ledger).equals(before)
    assert ledger.listings().equals(listed)
    assert (ledger.months(), ledger.scores(FEB)) == ([JAN], None)
    history = ledger.history()
    assert history.filter("withdrawn")["kind"].to_list() == ["escalated", "reopened", "opened"]
    assert history["month"].to_list() == [JAN, JAN, None, FEB, FEB, FEB]


def test_a_month_run_anew_takes_up_the_visits_made_meanwhile(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red", "h2": "red"}, digest="capacity 200"))
    outcomes_of(ledger, *(act_of(household, "visited", date(2020, 2, 4)) for household in ("h1", "h2")))
    assert ledger.withdraw_month(JAN, **WHO).acts_idle == 2
    assert states_of(ledger) == {}
    assert outcomes_of(ledger, act_of("h1", "visited", date(2020, 2, 5))) == [("refused", "no_alert")]
    again = month_of(JAN, {"h1": "orange"}, digest="capacity 100")
    assert (ledger.record_month(again).opened, ledger.record_month(again).already) == (1, True)
    assert ledger.alerts().select("household_id", "state", "tier").rows() == [("h1", "visited", "orange")]
    assert outcomes_of(ledger, act_of("h1", "visited", date(2020, 2, 4))) == [("already", None)]
    ledger.record_month(month_of(FEB, {"h1": "orange", "h2": "red"}))
    assert states_of(ledger) == {"h1": "visited", "h2": "open"}


def test_the_same_month_may_be_run_anew_as_it_was(ledger):
    month = month_of(JAN, {"h1": "red"})
    ledger.record_month(month)
    before = account(ledger)
    ledger.withdraw_month(JAN, **WHO)
    assert not ledger.record_month(month).already
    assert account(ledger).equals(before)


def test_a_month_that_others_follow_is_withdrawn_after_them(ledger):
    for day in (JAN, FEB, MAR):
        ledger.record_month(month_of(day, {"h1": "red"}))
    error = refused("ledger_month_built_on", ledger.withdraw_month, JAN, **WHO)
    assert error.details["later"] == "2020-03-31, 2020-02-29"
    for day in (MAR, FEB, JAN):
        ledger.withdraw_month(day, **WHO)
    assert ledger.months() == []
    assert refused("ledger_no_month", ledger.withdraw_month, JAN, **WHO).details["known"] == "-"


def test_nobody_withdraws_without_a_name_and_a_reason(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    refused("ledger_by", ledger.withdraw_month, JAN, by=" ", reason="x")
    refused("ledger_reason", ledger.withdraw_month, JAN, by="王", reason="")
    assert ledger.months() == [JAN]


def test_a_clearing_entered_late_does_not_close_what_was_listed_since(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red", "h2": "red"}))
    outcomes_of(ledger, *(act_of(household, "visited", date(2020, 2, 4)) for household in ("h1", "h2")))
    ledger.record_month(month_of(FEB, {"h1": "red"}))
    late = [act_of(household, "cleared", date(2020, 2, 10)) for household in ("h1", "h2")]
    assert outcomes_of(ledger, *late) == [("refused", "list_since"), ("done", None)]
    assert states_of(ledger) == {"h1": "visited", "h2": "cleared"}
    assert outcomes_of(ledger, act_of("h1", "cleared", MAR)) == [("done", None)]


def test_a_visit_entered_late_counts_for_the_list_it_was_made_for(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    ledger.record_month(month_of(FEB, {"h1": "red"}))
    assert outcomes_of(ledger, act_of("h1", "visited", date(2020, 2, 10))) == [("done", None)]
    assert states_of(ledger, date(2020, 2, 9)) == {"h1": "open"}
    assert states_of(ledger, date(2020, 2, 10)) == {"h1": "visited"}


def test_an_act_is_withdrawn_and_stays_on_file(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red", "h2": "red"}))
    visit = act_of("h1", "visited", FEB, source="f/1")
    outcomes_of(ledger, visit)
    ledger.withdraw_entry(3, **WHO)
    assert states_of(ledger) == {"h1": "open", "h2": "open"}
    assert ledger.history()["withdrawn"].to_list() == [False, False, True]
    assert outcomes_of(ledger, visit) == [("refused", "withdrawn")]
    assert outcomes_of(ledger, act_of("h1", "visited", FEB, note="确已入户")) == [("done", None)]
    for entry in (3, 1, 99):
        refused("ledger_no_entry", ledger.withdraw_entry, entry, **WHO)


def test_who_withdraws_an_act_learns_which_later_ones_are_not_possible_without_it(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red", "h2": "red"}))
    outcomes_of(ledger, act_of("h1", "visited", date(2020, 2, 3)), act_of("h2", "visited", date(2020, 2, 3)))
    outcomes_of(
        ledger, act_of("h1", "measure", date(2020, 2, 4), measure="job"), act_of("h1", "cleared", date(2020, 2, 5))
    )
    assert ledger.withdraw_entry(4, **WHO).is_empty()  # of another household
    idle = ledger.withdraw_entry(3, **WHO)
    assert idle.rows() == [(5, "measure", date(2020, 2, 4), "李"), (6, "cleared", date(2020, 2, 5), "李")]
    assert ledger.withdraw_entry(6, **WHO).is_empty()  # the other one moved nothing before


def test_who_corrects_an_act_learns_it_too(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    outcomes_of(ledger, act_of("h1", "visited", date(2020, 2, 3)), act_of("h1", "cleared", date(2020, 2, 5)))
    assert ledger.correct(2, {"on": date(2020, 2, 4)}, **WHO)["idle"].to_list() == [[]]
    assert ledger.correct(4, {"on": date(2020, 2, 6)}, **WHO)["idle"].to_list() == [[3]]


def test_an_act_on_the_wrong_day_is_corrected(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    outcomes_of(ledger, act_of("h1", "visited", FEB), act_of("h1", "cleared", FEB))
    done = ledger.correct(3, {"on": MAR, "note": "三月销号"}, **WHO)
    assert done.select("household_id", "kind", "on", "outcome").row(0) == ("h1", "cleared", MAR, "done")
    assert ledger.alerts()["closed_on"].to_list() == [MAR]
    error = refused("ledger_correction_refused", ledger.correct, 4, {"on": date(2020, 1, 2)}, **WHO)
    assert "日期早于预警之日" in error.in_language("zh")
    assert ledger.alerts()["closed_on"].to_list() == [MAR]
    refused("ledger_not_correctable", ledger.correct, 4, {"alert_id": "2"}, **WHO)


def test_an_act_that_a_month_rests_on_is_withdrawn_after_it(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    outcomes_of(ledger, act_of("h1", "visited", date(2020, 2, 3)), act_of("h1", "cleared", date(2020, 2, 4)))
    ledger.record_month(month_of(FEB, {"h1": "red"}))
    assert refused("ledger_entry_built_on", ledger.withdraw_entry, 3, **WHO).details["later"] == "2020-02-29"
    refused("ledger_entry_built_on", ledger.withdraw_entry, 2, **WHO)  # without the visit it could not be cleared
    ledger.withdraw_month(FEB, **WHO)
    ledger.withdraw_entry(3, **WHO)
    assert states_of(ledger) == {"h1": "visited"}


def renumbered(old, new):
    return pl.DataFrame({"household_id": [old], "became": [new]})


def test_a_renumbered_household_keeps_its_alert(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red", "h2": "red"}))
    outcomes_of(ledger, act_of("h1", "visited", FEB))
    month = month_of(MAR, {"n1": "red"}, known=("n1", "h2"))
    assert ledger.record_month(replace(month, renumbered=renumbered("h1", "n1"))).renumbered == 1
    assert ledger.alerts().select("alert_id", "household_id", "state", "listed_on").rows() == [
        (1, "n1", "visited", MAR),
        (2, "h2", "open", JAN),
    ]
    assert set(ledger.history(1)["household_id"]) == set(ledger.listings(MAR)["household_id"]) == {"n1"}
    assert ledger.listings(JAN)["household_id"].to_list() == ["n1", "h2"]
    # A workbook that was written before has the old number.
    assert outcomes_of(ledger, act_of("h1", "visited", APR), act_of("n1", "visited", APR)) == [
        ("done", None),
        ("already", None),
    ]
    ledger.withdraw_month(MAR, **WHO)
    assert states_of(ledger) == {"h1": "visited", "h2": "open"}
    assert ledger.record_month(replace(month, digest="e")).opened == 1  # not known to be the same household


def test_acts_on_a_second_alert_follow_once_the_month_says_who_it_is(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    ledger.record_month(month_of(FEB, {"n1": "red"}, known=("n1",)))
    visit, late = act_of("n1", "visited", MAR, source="f/1"), act_of("n1", "cleared", MAR)
    outcomes_of(ledger, visit, late, act_of("n1", "reopened", MAR, note="误销"))
    ledger.withdraw_month(FEB, **WHO)
    again = replace(month_of(FEB, {"n1": "red"}, known=("n1",), digest="e"), renumbered=renumbered("h1", "n1"))
    for already in (False, True):
        account = ledger.record_month(again)
        assert (account.carried, account.not_carried, account.already) == (3, 0, already)
    assert ledger.alerts().select("alert_id", "household_id", "state").rows() == [(1, "n1", "open")]
    assert ledger.history(1)["kind"].to_list()[-3:] == ["visited", "cleared", "reopened"]
    assert ledger.check().is_empty()


def test_acts_that_the_first_alert_cannot_take_are_counted(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    outcomes_of(ledger, act_of("h1", "visited", date(2020, 2, 3)))
    ledger.record_month(month_of(FEB, {"n1": "yellow"}, known=("n1",)))
    outcomes_of(ledger, act_of("n1", "acknowledged", date(2020, 3, 2)), act_of("n1", "visited", MAR))
    ledger.withdraw_month(FEB, **WHO)
    again = replace(month_of(FEB, {"n1": "yellow"}, known=("n1",), digest="e"), renumbered=renumbered("h1", "n1"))
    account = ledger.record_month(again)
    assert (account.carried, account.not_carried) == (1, 1)  # somebody had been there
    assert ledger.alerts().select("household_id", "state", "last_on").rows() == [("n1", "visited", MAR)]


def test_a_number_given_to_another_household_at_once_is_refused_before_anything_is_written(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red", "h2": "red"}))
    before = ledger.history()
    month = replace(month_of(FEB, {"h1": "red", "h6": "red"}), renumbered=renumbered("h1", "h6"))
    error = refused("ledger_number_reused", ledger.record_month, month)
    assert error.details["numbers"] == "h1"
    assert ledger.months() == [JAN]
    assert ledger.history().equals(before)


def test_numbers_that_shift_are_refused_with_those_in_question(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    shifted = pl.DataFrame({"household_id": ["h0", "h1"], "became": ["h1", "h2"]})
    month = replace(month_of(FEB, {"h1": "red", "h2": "red"}), renumbered=shifted)
    refused("ledger_number_reused", ledger.record_month, month)
    swapped = pl.DataFrame({"household_id": ["h1", "h2"], "became": ["h2", "h1"]})
    other = replace(month_of(FEB, {"h1": "red"}), renumbered=swapped)
    refused("ledger_number_reused", ledger.record_month, other)
    unlisted = replace(month_of(FEB, {"h2": "red"}, known=("h1", "h2")), renumbered=shifted)
    assert ledger.record_month(unlisted).renumbered == 1  # nobody else is listed by the old number
    refused("ledger_number_reused", ledger.record_month, month_of(MAR, {"h1": "red", "h2": "red"}))
    back = pl.DataFrame({"household_id": ["h2"], "became": ["h1"]})
    assert ledger.record_month(replace(month_of(MAR, {"h1": "red"}), renumbered=back)).renumbered == 1
    assert states_of(ledger) == {"h1": "open"}


def test_a_number_with_an_alert_of_its_own_keeps_it(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red", "n1": "red"}))
    month = month_of(FEB, {"n1": "red"}, known=("n1",))
    assert ledger.record_month(replace(month, renumbered=renumbered("h1", "n1"))).renumbered == 0
    assert states_of(ledger) == {"h1": "open", "n1": "open"}


HOUSEHOLDS = ("h1", "h2", "h3")
_TIERS = st.dictionaries(st.sampled_from(HOUSEHOLDS), st.sampled_from(["red", "orange", "yellow"]), max_size=3)
_KINDS = (
    *("acknowledged", "visited", "visited", "measure", "wrong_record", "proposed", "reviewed", "cleared"),
    *("returned", "refused", "reopened"),
)
_STEP = st.one_of(
    st.tuples(st.just("month"), _TIERS),
    st.tuples(st.just("act"), st.sampled_from(HOUSEHOLDS), st.sampled_from(_KINDS), st.integers(0, 200)),
    st.tuples(st.just("act"), st.sampled_from(HOUSEHOLDS), st.sampled_from(_KINDS), st.integers(0, 200)),
    st.tuples(st.just("withdraw_month")),
    st.tuples(st.just("withdraw_entry"), st.integers(0, 20)),
)
FIRST = date(2020, 1, 1)


def carry_out(ledger, step, number):
    """Do one thing to a ledger, as far as it lets one."""
    months = ledger.months()
    if step[0] == "month":
        ledger.record_month(month_of(FIRST + timedelta(days=30 * len(months)), step[1], digest=str(number)))
    elif step[0] == "act":
        _, household, kind, day = step
        more = {"note": str(number), "measure": "job"}
        outcomes_of(ledger, act_of(household, kind, FIRST + timedelta(days=day), **more))
    elif step[0] == "withdraw_month" and months:
        ledger.withdraw_month(months[-1], **WHO)
    elif step[0] == "withdraw_entry":
        acts = ledger.history().filter(pl.col("month").is_null(), ~pl.col("withdrawn"))["entry_id"].to_list()
        if acts:
            try:
                ledger.withdraw_entry(acts[step[1] % len(acts)], **WHO)
            except InputError as error:
                assert error.code == "ledger_entry_built_on"


def retold(ledger, other):
    """Tell another ledger what counts in one, in the order of days; what was withdrawn is never told."""
    history = ledger.history().filter(pl.col("month").is_null(), ~pl.col("withdrawn"))
    acts = history.sort("on", "entry_id").drop("alert_id").to_dicts()
    for day in ledger.months():
        while acts and acts[0]["on"] < day:
            outcomes_of(other, acts.pop(0))
        listed = ledger.listings(day)
        tiers = dict(zip(listed["household_id"], listed["tier"], strict=True))
        other.record_month(month_of(day, dict(sorted(tiers.items())), digest="d"))
    for act in acts:
        outcomes_of(other, act)


@settings(max_examples=settings.default.max_examples // 4)  # each is a life of a ledger
@given(st.lists(_STEP, min_size=4, max_size=24))
def test_whatever_is_done_and_withdrawn_the_rest_is_as_if_it_alone_had_been(tmp_path_factory, steps):
    ledger, other = (
        open_ledger(tmp_path_factory.mktemp("ledger") / "county.db", policy=RESTLESS_REVIEWED) for _ in range(2)
    )
    on_file = 0
    for number, step in enumerate(steps):
        carry_out(ledger, step, number)
        assert ledger.history().height >= on_file
        on_file = ledger.history().height
    retold(ledger, other)
    assert account(ledger).equals(account(other))


@pytest.mark.parametrize("seed", range(2))
def test_the_same_in_either_database(postgresql_url, tmp_path, seed):
    rng = np.random.default_rng(seed)
    ledger, other = (
        open_ledger(postgresql_url, policy=RESTLESS_REVIEWED),
        open_ledger(tmp_path / "other.db", policy=RESTLESS_REVIEWED),
    )
    kinds = ["month", "act", "act", "act", "act", "withdraw_month", "withdraw_entry"]
    for number in range(40):
        kind = str(rng.choice(kinds))
        tiers = {name: str(rng.choice(["red", "orange", "yellow"])) for name in HOUSEHOLDS if rng.random() < 0.6}
        household, act = str(rng.choice(HOUSEHOLDS)), str(rng.choice(_KINDS))
        given = {"month": (tiers,), "act": (household, act, int(rng.integers(0, 150))), "withdraw_entry": (number,)}
        carry_out(ledger, (kind, *given.get(kind, ())), number)
    retold(ledger, other)
    assert account(ledger).equals(account(other))
