"""Anomalies on the sample workbooks: precision and recall by kind of planted fault, with what is missed.

Usage: python experiments/anomalies.py [--data DIR]

Rows are matched by dialect, file, sheet (in workbooks) and row; both dialects are pooled. A row listed twice counts
once.
"""

import argparse
import time
from pathlib import Path

import polars as pl

import relapse_risk as rr
from relapse_risk.audit.anomalies import find_anomalies
from relapse_risk.policy import read_policy

SHARED = Path(__file__).resolve().parents[2] / "shared" / "samples"
DIALECTS = ("registry", "departments")
RULES = {"bunching": "heaped_above_line"}  # the other kinds are slips
PLACE = ("dialect", "_source", "_sheet", "_row")


def print_table(frame: pl.DataFrame) -> None:
    print("| " + " | ".join(frame.columns) + " |\n|" + " --- |" * frame.width)
    for row in frame.iter_rows():
        print("| " + " | ".join(f"{v:.4g}" if isinstance(v, float) else f"{v}" for v in row) + " |")
    print()


def planted_rows(data: Path) -> pl.DataFrame:
    rows = pl.read_csv(data / "planted_rows.csv", infer_schema_length=0)
    rows = rows.filter(pl.col("kind").str.contains("bunching|unit_slip")).with_columns(
        pl.col("row").cast(pl.UInt32).alias("_row"),
        pl.when(pl.col("dialect") == "registry").then("sheet").alias("_sheet"),
        pl.col("kind").replace_strict(RULES, default="slipped_by_ten").alias("rule"),
    )
    return rows.rename({"file": "_source"}).select(*PLACE, "rule", "kind").unique()


def listed_rows(data: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what is listed, and all rows with what may be looked at in what was missed."""
    listed, read = [], []
    for dialect in DIALECTS:
        intake = rr.read_records(data / dialect)
        begin = time.perf_counter()
        result = find_anomalies(intake.rows, read_policy().lines)
        print(
            f"{dialect}: {time.perf_counter() - begin:.1f} s, {result.tests.height:,} tests; missing: {result.missing}"
        )
        listed.append(result.rows.with_columns(dialect=pl.lit(dialect)))
        read += [
            frame.select(
                pl.lit(dialect).alias("dialect"),
                "_source",
                "_sheet",
                "_row",
                table=pl.lit(table),
                amount=pl.col(amount),
            )
            for table, amount in (
                ("incomes", "net_income"),
                ("assistance", "amount"),
                ("disasters", "loss"),
                ("employment", "monthly_wage"),
                ("loans", "principal"),
            )
            for frame in [intake.rows[table]]
        ]
    rows = pl.concat(listed).select(*PLACE, "rule", "table").unique()
    return sheetless(rows), sheetless(pl.concat(read))


def sheetless(rows: pl.DataFrame) -> pl.DataFrame:
    """Leave out the sheet of department lists, which have none."""
    return rows.with_columns(_sheet=pl.when(pl.col("dialect") == "registry").then("_sheet"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED)
    options = parser.parse_args()
    listed, read = listed_rows(options.data)
    planted = planted_rows(options.data)
    on = [*PLACE, "rule"]
    found = planted.join(listed, on=on, how="semi", nulls_equal=True)
    kinds = planted.group_by("kind").len("planted").join(found.group_by("kind").len("found"), on="kind", how="left")
    print_table(kinds.fill_null(0).with_columns(recall=pl.col("found") / pl.col("planted")).sort("kind"))
    right = listed.join(planted, on=on, how="semi", nulls_equal=True)
    rules = (
        listed.group_by("rule", "table")
        .len("listed")
        .join(right.group_by("rule", "table").len("right"), on=["rule", "table"], how="left")
    )
    print_table(rules.fill_null(0).with_columns(precision=pl.col("right") / pl.col("listed")).sort("rule", "table"))
    print(
        f"Pooled: precision {right.height / listed.height:.4f} ({right.height} of {listed.height} listed rows), "
        f"recall {found.height / planted.height:.4f} ({found.height} of {planted.height} planted ones).\n"
    )
    missed = planted.join(listed, on=on, how="anti", nulls_equal=True).join(
        read, on=[*PLACE], how="left", nulls_equal=True
    )
    print_table(missed.select("dialect", "kind", "table", "amount", "_row").sort("dialect", "table", "amount"))


if __name__ == "__main__":
    main()
