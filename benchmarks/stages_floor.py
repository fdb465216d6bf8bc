"""The least a stage can cost: plain Polars on the same files, and the same trees; see `benchmarks/stages.py`."""

from collections.abc import Callable
from zipfile import ZipFile

import numpy as np
import polars as pl

from stages import Place

Timed = Callable[[], object]


def read(place: Place) -> Timed:
    return lambda: [pl.scan_parquet(file).collect() for file in sorted(place.register.glob("*.parquet"))]


def predict(place: Place) -> Timed:
    import lightgbm  # noqa: F401

    terms, text = np.load(place.folder / "terms.npy"), _trees(place)
    return lambda: _log_odds(text, terms)


def write(place: Place) -> Timed:
    found = _scored(place)
    place.out.mkdir(exist_ok=True)
    return lambda: found.write_parquet(place.out / "floor.parquet")


def process(place: Place) -> Timed:
    """Scan the files, predict with the same trees, write one Parquet."""

    def run() -> None:
        read(place)()
        write(place)()

    return run


def _scored(place: Place) -> pl.DataFrame:
    ids = pl.read_parquet(place.folder / "features.parquet", columns=["household_id"])
    log_odds = _log_odds(_trees(place), np.load(place.folder / "terms.npy"))
    return ids.with_columns(probability=1 / (1 + np.exp(-log_odds)))


def _trees(place: Place) -> list[str]:
    with ZipFile(place.bundle) as archive:
        return [archive.read(name).decode() for name in archive.namelist() if name.endswith(".txt")]


def _log_odds(trees: list[str], terms: np.ndarray) -> np.ndarray:
    import lightgbm as lgb

    return np.sum([lgb.Booster(model_str=text).predict(terms, raw_score=True) for text in trees], axis=0)
