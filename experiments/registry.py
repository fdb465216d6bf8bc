"""The sample workbooks of two counties: read, trained on, scored, with the account of every row.

Usage: python experiments/registry.py [--data DIR] [--out DIR]

Trained as of the ends of 2017 and 2018 on outcomes through 2019; scored as of the end of 2019, and compared with the
relapses of 2020 that the same workbooks record.
"""

import argparse
import time
from pathlib import Path

import polars as pl

import relapse_risk as rr
from relapse_risk.metrics import score_all

SHARED = Path(__file__).resolve().parents[2] / "shared" / "samples" / "registry"
TRAINED, KNOWN_BY, SCORED = ("2017-12-31", "2018-12-31"), "2019-12-31", "2019-12-31"


def print_table(frame: pl.DataFrame) -> None:
    print("| " + " | ".join(frame.columns) + " |\n|" + " --- |" * frame.width)
    for row in frame.iter_rows():
        print("| " + " | ".join(f"{v:,}" if isinstance(v, int) else f"{v}" for v in row) + " |")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    begin = time.perf_counter()
    intake = rr.read_records(options.data)
    read = time.perf_counter()
    counts = ("read", "kept", "refused", "skipped")
    print_table(intake.accounts.group_by("sheet", "table", maintain_order=True).agg(pl.col(counts).sum()))
    print_table(intake.rejected.group_by("table", "column", "rule").len("rows refused").sort("rows refused"))
    print_table(intake.blanked.group_by("rule").len("cells blanked").sort("cells blanked"))
    bundle = rr.train(intake.records, as_of=TRAINED, known_by=KNOWN_BY)
    trained = time.perf_counter()
    print(f"Trained on {bundle.rows:,} rows of {bundle.households:,} households, {bundle.relapses} relapses.\n")
    comparisons = bundle.evaluation.comparisons
    print_table(
        pl.DataFrame(
            {
                "model": [s.name for s in comparisons],
                "log loss": [f"{s.scores.log_loss:.4f}" for s in comparisons],
                "AUC": [f"{s.scores.auc:.3f}" for s in comparisons],
                "expected / observed": [f"{s.scores.predicted / s.scores.observed:.2f}" for s in comparisons],
            }
        )
    )
    roster = rr.score(intake.records, bundle, as_of=SCORED)
    scored = time.perf_counter()
    print_table(
        roster.frame.group_by("population", "exclusion_reason").len("households").sort("population", "exclusion_reason")
    )
    print_outcome(intake.records, roster)
    print(f"Seconds: read {read - begin:.1f}, train {trained - read:.1f}, score {scored - trained:.1f}.")
    if options.out:
        roster.write(options.out)


def print_outcome(records: rr.Records, roster: rr.Roster) -> None:
    """Compare the scores with what the workbooks record of the next year, which no part of the model saw."""
    labels = rr.label_relapse(records, SCORED, label="recorded").frame
    known = labels.filter(pl.col("relapsed").is_not_null()).select("household_id", "relapsed")
    judged = roster.frame.join(known, on="household_id")
    s = score_all(judged["relapsed"].cast(pl.Float64).to_numpy(), judged["probability"].to_numpy())
    listed = judged.join(roster.frame.filter(listed_for="model").select("household_id"), on="household_id")
    print(
        f"Of {judged.height:,} households at risk, {int(judged['relapsed'].sum())} relapsed in 2020 "
        f"({s.observed:.3%}; predicted {s.predicted:.3%}); AUC {s.auc:.3f}. "
        f"Of the {listed.height} listed by risk, {int(listed['relapsed'].sum())} did.\n"
    )


if __name__ == "__main__":
    main()
