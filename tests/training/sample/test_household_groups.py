"""Who households are, by what was known on the day."""

from datetime import date

import polars as pl

from relapse_risk.periods import AsOf
from relapse_risk.records import Records
from relapse_risk.training.sample import GROUPS, describe_households


# Groups
def _homes(**columns):
    return pl.DataFrame({"household_id": ["h1", "h2", "h3"], "recorded_on": [date(2018, 1, 1)] * 3, **columns})


def _people(*rows):
    names = ("person_id", "household_id", "relation", "sex", "birth_year", "ethnicity", "health_status")
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return frame.with_columns(pl.col("birth_year").cast(pl.Int64), recorded_on=pl.lit(date(2018, 1, 1)))


def _described(tables, day="2018-12-31"):
    return describe_households(Records(tables, exported_on=date(2020, 1, 1)), [AsOf.of(day)]).sort("household_id")


def test_who_households_are_by_what_was_known_on_the_day():
    people = _people(
        ("p1", "h1", "head", "female", 1950, "彝族", "healthy"),
        ("p2", "h1", "spouse", "male", 1990, "汉族", "healthy"),
        ("p3", "h2", "head", "male", 1980, "汉族", "chronic+disabled"),
        ("p4", "h2", "child", "male", None, None, None),
    )
    certificates = pl.DataFrame(
        {
            "person_id": ["p1"],
            "household_id": ["h1"],
            "certified_on": [date(2019, 5, 1)],
            "recorded_on": [date(2019, 5, 1)],
        }
    )
    homes = _homes(county=["A", "A", None], relocated=[True, False, None], household_type=["exited", None, "general"])
    tables = {"households": homes, "members": people, "disabilities": certificates}
    found = _described(tables)
    assert found["ethnicity"].to_list() == ["彝族", "汉族", ""]
    assert found["elderly"].to_list() == ["yes", "", ""]  # of p4 nobody knows
    assert found["female_headed"].to_list() == ["yes", "no", ""]
    assert found["disabled"].to_list() == ["no", "yes", "no"]
    assert found["relocated"].to_list() == ["yes", "no", ""]
    assert found["county"].to_list() == ["A", "A", ""]
    assert found["household_type"].to_list() == ["exited", "", "general"]
    assert _described(tables, "2019-12-31")["disabled"].to_list() == ["yes", "yes", "no"]


def test_where_nothing_is_recorded_groups_are_not_known():
    found = _described({"households": _homes()})
    assert all((found[name] == "").all() for name in (*GROUPS, "village"))
    assert found["weight"].null_count() == 3


def test_villages_of_one_name_in_two_towns_are_two():
    found = _described({"households": _homes(town=["t1", "t2", "t2"], village=["v", "v", None])})
    assert found["village"].to_list() == ["t1/v", "t2/v", ""]
