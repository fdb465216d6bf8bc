"""Log-odds by other trainings: of whom they are known, and that nothing but the households drawn has a part."""

import numpy as np
import pytest

from relapse_risk.models import (
    LightGBMBaseline,
    LogisticClassifier,
    PolicyRuleClassifier,
    ReasonAdditiveClassifier,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(800, 3))
Y = (RNG.logistic(size=800) < X[:, 0] - 1.5).astype(int)
PLACE = np.array([["C", f"v{i % 8}"] for i in range(800)], dtype=object)


@pytest.fixture(scope="module", params=["trees", "base", "logistic"])
def model(request):
    made = {
        "trees": ReasonAdditiveClassifier(n_rounds=20, min_rows=20, penalty=30.0),
        "base": ReasonAdditiveClassifier(n_rounds=1, min_rows=10**6, penalty=30.0),
        "logistic": LogisticClassifier(penalty=30.0),
    }
    return made[request.param].fit(X, Y)


def test_they_lie_around_the_log_odds_of_this_training(model):
    redrawn, here = model.redraw_log_odds(X), model.decision_function(X)
    assert redrawn.shape == (800, 100)
    assert np.abs(redrawn.mean(axis=1) - here).mean() < 0.12
    assert 0.05 < redrawn.std(axis=1).mean() < 1.0
    # an error that all share moves nobody past another: ranks differ less than each row by itself
    order = [np.corrcoef(draw, here)[0, 1] for draw in redrawn.T]
    assert min(order) > 0.5


def test_they_are_the_same_each_time_and_row_by_row(model):
    again = np.vstack([model.redraw_log_odds(X[rows]) for rows in np.array_split(np.arange(800), 3)])
    assert again == pytest.approx(model.redraw_log_odds(X), abs=1e-9)


def test_models_that_do_not_know_how_they_would_differ_do_not_say():
    assert LightGBMBaseline(n_folds=2).fit(X, Y).redraw_log_odds(X) is None
    assert PolicyRuleClassifier().fit(X, Y).redraw_log_odds(X) is None


def test_areas_move_as_far_as_samples_of_other_households_would_move_them():
    random = np.random.default_rng(1)
    shift = np.where(np.arange(800) % 8 < 4, 1.0, -1.0)
    fell = (random.logistic(size=800) < X[:, 0] - 1 + shift).astype(int)
    fitted = LogisticClassifier(penalty=30.0).fit(X, fell, place=PLACE)
    assert fitted.local_.random_intercepts is not None
    known, nowhere = fitted.redraw_log_odds(X, PLACE), fitted.redraw_log_odds(X)
    assert (known.std(axis=1) > nowhere.std(axis=1)).mean() > 0.8
    difference = known - nowhere
    first = np.flatnonzero(np.arange(800) % 8 == 0)
    moved = difference[first] - difference[first].mean(axis=1, keepdims=True)
    assert np.abs(moved - moved[0]).max() < 0.2  # all households of a village together
