"""Models moved to other times and places: what they learn there, and that reasons still add up."""

from typing import Any

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.base import clone

from relapse_risk.metrics import MAX_LOG_ODDS
from relapse_risk.models import (
    LogisticClassifier,
    ReasonAdditiveClassifier,
    recalibrated,
    with_prevalence_of,
    with_random_intercepts,
)
from tests.models.saved_models import read, saved

REASONS = {"x0": "income", "x1": "illness", "x2": "place"}
TRUE = np.array([1.0, -0.7, 0.4])


def drawn(n, seed, level=-2.0, effect=0.0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 3))
    return X, (random.logistic(size=n) < level + X @ TRUE + effect).astype(int)


@pytest.fixture(scope="module")
def base():
    X, y = drawn(6000, 0)
    return LogisticClassifier(REASONS).fit(X, y)


@pytest.fixture(scope="module")
def additive():
    X, y = drawn(2500, 0)
    return ReasonAdditiveClassifier({"x0": "income", "x1": "illness"}, n_rounds=30).fit(X, y)


AREAS = np.array([[f"county {i % 4}", f"village {i % 40}"] for i in range(8000)], dtype=object)
LEVEL = np.random.default_rng(5).normal(0, 0.6, 40)[np.arange(8000) % 40]


def moved(model):
    """Yield the model after each way to move it, with the areas to ask it for."""
    X, y = drawn(8000, 1, level=-1.0, effect=LEVEL)
    yield recalibrated(model, X, y), None
    yield with_random_intercepts(model, X, y, AREAS), AREAS
    yield with_prevalence_of(model, X), None
    yield with_random_intercepts(recalibrated(with_prevalence_of(model, X), X, y), X, y, AREAS), AREAS


@pytest.mark.parametrize("name", ["base", "additive"])
def test_reasons_add_up_however_a_model_was_moved(name, request):
    X = np.vstack([drawn(300, 3)[0], np.full((2, 3), 1e12), np.full((1, 3), np.nan)])
    for which, (model, areas) in enumerate(moved(request.getfixturevalue(name))):
        place = None if areas is None else np.vstack([areas[:300], [["", ""], ["county 9", "x"], ["county 1", None]]])
        contributions, p = model.explain(X, place), model.predict_proba(X, place)[:, 1]
        assert np.abs(contributions.base + contributions.values.sum(axis=1) - logit(p)).max() < 1e-9, which
        assert ((p >= 1e-6 * (1 - 1e-9)) & (p <= 1 - 1e-6 * (1 - 1e-9))).all(), which
        assert len(set(contributions.reasons)) == len(contributions.reasons), which
        bounds = model.predict_interval(X, 0.9, place)
        assert ((bounds[:, 0] <= p + 1e-12) & (p <= bounds[:, 1] + 1e-12)).all(), which
        again = read(*saved(model))
        assert np.array_equal(again.predict_proba(X, place)[:, 1], p), which


def test_what_the_place_adds_is_counted_under_place_alone(base):
    X, y = drawn(8000, 1, effect=LEVEL)
    there = with_random_intercepts(base, X, y, AREAS)
    plain, moved = base.explain(X), there.explain(X, AREAS)
    others = [k for k, reason in enumerate(plain.reasons) if reason != "place"]
    assert np.array_equal(plain.values[:, others], moved.values[:, others])
    assert moved.base == plain.base


def test_a_model_is_left_as_it_was(base):
    X, _ = drawn(500, 4, level=0.0)
    before = base.predict_proba(X)
    list(moved(base))
    assert np.array_equal(base.predict_proba(X), before)


def test_newer_outcomes_move_level_and_slope(base):
    X, y = drawn(20_000, 6, level=-1.0)
    half = slice(0, 10_000), slice(10_000, None)
    later = recalibrated(base, X[half[0]], y[half[0]])
    p = later.predict_proba(X[half[1]])[:, 1]
    assert p.mean() == pytest.approx(y[half[1]].mean(), rel=0.05)
    assert base.predict_proba(X[half[1]])[:, 1].mean() < 0.75 * y[half[1]].mean()


