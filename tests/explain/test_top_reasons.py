"""The reasons that raise the risk most."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from relapse_risk.explain import top_reasons

REASONS = ("income", "illness", "disaster", "place")


def top(contributions, reasons=REASONS, **options):
    """Return the top reasons where a figure supports every one."""
    return top_reasons(contributions, reasons, np.full(contributions.shape, True), **options)


def test_the_largest_risk_raising_contributions_come_first():
    found = top(np.array([[0.1, 0.9, -2.0, 0.4], [-1.0, 0.2, -0.1, 0.0]]))
    assert found.rows() == [("illness", "place", "income"), ("illness", None, None)]


def test_ties_go_by_the_order_of_the_reasons():
    assert top(np.full((1, 4), 0.3)).row(0) == ("income", "illness", "disaster")
    assert top(np.full((1, 4), 0.3), REASONS[::-1]).row(0) == ("place", "disaster", "illness")


def test_what_hardly_moves_the_odds_is_no_reason():
    assert top(np.array([[1e-16, 0.0, -1e-16, 0.009]])).row(0) == (None, None, None)
    assert top(np.array([[0.0, 0.011, 0.0, 0.009]])).row(0) == ("illness", None, None)


def test_fewer_reasons_than_asked_for():
    found = top(np.array([[0.5]]), ["income"], n=3)
    assert found.columns == ["reason_1", "reason_2", "reason_3"]
    assert found.row(0) == ("income", None, None)


def test_nobody_has_no_reasons():
    assert top(np.empty((0, 4))).rows() == []


def test_what_no_figure_supports_is_not_named_however_much_it_adds():
    supported = np.array([[False, True, False, True], [False, False, False, False]])
    assert top_reasons(np.full((2, 4), 0.3), REASONS, supported).rows() == [("illness", "place", None), (None,) * 3]


SUPPORT = arrays.arrays(bool, (5, 4))


@given(arrays.arrays(float, (5, 4), elements=st.sampled_from([-1.0, 0.0, 0.25, 0.5, 1.0])), SUPPORT)
def test_every_reason_named_is_supported_and_raises_the_risk_and_none_left_out_raises_it_more(contributions, supported):
    rows = top_reasons(contributions, REASONS, supported).rows()
    for values, may, named in zip(contributions, supported, rows, strict=True):
        held = {reason: value for reason, value, one in zip(REASONS, values, may, strict=True) if one}
        shown = [held[reason] for reason in named if reason is not None]
        assert shown == sorted((value for value in held.values() if value > 0), reverse=True)[:3]
