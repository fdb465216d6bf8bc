"""No feature of any builder sees what the register learned after the as-of day, or the order of rows."""

from datetime import date
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from relapse_risk.features import DEFAULT_BUILDERS, FeatureTable, build_features
from relapse_risk.records import TABLES, Records
from tests.features.feature_registers import LINES, Rows, to_records
from tests.features.full_register import AS_OF, FULL, HOUSEHOLDS, LATER, later_rows

FEW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ENDINGS = [
    (table.name, ending) for table in TABLES.values() for ending in table.endings if ending in FULL[table.name][0]
]


def built(tables: dict[str, Rows]) -> FeatureTable:
    return build_features(to_records(tables), AS_OF, lines=LINES)


@cache
def known() -> FeatureTable:
    return built(FULL)


def test_every_feature_of_every_builder_is_built_from_the_full_register():
    assert known().missing == {}
    assert [f for builder in DEFAULT_BUILDERS for f in builder.features] == list(known().features)


@pytest.mark.parametrize("name", FULL)
def test_every_table_has_a_part_in_some_feature(name):
    # so that the tests below would see a builder that looked past the day
    unknown = [row | {"recorded_on": date(2020, 1, 1)} for row in FULL[name]]
    kept = FULL[name][:2] if name == "households" else []
    assert not built({**FULL, name: [*kept, *unknown]}).frame.equals(known().frame)


@pytest.mark.slow
@FEW
@given(st.data())
@pytest.mark.parametrize("name", FULL)
def test_what_is_recorded_later_changes_no_feature(name, data):
    later = data.draw(later_rows(name))
    with_later = built({**FULL, name: [*FULL[name], *later]})
    assert_frame_equal(with_later.frame, known().frame, check_exact=True)
    assert with_later.missing == known().missing


@cache
def ended(name: str, ending: str, day: date) -> FeatureTable:
    return built({**FULL, name: [row | {ending: day} for row in FULL[name]]})


@pytest.mark.slow
@FEW
@given(day=LATER)
@pytest.mark.parametrize(("name", "ending"), ENDINGS)
def test_when_something_will_end_changes_no_feature(name, ending, day):
    assert_frame_equal(ended(name, ending, day).frame, ended(name, ending, date(2020, 6, 30)).frame, check_exact=True)


@FEW
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_no_feature(seed):
    records = to_records(FULL)
    shuffled = {name: table.sample(fraction=1, shuffle=True, seed=seed) for name, table in records.tables.items()}
    table = build_features(Records(shuffled, exported_on=records.exported_on), AS_OF, lines=LINES)
    assert_frame_equal(table.frame, known().frame, check_exact=True)


def test_one_row_per_household_known_on_each_day():
    tables = {**FULL, "households": [*FULL["households"], {"household_id": "h9", "recorded_on": date(2018, 6, 1)}]}
    table = build_features(to_records(tables), ["2018-12-31", "2017-12-31"], lines=LINES)
    assert table.frame.select("as_of", "household_id").rows() == [
        *((date(2017, 12, 31), home) for home in HOUSEHOLDS),
        *((date(2018, 12, 31), home) for home in (*HOUSEHOLDS, "h9")),
    ]
