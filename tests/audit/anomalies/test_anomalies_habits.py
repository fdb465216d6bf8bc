"""Round, carried and identical figures: habits of one village against those of all."""

import numpy as np
import polars as pl
import pytest

from tests.audit.anomalies.anomalous_counties import PARTS, county, found_by

pytestmark = pytest.mark.slow

TESTS = ("rounded", "copied", "identical")
SHAPES = {
    "plain": {},
    "tens": {"to": 10},
    "hundreds": {"to": 100},
    "heavy tails": {"tails": 4},
    "small villages": {"villages": 60, "homes": (3, 12)},
}


def found(test, rows):
    return found_by(test, rows, columns={"incomes": PARTS})


def first_village(rows):
    """Return the code of a village, and whether a row is of it."""
    code = rows["households"]["village_code"][0]
    homes = rows["households"].filter(village_code=code)["household_id"].to_list()
    return code, pl.col("household_id").is_in(homes)


def whole(part, unit):
    return (pl.col(part) / unit).round() * unit


def changed(rows, *amounts, **named):
    return {**rows, "incomes": rows["incomes"].with_columns(*amounts, **named)}


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_no_more_false_alarms_than_the_level(test, shape):
    tests = [found(test, county(seed, **shape)).tests for seed in range(15)]
    assert sum(one["flagged"].any() for one in tests) <= 2
    p_values = pl.concat(tests)["p_value"].to_numpy()
    assert np.mean(p_values <= 0.05) <= 0.06


def test_villages_that_all_round_a_little_differently_are_not_flagged():
    rng = np.random.default_rng(1)
    rows = county(1)
    habit = pl.DataFrame({"village_code": rows["households"]["village_code"].unique().sort()})
    habit = habit.with_columns(share=pl.Series(rng.beta(4, 16, habit.height)))
    share = rows["incomes"].join(
        rows["households"].join(habit, on="village_code"), on="household_id", maintain_order="left"
    )
    estimated = pl.Series(rng.random(rows["incomes"].height)) < share["share"]
    rows = changed(rows, *(pl.when(estimated).then(whole(part, 10)).otherwise(part).alias(part) for part in PARTS))
    assert not found("rounded", rows).tests["flagged"].any()


def test_a_village_that_estimates_is_found():
    rows = county(2)
    village, of_village = first_village(rows)
    one = found(
        "rounded", changed(rows, *(pl.when(of_village).then(whole(p, 100)).otherwise(p).alias(p) for p in PARTS))
    )
    assert one.tests.filter(flagged=True, unit_kind="village")["unit"].to_list() == [village]
    homes = rows["households"].filter(village_code=village)["household_id"]
    assert set(one.rows["household_id"]) >= set(homes)


@pytest.mark.parametrize("to", [0.01, 100])
def test_figures_carried_forward_are_found(to):
    rows = county(3, to=to)
    village, of_village = first_village(rows)
    carried = of_village & (pl.col("year") == 2018) & (pl.col("household_id").str.slice(1).cast(pl.Int64) % 4 == 0)
    before = rows["incomes"].sort("household_id", "year")
    last_year = [pl.when(carried).then(pl.col(part).shift(1)).otherwise(part).alias(part) for part in PARTS]
    copies = set(before.filter(carried)["_row"])
    one = found("copied", {**rows, "incomes": before.with_columns(*last_year)})
    assert one.tests.filter("flagged").select("unit", "year").rows() == [(village, 2018)]
    assert set(one.rows["_row"]) == copies


def test_what_nobody_changes_is_no_copy():
    """Everywhere pensions stay as they are: a household that has nothing else, and dividends, is not listed."""
    rows = county(4)
    old = pl.col("household_id").str.slice(1).cast(pl.Int64) % 10 == 0
    flat = pl.when(old).then(1200.0)
    none = [pl.when(old).then(0.0).otherwise(part).alias(part) for part in ("wage", "business", "production_cost")]
    dividend = pl.when(pl.col("household_id").str.slice(1).cast(pl.Int64) % 2 == 0).then(100.0).otherwise("property")
    transfer = pl.when(pl.col("household_id").str.slice(1).cast(pl.Int64) % 3 != 0).then(1200.0).otherwise("transfer")
    rows = changed(rows, *none, transfer=flat.otherwise(transfer), property=dividend)
    assert found("copied", rows).rows.is_empty()


def test_identical_answers_are_found():
    rows = county(5)
    village, of_village = first_village(rows)
    several = of_village & (pl.col("year") == 2019) & (pl.col("household_id").str.slice(1).cast(pl.Int64) % 5 == 0)
    one_answer = [pl.when(several).then(1000.0 + place).otherwise(part).alias(part) for place, part in enumerate(PARTS)]
    one = found("identical", changed(rows, *one_answer))
    assert one.tests.filter("flagged").select("unit", "year").rows() == [(village, 2019)]
    assert set(one.rows["_row"]) == set(rows["incomes"].filter(several)["_row"])


def test_answers_that_all_villages_give_are_not_odd():
    rows = county(6)
    common = pl.col("household_id").str.slice(1).cast(pl.Int64) % 5 == 0
    rows = changed(rows, *(pl.when(common).then(1000.0).otherwise(part).alias(part) for part in PARTS))
    assert not found("identical", rows).tests["flagged"].any()


def test_one_household_entered_twice_does_not_agree_with_itself():
    rows = county(7)
    twice = {**rows, "incomes": pl.concat([rows["incomes"], rows["incomes"]])}
    assert found("identical", twice).tests["statistic"].sum() == 0
