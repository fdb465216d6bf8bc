"""The CORP split: the identity, cases by hand, and no part below zero."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.metrics import Ranked, brier, corp_splits, log_loss, optimism


@given(
    st.lists(
        st.tuples(st.sampled_from([0, 1]), st.floats(0, 1), st.sampled_from([0.0, 0.2, 1.0, 7.0])),
        min_size=1,
        max_size=40,
    ).filter(lambda rows: any(w for _, _, w in rows))
)
def test_the_parts_make_the_score_and_none_is_below_zero(rows):
    y, p, w = np.array(rows, dtype=float).T
    found = corp_splits(y, p, w)
    for split, score in ((found.brier, brier(y, p, w)), (found.log_loss, log_loss(y, p, w))):
        assert split.score == score
        assert split.miscalibration - split.discrimination + split.uncertainty == pytest.approx(score, abs=1e-12)
        assert min(split.miscalibration, split.discrimination, split.uncertainty) >= 0


def test_frequencies_themselves_have_no_miscalibration():
    y, p = np.array([0, 0, 0, 1, 0, 1, 1, 1]), np.repeat([0.25, 0.75], 4)
    found = corp_splits(y, p)
    assert found.brier.miscalibration == pytest.approx(0, abs=1e-15)
    assert found.log_loss.miscalibration == pytest.approx(0, abs=1e-15)
    assert found.brier.discrimination == pytest.approx(0.25 - 0.1875)
    assert found.log_loss.uncertainty == pytest.approx(np.log(2))


def test_upside_down_probabilities_discriminate_nothing():
    found = corp_splits([1, 1, 0, 0], [0.1, 0.2, 0.8, 0.9])
    assert found.brier.discrimination == 0
    assert found.brier.miscalibration == pytest.approx(found.brier.score - 0.25)


def test_weights_are_repetitions():
    y, p, w = np.array([0, 1, 0, 1]), np.array([0.1, 0.2, 0.4, 0.8]), np.array([3, 1, 2, 0])
    weighted, repeated = corp_splits(y, p, w).log_loss, corp_splits(np.repeat(y, w), np.repeat(p, w)).log_loss
    assert weighted.miscalibration == pytest.approx(repeated.miscalibration)
    assert weighted.discrimination == pytest.approx(repeated.discrimination)


def test_one_outcome_alone_is_no_uncertainty():
    found = corp_splits([0, 0], [0.1, 0.3]).log_loss
    assert (found.uncertainty, found.discrimination) == (0, 0)
    assert found.miscalibration == found.score


def test_chance_raises_miscalibration_by_what_is_said():
    n, found = 3000, []
    for seed in range(30):
        random = np.random.default_rng(seed)
        p = random.beta(1, 9, n)
        y = (random.random(n) < p).astype(float)
        found.append(corp_splits(y, p).log_loss.miscalibration)
    raised = optimism(Ranked.of(y, p), p, np.ones(n))[1]
    assert np.mean(found) == pytest.approx(raised, rel=0.15)
