"""Reading and auditing a county's workbooks, beside plain reading of the same files.

Usage: pip install fastexcel && python benchmarks/intake.py [--households N] [--runs N] [--data DIR]

Invents the workbooks of a county (88,693 households are the 333,320 persons of a prefecture's register; fewer are
quicker and their ratio is much the same), then reads every sheet with fastexcel, and reads and audits them with this
library, in turn, each in a process of its own. Printed are the seconds that pass (and those of processor time) and the
ratio of each pair.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from relapse_risk.synthetic import synthesise, write_population

PLAIN = """
import resource, sys, time
begin = time.perf_counter()
import fastexcel
from pathlib import Path
rows = 0
for path in sorted(Path(sys.argv[1]).glob("*.xlsx")):
    book = fastexcel.read_excel(path)
    for name in book.sheet_names:
        rows += book.load_sheet(name, header_row=2).to_polars().height
"""
OURS = """
import resource, sys, time
begin = time.perf_counter()
import relapse_risk as rr
intake = rr.read_records(sys.argv[1])
rows = int(intake.accounts["read"].sum())
rr.run_audit(intake)
"""
TOLD = """
passed = time.perf_counter() - begin
used = resource.getrusage(resource.RUSAGE_SELF)
print(rows, passed, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6)
"""


def measured(program: str, folder: Path) -> tuple[int, float, float, float]:
    """Rows, seconds passed, seconds of processor time and gigabytes of memory of a program in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program + TOLD, str(folder)], capture_output=True, text=True, check=True
    )
    rows, *figures = done.stdout.split()[-4:]
    seconds, used, memory = map(float, figures)
    return int(rows), seconds, used, memory


def invent(households: int, folder: Path) -> None:
    write_population(synthesise(households=households, seed=0), folder, dialect="registry")


def compare(folder: Path, runs: int) -> None:
    ratios = []
    for run in range(runs):
        rows, plain, plain_used, plain_memory = measured(PLAIN, folder)
        read, ours, used, memory = measured(OURS, folder)
        ratios.append(ours / plain)
        print(
            f"run {run + 1}: plain reading {rows:,} rows {plain:.1f} s (processor {plain_used:.1f} s, "
            f"{plain_memory:.1f} GB); read and audited {read:,} rows {ours:.1f} s (processor {used:.1f} s, "
            f"{memory:.1f} GB); ratio {ratios[-1]:.2f}, of processor time {used / plain_used:.2f}",
            flush=True,
        )
    print(f"ratio: median {median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=88_693)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    if options.data:
        compare(options.data, options.runs)
        return
    with tempfile.TemporaryDirectory() as place:
        invent(options.households, Path(place))
        compare(Path(place), options.runs)


if __name__ == "__main__":
    main()