def test_weights_count_as_rows_and_order_does_not_matter(base):
    X, y = drawn(400, 7)
    weight = np.random.default_rng(0).integers(0, 3, 400).astype(float)
    by_weight = recalibrated(base, X, y, weight, household=np.arange(400))
    twice = np.repeat(np.arange(400), weight.astype(int))
    by_rows = recalibrated(base, X[twice], y[twice], household=twice)
    assert by_weight.decision_function(X) == pytest.approx(by_rows.decision_function(X), abs=1e-6)
    order = np.random.default_rng(1).permutation(400)
    shuffled = recalibrated(base, X[order], y[order], weight[order], household=np.arange(400)[order])
    assert np.array_equal(shuffled.decision_function(X), by_weight.decision_function(X))


def test_prevalence_is_found_without_outcomes(base):
    X, y = drawn(40_000, 8)
    for wanted in (0.05, 0.3):
        random = np.random.default_rng(9)
        fell, stayed = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
        n = 15_000
        chosen = np.concatenate([random.choice(fell, int(n * wanted)), random.choice(stayed, n - int(n * wanted))])
        there = with_prevalence_of(base, X[chosen])
        found = there.predict_proba(X[chosen])[:, 1].mean()
        assert found == pytest.approx(wanted, abs=0.03)
        true = logit(wanted) - logit(base.prevalence_)
        assert abs(there.local_.everywhere - true) < 3 * there.local_.everywhere_std_error + 0.1


def test_where_features_tell_nothing_of_prevalence_it_is_said_to_be_unknown():
    X, y = drawn(3000, 10)
    flat = LogisticClassifier().fit(X[:, :1] * 0 + 1.0, y)
    assert with_prevalence_of(flat, np.ones((50, 1))).local_.everywhere_std_error > 3


def test_few_households_move_a_prevalence_less_where_a_move_is_not_expected(base):
    X = drawn(200, 12)[0] - 0.5 * TRUE  # most look as if they stayed
    free, drawn_back = with_prevalence_of(base, X).local_, with_prevalence_of(base, X, moves=0.5).local_
    assert free.everywhere < drawn_back.everywhere < 0
    assert drawn_back.everywhere_std_error < min(free.everywhere_std_error, 0.5)


def test_outcomes_take_back_what_was_moved_by_prevalence(base):
    X, y = drawn(4000, 13, level=-1.0)
    moved = with_prevalence_of(base, X + 1.0)
    assert abs(moved.local_.everywhere) > 0.1
    np.testing.assert_allclose(recalibrated(moved, X, y).predict_proba(X), recalibrated(base, X, y).predict_proba(X))


def test_areas_learned_in_fit_help_where_villages_differ():
    X, y = drawn(8000, 11, effect=LEVEL)
    households = np.arange(8000)
    model = LogisticClassifier(REASONS).fit(X, y, household=households, place=AREAS)
    new, fell = drawn(8000, 12, effect=LEVEL)
    loss = {
        name: -np.mean(np.log(np.where(fell == 1, p, 1 - p)))
        for name, p in {
            "with": model.predict_proba(new, AREAS)[:, 1],
            "without": model.predict_proba(new)[:, 1],
        }.items()
    }
    assert loss["with"] < loss["without"] - 0.01
    nowhere = model.predict_proba(new, [["elsewhere", "x"]] * 8000)
    assert np.array_equal(nowhere, model.predict_proba(new))


@pytest.mark.parametrize("bad", [[1, 1, 1], [0, 1, 2], [0, 1]])
def test_outcomes_that_teach_nothing_are_refused(base, bad):
    with pytest.raises(ValueError, match=r"two classes|outcomes must be|inconsistent"):
        recalibrated(base, [[0.0] * 3] * 3, bad)


