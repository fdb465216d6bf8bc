"""All tests together: the order of rows, what is absent, and the sample workbooks."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from relapse_risk.audit.anomalies import FLAGGED, TESTS, find_anomalies
from relapse_risk.policy import Texts, read_policy
from tests.audit.anomalies.anomalous_counties import LINES, PARTS, SETTINGS, county, standing_in, with_heap, with_slips


@pytest.fixture(scope="module")
def faulty():
    rows = county(1)
    rows, _ = with_heap(rows, rows["households"]["village_code"][0], 2019, 0.3)
    slipped, _ = with_slips(rows["incomes"], [*PARTS, "net_income"], 0.003, [1, -4])
    return {**rows, "incomes": slipped}


def test_the_order_of_rows_does_not_matter(faulty):
    one = find_anomalies(faulty, LINES)
    other = find_anomalies(
        {name: frame.sample(fraction=1.0, shuffle=True, seed=2) for name, frame in faulty.items()}, LINES
    )
    assert one.rows.height > 20
    assert other.rows.equals(one.rows)
    assert_frame_equal(other.tests, one.tests, rel_tol=1e-9)


def test_schemas_are_those_declared(faulty):
    result = find_anomalies(faulty, LINES)
    assert (result.rows.schema, result.tests.schema) == (FLAGGED, TESTS)
    assert result.tests["p_value"].is_between(0.0, 1.0).all()
    assert (result.tests["adjusted"] >= result.tests["p_value"] - 1e-12).all()


@pytest.mark.parametrize("column", ["household_id", "year", "household_size", "net_income_per_capita", *PARTS])
def test_columns_may_be_absent(faulty, column):
    result = find_anomalies({**faulty, "incomes": faulty["incomes"].drop(column)}, LINES)
    assert result.tests.schema == TESTS


def test_what_is_absent_is_told(faulty):
    nowhere = find_anomalies({"incomes": faulty["incomes"]}, LINES)
    assert ("heaped_above_line", "households.village_code") in nowhere.missing
    assert "slipped_by_ten" in set(nowhere.rows["rule"])
    assert {rule for rule, _ in find_anomalies({}, LINES).missing} == set(SETTINGS.rules)


@pytest.mark.parametrize("homes", [0, 1, 3])
def test_villages_of_three_are_read(homes):
    rows = county(2, villages=max(1, homes), homes=(3, 3))
    rows = {name: frame.head(homes * 3 * 5) for name, frame in rows.items()}
    assert find_anomalies(rows, LINES).rows.is_empty()


def test_empty_and_impossible_amounts_are_passed_over(faulty):
    frame = faulty["incomes"].with_columns(
        wage=pl.when(pl.col("_row") % 3 == 0).then(None).when(pl.col("_row") % 3 == 1).then(-1.0).otherwise("wage"),
        business=pl.when(pl.col("_row") % 5 == 0)
        .then(np.inf)
        .when(pl.col("_row") % 5 == 1)
        .then(np.nan)
        .otherwise(1e15),
        property=pl.lit(None, dtype=pl.Float64),
        year=pl.when(pl.col("_row") % 7 == 0).then(None).otherwise("year"),
    )
    assert find_anomalies({**faulty, "incomes": frame}, LINES).tests.schema == TESTS


def test_villages_are_known_by_name_where_they_have_no_code(faulty):
    named = faulty["households"].select("household_id", town=pl.lit("东乡"), village="village_code")
    units = find_anomalies({**faulty, "households": named}, LINES).tests.filter(unit_kind="village")["unit"].unique()
    assert units.str.starts_with("东乡/").all()


def test_the_newest_village_counts_and_codes_come_before_names(faulty):
    home = pl.col("household_id")
    homes = faulty["households"].select("household_id", "village_code", year=pl.lit(2019), village=pl.lit("甲"))
    moved = homes.with_columns(year=pl.lit(2020), village_code=pl.lit("530199999999"))
    unnamed = pl.when(home.str.ends_with("0")).then("village_code")
    mixed = pl.concat([homes, moved]).with_columns(village_code=unnamed, town=pl.lit("东乡"))
    units = find_anomalies({**faulty, "households": mixed}, LINES).tests.filter(unit_kind="village")["unit"].unique()
    assert set(units) == {"530199999999", "东乡/甲"}


def test_every_table_is_looked_at_for_slips():
    frame = standing_in(pl.DataFrame({"person_id": ["p1"], "monthly_wage": [3000.0]}), "wages.csv")
    tests = find_anomalies({"employment": frame}, LINES).tests
    assert tests.select("table", "column", "n").rows() == [("employment", "monthly_wage", 1)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_rule_has_wordings_that_accuse_nobody(lang):
    for rule in SETTINGS.rules:
        text = " ".join(Texts(lang)(f"anomalies.rules.{rule}", part) for part in ("title", "look"))
        assert len(text) > 20
        assert not any(word in text for word in ("造假", "虚报", "fraud", "forged", "fake"))


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["registry", "departments"])
def test_samples(shared, read_sample, dialect):
    intake = read_sample(dialect)
    found = find_anomalies(intake.rows, read_policy().lines).rows.select("_source", "_sheet", "_row").unique()
    planted = pl.read_csv(shared / "samples" / "planted_rows.csv", infer_schema_length=0).filter(dialect=dialect)
    planted = planted.filter(pl.col("kind").str.contains("bunching|unit_slip")).select(
        _source="file", _sheet="sheet", _row=pl.col("row").cast(pl.UInt32)
    )
    on = ["_source", "_row"] if dialect == "departments" else ["_source", "_sheet", "_row"]
    hit = found.join(planted, on=on, how="semi").height
    assert hit >= 0.98 * found.height
    assert hit >= 0.95 * planted.unique().height
