"""The stages as they are in the library; see `benchmarks/stages.py`."""

from collections.abc import Callable
from shutil import rmtree

import numpy as np
import polars as pl
from sklearn.base import clone

import relapse_risk as rr
from relapse_risk.models import ReasonAdditiveClassifier
from stages import DAY, HORIZON, TRAINED_DAY, Place

Timed = Callable[[], object]


def prepare(place: Place) -> None:
    """Invent the register of a size, train the bundle, and keep the features, where they are not there yet."""
    place.folder.mkdir(parents=True, exist_ok=True)
    if not place.bundle.exists():
        records = rr.read_records(rr.synthesise(households=place.trained_on, seed=1).tables).records
        rr.train(records, as_of=TRAINED_DAY, model=ReasonAdditiveClassifier()).save(place.bundle)
    if not place.register.exists():
        beside = place.folder / "unfinished"
        beside.mkdir(parents=True, exist_ok=True)
        for name, table in rr.synthesise(households=place.households, seed=0).tables.items():
            table.write_parquet(beside / f"{name}.parquet")
        beside.rename(place.register)
    if not (place.folder / "terms.npy").exists():
        bundle = rr.read_bundle(place.bundle)
        table = bundle.completed(rr.build_features(rr.read_records(place.register).records, DAY))
        X = bundle.require(table)
        X.insert_column(0, table.frame["household_id"]).write_parquet(place.folder / "features.parquet")
        np.save(place.folder / "terms.npy", bundle.model.encode(X.drop("household_id")).terms)


def read(place: Place) -> Timed:
    read_records = rr.read_records  # what is fetched late is fetched here
    return lambda: read_records(place.register)


def audit(place: Place) -> Timed:
    run_audit, intake = rr.run_audit, rr.read_records(place.register)
    return lambda: run_audit(intake)


def features(place: Place) -> Timed:
    records = rr.read_records(place.register).records
    build_features = rr.build_features
    return lambda: build_features(records, DAY)


def label(place: Place) -> Timed:
    records = rr.read_records(place.register).records
    label_relapse = rr.label_relapse
    return lambda: label_relapse(records, TRAINED_DAY, HORIZON)


def fit(place: Place) -> Timed:
    """Fit the default model, with its folds, calibrator and intervals."""
    bundle, records = rr.read_bundle(place.bundle), rr.read_records(place.register).records
    outcomes = rr.label_relapse(records, TRAINED_DAY, HORIZON).frame.filter(pl.col("relapsed").is_not_null())
    made = bundle.completed(rr.build_features(records, TRAINED_DAY)).frame
    rows = made.drop("as_of", strict=False).join(outcomes, on="household_id")
    model = clone(bundle.model)
    X, y, household = rows.select(bundle.columns), rows["relapsed"].to_numpy(), rows["household_id"].to_numpy()
    return lambda: model.fit(X, y, household=household)


def predict(place: Place) -> Timed:
    model, X = rr.read_bundle(place.bundle).model, _columns(place)
    return lambda: model.predict_proba(X)


def reasons(place: Place) -> Timed:
    model, X = rr.read_bundle(place.bundle).model, _columns(place)
    return lambda: model.explain(X)


def intervals(place: Place) -> Timed:
    model, X = rr.read_bundle(place.bundle).model, _columns(place)
    return lambda: model.predict_interval(X, 0.9)


def write(place: Place) -> Timed:
    roster = rr.score(rr.read_records(place.register).records, rr.read_bundle(place.bundle), as_of=DAY)
    return lambda: roster.write(place.out)


def month(place: Place) -> Timed:
    """Run the first month of an empty ledger, with what it writes."""
    from relapse_risk.cycle import monitor
    from relapse_risk.monitoring import open_ledger

    rmtree(place.out, ignore_errors=True)
    place.out.mkdir()
    records, bundle = rr.read_records(place.register).records, rr.read_bundle(place.bundle)
    ledger = open_ledger(f"sqlite:///{place.out / 'ledger.db'}")
    return lambda: monitor(records, bundle, ledger, as_of=DAY).write(place.out / "month")


def process(place: Place) -> Timed:
    """Score from files to files."""
    from relapse_risk.cli import run

    rmtree(place.out, ignore_errors=True)
    what = ["--bundle", str(place.bundle), "--as-of", DAY, "--out", str(place.out), "--quiet"]
    return lambda: _require_done(run(["score", str(place.register), *what]))


def _columns(place: Place) -> pl.DataFrame:
    return pl.read_parquet(place.folder / "features.parquet").drop("household_id")


def _require_done(code: int) -> None:
    assert code == 0, code
