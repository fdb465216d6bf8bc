"""Two small invented counties, and a lake of them."""

import polars as pl

import relapse_risk as rr

COUNTIES = {"甲县": 1, "乙县": 5}


def county_tables(county, seed):
    """Return the tables of a county: numbers and villages of its own."""
    tables = {}
    for name, table in rr.synthesise(households=300, seed=seed).tables.items():
        ids = [(pl.lit(f"{seed}-") + pl.col(one)).alias(one) for one in table.columns if one.endswith("_id")]
        codes = [
            pl.col(one).cast(pl.String).str.replace("^.{6}", f"53232{seed}")
            for one in table.columns
            if one == "village_code"
        ]
        tables[name] = table.with_columns(*ids, *codes)
    return tables | {"households": tables["households"].with_columns(county=pl.lit(county))}


def write_lake(folder, counties):
    for county, tables in counties.items():
        inside = folder / f"county={county}"
        inside.mkdir(parents=True)
        for name, table in tables.items():
            table.write_parquet(inside / f"{name}.parquet")
    return folder
