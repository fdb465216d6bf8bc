"""What a correction closed, and what is still open."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from relapse_risk.audit import FINDINGS, close

pytestmark = pytest.mark.slow

FINDING = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["a.xlsx", "b.xlsx"]),
        "sheet": st.sampled_from(["收入", None]),
        "row": st.integers(4, 9),
        "table": st.just("incomes"),
        "household_id": st.sampled_from(["h1", "h2", None]),
        "person_id": st.none(),
        "column": st.sampled_from(["wage", "net_income"]),
        "rule": st.sampled_from(["income_parts", "income_negative"]),
        "severity": st.just("warn"),
        "value_masked": st.just("999"),
    }
)


def findings(rows):
    return pl.DataFrame(rows, schema=FINDINGS)


LISTS = st.lists(FINDING, max_size=12).map(findings)


@given(LISTS, LISTS)
def test_every_finding_of_both_audits_is_closed_open_or_new(before, after):
    found = close(before, after)
    assert found.closed.height + found.open.height == before.height
    assert found.new.height + found.open.height == after.height


@given(LISTS)
def test_against_itself_all_is_open(audit):
    found = close(audit, audit)
    assert found.closed.is_empty() and found.new.is_empty()
    assert found.open.height == audit.height


@given(LISTS, LISTS, st.randoms())
def test_the_order_of_lines_does_not_matter(before, after, random):
    mixed = after.sample(fraction=1.0, shuffle=True, seed=random.randrange(1000))
    for name in ("closed", "open", "new"):
        assert_frame_equal(getattr(close(before, mixed), name), getattr(close(before, after), name))


def test_a_fault_that_moved_to_another_row_is_still_open():
    told = {"source": "a.xlsx", "table": "incomes", "household_id": "h1", "column": "wage", "rule": "r"}
    before, after = findings([told | {"row": 4}]), findings([told | {"row": 400, "source": "new.xlsx"}])
    assert close(before, after).counts().rows() == [("r", 0, 1, 0)]
    assert close(before, after.clear()).counts().rows() == [("r", 1, 0, 0)]
