"""Households given several times: a weight is a row given twice, copies are left out together, or warned of."""

import warnings

import numpy as np
import pytest

from relapse_risk.errors import RelapseRiskWarning
from relapse_risk.metrics import time_household_folds
from relapse_risk.models import HazardClassifier, IncomeOnlyClassifier, LogisticClassifier, ScorecardClassifier
from relapse_risk.models.scorecard import Bins

DAYS = 6


def panel(households=300, noise=0.02, seed=0, columns=8):
    """Households on six days that hardly differ, and whether each relapses."""
    random = np.random.default_rng(seed)
    once = random.normal(size=(households, columns))
    relapsed = random.logistic(size=households) < -1.5 + once[:, 0] - 0.7 * once[:, 1]
    X = np.repeat(once, DAYS, axis=0) + noise * random.normal(size=(households * DAYS, columns))
    return X, np.repeat(relapsed, DAYS).astype(int), np.repeat(np.arange(households), DAYS)


@pytest.mark.parametrize("model", [LogisticClassifier(), HazardClassifier(duration=None), IncomeOnlyClassifier()])
@pytest.mark.parametrize("named", [True, False], ids=["households named", "not named"])
def test_a_weight_of_two_is_the_row_given_twice(model, named):
    random = np.random.default_rng(1)
    X, home = random.normal(size=(400, 6)), np.repeat(np.arange(200), 2)
    y = (random.logistic(size=400) < X[:, 0] - 1).astype(int)
    times = random.integers(1, 3, 400)
    known, again = ({"household": home}, {"household": np.repeat(home, times)}) if named else ({}, {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RelapseRiskWarning)
        weighed = model.fit(X, y, times, **known)
        found = weighed.decision_function(X), weighed.predict_interval(X)
        repeated = model.fit(np.repeat(X, times, axis=0), np.repeat(y, times), **again)
    assert found[0] == pytest.approx(repeated.decision_function(X), abs=1e-8)
    assert found[1] == pytest.approx(repeated.predict_interval(X), abs=1e-8)


@pytest.mark.parametrize("model", [LogisticClassifier(), ScorecardClassifier(), IncomeOnlyClassifier()])
def test_a_weight_of_two_is_the_row_given_twice_with_days_and_villages(model):
    random = np.random.default_rng(3)
    n = 900
    X, home, day = random.normal(size=(n, 4)), np.repeat(np.arange(n // 3), 3), np.tile(np.arange(3), n // 3)
    village = np.column_stack([np.full(n, "county"), (home % 12).astype(str)])
    felt = X[:, 0] - 1 + 1.2 * (home % 12 < 3)
    y = (random.logistic(size=n) < felt).astype(int)
    times = np.where(day == 2, 4, random.integers(1, 3, n))
    weighed = model.fit(X, y, times, household=home, time=day, place=village, recalibrate_latest=True)
    found = weighed.decision_function(X, village), weighed.predict_interval(X, place=village)
    assert weighed.local_.moves
    again = {
        name: np.repeat(one, times, axis=0) for name, one in {"household": home, "time": day, "place": village}.items()
    }
    repeated = model.fit(np.repeat(X, times, axis=0), np.repeat(y, times), **again, recalibrate_latest=True)
    assert found[0] == pytest.approx(repeated.decision_function(X, village), abs=1e-8)
    assert found[1] == pytest.approx(repeated.predict_interval(X, place=village), abs=1e-8)


def test_blocks_of_time_weigh_rows():
    home, day = np.arange(12), np.repeat(np.arange(6), 2)
    weight = np.where(day == 0, 5.0, 1.0)
    folds = time_household_folds(home, day, n_folds=2, weight=weight)
    assert [np.unique(day[fold.test]).tolist() for fold in folds] == [[0], [1, 2, 3, 4, 5]]
    scaled = time_household_folds(home, day, n_folds=2, weight=0.1 * weight)
    assert [fold.test.tolist() for fold in scaled] == [fold.test.tolist() for fold in folds]


def test_bins_do_not_part_what_copies_make_look_different():
    column, outcome = np.repeat([0.0, 1.0], 300), np.tile(np.repeat([1.0, 0.0], [4, 26]), 20)
    outcome[300:315] = 1.0
    plain, copied = (
        Bins.of(column, outcome, np.full(600, 6.0), sign=0, most=4, design_effect=effect) for effect in (1.0, 6.0)
    )
    assert (len(plain.edges), len(copied.edges)) == (1, 0)


def test_copies_without_a_household_are_warned_of():
    X, y, home = panel()
    with pytest.warns(RelapseRiskWarning, match="household=") as found:
        LogisticClassifier().fit(X, y)
    assert [one.message.code for one in found] == ["near_copies"]
    assert "household=" in found[0].message.in_language("zh")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LogisticClassifier().fit(X, y, household=home)


@pytest.mark.parametrize(
    "rows",
    [
        lambda random: random.normal(size=(600, 8)),
        lambda random: np.exp(2 * random.normal(size=(600, 2))),
        lambda random: np.repeat(random.normal(size=(200, 4)), 3, axis=0),
        lambda random: random.integers(0, 5, size=(600, 6)).astype(float),
        lambda random: np.where(random.random((600, 8)) < 0.7, 0.0, random.normal(size=(600, 8))),
        lambda random: np.vstack([random.normal(size=(300, 4)), 20 + random.normal(size=(300, 4))]),
    ],
    ids=["independent", "skewed", "the same rows again", "few values", "mostly nought", "two kinds"],
)
def test_other_rows_are_not_warned_of(rows):
    random = np.random.default_rng(2)
    X = rows(random)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LogisticClassifier(penalty=3.0).fit(X, random.integers(0, 2, len(X)))


def test_copies_of_a_named_household_make_nothing_surer():
    held, slopes = [], []
    for seed in range(4):
        X, y, home = panel(households=400, seed=seed, columns=20)
        model = LogisticClassifier().fit(X, y, household=home)
        new = np.random.default_rng(99).normal(size=(1000, 20))
        truth = 1 / (1 + np.exp(1.5 - new[:, 0] + 0.7 * new[:, 1]))
        bounds = model.predict_interval(new)
        held.append(((bounds[:, 0] <= truth) & (truth <= bounds[:, 1])).mean())
        slopes.append(model.calibrator_.derivative(np.array([0.0]))[0])
    assert np.mean(held) > 0.8
    assert np.mean(slopes) == pytest.approx(1, abs=0.25)
