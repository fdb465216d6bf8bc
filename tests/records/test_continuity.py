"""Who is the same household over the years: renumbered, split, merged, tenants, and what raises no doubt."""

from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from relapse_risk.labels import find_cohort
from relapse_risk.records import Records, same_households

DOUBT = ("household_id", "other_household_id", "on", "kind", "persons_shared", "of")


def day(year, month=12, of_month=1):
    return date(year, month, of_month)


def snapshots(*seen):
    """Members of whole snapshots: (household, year or day, persons)."""
    rows = [
        {"person_id": person, "household_id": household, "recorded_on": on if isinstance(on, date) else day(on)}
        for household, on, persons in seen
        for person in persons
    ]
    return pl.DataFrame(rows)


def entries(*rows):
    """Members of a register that says who left: (household, person, day, day left)."""
    schema = {"household_id": pl.String, "person_id": pl.String, "recorded_on": pl.Date, "left_on": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def heads(*rows):
    """Members numbered by household and ordinal: (year, ordinal, relation, sex, birth year) of household h1."""
    schema = ("year", "ordinal", "relation", "sex", "birth_year")
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.select(
        pl.lit("h1").alias("household_id"),
        pl.format("h1-{}", "ordinal").alias("person_id"),
        pl.date("year", 12, 1).alias("recorded_on"),
        *schema[2:],
    )


def decided(members, persons=None, split_tenants=False, **tables):
    tables = {name: frame if isinstance(frame, pl.DataFrame) else pl.DataFrame(frame) for name, frame in tables.items()}
    records = Records({"members": members, **tables}, exported_on=day(2021))
    return same_households(records, persons=persons, split_tenants=split_tenants)


def doubts(same):
    return same.doubts.select(DOUBT).rows()


FOUR = ("p1", "p2", "p3", "p4")


# Renumbered


def test_a_number_seen_no_more_and_a_new_one_with_most_of_its_persons_are_one_household():
    same = decided(snapshots(("a", 2017, FOUR), ("a", 2018, FOUR), ("b", 2019, ("p1", "p2", "p3", "p5"))))
    assert same.changes.rows() == [("a", "b", day(2019), "renumbered", 3, 4, 4)]
    assert same.records.table("members")["household_id"].unique().to_list() == ["b"]
    assert doubts(same) == [] and same.movers == 0


def test_every_table_goes_by_the_later_number_and_nothing_else_of_it_changes():
    incomes = {
        "household_id": ["a", "b", "c"],
        "period_start": [day(2017, 1)] * 3,
        "period_end": [day(2017, 12, 31)] * 3,
        "household_size": [4, 4, 2],
    }
    loans = {"loan_id": ["l1"], "household_id": ["a"]}
    disasters = pl.DataFrame(
        {"village_code": ["532311101201"], "household_id": [None], "occurred_on": [day(2018)]},
        schema_overrides={"household_id": pl.String},
    )
    members = snapshots(("a", 2018, FOUR), ("b", 2019, FOUR), ("c", 2019, ("q",)))
    tables = {"incomes": pl.DataFrame(incomes), "loans": pl.DataFrame(loans), "disasters": disasters}
    same = decided(members, **tables)
    assert same.records.table("incomes")["household_id"].to_list() == ["b", "b", "c"]
    assert same.records.table("loans")["household_id"].to_list() == ["b"]
    assert same.records.exported_on == day(2021)
    for name, frame in {"members": members, **tables}.items():
        assert_frame_equal(same.records.table(name).drop("household_id"), frame.drop("household_id"))
    assert_frame_equal(same.records.table("disasters"), disasters)


def test_a_chain_of_numbers_goes_by_the_last():
    same = decided(snapshots(("a", 2017, FOUR), ("b", 2018, FOUR), ("c", 2019, FOUR)))
    assert same.changes.select("household_id", "became", "on").rows() == [("a", "c", day(2018)), ("b", "c", day(2019))]
    assert same.records.table("members")["household_id"].unique().to_list() == ["c"]


@pytest.mark.parametrize(
    ("came", "new"),
    [(("p1", "p2"), ("p1", "p2")), (("p1", "p2", "p3"), ("p1", "p2", "p3", "x", "y", "z"))],
    ids=["half of the old", "half of the new"],
)
def test_half_of_the_persons_are_not_enough_and_are_listed(came, new):
    same = decided(snapshots(("a", 2018, FOUR), ("b", 2019, new)))
    assert same.changes.height == 0
    assert doubts(same) == [("b", "a", day(2019), "split", len(came), len(new))]


def test_a_number_that_is_still_kept_in_the_list_of_households_has_not_ended():
    households = {"household_id": ["a", "a", "b"], "recorded_on": [day(2018), day(2020), day(2019)]}
    same = decided(snapshots(("a", 2018, FOUR), ("b", 2019, FOUR)), households=households)
    assert same.changes.height == 0
    assert [row[3] for row in doubts(same)] == ["split"]


def test_who_died_before_does_not_count():
    died = [("a", person, day(2018, 3), day(2018, 2)) for person in ("p3", "p4")]
    there = [("a", person, day(2017), None) for person in FOUR]
    same = decided(entries(*there, *died, *(("b", person, day(2018), None) for person in ("p1", "p2"))))
    assert same.changes.select("became", "persons_shared", "persons_before").rows() == [("b", 2, 2)]


def test_a_round_is_filled_in_over_weeks_member_by_member():
    weeks = [(1, 11), (4, 12), (20, 12), (28, 12)]
    rows = [
        (home, p, day(year, m, d), None)
        for home, year in (("a", 2018), ("b", 2019))
        for p, (d, m) in zip(FOUR, weeks, strict=True)
    ]
    same = decided(entries(*rows))
    assert same.changes.select("became", "persons_shared", "persons_before", "persons_after").rows() == [("b", 4, 4, 4)]


def test_who_went_while_the_rest_was_seen_again_did_not_take_the_number_along():
    rest = [("a", 2018, (*FOUR, "p5")), ("a", day(2019, 11), ("p4", "p5")), ("b", 2019, ("p1", "p2", "p3"))]
    same = decided(snapshots(*rest))
    assert same.changes.height == 0
    assert doubts(same) == [("b", "a", day(2019), "split", 3, 3)]


# Persons told by identity


def test_persons_numbered_by_household_are_known_by_their_identity_and_keep_one_number():
    members = snapshots(("a", 2018, ("a-1", "a-2")), ("b", 2019, ("b-1", "b-2"))).with_columns(left_on=None)
    persons = pl.DataFrame(
        {
            "household_id": ["a", "a", "b", "b"],
            "person_id": ["a-1", "a-2", "b-1", "b-2"],
            "identity": ["x", "y", "y", "x"],
        }
    )
    bills = {"household_id": ["a"], "person_id": ["a-1"], "occurred_on": [day(2018)]}
    assert decided(members).changes.height == 0
    same = decided(members.cast({"left_on": pl.Date}), persons, illness=bills)
    assert same.changes["became"].to_list() == ["b"]
    assert same.records.table("illness").rows() == [("b", "b-2", day(2018))]
    assert same.records.known_by("2020-01-01").table("members")["person_id"].to_list() == ["b-1", "b-2"]


def test_two_persons_of_one_day_stay_two_though_one_identity_number_stands_for_both():
    members = snapshots(("a", 2018, ("a-1", "a-2")), ("a", 2019, ("a-1", "a-2")))
    persons = pl.DataFrame({"household_id": ["a", "a"], "person_id": ["a-1", "a-2"], "identity": ["x", "x"]})
    assert_frame_equal(decided(members, persons).records.table("members"), members)


def test_who_goes_by_two_identities_under_one_number_goes_by_the_number():
    members = snapshots(("a", 2018, ("a-1",)), ("b", 2019, ("b-1",)))
    rows = [("a", "a-1", "x"), ("a", "a-1", "y"), ("b", "b-1", "x")]
    persons = pl.DataFrame(rows, schema=["household_id", "person_id", "identity"], orient="row")
    assert decided(members, persons).changes.height == 0


# Split, merged, married


def test_a_household_that_begins_with_persons_of_one_that_goes_on_is_new_and_listed():
    members = snapshots(("a", 2018, FOUR), ("a", 2019, ("p1", "p2")), ("b", 2019, ("p3", "p4", "x")))
    same = decided(members)
    assert doubts(same) == [("b", "a", day(2019), "split", 2, 3)]
    assert same.records.table("members") is members


def test_a_household_that_joins_an_older_one_has_departed():
    members = snapshots(
        *(("a", 2018, ("p1", "p2")), ("c", 2018, ("c1", "c2", "c3"))),
        ("c", 2019, ("c1", "c2", "c3", "p1", "p2")),
    )
    homes = {"household_id": ["a", "c"], "recorded_on": [day(2018)] * 2, "household_type": ["exited"] * 2}
    same = decided(members, households=homes)
    assert doubts(same) == [("a", "c", day(2019), "merge", 2, 2)]
    assert same.changes.height == 0
    cohort = find_cohort(same.records, "2020-12-31")
    assert cohort.filter(exclusion_reason="departed")["household_id"].to_list() == ["a"]


def test_one_person_who_goes_from_one_household_to_another_is_counted_only():
    members = snapshots(
        *(("a", 2018, FOUR), ("c", 2018, ("c1", "c2"))),
        *(("a", 2019, ("p1", "p2")), ("c", 2019, ("c1", "c2", "p3")), ("d", 2019, ("p4", "d1", "d2"))),
    )
    same = decided(members)
    assert doubts(same) == [] and same.changes.height == 0
    assert same.movers == 2


def test_a_person_seen_elsewhere_for_a_while_has_not_moved():
    members = snapshots(("a", 2017, ("p1",)), ("b", 2018, ("p1",)), ("a", 2019, ("p1",)))
    same = decided(members)
    assert doubts(same) == [] and same.changes.height == 0 and same.movers == 0


# Tenants: persons told by identity


def test_a_number_with_nobody_in_common_with_before_is_kept_and_listed():
    members = snapshots(("a", 2017, FOUR), ("a", 2018, FOUR), ("a", 2019, ("x", "y")))
    same = decided(members)
    assert doubts(same) == [("a", None, day(2019), "tenants", 0, 4)]
    assert same.records.table("members") is members


def test_who_comes_back_shows_that_it_is_the_same_household():
    assert doubts(decided(snapshots(("a", 2017, FOUR), ("a", 2018, ("x",)), ("a", 2019, ("p1",))))) == []


def test_nobody_leaves_by_absence_where_leaving_is_recorded():
    old = [("a", person, day(2017), None) for person in ("p1", "p2")]
    new = [("a", person, day(2019), None) for person in ("x", "y")]
    left = [("a", person, day(2018), day(2018)) for person in ("p1", "p2")]
    assert doubts(decided(entries(*old, *new))) == []
    assert doubts(decided(entries(*old, *left, *new))) == [("a", None, day(2019), "tenants", 0, 0)]


def test_a_number_handed_on_is_parted_before_its_family_is_followed_to_a_new_number():
    members = snapshots(("a", 2018, FOUR), ("a", 2019, ("x", "y")), ("b", 2019, FOUR))
    same = decided(members, split_tenants=True)
    homes = same.records.table("members").select("household_id", "person_id").unique().rows()
    assert sorted(homes) == [("a~2", "x"), ("a~2", "y"), *(("b", person) for person in FOUR)]
    assert same.changes.select("household_id", "became", "why").rows() == [
        ("a", "a~2", "tenants"),
        ("a", "b", "renumbered"),
    ]


# Tenants: persons told by an ordinal inside their household


COUPLE = ((2018, 1, "head", "male", 1960), (2018, 2, "spouse", "female", 1962))


@pytest.mark.parametrize(
    "after",
    [((2019, 1, "head", "female", 1985),), ((2019, 1, "head", "male", 1963), (2019, 2, "child", "female", 1990))],
    ids=["another sex", "another age"],
)
def test_another_head_and_nobody_alike_are_tenants(after):
    assert doubts(decided(heads(*COUPLE, *after))) == [("h1", None, day(2019), "tenants", 0, 2)]


@pytest.mark.parametrize(
    "after",
    [
        ((2019, 1, "head", "male", 1962),),
        ((2019, 1, "head", "female", 1961),),
        ((2019, 1, "head", "male", 1990), (2019, 3, "parent", "female", 1964)),
        ((2019, 1, "head", None, 1963),),
        ((2019, 1, "head", "female", None),),
    ],
    ids=["an age told otherwise", "the widow heads it", "a son heads it, his mother stays", "no sex", "no age"],
)
def test_a_head_or_member_alike_or_unknown_is_no_doubt(after):
    assert doubts(decided(heads(*COUPLE, *after))) == []


def test_the_year_of_birth_is_that_of_the_date_where_there_is_one():
    members = heads(*COUPLE, (2019, 1, "head", "male", 1985)).with_columns(birth_date=pl.date("birth_year", 1, 1))
    assert len(doubts(decided(members.drop("birth_year")))) == 1
    assert doubts(decided(members.drop("birth_year", "birth_date"))) == []


def test_parted_tenants_have_a_number_of_their_own_in_every_table_from_their_day_on():
    third = ((2020, 1, "head", "female", 2000),)
    members = heads(*COUPLE, (2019, 1, "head", "male", 1990), *third)
    incomes = {
        "household_id": ["h1"] * 4,
        "period_start": [day(2018, 1), day(2018, 1), day(2019, 1), day(2020, 1)],
        "period_end": [day(2018, 12, 1), day(2018, 12, 1), day(2019), day(2020)],
        "recorded_on": [day(2018), day(2020), day(2019), day(2020)],
        "household_size": [2, 2, 1, 1],
    }
    bills = {"household_id": ["h1"], "person_id": ["h1-1"], "occurred_on": [day(2020)]}
    same = decided(members, split_tenants=True, incomes=incomes, illness=bills)
    parts = same.records.table("members").sort("recorded_on", "person_id").select("household_id", "person_id").rows()
    assert parts == [("h1", "h1-1"), ("h1", "h1-2"), ("h1~2", "h1~2-1"), ("h1~3", "h1~3-1")]
    # What is told later of the time before is told of those before.
    assert same.records.table("incomes")["household_id"].to_list() == ["h1", "h1", "h1~2", "h1~3"]
    assert same.records.table("illness").rows() == [("h1~3", "h1~3-1", day(2020))]
    assert doubts(same) == []
    assert same.changes.rows() == [
        ("h1", "h1~2", day(2019), "tenants", 0, 2, 1),
        ("h1", "h1~3", day(2020), "tenants", 0, 1, 1),
    ]


def test_the_versions_of_a_measure_stay_together_and_one_of_those_after_is_theirs():
    assistance = {
        "household_id": ["h1"] * 3,
        "kind": ["subsistence", "subsistence", "housing"],
        "started_on": [day(2017), day(2017), day(2019, 10)],
        "ended_on": [None, day(2020, 1), day(2019, 12, 15)],
        "recorded_on": [day(2017), day(2020, 1), day(2019, 12, 20)],
    }
    members = heads(*COUPLE, (2019, 1, "head", "male", 1990))
    same = decided(members, split_tenants=True, assistance=assistance)
    assert same.records.table("assistance")["household_id"].to_list() == ["h1", "h1", "h1~2"]


# Nothing to compare


@pytest.mark.parametrize("tables", [{}, {"members": pl.DataFrame({"household_id": ["a"], "person_id": ["p"]})}])
def test_records_without_members_that_bear_a_day_come_back_as_they_are(tables):
    records = Records(tables, exported_on=day(2021))
    same = same_households(records, split_tenants=True)
    assert same.records is records
    assert (same.changes.height, same.doubts.height, same.movers) == (0, 0, 0)


def test_a_household_without_new_numbers_or_doubts_keeps_its_very_frames():
    members = snapshots(("a", 2018, FOUR), ("a", 2019, FOUR[:3]))
    assert decided(members).records.table("members") is members


# The real panel


@pytest.fixture(scope="module")
def panel(shared):
    names = ("households", "members", "incomes")
    return Records({name: pl.read_parquet(shared / "data" / "eph" / f"{name}.parquet") for name in names})


def test_about_four_in_a_hundred_links_of_the_real_panel_join_two_families(panel):
    same = same_households(panel)
    assert same.records.tables == panel.tables and same.changes.height == 0
    assert same.doubts["kind"].unique().to_list() == ["tenants"]
    ends = panel.table("households").select("household_id", "recorded_on")
    year_on = pl.col("recorded_on").dt.offset_by("1y").dt.month_end()
    links = ends.join(ends.with_columns(year_on), on=["household_id", "recorded_on"])
    between = links.join(same.doubts, on="household_id").filter(
        pl.col("on").is_between(pl.col("recorded_on").dt.offset_by("-1y"), "recorded_on", closed="right")
    )
    assert between.select("household_id", "recorded_on").n_unique() / links.height == pytest.approx(0.041, abs=0.001)


def test_parting_the_real_panel_keeps_every_row_and_day(panel):
    same = same_households(panel, split_tenants=True)
    for name, frame in panel.tables.items():
        found = same.records.table(name)
        assert found.drop("household_id", "person_id", strict=False).equals(
            frame.drop("household_id", "person_id", strict=False)
        )
        stem = found["household_id"].str.replace(r"~\d$", "")
        assert stem.equals(frame["household_id"])
    numbers = same.records.table("members")["household_id"].n_unique()
    assert numbers == panel.table("members")["household_id"].n_unique() + same.changes.height
