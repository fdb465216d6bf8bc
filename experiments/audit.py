"""The audit compared with the faults that were planted in the sample exports of two counties.

Usage: python experiments/audit.py [--data DIR] [--show KIND]

A planted fault is one row of one dialect and its kind. It is found if a rule of that kind flags its row. A finding is a
false alarm if nothing was planted in its row; where another fault was (a sum that does not hold because a part of it
was made negative), it is counted as derived, neither right nor wrong. Notes, which may be right as they are, are
counted apart.
"""

import argparse
import time
from pathlib import Path

import polars as pl

import relapse_risk as rr
from relapse_risk.audit import run_audit

SHARED = Path(__file__).resolve().parents[2] / "shared" / "samples"
DIALECTS = ("registry", "departments")
# Found by comparing many rows, not by a rule on one.
STATISTICAL = ("unit_slip", "bunching")
KINDS = {
    "number_check_digit": "wrong_check_digit",
    "identifier_as_number": "id_as_float",
    "impossible_date": "impossible_date",
    "born_in_future": "birth_in_future",
    "unknown_code": "unknown_category",
    "business_negative": "negative_income",
    "income_parts_and_sum": "component_sum",
    "income_per_person": "per_capita_mismatch",
    "income_size_not_of_register": "member_count_mismatch",
    "size_not_of_members": "member_count_mismatch",
    "reimbursed_over_total": "reimbursement_over_total",
    "illness_before_birth": "event_before_birth",
    "settled_before_birth": "event_before_birth",
    "illness_after_death": "event_after_death",
    "settled_after_death": "event_after_death",
    "member_without_household": "orphan_member",
    "households_twice": "duplicate_household",
    "loans_twice": "loan_twice",
    "exit_after_relapse": "exit_year_after_relapse",
    "grade_without_category": "grade_without_category",
    "garbled": "mojibake",
}
PLACE = ["dialect", "source", "sheet", "row"]


def placed(frame: pl.DataFrame, dialect: str) -> pl.DataFrame:
    """Mark rows with their dialect; a list of a department has one sheet, which has no name of its own."""
    sheet = pl.col("sheet") if dialect == "registry" else pl.lit("")
    return frame.with_columns(pl.lit(dialect).alias("dialect"), sheet.alias("sheet"), pl.col("row").cast(pl.UInt32))


def read_planted(data: Path) -> pl.DataFrame:
    """Return every planted fault that shows in a row: its place, its column and its kind."""
    planted = pl.read_csv(data / "planted_rows.csv").rename({"file": "source"})
    rows = pl.concat(placed(planted.filter(pl.col("dialect") == dialect), dialect) for dialect in DIALECTS)
    return rows.with_columns(by_rules=~pl.col("kind").str.contains("^(" + "|".join(STATISTICAL) + ")"))


def audit(data: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the findings in both dialects, and how long it took to read and to audit each."""
    found, took = [], []
    for dialect in DIALECTS:
        begin = time.perf_counter()
        intake = rr.read_records(data / dialect)
        read = time.perf_counter()
        result = run_audit(intake)
        done = time.perf_counter()
        found.append(placed(result.findings, dialect))
        rows = sum(frame.height for frame in intake.rows.values())
        took.append(
            {"dialect": dialect, "rows": rows, "read, s": round(read - begin, 1), "audit, s": round(done - read, 1)}
        )
    return pl.concat(found), pl.DataFrame(took)


def judged(found: pl.DataFrame, planted: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the planted faults of the rules with whether each was found, and warnings with whether each is right."""
    kind = pl.col("rule").replace_strict(KINDS, default="other")
    alarms = found.filter(pl.col("severity") != "note").with_columns(kind=kind).unique([*PLACE, "kind", "rule"])
    faults = planted.filter("by_rules").unique([*PLACE, "kind"])
    right = faults.select(*PLACE, "kind", pl.lit("right").alias("verdict"))
    derived = planted.select(*PLACE, pl.lit("derived").alias("derived")).unique()
    verdicts = (
        alarms.join(right, on=[*PLACE, "kind"], how="left")
        .join(derived, on=PLACE, how="left")
        .with_columns(pl.coalesce("verdict", "derived", pl.lit("false alarm")).alias("verdict"))
        .drop("derived")
    )
    hit = verdicts.filter(pl.col("verdict") == "right").select(*PLACE, "kind", pl.lit(True).alias("found")).unique()
    return faults.join(hit, on=[*PLACE, "kind"], how="left").with_columns(pl.col("found").fill_null(False)), verdicts


def summary(faults: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """Return precision and recall by kind and over all."""
    by_kind = faults.group_by("kind").agg(planted=pl.len(), found=pl.col("found").sum())
    flagged = verdicts.unique([*PLACE, "kind"]).group_by("kind").agg(
        right=(pl.col("verdict") == "right").sum(),
        derived=(pl.col("verdict") == "derived").sum(),
        false_alarms=(pl.col("verdict") == "false alarm").sum(),
    )  # fmt: skip
    counts = by_kind.join(flagged, on="kind", how="full", coalesce=True).fill_null(0).sort("kind")
    total = counts.select(pl.lit("all").alias("kind"), pl.exclude("kind").sum())
    right, wrong = pl.col("right"), pl.col("false_alarms")
    return pl.concat([counts, total]).with_columns(
        precision=right / (right + wrong),
        recall=pl.when(pl.col("planted") > 0).then(pl.col("found") / pl.col("planted")),
    )


def print_table(frame: pl.DataFrame) -> None:
    print("| " + " | ".join(frame.columns) + " |\n|" + " --- |" * frame.width)
    for row in frame.iter_rows():
        print("| " + " | ".join(f"{v:.3f}" if isinstance(v, float) else f"{v}" for v in row) + " |")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--show", help="list the misses and false alarms of a kind")
    options = parser.parse_args()
    found, took = audit(options.data)
    planted = read_planted(options.data)
    faults, verdicts = judged(found, planted)
    print_table(took)
    print_table(summary(faults, verdicts))
    missed = faults.filter(~pl.col("found"))
    print_table(missed.group_by("dialect", "kind", "source", "sheet", "column").len("missed").sort("dialect", "kind"))
    wrong = verdicts.filter(pl.col("verdict") != "right")
    print_table(wrong.group_by("verdict", "rule").len("findings").sort("verdict", "rule"))
    notes = found.filter(pl.col("severity") == "note")
    print_table(notes.group_by("rule").len("notes").sort("notes", "rule", descending=[True, False]))
    if options.show:
        print_table(missed.filter(pl.col("kind") == options.show).select(*PLACE, "column"))
        print_table(wrong.filter(pl.col("kind") == options.show).select(*PLACE, "rule", "verdict"))


if __name__ == "__main__":
    main()