def test_the_held_bounds_hold(base):
    X, _ = drawn(50, 13)
    far = clone(base).fit(X, (X[:, 0] > 0).astype(int))
    moved_far = with_prevalence_of(far, X + 50)
    assert np.abs(moved_far.decision_function(X * 100)).max() <= MAX_LOG_ODDS + 1e-12
    assert np.isfinite(expit(moved_far.decision_function(X))).all()


def test_rolling_goes_half_way_to_the_newest_level_out_of_fold():
    parts = [drawn(3000, 20 + year, level=-2.5 + 0.5 * year) for year in range(3)]
    X, y = np.vstack([X for X, _ in parts]), np.concatenate([y for _, y in parts])
    fit_params = {"time": np.repeat([2017, 2018, 2019], 3000), "household": np.arange(9000)}
    rolled = LogisticClassifier(REASONS).fit(X, y, **fit_params, recalibrate_latest=True)
    plain = LogisticClassifier(REASONS).fit(X, y, **fit_params)
    new, fell = drawn(20_000, 30, level=-1.5)
    off = {name: abs(m.predict_proba(new)[:, 1].mean() - fell.mean()) for name, m in (("r", rolled), ("p", plain))}
    assert off["r"] < 0.7 * off["p"]
    newest = recalibrated(plain, X[6000:], y[6000:], household=np.arange(3000))
    full = newest.predict_proba(new)[:, 1].mean() - plain.predict_proba(new)[:, 1].mean()
    half = rolled.predict_proba(new)[:, 1].mean() - plain.predict_proba(new)[:, 1].mean()
    assert half == pytest.approx(full / 2, rel=0.25)
    order = np.random.default_rng(2).permutation(9000)
    shuffled = {name: values[order] for name, values in fit_params.items()}
    again = LogisticClassifier(REASONS).fit(X[order], y[order], **shuffled, recalibrate_latest=True)
    assert np.array_equal(again.decision_function(new), rolled.decision_function(new))


def test_a_few_new_outcomes_move_the_level_a_little(base):
    X, y = drawn(60, 31, level=1.0)
    few = recalibrated(base, X, y).decision_function(X).mean() - base.decision_function(X).mean()
    X, y = drawn(6000, 31, level=1.0)
    many = recalibrated(base, X, y).decision_function(X).mean() - base.decision_function(X).mean()
    assert 0 < few < 0.8 * many


def test_one_time_alone_has_nothing_to_roll():
    X, y = drawn(800, 32)
    fit_params = {"time": np.full(800, 2019), "household": np.arange(800)}
    rolled, plain = (LogisticClassifier().fit(X, y, **fit_params, recalibrate_latest=one) for one in (True, False))
    assert np.array_equal(rolled.decision_function(X), plain.decision_function(X))


def test_the_model_itself_predicts_as_many_events_as_there_were():
    parts = [drawn(1000, 20 + year, level=-2.5 + 0.5 * year) for year in range(3)]
    X, y = np.vstack([X for X, _ in parts]), np.concatenate([y for _, y in parts])
    year = np.repeat([2017, 2018, 2019], 1000)
    X[:, 2] += 0.8 * (year - 2018)  # rises with the level, so that fits of one year are misled on others
    model = LogisticClassifier().fit(X, y, time=year, household=np.arange(3000))
    assert model.predict_proba(X)[:, 1].mean() == pytest.approx(y.mean(), rel=1e-6)
    calibrator: Any = model.calibrator_
    as_out_of_fold = expit(calibrator.first.value(model.core_.score(X)))
    assert abs(as_out_of_fold.mean() / y.mean() - 1) > 0.01
    unasked = LogisticClassifier(calibration=None).fit(X, y, time=year, household=np.arange(3000))
    assert np.array_equal(unasked.decision_function(X), unasked.core_.score(X))
