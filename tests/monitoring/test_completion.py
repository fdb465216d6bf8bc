"""Visits of a list, counted by town and village."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.monitoring import COMPLETION_COUNTS, visit_completion

LIST = date(2020, 1, 31)
SCHEMA = {
    **{"alert_id": pl.Int64, "due": pl.String, "overdue": pl.Boolean, "opened_on": pl.Date},
    **dict.fromkeys(("prefecture", "county", "town", "village"), pl.String),
}


def alerts_of(due, *, places=None, overdue=(), opened_on=LIST):
    """Return alerts by number, with what is due on each; all in one village but for those placed elsewhere."""
    rows = [
        {
            **{"alert_id": one, "due": what, "overdue": one in overdue, "opened_on": opened_on},
            **{"prefecture": "Z", "county": "K", "town": "A", "village": "v"},
            **(places or {}).get(one, {}),
        }
        for one, what in due.items()
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def visits_on(days):
    return pl.DataFrame(list(days.items()), schema={"alert_id": pl.Int64, "on": pl.Date}, orient="row")


def counts_of(found, level="town"):
    return found.filter(level=level).select(COMPLETION_COUNTS).rows()


def test_every_visit_due_is_done_open_or_settled_otherwise():
    listed = alerts_of({1: "visited", 2: "visited", 3: "visited", 4: "visited", 5: "cleared", 6: None})
    now = alerts_of(
        {1: "cleared", 2: "visited", 3: "visited", 4: None, 5: "cleared", 6: None, 7: "visited"}, overdue=(1, 3, 5)
    )
    visits = visits_on({1: LIST + timedelta(days=5), 5: LIST + timedelta(days=6)})
    # 1 visited; 2 open; 3 open and overdue; 4 refused without a visit; 5, 6 were not due; 7 came later
    assert counts_of(visit_completion(listed.clear(), listed, now, visits, LIST)) == [(4, 1, 2, 1, 1)]


def test_a_visit_on_the_day_of_the_list_is_one_to_it_if_it_was_due():
    eve = alerts_of({1: "visited", 2: "cleared"}, opened_on=date(2019, 12, 31))
    listed = pl.concat(
        [alerts_of({1: "cleared", 2: "cleared"}, opened_on=date(2019, 12, 31)), alerts_of({3: "cleared"})]
    )
    visits = visits_on(dict.fromkeys((1, 2, 3), LIST))
    assert counts_of(visit_completion(eve, listed, listed, visits, LIST)) == [(2, 2, 0, 0, 0)]


def test_a_visit_before_the_list_is_none_to_it():
    listed = alerts_of({1: "visited"}, opened_on=date(2019, 12, 31))
    visits = visits_on({1: LIST - timedelta(days=1)})
    assert counts_of(visit_completion(listed, listed, listed, visits, LIST)) == [(1, 0, 1, 0, 0)]


def test_unknown_places_are_told_apart_and_villages_of_one_name_too():
    places = {
        2: {"town": "B"},
        3: {"town": None, "village": None},
        4: {"town": None, "village": None, "county": "L"},
        5: {"village": None},
    }
    listed = alerts_of(dict.fromkeys(range(1, 6), "visited"), places=places)
    found = visit_completion(listed.clear(), listed, listed, visits_on({}), LIST)
    towns = found.filter(level="town").select("county", "town", "due").rows()
    assert sorted(towns, key=str) == sorted([("K", "A", 2), ("K", "B", 1), ("K", None, 1), ("L", None, 1)], key=str)
    assert found.filter(level="village").height == 5


@given(
    st.dictionaries(st.integers(1, 9), st.sampled_from(["visited", "cleared", None])),
    st.dictionaries(st.integers(1, 9), st.sampled_from(["visited", "cleared", None])),
    st.dictionaries(st.integers(1, 9), st.dates(LIST - timedelta(days=3), LIST + timedelta(days=40))),
    st.dictionaries(st.integers(1, 9), st.fixed_dictionaries({"town": st.sampled_from(["A", "B", None])})),
)
def test_the_counts_add_up_at_both_levels(before, after, days, places):
    listed = alerts_of(before, places=places)
    now = alerts_of(before | {one: due for one, due in after.items() if one in before}, places=places, overdue=(1, 2))
    found = visit_completion(listed.clear(), listed, now, visits_on(days), LIST)
    assert (found["due"] == found["done"] + found["open"] + found["otherwise"]).all()
    assert (found["overdue"] <= found["open"]).all()
    town, village = (found.filter(level=one).select(COMPLETION_COUNTS).sum().rows() for one in ("town", "village"))
    assert town == village
