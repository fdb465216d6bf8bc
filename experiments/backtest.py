"""The real panel, quarter by quarter: every model trained on outcomes known by the day, tried on the year after it.

Usage: python experiments/backtest.py [--data DIR] [--without-peers]

For the starts of each quarter from 2017Q4 to 2018Q4, every model is trained on the pairs of quarters whose outcome was
known by then (starts up to a year before), and predicts who falls within the year that follows. Peers, where installed,
run on the same features and rows: `pip install lightgbm interpret-core optbinning lifelines`.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from eph import FIRST, Model, Rows, boosting_machine, lightgbm_defaults, ours, quarters
from relapse_risk.features import build_features
from relapse_risk.labels import label_relapse
from relapse_risk.models import (
    FreeTreesClassifier,
    IncomeClassifier,
    LogisticClassifier,
    PolicyRuleClassifier,
    ReasonAdditiveClassifier,
)
from relapse_risk.policy import read_policy
from relapse_risk.records import Records

TESTED = quarters(date(2017, 12, 31), date(2018, 12, 31))
DEFAULT = "**reason-additive, the default**"


def trials(records: Records) -> Iterator[tuple[date, Rows, Rows]]:
    """Yield each tested day, the rows that could be trained on by then, and those tested."""
    days = quarters(FIRST, TESTED[-1])
    table = build_features(records, days)
    final = label_relapse(records, days, 12, label="income").frame
    for day in TESTED:
        then = label_relapse(records, [d for d in days if d < day], 12, label="income", known_by=day).frame
        train, test = joined(then, table), joined(final.filter(pl.col("as_of") == day), table)
        features = tuple(f for f in table.features if train[f.name].n_unique() > 1)
        yield day, Rows(frame=train, features=features), Rows(frame=test, features=features)


def joined(labels: pl.DataFrame, table: Any) -> pl.DataFrame:
    keys = ["household_id", "as_of"]
    known = labels.filter(pl.col("relapsed").is_not_null()).select(*keys, "relapsed")
    return known.join(table.frame, on=keys, validate="1:1").sort("as_of", "household_id")


def numbers(train: Rows, test: Rows) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Codes as one column a code, alike in both."""
    both, names = Rows(frame=pl.concat([train.frame, test.frame]), features=train.features).numbers()
    return both[: len(train.frame)], both[len(train.frame) :], names


def plain_logistic(train: Rows, test: Rows, seed: int) -> np.ndarray:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, Z, _ = numbers(train, test)
    model = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler(), LogisticRegression(max_iter=2000))
    return np.asarray(model.fit(X, train.fell).predict_proba(Z))[:, 1]


def optimal_scorecard(train: Rows, test: Rows, seed: int) -> np.ndarray:
    import pandas as pd
    from optbinning import BinningProcess, Scorecard
    from sklearn.linear_model import LogisticRegression

    X, Z, names = numbers(train, test)
    model = Scorecard(
        binning_process=BinningProcess(names),
        estimator=LogisticRegression(max_iter=2000),
        scaling_method="min_max",
        scaling_method_params={"min": 0, "max": 1000},
    ).fit(pd.DataFrame(X, columns=names), train.fell.astype(int))
    return np.asarray(model.predict_proba(pd.DataFrame(Z, columns=names)))[:, 1]


def cox(train: Rows, test: Rows, seed: int) -> np.ndarray:
    import pandas as pd
    from lifelines import CoxPHFitter
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import StandardScaler

    X, Z, _ = numbers(train, test)
    fill = SimpleImputer().fit(X)
    scale = StandardScaler().fit(fill.transform(X))
    X, Z = (scale.transform(fill.transform(part)) for part in (X, Z))
    kept = X.std(axis=0) > 0
    frame = pd.DataFrame(X[:, kept]).rename(columns=str).assign(months=12.0, fell=train.fell)
    # A little ridge: the columns of codes add up to one.
    model = CoxPHFitter(penalizer=0.001).fit(frame, "months", "fell")
    survival = model.predict_survival_function(pd.DataFrame(Z[:, kept]).rename(columns=str), times=[12.0])
    return np.asarray(1 - survival.to_numpy()[0])


RULE = read_policy().thresholds["rule"]
MODELS: dict[str, Callable[..., Any]] = {
    DEFAULT: ours(ReasonAdditiveClassifier),
    "policy rule": ours(PolicyRuleClassifier, figures=True, conditions=RULE),
    "income alone": ours(IncomeClassifier, figures=True, column="income_over_line"),
    "logistic, ours": ours(LogisticClassifier),
    "free trees, calibrated": ours(FreeTreesClassifier),
}
PEERS: dict[str, tuple[str, Model]] = {
    "LightGBM defaults": ("lightgbm", lightgbm_defaults),
    "logistic regression (scikit-learn)": ("sklearn", plain_logistic),
    "scorecard (optbinning)": ("optbinning", optimal_scorecard),
    "Cox (lifelines)": ("lifelines", cox),
    "explainable boosting machine (interpret)": ("interpret", boosting_machine),
}
