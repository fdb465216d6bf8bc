"""Events are counted once, and who is absent from a snapshot has left."""

from datetime import date

import pytest

from tests.records.known_rows import BILL, known, person, row

# Events


def test_two_bills_of_one_person_on_one_day_are_two_bills():
    bills = [row(BILL, self_paid=800.0), row(BILL, self_paid=900.0)]
    assert known("2019-01-01", "illness", bills).height == 2


def test_identical_bills_are_one_bill():
    assert (
        known("2019-01-01", "illness", [BILL, BILL, row(BILL, person_id=None), row(BILL, person_id=None)]).height == 2
    )


def test_identical_bills_are_one_bill_also_beside_bills_with_an_id():
    bills = [row(BILL, event_id=None), row(BILL, event_id=None), row(BILL, event_id="e1")]
    assert known("2019-01-01", "illness", bills).height == 2


def test_events_come_in_an_order_of_their_own():
    bills = [row(BILL, self_paid=float(amount)) for amount in range(50)]
    assert known("2019-01-01", "illness", bills).equals(known("2019-01-01", "illness", bills[::-1]))


@pytest.mark.parametrize(
    ("table", "event"),
    [
        ("illness", BILL),
        ("disasters", {"household_id": "h1", "occurred_on": date(2018, 5, 2)}),
        ("relapses", {"household_id": "h1", "relapsed_on": date(2018, 5, 2)}),
    ],
)
def test_events_of_one_id_are_versions(table, event):
    begins = "relapsed_on" if table == "relapses" else "occurred_on"
    rows = [
        row(event, event_id="e1", recorded_on=date(2018, 6, 1)),
        row(event, event_id="e1", recorded_on=date(2018, 8, 1)) | {begins: date(2018, 4, 30)},
        row(event, event_id="e2", recorded_on=date(2018, 6, 1)),
    ]
    assert known("2018-07-31", table, rows).sort("event_id")[begins].to_list() == [date(2018, 5, 2)] * 2
    assert known("2018-08-01", table, rows).sort("event_id")[begins].to_list() == [date(2018, 4, 30), date(2018, 5, 2)]


@pytest.mark.parametrize(("table", "whose"), [("illness", "household_id"), ("disasters", "village_code")])
def test_one_number_of_two_households_is_two_events(table, whose):
    event = {"occurred_on": date(2018, 5, 2), "event_id": "flood1", "recorded_on": date(2018, 6, 1)}
    rows = [{whose: "a", **event}, {whose: "b", **event}, {whose: "b", **event, "recorded_on": date(2018, 7, 1)}]
    assert known("2019-01-01", table, rows).select(whose, "recorded_on").rows() == [
        ("a", date(2018, 6, 1)),
        ("b", date(2018, 7, 1)),
    ]


def test_events_without_an_id_count_beside_events_with_one():
    bills = [
        row(BILL, event_id="e1", self_paid=1.0, recorded_on=date(2018, 6, 1)),
        row(BILL, event_id="e1", self_paid=2.0, recorded_on=date(2018, 7, 1)),
        row(BILL, event_id=None, self_paid=2.0, recorded_on=date(2018, 6, 1)),
        row(BILL, event_id=None, self_paid=2.0, recorded_on=date(2018, 7, 1)),
    ]
    assert known("2019-01-01", "illness", bills).height == 3


# Snapshots


def test_a_person_absent_from_the_newest_known_snapshot_has_left():
    members = [person(p, date(2018, 12, 1)) for p in ("p1", "p2")] + [person("p1", date(2019, 12, 1))]
    assert known("2019-11-30", "members", members)["person_id"].to_list() == ["p1", "p2"]
    assert known("2019-12-01", "members", members)["person_id"].to_list() == ["p1"]


def test_every_household_has_snapshots_of_its_own():
    members = [person("p1", date(2018, 12, 1)), person("q1", date(2019, 12, 1), household_id="h2")]
    assert known("2020-01-01", "members", members).height == 2


def test_a_person_who_moved_counts_in_the_new_household_and_dates_the_old_one():
    members = [
        *(person(p, date(2018, 12, 1)) for p in ("p1", "p2", "p3")),
        *(person(p, date(2019, 12, 1)) for p in ("p1", "p2")),
        person("p2", date(2020, 12, 1), household_id="h2"),
        person("p1", date(2020, 12, 1), household_id="h2"),
    ]
    state = known("2020-12-31", "members", members)
    assert state.select("person_id", "household_id").rows() == [("p1", "h2"), ("p2", "h2")]


def test_where_leaving_is_recorded_nobody_leaves_by_absence():
    members = [person(p, date(2018, 12, 1), left_on=None) for p in ("p1", "p2")]
    members.append(person("p1", date(2019, 12, 1), left_on=None))
    assert known("2020-01-01", "members", members)["person_id"].to_list() == ["p1", "p2"]


def test_a_person_without_a_recording_date_is_there_beside_the_newest_snapshot():
    members = [
        *(person(p, date(2018, 12, 1)) for p in ("p1", "p2", "p3")),
        *(person(p, date(2019, 12, 1)) for p in ("p1", "p2")),
        person("p4", None),
    ]
    assert known("2021-06-29", "members", members)["person_id"].to_list() == ["p1", "p2"]
    assert known("2021-06-30", "members", members)["person_id"].to_list() == ["p1", "p2", "p4"]


def test_households_whose_members_have_no_recording_dates_keep_them_all():
    members = [person("p1", None), person("p2", None), person("q1", date(2019, 12, 1), household_id="h2")]
    assert known("2021-06-30", "members", members)["person_id"].to_list() == ["p1", "p2", "q1"]
