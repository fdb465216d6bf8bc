"""Who is counted: persons by whatever tells them, poor by the register, income while it is current."""

from datetime import date

import polars as pl

from relapse_risk.alerts import find_people
from relapse_risk.labels import find_cohort
from relapse_risk.periods import AsOf
from relapse_risk.records import AsOfView, Records

DAY = AsOf.of("2019-12-31")
BEGIN = date(2018, 1, 1)
HOMES = pl.DataFrame(
    {
        "household_id": ["a", "b", "c", "d", "gone", "unrecorded"],
        "recorded_on": [BEGIN] * 6,
        "household_type": ["poor", "exited", "exited", "near_poor", "exited", None],
        "size": [3, None, None, None, 1, None],
    }
)
MEMBERS = pl.DataFrame(
    {
        "person_id": ["b1", "b2", "b3", "gone1"],
        "household_id": ["b", "b", "b", "gone"],
        "recorded_on": [BEGIN] * 4,
        "left_on": [None, None, date(2019, 5, 1), date(2019, 5, 1)],
    }
)
RELAPSES = pl.DataFrame({"household_id": ["b"], "relapsed_on": [date(2019, 6, 1)], "recorded_on": [date(2019, 7, 1)]})
INCOMES = pl.DataFrame(
    {
        "household_id": ["a", "c", "d"],
        "period_start": [date(2019, 1, 1), date(2019, 1, 1), date(2016, 1, 1)],
        "period_end": [date(2019, 12, 31), date(2019, 12, 31), date(2016, 12, 31)],
        "household_size": [4, 5, 6],
        "net_income_per_capita": [3000.0, 5000.0, 2000.0],
    }
)


def people(**tables):
    view = AsOfView.of(Records({"households": HOMES, **tables}, exported_on=date(2020, 6, 30)), DAY)
    return find_people(view, find_cohort(view))


def test_who_is_counted():
    found = people(members=MEMBERS, relapses=RELAPSES, incomes=INCOMES)
    assert found.rows() == [
        ("a", 3, True, 3000.0, 3218.0),
        ("b", 2, True, None, None),
        ("c", 5, False, 5000.0, 3218.0),
        ("d", 6, False, None, None),
        ("unrecorded", None, None, None, None),
    ]


def test_what_is_learned_later_is_not_known():
    later = {"household_type": "poor", "recorded_on": date(2020, 1, 1), "size": 9}
    records = Records(
        {
            "households": pl.concat(
                [HOMES, HOMES.with_columns(**{k: pl.lit(v) for k, v in later.items()})], how="vertical_relaxed"
            )
        },
        exported_on=date(2020, 6, 30),
    )
    view = AsOfView.of(records, DAY)
    assert find_people(view, find_cohort(view)).equals(people())
