import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.alerts import roll_up
from relapse_risk.records import area_path

SCHEMA = {
    "household_id": pl.String,
    "town": pl.String,
    "population": pl.String,
    "probability": pl.Float64,
    "tier": pl.String,
    "reason_1": pl.String,
}


def households(*rows):
    frame = pl.DataFrame([(f"h{i}", *row) for i, row in enumerate(rows)], schema=SCHEMA, orient="row")
    scored, urgent = pl.col("population") == "at_risk", pl.col("tier").is_in(["red", "orange", "yellow"])
    frame = frame.with_columns(
        listed_for=pl.when(urgent).then(pl.when(scored).then(pl.lit("model")).otherwise(pl.lit("rule"))),
        waiting_for=pl.lit(None, dtype=pl.String),
    )
    return frame.drop("town"), frame.select("household_id", "town")


def at_risk(town, probability=0.1, tier="none", reason=None):
    return town, "at_risk", probability, tier, reason


@st.composite
def cohorts(draw):
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from(["A", "B", "C", "D", None]), st.sampled_from([0.1, 0.6, None])),
            max_size=40,
        )
    )
    return households(*(at_risk(town, p) if p else (town, "rule_only", None, None, None) for town, p in rows))


def test_counts_and_risk_by_town():
    risk, places = households(
        at_risk("A", 0.5, "red", "illness"),
        at_risk("A", 0.25, "yellow", "income"),
        at_risk("A", 0.25, "orange", "income"),
        ("A", "not_scored", None, None, None),
        ("B", "rule_only", None, "red", None),
    )
    first, second = roll_up(risk, places, ["town"]).rows(named=True)
    assert (first["households"], first["at_risk"], first["listed"], first["red"]) == (4, 3, 3, 1)
    assert (first["by_rule"], second["listed"], second["by_rule"]) == (0, 1, 1)
    assert first["expected"] == pytest.approx(1.0)
    assert first["mean_risk"] == pytest.approx(1 / 3)
    assert first["leading_reason"] == "income"
    assert (second["at_risk"], second["mean_risk"], second["leading_reason"]) == (0, None, None)


def test_of_equally_frequent_reasons_the_one_shown_first_leads():
    risk, places = households(at_risk("A", 0.5, "red", "place"), at_risk("A", 0.5, "red", "illness"))
    assert roll_up(risk, places, ["town"])["leading_reason"].item() == "illness"


def test_reasons_of_unlisted_households_do_not_lead():
    risk, places = households(at_risk("A", 0.5, "red", "place"), *[at_risk("A", 0.1, "none", "illness")] * 3)
    assert roll_up(risk, places, ["town"])["leading_reason"].item() == "place"


@given(cohorts(), st.integers(0, 8))
def test_no_household_is_lost_or_counted_twice(cohort, least):
    risk, places = cohort
    areas = roll_up(risk, places, ["town"], least)
    assert areas["households"].sum() == risk.height
    assert areas["at_risk"].sum() == (risk["population"] == "at_risk").sum()
    assert areas["expected"].sum() == pytest.approx(risk["probability"].sum())


@given(cohorts(), st.integers(0, 8))
def test_no_row_counts_fewer_than_the_least_unless_all_are_together(cohort, least):
    risk, places = cohort
    areas = roll_up(risk, places, ["town"], least)
    assert areas.height <= 1 or areas["at_risk"].min() >= least
    assert areas["small"].sum() <= 1


def test_row_order_does_not_matter():
    risk, places = households(*(at_risk(town) for town in "AABCCCD"))
    assert roll_up(risk, places, ["town"], 2).equals(roll_up(risk.reverse(), places.reverse(), ["town"], 2))


def test_towns_of_one_name_in_two_counties_are_two():
    places = pl.DataFrame({"household_id": ["h0", "h1"], "county": ["K", "L"], "town": ["A", "A"]})
    risk, _ = households(at_risk("A"), at_risk("A"))
    assert area_path(places.columns, "town") == ("county", "town")
    assert roll_up(risk, places, area_path(places.columns, "town")).height == 2


def test_without_a_level_there_is_no_path_to_it():
    assert area_path(["household_id", "county"], "village") == ()
