"""One number for a household over the years renames; it carries nothing from one day to another."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from relapse_risk.records import TABLES, Records, same_households

pytestmark = pytest.mark.slow

FIRST = date(2016, 12, 1)
YEARS = 5
EXPORT = FIRST + timedelta(days=366 * YEARS)
HOMES = ("a", "b", "c")
IDENTITIES = ("u", "v", "w", "x")

# Who of four identities stands in which household in each yearly round; a number may come, go and be inherited.
rounds = st.lists(
    st.fixed_dictionaries({i: st.sampled_from([*HOMES, None]) for i in IDENTITIES}), min_size=1, max_size=YEARS
)
# Rounds in which families hold together: what is renumbered, split and merged is rare among wholly random ones.
families = st.lists(
    st.tuples(st.sampled_from(HOMES), st.sampled_from([*HOMES, None])).map(
        lambda two: dict(zip(IDENTITIES, [two[0]] * 3 + [two[1]], strict=True))
    ),
    min_size=2,
    max_size=YEARS,
)
as_of = st.integers(0, 366 * YEARS).map(lambda n: FIRST + timedelta(days=n))


def on(year, days=0):
    return FIRST + timedelta(days=365 * year + days)


@st.composite
def registers(draw, own=None):
    """A register of members (numbered by identity, or by household and ordinal), incomes and measures.

    It sends whole snapshots, or rows of each member's own day and says who left.
    """
    drawn = draw(rounds | families)
    whole = draw(st.booleans())
    own = draw(st.booleans()) if own is None else own
    members, persons, incomes = [], [], []
    for year, homes in enumerate(drawn):
        for ordinal, (identity, home) in enumerate(homes.items()):
            if home is None:
                continue
            person = identity if own else f"{home}-{ordinal}"
            late = 0 if whole else draw(st.integers(0, 20))
            members.append(
                {
                    "person_id": person,
                    "household_id": home,
                    "recorded_on": on(year, late),
                    "sex": draw(st.sampled_from("mf")),
                }
            )
            persons.append({"household_id": home, "person_id": person, "identity": identity})
        recorded = draw(st.integers(0, 400))
        incomes += [
            {
                "household_id": home,
                "period_start": on(year, -365),
                "period_end": on(year, -1),
                "recorded_on": on(year, recorded),
                "household_size": 2,
            }
            for home in sorted({home for home in homes.values() if home})
        ]
    days = st.integers(0, 365 * YEARS)
    spells = [
        {
            "household_id": draw(st.sampled_from(HOMES)),
            "kind": "housing",
            "started_on": on(0, began),
            "ended_on": on(0, began + draw(days)),
            "recorded_on": on(0, began + draw(days)),
        }
        for began in draw(st.lists(days, max_size=4))
    ]
    frames = {
        "members": frame_of("members", members, ("person_id", "household_id", "recorded_on", "sex")),
        "incomes": frame_of(
            "incomes", incomes, ("household_id", "period_start", "period_end", "recorded_on", "household_size")
        ),
        "assistance": frame_of("assistance", spells, ("household_id", "kind", "started_on", "ended_on", "recorded_on")),
    }
    if not whole:
        frames["members"] = frames["members"].with_columns(left_on=pl.lit(None, dtype=pl.Date))
    named = pl.DataFrame(persons, schema=["household_id", "person_id", "identity"]).unique()
    return Records(frames, exported_on=EXPORT), None if own else named


def frame_of(name, rows, columns):
    return pl.DataFrame(rows, schema={column: TABLES[name].columns[column].dtype for column in columns})


def names(records, resolved):
    """What each household number became, by every row of every table."""
    households = {frame: records.table(frame)["household_id"] for frame in records.tables}
    return {
        (old, new)
        for name, before in households.items()
        for old, new in zip(before, resolved.table(name)["household_id"], strict=True)
    }


def without_numbers(frame):
    return frame.drop("household_id", "person_id", strict=False)


def refused(records, day):
    return day < records.first_day


def assert_same(left, right):
    assert left.keys() == right.keys()
    for name, frame in left.items():
        assert_frame_equal(frame, right[name], check_row_order=False)


@given(registers(), st.booleans())
def test_rows_and_their_days_stay_what_and_where_they_were(register, split):
    records, persons = register
    same = same_households(records, persons=persons, split_tenants=split)
    assert same.records.exported_on == records.exported_on
    for name, frame in records.tables.items():
        assert_frame_equal(without_numbers(same.records.table(name)), without_numbers(frame))


@given(registers())
def test_a_number_becomes_one_number_on_all_days(register):
    records, persons = register
    same = same_households(records, persons=persons)
    became = names(records, same.records)
    assert len(became) == len({old for old, _ in became})
    changed = {(old, new) for old, new in became if old != new}
    assert changed <= set(same.changes.select("household_id", "became").rows())
    assert {new for _, new in became} <= {old for old, _ in became}


def first_known(name, frame):
    """The day each row is known from: recorded, else begun, else exported."""
    return pl.coalesce(*(day for day in ("recorded_on", TABLES[name].begins) if day in frame.columns), pl.lit(EXPORT))


@given(registers(), as_of)
def test_what_was_known_by_a_day_is_known_by_it_still_under_the_names(register, day):
    """The state of the resolved records is that of the rows known by the day, renamed: no other row has a say."""
    records, persons = register
    if refused(records, day):
        return
    same = same_households(records, persons=persons)
    resolved = {name: frame.with_row_index("_row") for name, frame in records.tables.items()}
    known = {name: frame.filter(first_known(name, frame) <= day)["_row"] for name, frame in resolved.items()}
    renamed = {name: same.records.table(name)[rows] for name, rows in known.items()}
    assert_same(dict(Records(renamed, exported_on=day).known_by(day).tables), dict(same.records.known_by(day).tables))


@given(registers(own=True), as_of)
def test_until_the_next_number_is_seen_the_state_is_the_old_one_under_another_name(register, day):
    records, persons = register
    same = same_households(records, persons=persons)
    first = min(same.changes["on"], default=EXPORT)
    if refused(records, day) or day >= first:
        return
    before, after = records.known_by(day), same.records.known_by(day)
    for name, frame in before.tables.items():
        assert_frame_equal(without_numbers(frame), without_numbers(after.table(name)), check_row_order=False)
        homes = frame["household_id"].n_unique()
        assert homes == after.table(name)["household_id"].n_unique()


@given(registers(own=True), as_of)
def test_until_a_number_passed_to_others_nothing_at_all_is_changed_by_parting_it(register, day):
    records, persons = register
    parted = same_households(records, persons=persons, split_tenants=True)
    if parted.changes.filter(pl.col("why") != "tenants").height or refused(records, day):
        return
    if day < min(parted.changes["on"], default=EXPORT):
        assert_same(dict(records.known_by(day).tables), dict(parted.records.known_by(day).tables))


@given(registers())
def test_every_number_that_changed_was_seen_no_more_before_the_next_was_seen(register):
    records, persons = register
    same = same_households(records, persons=persons)
    spans = (
        records.table("members")
        .group_by("household_id")
        .agg(first=pl.col("recorded_on").min(), last=pl.col("recorded_on").max())
    )
    for old, new, began in same.changes.select("household_id", "became", "on").rows():
        ends = spans.filter(pl.col("household_id") == old)["last"].item()
        assert ends < began <= spans.filter(pl.col("household_id") == new)["first"].item()
        assert new not in same.changes["household_id"]
