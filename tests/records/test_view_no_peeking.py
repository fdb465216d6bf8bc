"""Nothing that is entered after the day, and no order of rows, changes anything a view of the day says."""

from functools import cache, cached_property

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from relapse_risk.records import AsOfView
from tests.features.feature_registers import LINES, to_records
from tests.features.full_register import AS_OF, FULL, later_rows

FEW = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SAID = [name for name, found in vars(AsOfView).items() if isinstance(found, cached_property)]


def view_of(tables):
    return AsOfView.of(to_records(tables), AS_OF, lines=LINES)


@cache
def known():
    return view_of(FULL)


def assert_same(one, other):
    for name in SAID:
        assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True, check_row_order=True)


def test_it_says_something_of_everything():
    assert {name for name in SAID if getattr(known(), name).is_empty()} == set()


@FEW
@given(st.data())
@pytest.mark.parametrize("name", FULL)
def test_what_is_recorded_later_changes_nothing(name, data):
    later = view_of({**FULL, name: [*FULL[name], *data.draw(later_rows(name))]})
    assert_same(later, known())
    assert_frame_equal(later.versions(name), known().versions(name), check_exact=True)


@FEW
@given(seed=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(seed):
    assert_same(view_of({name: seed.sample(rows, len(rows)) for name, rows in FULL.items()}), known())
