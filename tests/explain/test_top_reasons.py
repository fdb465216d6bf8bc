"""The reasons that raise the risk most."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from relapse_risk.explain import top_reasons

REASONS = ("income", "illness", "disaster", "place")


def test_the_largest_risk_raising_contributions_come_first():
    top = top_reasons(np.array([[0.1, 0.9, -2.0, 0.4], [-1.0, 0.2, -0.1, 0.0]]), REASONS)
    assert top.rows() == [("illness", "place", "income"), ("illness", None, None)]


def test_ties_go_by_the_order_of_the_reasons():
    assert top_reasons(np.full((1, 4), 0.3), REASONS).row(0) == ("income", "illness", "disaster")
    assert top_reasons(np.full((1, 4), 0.3), REASONS[::-1]).row(0) == ("place", "disaster", "illness")


def test_what_hardly_moves_the_odds_is_no_reason():
    assert top_reasons(np.array([[1e-16, 0.0, -1e-16, 0.009]]), REASONS).row(0) == (None, None, None)
    assert top_reasons(np.array([[0.0, 0.011, 0.0, 0.009]]), REASONS).row(0) == ("illness", None, None)


def test_fewer_reasons_than_asked_for():
    top = top_reasons(np.array([[0.5]]), ["income"], n=3)
    assert top.columns == ["reason_1", "reason_2", "reason_3"]
    assert top.row(0) == ("income", None, None)


def test_nobody_has_no_reasons():
    assert top_reasons(np.empty((0, 4)), REASONS).rows() == []


@given(arrays.arrays(float, (5, 4), elements=st.sampled_from([-1.0, 0.0, 0.25, 0.5, 1.0])))
def test_every_reason_named_raises_the_risk_and_none_left_out_raises_it_more(contributions):
    for values, named in zip(contributions, top_reasons(contributions, REASONS).rows(), strict=True):
        held = dict(zip(REASONS, values, strict=True))
        shown = [held[reason] for reason in named if reason is not None]
        assert shown == sorted((value for value in values if value > 0), reverse=True)[:3]
