"""The table of every stage can still be made."""

import subprocess
import sys
from pathlib import Path

import pytest

STAGES = Path(__file__).resolve().parents[1] / "benchmarks" / "stages.py"


@pytest.mark.slow
def test_every_stage_is_measured_beside_the_others(tmp_path):
    what = ["--sizes", "300", "--trained-on", "800", "--cache", str(tmp_path)]
    done = subprocess.run([sys.executable, STAGES, *what], capture_output=True, text=True, check=True)
    assert "ended with" not in done.stderr
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines()]
    seconds = {stage: cells for stage, _, *cells in lines[2:]}
    everywhere = {"read", "predict", "write", "process"}
    assert {stage for stage, (library, *_) in seconds.items() if float(library) >= 0} >= everywhere | {"audit", "month"}
    assert {stage for stage, (_, floor, *_) in seconds.items() if floor != "–"} == everywhere
    assert {stage for stage, (*_, growth) in seconds.items() if growth != "–"} == set()
