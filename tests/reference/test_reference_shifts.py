"""Shrunken shifts of areas against other software; each number stands beside the call that made it.

Rows: ``i = arange(4800); area = i // 120; true = 0.5 * sqrt(2) * sin(1 + 2.4 * area);
y = ((7919 * i) % 10007) / 10007 < 1 / (1 + exp(1.2 - true))``.
"""

import numpy as np
import pytest

from relapse_risk.area_effects import fit_random_intercepts

N = np.arange(4800)
AREA = N // 120
Y = (1 / (1 + np.exp(1.2 - 0.5 * np.sqrt(2) * np.sin(1 + AREA * 2.4))) > ((N * 7919) % 10007) / 10007).astype(float)


@pytest.fixture(scope="module")
def shifts():
    return fit_random_intercepts(np.zeros(4800), Y, np.ones(4800), AREA[:, None])


def test_shifts_are_nearly_those_of_statsmodels_variational_bayes(shifts):
    # statsmodels 0.15.0: BinomialBayesMixedGLM(y, ones((4800, 1)), csr_matrix(eye(40)[area]), zeros(40, int),
    # vcp_p=100, fe_p=100).fit_vb(): exp(vcp_mean), fe_mean + vc_mean[:3], vc_sd[:3]
    first = np.arange(3)[:, None]
    level = np.log(Y.mean() / (1 - Y.mean()))
    assert shifts.std_devs[0] == pytest.approx(0.44581178, rel=0.02)
    expected = [-1.17681638 + shift for shift in (0.4961678, -0.17428876, -0.29962294)]
    assert level + shifts.value(first) == pytest.approx(expected, abs=0.03)
    assert shifts.std_error(first) == pytest.approx([0.17662499, 0.20015794, 0.2061362], rel=0.01)


def test_they_are_nearly_those_of_the_exact_marginal_likelihood(shifts):
    # numpy 2, scipy 1: log((exp(k * f - 120 * logaddexp(0, f)) * w).sum()) over areas, f = log-odds of y.mean() +
    # spread * x, (x, w) = hermegauss(60), k the events of an area, maximised over spread; posterior means and spreads
    first = np.arange(3)[:, None]
    assert shifts.std_devs[0] == pytest.approx(0.44112916, rel=0.005)
    assert shifts.value(first) == pytest.approx([0.45530471, -0.2130489, -0.33784233], abs=0.013)
    assert shifts.std_error(first) == pytest.approx([0.1773359, 0.20100749, 0.20702587], rel=0.006)
