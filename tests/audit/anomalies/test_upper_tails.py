import numpy as np
import pytest
from scipy.stats import binom, poisson

from relapse_risk.audit.anomalies import binomial_upper_tail, poisson_upper_tail


def test_poisson_tails_are_those_of_the_distribution() -> None:
    count, mean = (axis.ravel() for axis in np.meshgrid(np.arange(0.0, 60.0), [0.0, 1e-6, 0.3, 4.0, 55.5]))
    assert poisson_upper_tail(count, mean) == pytest.approx(poisson.sf(count - 1.0, mean), rel=1e-12, abs=0.0)


def test_binomial_tails_are_those_of_the_distribution() -> None:
    n, share = (axis.ravel() for axis in np.meshgrid([1.0, 7.0, 300.0], [0.0, 1e-9, 0.2, 0.97, 1.0]))
    for part in (0.0, 0.3, 0.8, 1.0):
        count = np.round(n * part)
        expected = binom.sf(count - 1.0, n, share)
        assert binomial_upper_tail(count, n, share) == pytest.approx(expected, rel=1e-12, abs=0.0)
