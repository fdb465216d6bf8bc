"""The stack: weighed where that wins out of fold, else one member alone, the first on ties."""

from typing import Any

import numpy as np
import pytest

from relapse_risk.metrics import log_loss
from relapse_risk.models import IncomeOnlyClassifier, LogisticClassifier, ScorecardClassifier, StackedClassifier


def two_columns(seed, n):
    random = np.random.default_rng(seed)
    X = np.exp(random.normal(size=(n, 2)))
    return X, (random.logistic(size=n) < -1.5 - 1.2 * np.log(X).sum(axis=1)).astype(int)


APART = [IncomeOnlyClassifier(column="x0"), IncomeOnlyClassifier(column="x1")]


def test_members_that_know_different_things_are_weighed_and_beat_each_alone():
    X, y = two_columns(0, 3000)
    Z, z = two_columns(1, 3000)
    stack = StackedClassifier(members=APART).fit(X, y)
    core: Any = stack.core_
    assert (core.weights > 0.5).all()
    assert core.gain > 2 * core.error
    losses = [log_loss(z, model.fit(X, y).predict_proba(Z)[:, 1]) for model in (*APART, stack)]
    assert losses[2] < min(losses[:2]) - 0.02


def test_a_weighed_score_is_the_weighed_sum_of_the_members_scores():
    X, y = two_columns(0, 1000)
    core: Any = StackedClassifier(members=APART).fit(X, y).core_
    expected = core.meta_intercept + sum(w * m.score(X) for w, m in zip(core.weights, core.members, strict=True))
    assert core.score(X) == pytest.approx(expected, abs=1e-12)
    assert core.intercept + core.parts(X).sum(axis=1) == pytest.approx(expected, abs=1e-9)
    assert (core.std_error(X) >= core.weights[0] * core.members[0].std_error(X)).all()


def test_where_nothing_is_won_the_first_member_stands_alone():
    for seed in range(3):
        X, y = two_columns(seed, 800)
        stack = StackedClassifier(members=[LogisticClassifier(), LogisticClassifier()]).fit(np.log(X), y)
        core: Any = stack.core_
        assert core.weights.tolist() == [1.0, 0.0]
        alone = LogisticClassifier().fit(np.log(X), y)
        assert np.array_equal(stack.predict_proba(np.log(X)), alone.predict_proba(np.log(X)))


def test_a_later_member_stands_alone_where_it_is_clearly_better():
    X, y = two_columns(2, 3000)
    members = [IncomeOnlyClassifier(column="x0"), LogisticClassifier()]
    stack = StackedClassifier(members=members).fit(np.log(X) + 9, y)
    core: Any = stack.core_
    assert core.weights[0] == 0
    assert core.members[0] is None


def test_members_take_their_columns_folds_and_reasons_from_the_stack(panel):
    reasons = {"ratio": "income", "house": "guarantees"}
    members = [LogisticClassifier(n_folds=2), ScorecardClassifier({"ratio": "nothing"}, n_columns=3)]
    stack = StackedClassifier(reasons, members=members).fit(panel.frame, panel.outcome, household=panel.household)
    assert stack.explain(panel.frame).reasons == ("income", "other", "guarantees")
    assert members[0].n_jobs == -1
    assert not hasattr(members[0], "core_")


def test_no_members_are_refused():
    with pytest.raises(ValueError, match="a stack needs members"):
        StackedClassifier(members=[]).fit(np.eye(4), [0, 1, 0, 1])


def test_the_stack_all_tests_look_at_is_weighed(fitted):
    weights = fitted["stack"].core_.weights
    assert (weights > 0).sum() == 2
    assert weights[1] == 0
