"""What holds of the labels of any register."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relapse_risk.labels import find_cohort, label_relapse, label_scored
from relapse_risk.records import Records
from tests.labels.small_registers import account, frame_of, home, member, relapse

pytestmark = pytest.mark.slow

FIRST, LAST = date(2015, 12, 31), date(2020, 12, 31)
DAYS = ["2016-12-31", "2017-06-30", "2017-12-31", "2018-12-31"]

names = st.sampled_from(["h1", "h2", "h3"])
days = st.dates(date(2016, 1, 1), LAST)
types = st.sampled_from(["exited", "poor", "near_poor", "general", None])


@st.composite
def registers(draw):
    """Rows of a small register: everybody is there from the start, everything else comes when it comes."""
    typed = draw(st.booleans())
    called = types if typed else st.none()
    tables = {
        "households": [home(f"h{i}", draw(called), FIRST) for i in (1, 2, 3)]
        + [home(name, kind, day) for name, kind, day in draw(st.lists(st.tuples(names, called, days), max_size=5))],
        "incomes": [
            account(year, income, name, date(year, 12, 31) + timedelta(days=late))
            for name, year, income, late in draw(
                st.lists(
                    st.tuples(names, st.integers(2015, 2019), st.sampled_from([1000, 3000, 9000]), st.integers(0, 300)),
                    max_size=14,
                )
            )
        ],
        "relapses": [
            relapse(day, name, day + timedelta(days=late))
            for name, day, late in draw(st.lists(st.tuples(names, days, st.integers(0, 200)), max_size=5))
        ],
        "members": [member(f"p{i}", f"h{i}", FIRST) for i in (1, 2, 3)]
        + [
            member(f"p{name[1]}", name, day + timedelta(days=late), day)
            for name, day, late in draw(st.lists(st.tuples(names, days, st.integers(0, 99)), max_size=2))
        ],
    }
    return {name: frame_of(name, rows) for name, rows in tables.items()}


def labelled(tables, label, known_by=None, as_of=DAYS):
    return label_relapse(Records(tables, exported_on=LAST), as_of, label=label, known_by=known_by)


kinds = st.sampled_from(["recorded", "income"])


@settings(max_examples=20, deadline=None)
@given(registers(), kinds)
def test_an_outcome_is_known_or_says_why_not(tables, kind):
    labels = labelled(tables, kind)
    frame = labels.frame
    assert (frame["relapsed"].is_null() == frame["unknown"].is_not_null()).all()
    assert (frame["population"] == "at_risk").eq(frame["exclusion_reason"].is_null()).all()
    assert frame.filter(pl.col("relapsed").is_not_null())["population"].eq("at_risk").all()
    assert frame.select("as_of", "household_id").is_unique().all()
    counts = labels.counts
    assert counts["at_risk"] + counts["rule_only"] + counts["not_scored"] == counts["rows"] == frame.height
    unknown = sum(count for name, count in counts.items() if name.startswith("unknown_"))
    assert counts["known"] + unknown == counts["at_risk"]
    assert labels.days.select("at_risk", "known", "relapses").sum().row(0) == (
        counts["at_risk"],
        counts["known"],
        counts["relapses"],
    )


@settings(max_examples=20, deadline=None)
@given(registers(), kinds, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(tables, kind, random):
    shuffled = {
        name: frame.sample(fraction=1, shuffle=True, seed=random.randint(0, 99)) for name, frame in tables.items()
    }
    one, other = labelled(tables, kind), labelled(shuffled, kind)
    assert one.frame.equals(other.frame)
    assert one.unreported_share == other.unreported_share


@settings(max_examples=20, deadline=None)
@given(registers(), st.sampled_from(["wide", "narrow"]))
def test_nothing_recorded_after_the_day_changes_who_is_at_risk(tables, cohort):
    day = date(2017, 12, 31)
    known = {name: frame.filter(pl.col("recorded_on") <= day) for name, frame in tables.items()}
    one, other = (find_cohort(Records(kept, exported_on=LAST), day, cohort=cohort) for kept in (tables, known))
    assert one.equals(other)


@settings(max_examples=20, deadline=None)
@given(registers(), kinds, days)
def test_nothing_recorded_after_known_by_changes_the_labels(tables, kind, until):
    known = {name: frame.filter(pl.col("recorded_on") <= until) for name, frame in tables.items()}
    as_of = [day for day in DAYS if date.fromisoformat(day) <= until] or [str(until)]
    one = labelled(tables, kind, until, as_of)
    other = labelled(known, kind, until, as_of)
    assert one.frame.equals(other.frame)
    assert (one.unreported_share, one.last_outcome) == (other.unreported_share, other.last_outcome)


@settings(max_examples=20, deadline=None)
@given(registers())
def test_each_pair_of_periods_counts_once(tables):
    known = labelled(tables, "income").frame.filter(pl.col("relapsed").is_not_null())
    assert known.select("household_id", "period_end").is_unique().all()


@settings(max_examples=20, deadline=None)
@given(registers(), kinds)
def test_a_day_alone_or_among_others_is_labelled_alike_but_for_pairs_counted(tables, kind):
    together = labelled(tables, kind).frame.filter(pl.col("as_of") == date(2017, 12, 31))
    alone = labelled(tables, kind, as_of=["2017-12-31"]).frame
    same = together["unknown"].ne_missing("pair_counted")
    assert together.filter(same).equals(alone.filter(same))


@settings(max_examples=20, deadline=None)
@given(registers(), kinds, st.sampled_from(["2018-06-30", "2019-12-31", None]))
def test_outcomes_of_those_scored_are_their_labels(tables, kind, known_by):
    known_by = known_by or str(LAST)
    seen = [day for day in DAYS if day <= known_by]
    labels = labelled(tables, kind, known_by, seen)
    scored = labels.frame.select("household_id", "as_of", "population").sample(fraction=1.0, shuffle=True, seed=1)
    found = label_scored(scored, Records(tables, exported_on=LAST), label=kind, known_by=known_by)
    assert found.frame.equals(labels.frame.select(found.frame.columns))
    assert found.days.equals(labels.days)
