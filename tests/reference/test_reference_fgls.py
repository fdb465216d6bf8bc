"""Vulnerability against the three regressions done by hand in statsmodels, on made data and on a real panel."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from statsmodels.regression.linear_model import OLS, WLS

from relapse_risk.errors import RelapseRiskWarning
from relapse_risk.models import fit_fgls, fit_fgls_panel

CHARACTERISTICS = ["ones", "agehead", "sexhead", "educhead", "famsize", "log_land", "log_assets", "dmmfd", "dfmfd"]


def by_hand(X, y, least=None, **how):
    """Return theta and beta with their covariances, and the variances; `least` maps squares to the floor."""
    squares = OLS(y, X).fit().resid ** 2
    held = -np.inf if least is None else least(squares)
    second = WLS(squares, X, weights=1 / np.maximum(OLS(squares, X).fit().fittedvalues, held) ** 2).fit(**how)
    variance = np.maximum(X @ second.params, held)
    third = WLS(y, X, weights=1 / variance).fit(**how)
    return second.params, second.cov_params(), third.params, third.cov_params(), variance


def assert_equal(found, hand, X, log_line):
    theta, theta_covariance, beta, beta_covariance, variance = hand
    for ours, its in (
        (found.theta, theta),
        (found.theta_covariance, theta_covariance),
        (found.beta, beta),
        (found.beta_covariance, beta_covariance),
        (found.probability(X, log_line), norm.cdf((log_line - X @ beta) / np.sqrt(variance))),
    ):
        assert np.abs(ours - its).max() < 1e-8


def made(n=500, seed=0):
    random = np.random.default_rng(seed)
    X = np.column_stack([np.ones(n), random.random((n, 3))])
    return X, 0.2 + X[:, 1] + np.sqrt(0.1 + 0.4 * X[:, 2]) * random.normal(size=n)


def test_a_cross_section_is_statsmodels():
    X, y = made()
    found = fit_fgls(X, y)
    assert found.floored_in_step_2 == found.floored == 0
    assert_equal(found, by_hand(X, y), X, 0.4)


def test_the_floor_is_a_tenth_of_the_mean_squared_residual():
    X, y = made(30, seed=0)
    with pytest.warns(RelapseRiskWarning, match="variance"):
        found = fit_fgls(X, y)
    assert (found.floored_in_step_2, found.floored) == (3, 2)
    assert_equal(found, by_hand(X, y, lambda squares: 0.1 * squares.mean()), X, 0.4)


def test_several_periods_are_pooled_and_clustered_by_household():
    X, y = made(900, seed=2)
    household, period = np.tile(np.arange(300), 3), np.repeat([2017, 2018, 2019], 300)
    found = fit_fgls_panel(X, y, household, period)
    how = {"cov_type": "cluster", "cov_kwds": {"groups": household[:600]}}
    assert_equal(found, by_hand(X[:600], y[300:], **how), X[:600], 0.4)


def test_numbers_of_another_day():
    # statsmodels 0.15.0, i = arange(40), X = [1, sin(i), cos(i)], y = sin(3 i) + cos(i) / 2:
    # squares = OLS(y, X).fit().resid ** 2
    # theta = WLS(squares, X, weights=OLS(squares, X).fit().fittedvalues ** -2).fit().params
    # beta = WLS(y, X, weights=1 / (X @ theta)).fit(); beta.params, beta.bse
    i = np.arange(40)
    X, y = np.column_stack([np.ones(40), np.sin(i), np.cos(i)]), np.sin(3 * i) + np.cos(i) / 2
    found = fit_fgls(X, y)
    assert found.theta == pytest.approx([0.5388228790065106, -0.03746608855584695, -0.018707610595575873], rel=1e-9)
    assert found.beta == pytest.approx([-0.006945904425859463, -0.019111660587742937, 0.5106615803671624], rel=1e-9)
    errors = [0.1211441499644098, 0.17121545765574303, 0.1703002641636838]
    assert np.sqrt(np.diag(found.beta_covariance)) == pytest.approx(errors, rel=1e-9)


@pytest.fixture(scope="module")
def bangladesh(shared, require):
    """Both waves, households in one order."""
    path = shared / "data" / "bangladesh" / "hh_9198.dta"
    path = require(path, f"the Bangladesh panel {path.name} in the folder `shared`")
    frame = pd.read_stata(path).astype(float).sort_values(["year", "nh"], ignore_index=True)
    return frame.assign(ones=1.0, log_land=np.log(frame["hhland"]), log_assets=np.log(frame["hhasset"]))


def test_each_wave_of_bangladesh(bangladesh):
    log_line = np.log(bangladesh.loc[bangladesh["year"] == 0, "exptot"].quantile(0.4))
    for wave, floored in ((0, (10, 12)), (1, (0, 8))):
        rows = bangladesh[bangladesh["year"] == wave]
        X, y = rows[CHARACTERISTICS].to_numpy(), np.log(rows["exptot"].to_numpy())
        with pytest.warns(RelapseRiskWarning, match="of 826 rows"):
            found = fit_fgls(X, y)
        assert (found.floored_in_step_2, found.floored) == floored
        assert_equal(found, by_hand(X, y, lambda squares: 0.1 * squares.mean()), X, log_line)


def test_bangladesh_from_1991_to_1998(bangladesh):
    spending = bangladesh["exptot"].to_numpy()
    X, y, first = bangladesh[CHARACTERISTICS].to_numpy(), np.log(spending), bangladesh["year"].to_numpy() == 0
    line = np.quantile(spending[first], 0.4)
    assert line == pytest.approx(3340.44, abs=0.01)
    above = spending[first] >= line
    assert (above.sum(), (above & (spending[~first] < line)).sum()) == (496, 98)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RelapseRiskWarning)  # nobody is at the floor: the textbook's steps as they are
        found = fit_fgls_panel(X, y, bangladesh["nh"], bangladesh["year"])
    assert_equal(found, by_hand(X[first], y[~first]), X[first], np.log(line))
