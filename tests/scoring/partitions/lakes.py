"""A small lake of counties, and the same records in one piece."""

import polars as pl

from relapse_risk.records import Records
from tests.scoring.scored_registers import make_tables

COUNTIES = ("丙县", "乙县", "甲县")
DAY = "2019-12-31"


def county_tables(place, county, *, prefecture="虚拟州", n=120):
    """Return the tables of a county: numbers of its own, and villages of the same names as everywhere."""
    tables = {}
    for name, table in make_tables(n=n, seed=place).items():
        own = pl.col("household_id").str.replace("^5399", f"5{place}99")
        tables[name] = table.with_columns(household_id=own)
    homes = tables["households"].with_columns(county=pl.lit(county), prefecture=pl.lit(prefecture))
    return tables | {"households": homes}


def write_lake(folder, counties, *, without=()):
    """Write a hive layout; columns of `without` are said by its folders alone."""
    for county, tables in counties.items():
        inside = folder / f"county={county}"
        inside.mkdir(parents=True)
        for name, table in tables.items():
            table.drop(without, strict=False).write_parquet(inside / f"{name}.parquet")
    return folder


def make_counties(**changes):
    return {county: county_tables(place, county, **changes) for place, county in enumerate(COUNTIES, start=1)}


def as_one(counties):
    """Return the records of all counties together."""
    names = next(iter(counties.values()))
    return Records({name: pl.concat([tables[name] for tables in counties.values()]) for name in names})
