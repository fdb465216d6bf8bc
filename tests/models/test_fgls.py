"""Mean and variance of log income: floor, households, standard errors, pairs of periods, and what is refused."""

import numpy as np
import pytest

from relapse_risk.errors import RelapseRiskWarning
from relapse_risk.models import fit_fgls, fit_fgls_panel, next_period


def made(n, seed):
    random = np.random.default_rng(seed)
    X = np.column_stack([np.ones(n), random.random((n, 2))])
    return X, 0.3 + 0.5 * X[:, 1] + np.sqrt(0.1 + 0.2 * X[:, 2]) * random.normal(size=n)


@pytest.fixture(scope="module")
def many():
    """Two hundred samples' fits."""
    return [fit_fgls(*made(500, seed)) for seed in range(200)]


NEW = np.array([[1.0, 0.1, 0.9], [1.0, 0.5, 0.5], [1.0, 0.9, 0.1]])


def test_standard_errors_are_how_far_samples_differ(many):
    risk = np.array([found.probability(NEW, 0.2) for found in many])
    stated = np.mean([found.standard_error(NEW, 0.2) for found in many], axis=0)
    assert stated == pytest.approx(risk.std(axis=0, ddof=1), rel=0.2)
    beta = np.array([found.beta for found in many])
    errors = np.mean([np.sqrt(np.diag(found.beta_covariance)) for found in many], axis=0)
    assert errors == pytest.approx(beta.std(axis=0, ddof=1), rel=0.2)


def test_the_mean_of_many_is_the_truth(many):
    assert np.mean([found.beta for found in many], axis=0) == pytest.approx([0.3, 0.5, 0.0], abs=0.02)
    assert np.mean([found.theta for found in many], axis=0) == pytest.approx([0.1, 0.0, 0.2], abs=0.02)


def test_a_household_given_twice_is_no_new_knowledge():
    X, y = made(400, 1)
    once = fit_fgls(X, y, household=np.arange(400))
    twice = fit_fgls(np.tile(X, (2, 1)), np.tile(y, 2), household=np.tile(np.arange(400), 2))
    believed = fit_fgls(np.tile(X, (2, 1)), np.tile(y, 2))
    assert twice.beta == pytest.approx(once.beta, rel=1e-9)
    assert np.diag(twice.beta_covariance) == pytest.approx(np.diag(once.beta_covariance), rel=0.2)
    assert (np.diag(believed.beta_covariance) < 0.6 * np.diag(once.beta_covariance)).all()


def test_a_weight_of_two_is_a_row_given_twice():
    X, y = made(200, 3)
    weighted = fit_fgls(X, y, weight=1 + np.arange(200) % 2)
    repeated = fit_fgls(np.vstack([X, X[1::2]]), np.concatenate([y, y[1::2]]))
    assert weighted.beta == pytest.approx(repeated.beta, rel=1e-9)
    assert weighted.theta == pytest.approx(repeated.theta, rel=1e-9)


def test_a_weight_of_zero_is_a_row_left_out():
    X, y = made(400, 3)
    weight = np.arange(400) % 2
    assert fit_fgls(X, y, weight=weight).beta.tolist() == fit_fgls(X[1::2], y[1::2]).beta.tolist()


def test_rows_at_the_floor_are_counted_and_warned_of():
    X, y = np.column_stack([np.ones(9), np.arange(9.0)]), np.array([0.0, 0, 0, 0, 0, 0, 3, -3, 4])
    with pytest.warns(RelapseRiskWarning) as caught:
        found = fit_fgls(X, y)
    assert caught[0].filename == __file__
    assert (caught[0].message.code, caught[0].message.details) == (
        "variance_floored",
        {"floored": found.most_floored, "rows": 9},
    )
    assert found.floored == (found.variances == found.floor).sum() > 0
    assert found.variance([[1.0, -1e6]]) == found.floor
    assert np.isfinite(found.standard_error([[1.0, -1e6]])).all()


def test_a_panel_warns_where_it_was_called_too():
    X, y = np.column_stack([np.ones(18), np.arange(18.0) % 9]), np.tile([0.0, 0, 0, 0, 0, 0, 3, -3, 4], 2)
    with pytest.warns(RelapseRiskWarning) as caught:
        fit_fgls_panel(X, y, np.tile(np.arange(9), 2), np.repeat([1, 2], 9))
    assert caught[0].filename == __file__


def test_no_residual_at_all_leaves_a_probability():
    X = np.column_stack([np.ones(6), np.arange(6.0)])
    with pytest.warns(RelapseRiskWarning):
        found = fit_fgls(X, X[:, 1] - 2.5)
    assert found.probability(X).tolist() == [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]


def test_the_line_may_differ_by_row():
    X, y = made(300, 4)
    found = fit_fgls(X, y)
    both = found.probability(X[:2], [0.0, 0.5])
    assert both.tolist() == [found.probability(X[:2], 0.0)[0], found.probability(X[:2], 0.5)[1]]


def test_pairs_are_of_periods_that_follow_each_other_in_any_order_of_rows():
    household, period = np.array(["b", "a", "b", "a", "c", "c"]), np.array([2019, 2018, 2017, 2017, 2019, 2018])
    now, later = next_period(household, period)
    assert (household[now] == household[later]).all()
    assert sorted(zip(household[now], period[now], period[later], strict=True)) == [
        ("a", 2017, 2018),
        ("c", 2018, 2019),
    ]


def test_a_panel_is_the_fit_on_its_pairs():
    X, y = made(900, 6)
    household, period = np.tile(np.arange(300), 3), np.repeat([1, 2, 3], 300)
    found = fit_fgls_panel(X, y, household, period, weight=np.repeat([1.0, 2.0, 9.0], 300))
    same = fit_fgls(X[:600], y[300:], weight=np.repeat([1.0, 2.0], 300), household=household[:600])
    assert found.beta == pytest.approx(same.beta, rel=1e-12)
    assert found.beta_covariance == pytest.approx(same.beta_covariance, rel=1e-12)


@pytest.mark.parametrize(
    ("problem", "given"),
    [
        ("NaN", {"log_income": [np.nan, 0, 1, 2]}),
        ("infinity", {"log_income": [np.inf, 0, 1, 2]}),
        ("inconsistent numbers of samples", {"log_income": [0.0, 1, 2]}),
        ("give more rows than columns", {"X": np.ones((4, 4))}),
        ("floor must be above 0", {"floor": 0.0}),
        ("inconsistent numbers of samples", {"household": [1, 2]}),
    ],
)
def test_what_cannot_be_fitted_is_refused(problem, given):
    with pytest.raises(ValueError, match=problem):
        fit_fgls(**{"X": np.ones((4, 1)), "log_income": [0.0, 1, 2, 3], **given})


def test_a_panel_without_pairs_or_with_doubles_is_refused():
    X, y = np.ones((4, 1)), np.arange(4.0)
    with pytest.raises(ValueError, match="no household in two periods"):
        fit_fgls_panel(X, y, [1, 2, 3, 4], [1, 1, 2, 2])
    with pytest.raises(ValueError, match="two rows in one period"):
        fit_fgls_panel(X, y, [1, 1, 2, 2], [1, 1, 1, 2])
