"""Rows ranked once: the same as scikit-learn for any weights, ties and parts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from relapse_risk.metrics import Ranked


@st.composite
def rows(draw):
    n = draw(st.integers(1, 40))

    def column(values):
        return np.array(draw(st.lists(st.sampled_from(values), min_size=n, max_size=n)))

    return column([0.0, 1.0]), column([0.0, 0.01, 0.1, 0.5, 1.0]), column([0.0, 0.5, 1.0, 3.0]), column([0, 1, 2])


@pytest.mark.slow
@given(rows())
def test_each_part_has_scikit_learns_scores(drawn):
    y, p, w, part = drawn
    ranked = Ranked.of(y, p, part, 4)
    for i, (auc, precision) in enumerate(zip(ranked.auc(w), ranked.average_precision(w), strict=True)):
        of = (part == i) & (w > 0)
        if len(np.unique(y[of])) < 2:
            assert np.isnan(auc)
        else:
            assert auc == pytest.approx(roc_auc_score(y[of], p[of], sample_weight=w[of]))
        if y[of].any():
            assert precision == pytest.approx(average_precision_score(y[of], p[of], sample_weight=w[of]))
        else:
            assert np.isnan(precision)


@given(rows(), st.sampled_from([0.05, 0.3, 0.99, 1.0]), st.randoms(use_true_random=False))
def test_the_list_fills_each_day_highest_first_and_heeds_no_order_of_rows(drawn, share, random):
    _, p, w, part = drawn
    listed = Ranked.of(np.zeros(len(p)), p, part, 3).listed(w, share)
    for i in np.unique(part[w > 0]):
        of = (part == i) & (w > 0)
        assert w[of] @ listed[of] == pytest.approx(share * w[of].sum())
        by_risk = listed[of][np.argsort(p[of])]
        assert (np.diff(by_risk) >= -1e-12).all()
    order = np.array(random.sample(range(len(p)), len(p)))
    again = Ranked.of(np.zeros(len(p)), p[order], part[order], 3).listed(w[order], share)
    assert again == pytest.approx(listed[order])
    assert Ranked.of(np.zeros(len(p)), p, part, 3).listed(w, share, order) == pytest.approx(listed[order])
