"""Incomes just above the line: silent where there is no heap, and heard where there is one."""

import numpy as np
import polars as pl
import pytest

from tests.audit.anomalies.anomalous_counties import county, found_by, with_heap

pytestmark = pytest.mark.slow


def heaps_in(rows):
    return found_by("heaped", rows)


@pytest.mark.parametrize(
    "shape",
    [
        {},
        {"level": 0.05, "breadth": 0.2},  # the line stands where incomes are densest
        {"tails": 4},
        {"to": 100},
        {"villages": 60, "homes": (3, 12), "level": 0.3},
    ],
    ids=["plain", "poor", "heavy tails", "round", "small villages"],
)
def test_no_more_false_alarms_than_the_level(shape):
    found = [heaps_in(county(seed, **shape)) for seed in range(30)]
    alarmed = sum(one.tests["flagged"].any() for one in found)
    # With an alarm in one of a hundred for either kind of unit, 30 counties have more than 3 once in 300 times.
    assert alarmed <= 3
    p_values = pl.concat([one.tests for one in found])["p_value"].to_numpy()
    assert np.mean(p_values <= 0.05) <= 0.05
    assert np.mean(p_values <= 0.01) <= 0.01


def test_heaps_are_found():
    found = 0
    for seed in range(20):
        rows = county(seed, homes=(40, 150))
        village = rows["households"]["village_code"][0]
        heap, moved = with_heap(rows, village, 2019, 0.2, seed)
        one = heaps_in(heap)
        units = one.tests.filter(pl.col("flagged") & (pl.col("unit_kind") == "village"))
        found += units.rows() != [] and (units["unit"][0], units["year"][0]) == (village, 2019)
        assert units.height <= 1
        assert units.is_empty() or moved <= set(one.rows["_row"])
    assert found >= 18


def test_heaps_of_many_villages_do_not_hide_one_another():
    rows = county(3, homes=(40, 150))
    heaps = rows["households"]["village_code"].unique().sort()[:8].to_list()
    for village in heaps:
        rows, _ = with_heap(rows, village, 2020, 0.3)
    units = heaps_in(rows).tests.filter(pl.col("flagged") & (pl.col("unit_kind") == "village"))
    assert sorted(units["unit"]) == heaps
    assert set(units["year"]) == {2020}


def test_heaps_of_every_year_add_up():
    rows = county(5, villages=20, homes=(25, 25))
    village = rows["households"]["village_code"][0]
    for year in range(2016, 2021):
        rows, _ = with_heap(rows, village, year, 0.14, seed=year)
    tests = heaps_in(rows).tests.filter(unit=village)
    assert tests.filter(unit_kind="village_all_years")["flagged"].all()
    assert (
        tests.filter(unit_kind="village_all_years")["p_value"].item()
        < tests.filter(unit_kind="village")["p_value"].min()
    )


def test_a_few_incomes_are_no_heap():
    rows = county(6, villages=10, homes=(4, 4))
    village = rows["households"]["village_code"][0]
    heap, _ = with_heap(rows, village, 2019, 1.0)
    assert not heaps_in(heap).tests["flagged"].any()


def test_per_capita_is_worked_out_where_it_is_not_reported():
    rows = county(7)
    without = {**rows, "incomes": rows["incomes"].drop("net_income_per_capita")}
    counts = heaps_in(without).tests["statistic"] - heaps_in(rows).tests["statistic"]
    assert counts.abs().sum() <= 2  # the reported ones are rounded to the fen


def test_a_household_that_stands_twice_counts_once():
    rows = county(8)
    twice = {**rows, "incomes": pl.concat([rows["incomes"], rows["incomes"]])}
    columns = ("unit", "year", "n", "statistic", "flagged")
    assert heaps_in(twice).tests.select(columns).equals(heaps_in(rows).tests.select(columns))


def test_a_village_far_from_the_line_is_read():
    rows = county(9, villages=5)
    village = rows["households"]["village_code"][0]
    homes = rows["households"].filter(village_code=village)["household_id"].to_list()
    rich = pl.when(pl.col("household_id").is_in(homes)).then(1e9).otherwise("net_income_per_capita")
    far = {**rows, "incomes": rows["incomes"].with_columns(net_income_per_capita=rich)}
    assert (heaps_in(far).tests.filter(unit=village)["p_value"] == 1.0).all()
