"""What is expected before outcomes are known, against outcomes drawn by the very probabilities."""

import numpy as np
import polars as pl
import pytest

from relapse_risk.metrics import auc, brier, log_loss
from relapse_risk.monitoring import expected_performance
from relapse_risk.policy import read_policy

SETTINGS = read_policy().mechanism.drift


def month(seed, n=1500, listed=100):
    rng = np.random.default_rng(seed)
    risk = 1 / (1 + np.exp(-rng.normal(-3, 1.2, n)))
    return risk, risk >= np.sort(risk)[-listed], rng


def figures(risk, listed, rng):
    fell = (rng.random(len(risk)) < risk).astype(float)
    caught = fell[listed].sum()
    return {
        "relapses": fell.sum(),
        "precision": caught / listed.sum(),
        "recall": caught / fell.sum(),
        "auc": auc(fell, risk),
        "log_loss": log_loss(fell, risk),
        "brier": brier(fell, risk),
    }


@pytest.fixture(scope="module")
def found():
    risk, listed, _ = month(0)
    return expected_performance(risk, listed, SETTINGS)


def test_known_outcomes_fall_where_they_are_expected(found):
    risk, listed, rng = month(0)
    drawn = pl.DataFrame([figures(risk, listed, rng) for _ in range(300)])
    for row in found.iter_rows(named=True):
        values = drawn[row["measure"]]
        assert values.mean() == pytest.approx(row["expected"], abs=4 * values.std() / np.sqrt(300) + 0.003)
        assert values.is_between(row["lower"], row["upper"]).mean() == pytest.approx(0.9, abs=0.07)


def test_the_number_of_relapses_has_the_spread_of_a_poisson_binomial(found):
    risk, _, _ = month(0)
    row = found.filter(measure="relapses").row(0, named=True)
    assert row["expected"] == pytest.approx(risk.sum())
    assert row["upper"] - row["lower"] == pytest.approx(2 * 1.645 * np.sqrt((risk * (1 - risk)).sum()), rel=0.15)


def test_the_same_seed_gives_the_same_and_order_does_not_move_what_is_expected(found):
    risk, listed, rng = month(0)
    assert expected_performance(risk, listed, SETTINGS).equals(found)
    order = rng.permutation(len(risk))
    other = expected_performance(risk[order], listed[order], SETTINGS, seed=5)
    np.testing.assert_allclose(other["expected"].to_numpy(), found["expected"].to_numpy())


def test_probabilities_that_are_wrong_are_not_found_out(found):
    """It is an estimate under an assumption, not a check of it."""
    risk, listed, rng = month(0)
    real = figures(risk * 0.4, listed, rng)["relapses"]
    assert real < found.filter(measure="relapses")["lower"].item()


@pytest.mark.parametrize("n", [0, 1, 5])
def test_the_smallest_months_have_nulls_where_nothing_can_be_said(n):
    found = expected_performance(np.full(n, 0.5), np.zeros(n, dtype=bool), SETTINGS)
    assert found["measure"].to_list() == ["relapses", "precision", "recall", "auc", "log_loss", "brier"]
    assert found.filter(measure="precision")["expected"].item() is None
    assert (found.filter(measure="relapses")["expected"].item() is None) == (n == 0)


def test_certain_probabilities_leave_no_doubt():
    found = expected_performance(np.array([1.0, 0.0, 0.0]), np.array([True, False, False]), SETTINGS)
    assert found.filter(measure="recall").row(0) == ("recall", 1.0, 1.0, 1.0)
    assert found.filter(measure="log_loss")["upper"].item() == pytest.approx(0, abs=1e-9)
