"""The penalised logistic base: scikit-learn's fit, true leave-one-out scores, weights, bends, gaps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from relapse_risk.models.linear import (
    PENALTIES,
    Basis,
    DesignedRows,
    best_fit,
    leave_household_out,
    ordered,
)
from tests.models.linear_fits import fit_linear


def sample(n=300, seed=0, columns=3):
    random = np.random.default_rng(seed)
    terms = random.normal(size=(n, columns))
    outcome = (random.logistic(size=n) < -1 + terms[:, 0]).astype(float)
    return ordered(np.asfortranarray(terms), outcome, random.integers(1, 4, n).astype(float), None, None)


def penalty_of(rows, n_knots):
    return best_fit(DesignedRows.of(rows, Basis.of(rows.terms, rows.weight, n_knots=n_knots))).penalty


@pytest.mark.parametrize("penalty", [0.1, 10.0, 1000.0])
def test_the_fit_is_scikit_learns(penalty):
    rows = sample()
    basis = Basis.of(rows.terms, rows.weight, n_knots=3)
    model = fit_linear(rows, basis, penalty=penalty)
    design = basis.design(rows.terms)
    other = LogisticRegression(C=1 / penalty, tol=1e-12, max_iter=10_000).fit(design, rows.outcome, rows.weight)
    assert model.score(rows.terms) == pytest.approx(other.decision_function(design), abs=1e-4)


def test_scores_without_a_row_are_those_of_a_fit_without_it():
    rows = sample(n=120)
    basis = Basis.of(rows.terms, rows.weight, n_knots=0)
    without = DesignedRows.of(rows, basis).fit(1.0).without()
    fitted = fit_linear(rows, basis, penalty=1.0).score(rows.terms)
    true = np.array(
        [
            fit_linear(rows.take(np.delete(np.arange(120), i)), basis, penalty=1.0).score(rows.terms[[i]])[0]
            for i in range(120)
        ]
    )
    assert np.abs(without - true).max() < 0.1 * np.abs(fitted - true).max()


def test_noise_wants_more_penalty_than_signal():
    rows = sample(n=400, columns=12)
    random = np.random.default_rng(1)
    noise = ordered(rows.terms, (random.random(400) < 0.1).astype(float), np.ones(400), None, None)
    strong = ordered(rows.terms, (rows.terms.sum(axis=1) > 0).astype(float), np.ones(400), None, None)
    chosen = [penalty_of(r, n_knots=0) for r in (noise, strong)]
    assert chosen[0] > chosen[1]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 100))
def test_a_weight_is_a_row_given_as_often(seed):
    rows = sample(n=80, seed=seed)
    again = rows.take(np.repeat(np.arange(80), rows.weight.astype(int)))
    again = ordered(again.terms, again.outcome, np.ones(len(again.outcome)), None, None)
    one = fit_linear(rows, Basis.of(rows.terms, rows.weight, n_knots=3), penalty=1.0)
    other = fit_linear(again, Basis.of(again.terms, again.weight, n_knots=3), penalty=1.0)
    assert one.score(rows.terms) == pytest.approx(other.score(rows.terms), abs=1e-6)
    assert one.variance(rows.terms) == pytest.approx(other.variance(rows.terms), rel=1e-5)


def test_an_outlier_moves_nothing_beyond_the_tail():
    rows = sample(n=2000)
    basis = Basis.of(rows.terms, rows.weight, n_knots=3)
    wild = rows.terms.copy()
    wild[np.argmax(wild[:, 0]), 0] = 1e12
    again = Basis.of(wild, rows.weight, n_knots=3)
    assert np.array_equal(again.design(wild), basis.design(rows.terms))


def test_bends_follow_a_risk_that_turns():
    random = np.random.default_rng(3)
    terms = np.asfortranarray(random.normal(size=(6000, 1)))
    outcome = (random.logistic(size=6000) < 3 * np.abs(terms[:, 0]) - 2).astype(float)
    rows = ordered(terms, outcome, np.ones(6000), None, None)
    for n_knots, turns in ((0, False), (3, True)):
        score = fit_linear(rows, Basis.of(terms, np.ones(6000), n_knots=n_knots), penalty=1.0).score(
            np.array([[-2.0], [0.0], [2.0]])
        )
        assert (min(score[0], score[2]) - score[1] > 2) == turns


def test_flags_are_neither_clipped_nor_bent():
    flag = np.asfortranarray((np.arange(1000) < 2).astype(float)[:, None])
    basis = Basis.of(flag, np.ones(1000), n_knots=3)
    assert (basis.low[0], basis.high[0], len(basis.knots)) == (0.0, 1.0, 0)


def test_a_missing_value_counts_as_the_mean_and_by_its_gap():
    random = np.random.default_rng(4)
    terms = np.asfortranarray(random.normal(size=(3000, 1)))
    gone = random.random(3000) < 0.3
    outcome = (random.logistic(size=3000) < np.where(gone, 2.0, -2.0)).astype(float)
    terms[gone] = np.nan
    rows = ordered(terms, outcome, np.ones(3000), None, None)
    model = fit_linear(rows, Basis.of(terms, np.ones(3000), n_knots=3), penalty=1.0)
    missing, mean = model.score(np.array([[np.nan], [0.0]]))
    assert missing - mean == pytest.approx(4.0, abs=0.5)
    assert model.parts(np.array([[np.nan]]), np.array([0]), 1).shape == (1, 1)


def copies(households=60, days=4, seed=0, noise=0.05, columns=5):
    """Households whose rows of several days hardly differ, and relapse alike."""
    random = np.random.default_rng(seed)
    once = random.normal(size=(households, columns))
    fell = (random.logistic(size=households) < -1 + once[:, 0]).astype(float)
    terms = np.repeat(once, days, axis=0) + noise * random.normal(size=(households * days, columns))
    return ordered(
        np.asfortranarray(terms),
        np.repeat(fell, days),
        random.integers(1, 4, households * days).astype(float),
        np.tile(np.arange(days), households),
        np.repeat(np.arange(households), days),
    )


@pytest.mark.parametrize("days", [2, 9], ids=["fewer rows than columns", "more"])
def test_scores_without_a_household_are_those_of_a_fit_without_it(days):
    rows = copies(days=days)
    basis = Basis.of(rows.terms, rows.weight, n_knots=0)
    fit = DesignedRows.of(rows, basis).fit(3.0)
    without = fit.without()
    fitted, true = fit.score, np.empty(len(without))
    for home in np.unique(rows.household):
        out = rows.household == home
        rest = fit_linear(rows.take(np.flatnonzero(~out)), basis, penalty=3.0)
        true[out] = rest.score(rows.terms[out])
    assert np.abs(without - true).max() < 0.1 * np.abs(fitted - true).max()


def test_a_linear_loss_gives_them_exactly():
    random = np.random.default_rng(5)
    design, home = random.normal(size=(90, 4)), np.repeat(np.arange(30), [1, 2, 6] * 10).astype(np.uint64)
    y, weight = random.normal(size=90), random.uniform(1, 3, 90)
    inverse = np.linalg.inv((design * weight[:, None]).T @ design + np.eye(4))
    at = inverse @ design.T @ (weight * y)
    change = leave_household_out(design, inverse, weight, weight * (y - design @ at), home)
    for one in np.unique(home):
        kept = home != one
        rest = np.linalg.solve(
            (design[kept] * weight[kept, None]).T @ design[kept] + np.eye(4), design[kept].T @ (weight * y)[kept]
        )
        assert (design @ at - change)[~kept] == pytest.approx(design[~kept] @ rest, abs=1e-10)


def test_copies_of_households_want_as_much_penalty_as_the_households():
    chosen = []
    for days in (1, 6):
        rows = copies(households=150, days=days, columns=20, noise=0.01)
        chosen.append(penalty_of(rows, n_knots=3))
    assert chosen[1] >= chosen[0]


def test_redraws_vary_as_fits_to_other_households_do():
    random = np.random.default_rng(4)
    truth, tested = np.array([1.0, -0.5, 0.0]), np.random.default_rng(5).normal(size=(200, 3))

    def fitted(n_redraws: int = 0):
        X = random.normal(size=(600, 3))
        y = (random.random(600) < expit(X @ truth - 2)).astype(float)
        rows = ordered(np.asfortranarray(X), y, np.ones(600), None, None)
        return DesignedRows.of(rows, Basis.of(rows.terms, rows.weight, n_knots=0)).fit(30.0).model(n_redraws)

    redrawn = fitted(2000).redrawn(tested)
    others = np.array([fitted().score(tested) for _ in range(60)])
    assert redrawn.shape == (200, 2000)
    assert np.abs(redrawn.mean(axis=1)).max() < 0.03
    assert redrawn.std(axis=1).mean() == pytest.approx(others.std(axis=0).mean(), rel=0.12)
    # what the penalty leaves out of every fit alike is in the stated variance, and not in how fits differ
    model = fitted(200)
    assert (np.sqrt(model.variance(tested)) > 0.95 * model.redrawn(tested).std(axis=1)).mean() > 0.9


def test_a_fit_that_nobody_asked_for_redraws_has_none():
    rows = ordered(np.zeros((4, 1)), np.array([0.0, 1.0, 0.0, 1.0]), np.ones(4), None, None)
    model = fit_linear(rows, Basis.of(rows.terms, rows.weight, n_knots=0), penalty=1.0)
    with pytest.raises(ValueError, match="without redraws"):
        model.redrawn(np.zeros((1, 1)))


def test_a_fit_that_starts_from_another_is_the_same():
    rows = sample(columns=6)
    designed = DesignedRows.of(rows, Basis.of(rows.terms, rows.weight, n_knots=3))
    part = designed.take(np.arange(0, 300, 2))
    assert part.fit(3.0, designed.fit(30.0).at).at == pytest.approx(part.fit(3.0).at, abs=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_the_penalty_is_the_best_of_all_seven(seed):
    rows = sample(n=400, seed=seed, columns=12)
    designed = DesignedRows.of(rows, Basis.of(rows.terms, rows.weight, n_knots=3))

    def loss(penalty):
        score = designed.fit(penalty).without()
        return rows.weight @ (np.logaddexp(0, score) - rows.outcome * score)

    assert best_fit(designed).penalty == min(PENALTIES, key=loss)


def test_of_some_rows_whole_households_are_left_out():
    rows = copies(days=3)
    fit = DesignedRows.of(rows, Basis.of(rows.terms, rows.weight, n_knots=0)).fit(3.0)
    some = fit.without(10)
    assert len(some) == 12
    assert some == pytest.approx(fit.without()[:12], abs=1e-12)
