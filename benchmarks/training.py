"""Training on two as-of days of an invented register: seconds of processor time by step, and log losses of every model.

Usage: OMP_NUM_THREADS=1 POLARS_MAX_THREADS=1 python benchmarks/training.py [--households N] [--seed S] [--register DIR]

The register is written to `--register`; where it is there already it is read. Measure two versions with one register,
each in a process of its own (`PYTHONPATH`), at the same time or in turn.
"""

import argparse
import tempfile
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import relapse_risk as rr
from relapse_risk.training import TrainRequest
from relapse_risk.training.sample import gather
from relapse_risk.training.train import train_on

DAYS = ("2017-12-31", "2018-12-31")


def invent(households: int, seed: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in rr.synthesise(households=households, seed=seed).tables.items():
        table.write_parquet(folder / f"{name}.parquet")


def seconds() -> float:
    used = getrusage(RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(folder: Path) -> None:
    request, begun = TrainRequest(as_of=DAYS), seconds()
    records = rr.read_records(folder).records
    read = seconds()
    material = gather(records, request)
    gathered = seconds()
    bundle = train_on(material, request)
    trained = seconds()
    print(f"rows {len(material.sample.relapsed)}")
    print(f"seconds: read {read - begun:.1f}, gather {gathered - read:.1f}, train {trained - gathered:.1f}")
    print(f"most memory: {getrusage(RUSAGE_SELF).ru_maxrss / 1024**2:.1f} GB")
    for one in bundle.evaluation.comparisons if bundle.evaluation else ():
        print(f"{one.name}: log loss {one.scores.log_loss:.5f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--register", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        register = asked.register or Path(folder)
        if not (register / "households.parquet").exists():
            invent(asked.households, asked.seed, register)
        measure(register)


if __name__ == "__main__":
    main()
