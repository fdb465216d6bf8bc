from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relapse_risk.errors import InputError
from relapse_risk.monitoring import open_ledger
from relapse_risk.policy import read_policy
from tests.monitoring.ledger.ledger_months import (
    FEB,
    JAN,
    MAR,
    ONE_STEP,
    act_of,
    acts_of,
    kinds_of,
    month_of,
    states_of,
)

VISITED = date(2020, 2, 10)


@pytest.fixture
def opened(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red", "h2": "orange"}))
    return ledger


def outcomes(answers):
    return answers.select("outcome", "rule").rows()


def test_an_alert_lives_to_its_end(opened):
    steps = [
        (act_of("h1", "acknowledged", date(2020, 2, 2)), "acknowledged"),
        (act_of("h1", "visited", VISITED, note="屋顶漏雨"), "visited"),
        (act_of("h1", "measure", date(2020, 2, 12), measure="housing_repair"), "measure"),
        (act_of("h1", "visited", date(2020, 2, 20)), "measure"),
        (act_of("h1", "cleared", date(2020, 3, 1)), "cleared"),
    ]
    for act, state in steps:
        assert outcomes(opened.act(acts_of(act))) == [("done", None)]
        assert states_of(opened)["h1"] == state
    assert kinds_of(opened, "h1") == ["opened", "acknowledged", "visited", "measure", "visited", "cleared"]
    row = opened.alerts().row(0, named=True)
    assert (row["closed_on"], row["deadline"], row["overdue"]) == (date(2020, 3, 1), None, False)
    assert (row["last_kind"], row["last_by"]) == ("cleared", "李")


IMPOSSIBLE = (
    *(
        (act_of("h9", "visited", VISITED), "no_alert"),
        (act_of(None, "visited", VISITED), "no_alert"),
        (act_of("h1", "escalated", VISITED), "no_kind"),
        (act_of("h1", "opened", VISITED), "no_kind"),
        (act_of("h1", "danced", VISITED), "no_kind"),
        (act_of("h1", None, VISITED), "no_kind"),
        (act_of("h1", "visited", None), "no_day"),
        (act_of("h1", "visited", VISITED) | {"by": " "}, "no_name"),
        (act_of("h1", "refused", VISITED), "no_note"),
        (act_of("h1", "visited", datetime.now(UTC).date() + timedelta(days=2)), "day_ahead"),
        (act_of("h1", "visited", date(2020, 1, 30)), "before_opening"),
        (act_of("h1", "measure", VISITED), "no_measure"),
        (act_of("h1", "assigned", VISITED), "no_assignee"),
        (act_of("h1", "measure", VISITED, measure="job"), "not_now"),
        (act_of("h1", "cleared", VISITED), "not_now"),
        (act_of("h1", "proposed", VISITED), "not_now"),
        (act_of("h1", "published", VISITED), "no_step"),
        (act_of("h1", "reopened", VISITED, note="误销"), "not_now"),
    ),
)


def test_what_cannot_be_is_refused_by_a_rule_that_is_worded(opened):
    before = opened.history()
    for act, rule in IMPOSSIBLE:
        assert outcomes(opened.act(acts_of(act))) == [("refused", rule)], rule
    assert opened.history().equals(before)


ELSEWHERE = {"list_since", "notice_runs", "not_entitled", "withdrawn"}
"""Rules that need more than one alert newly opened: tried with the steps of clearing and with withdrawals."""


def test_every_rule_is_tried_and_worded():
    rules = read_policy().mechanism.ledger.rules
    assert set(rules) == {rule for _, rule in IMPOSSIBLE} | ELSEWHERE
    assert all(rule.zh and rule.en for rule in rules.values())


def test_an_alert_has_the_one_it_was_assigned_to_last_until_it_is_opened_again(opened):
    assigned = [act_of("h1", "assigned", date(2020, 2, day), assignee=name) for day, name in ((3, "张"), (4, "赵"))]
    assert outcomes(opened.act(acts_of(*assigned))) == [("done", None)] * 2
    assert outcomes(opened.act(acts_of(*assigned[::-1]))) == [("already", None)] * 2
    assert opened.alerts()["assignee"].to_list()[:2] == ["赵", None]
    assert opened.alerts("2020-02-03")["assignee"][0] == "张"
    assert states_of(opened)["h1"] == "open"
    opened.act(acts_of(act_of("h1", "refused", date(2020, 2, 5), note="已迁出")))
    late = act_of("h1", "assigned", date(2020, 2, 6), assignee="钱")
    assert outcomes(opened.act(acts_of(late))) == [("refused", "not_now")]
    opened.act(acts_of(act_of("h1", "reopened", date(2020, 2, 7), note="误判")))
    assert opened.alerts()["assignee"][0] is None


def test_the_same_acts_again_change_nothing(opened):
    acts = acts_of(
        act_of("h1", "visited", VISITED, source="f/1"),
        act_of("h1", "cleared", VISITED, source="f/1"),
        act_of("h2", "refused", VISITED, note="已迁出"),
    )
    assert opened.act(acts)["outcome"].to_list() == ["done"] * 3
    before = opened.history()
    assert opened.act(acts)["outcome"].to_list() == ["already"] * 3
    # A file that was filled in further is another file: what is the same in it is known by its content.
    assert opened.act(acts.with_columns(source=pl.lit("g/1")))["outcome"].to_list() == ["already"] * 3
    # The same row read otherwise is still the same row.
    assert opened.act(acts.head(2).with_columns(note=pl.lit("x")))["outcome"].to_list() == ["already"] * 2
    assert opened.history().equals(before)


def test_two_measures_of_one_row_are_two(opened):
    row = {"source": "f/1", "on": VISITED}
    acts = acts_of(
        act_of("h1", "visited", VISITED, source="f/1"),
        *(act_of("h1", "measure", measure=measure, **row) for measure in ("job", "medical_aid")),
    )
    assert opened.act(acts)["outcome"].to_list() == ["done"] * 3
    assert opened.history(1)["measure"].drop_nulls().to_list() == ["job", "medical_aid"]


def test_old_acts_read_again_after_a_reopening_do_not_close_it(opened):
    acts = acts_of(act_of("h1", "visited", VISITED), act_of("h1", "cleared", VISITED))
    opened.act(acts)
    opened.record_month(month_of(FEB, {"h1": "red"}))
    assert opened.act(acts)["outcome"].to_list() == ["already"] * 2
    assert states_of(opened)["h1"] == "open"


def test_a_visit_in_an_earlier_life_is_kept_and_moves_nothing(opened):
    opened.act(acts_of(act_of("h1", "visited", VISITED), act_of("h1", "cleared", VISITED)))
    opened.record_month(month_of(FEB, {"h1": "red"}))
    late = [act_of("h1", "visited", date(2020, 2, 5)), act_of("h1", "wrong_record", date(2020, 2, 5))]
    assert outcomes(opened.act(acts_of(*late))) == [("done", None), ("refused", "before_opening")]
    row = opened.alerts().row(0, named=True)
    assert (row["state"], row["last_kind"], row["due"]) == ("open", "reopened", "visited")


def test_a_person_reopens_with_a_reason(opened):
    day = date(2020, 2, 20)
    opened.act(acts_of(act_of("h1", "visited", VISITED), act_of("h1", "cleared", VISITED)))
    assert outcomes(opened.act(acts_of(act_of("h1", "reopened", date(2020, 2, 9), note="误销")))) == [
        ("refused", "not_now")
    ]
    acts = acts_of(act_of("h1", "reopened", day, note="误销"), act_of("h1", "visited", day))
    # On one day reopening comes last: the visit was to the closed alert.
    assert opened.act(acts)["outcome"].to_list() == ["done", "done"]
    row = opened.alerts().row(0, named=True)
    assert (row["state"], row["tier"], row["opened_on"], row["deadline"]) == ("open", "red", day, date(2020, 2, 27))


def test_who_is_found_stable_stays_proposed_till_he_is_listed_with_news(opened):
    acts = acts_of(*(act_of("h2", kind, JAN) for kind in ("proposed", "visited")))
    assert outcomes(opened.act(acts)) == [("done", None)] * 2
    assert opened.alerts()["proposed_on"].to_list() == [None, JAN]
    assert opened.record_month(month_of(FEB, {"h2": "orange"})).returned == 0
    assert opened.alerts()["proposed_on"].to_list() == [None, JAN]
    assert opened.record_month(month_of(MAR, {"h2": "red"})).returned == 1
    row = opened.alerts().row(1, named=True)
    assert (row["state"], row["tier"], row["proposed_on"], row["deadline"]) == ("open", "red", None, date(2020, 4, 7))


def test_who_is_proposed_may_be_cleared_without_a_visit(opened):
    opened.record_month(month_of(FEB, {"h2": "orange"}))
    assert outcomes(opened.act(acts_of(act_of("h1", "cleared", MAR)))) == [("refused", "not_now")]
    opened.record_month(month_of(MAR, {"h2": "orange"}))
    acts = acts_of(act_of("h1", "cleared", MAR), act_of("h2", "cleared", MAR))
    assert outcomes(opened.act(acts)) == [("done", None), ("refused", "not_now")]
    assert states_of(opened) == {"h1": "cleared", "h2": "open"}


def test_who_visits_may_propose_and_a_closed_alert_is_not_proposed(opened):
    acts = acts_of(act_of("h1", "proposed", VISITED), act_of("h1", "visited", VISITED))
    assert outcomes(opened.act(acts)) == [("done", None)] * 2
    assert opened.alerts().select("state", "proposed_on").row(0) == ("proposed", VISITED)
    opened.act(acts_of(act_of("h1", "cleared", VISITED)))
    assert outcomes(opened.act(acts_of(act_of("h1", "proposed", FEB)))) == [("refused", "not_now")]
    assert opened.alerts()["proposed_on"].to_list() == [None, None]


def test_a_wrong_record_stays_open(opened):
    opened.act(acts_of(act_of("h1", "wrong_record", VISITED, note="收入有误")))
    assert opened.alerts().select("state", "open", "due").row(0) == ("wrong_record", True, "cleared")


def test_an_alert_is_named_by_its_number_too(opened):
    acts = acts_of(act_of(None, "visited", VISITED), act_of("h1", "visited", VISITED), act_of("h2", "visited", VISITED))
    answers = opened.act(acts.with_columns(alert_id=pl.Series([2, 2, 9])))
    assert answers["household_id"].to_list() == ["h2", "h1", "h2"]
    assert outcomes(answers) == [("done", None), ("refused", "no_alert"), ("refused", "no_alert")]


def test_numbers_of_persons_do_not_come_into_the_ledger(opened):
    note = "户主999999196305020009，999999 19630502 001X，电话13812345678或138-1234-5678，2020-02-10入户，5000元"
    opened.act(acts_of(act_of("h1", "visited", VISITED, note=note)))
    assert opened.history()["note"].to_list()[-1] == "户主***，***，电话***或***，2020-02-10入户，5000元"


def test_acts_without_a_column_are_refused(opened):
    for missing in ("kind", "on", "by", "household_id"):
        with pytest.raises(InputError, match=missing) as caught:
            opened.act(acts_of(act_of("h1", "visited", VISITED)).drop(missing))
        assert caught.value.code == "acts_columns"


def test_no_acts_are_no_acts(opened):
    assert opened.act(acts_of()).height == 0


_STEPS = st.sampled_from(["acknowledged", "visited", "wrong_record", "measure", "cleared", "refused", "reopened"])
_ACTS = st.lists(st.tuples(st.sampled_from(["h1", "h2", "h3"]), _STEPS, st.integers(1, 28)), max_size=12)


def test_acts_of_one_day_are_recorded_in_the_order_of_alerts(tmp_path):
    acts = [act_of(household, "acknowledged", date(2020, 2, 1)) for household in ("h1", "h2")]
    found = []
    for name, rows in (("one", acts), ("other", acts[::-1])):
        ledger = open_ledger(tmp_path / f"{name}.db", policy=ONE_STEP)
        ledger.record_month(month_of(JAN, {"h1": "red", "h2": "orange"}))
        ledger.act(acts_of(*rows))
        found.append(ledger.history().drop("recorded_at"))
    assert found[0].equals(found[1])


@pytest.mark.slow
@settings(max_examples=8)
@given(_ACTS, st.randoms(use_true_random=False))
def test_the_order_of_rows_means_nothing_and_the_states_are_those_of_a_walk(tmp_path_factory, steps, random):
    acts = [act_of(h, kind, date(2020, 2, day), note="因", measure="job") for h, kind, day in steps]
    shuffled = random.sample(acts, len(acts))
    ledgers = [open_ledger(tmp_path_factory.mktemp("ledger") / "county.db", policy=ONE_STEP) for _ in range(2)]
    for ledger, rows in zip(ledgers, (acts, shuffled), strict=True):
        ledger.record_month(month_of(JAN, {"h1": "red", "h2": "orange"}))
        answers = ledger.act(acts_of(*rows))
        assert answers.height == len(rows)
        done = answers.filter(pl.col("outcome") == "done").height
        assert ledger.history().height == 2 + done  # every row that is done is there, once
    one, other = ledgers
    assert one.alerts().equals(other.alerts())
    assert one.history().drop("recorded_at").equals(other.history().drop("recorded_at"))
    assert one.history()["entry_id"].to_list() == list(range(1, one.history().height + 1))
