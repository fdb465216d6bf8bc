import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.models import MISSING, UNSEEN, ColumnReference, TrainingReference

VALUES = st.lists(st.none() | st.sampled_from([0.0, 1.0, float("nan"), 1e300]) | st.floats(-1e6, 1e6), max_size=60)


@given(VALUES)
def test_every_row_is_in_a_bin_or_missing(values):
    column = pl.Series("x", values, dtype=pl.Float64)
    reference = ColumnReference.of(column)
    assert reference.rows + reference.missing == len(values)
    bins = reference.bins(column)
    assert reference.counted(bins) == list(reference.counts)
    assert (bins == MISSING).sum() == reference.missing


@given(st.lists(st.none() | st.sampled_from("abc"), max_size=40))
def test_every_code_is_counted(values):
    reference = ColumnReference.of(pl.Series("c", values, dtype=pl.String))
    assert dict(zip(reference.codes, reference.counts, strict=False)) == {
        c: values.count(c) for c in set(values) - {None}
    }
    assert reference.missing == values.count(None)


def test_many_values_are_parted_into_tenths():
    reference = ColumnReference.of(pl.Series("x", np.random.default_rng(0).permutation(1000).astype(float)))
    assert reference.counts == (100,) * 10


def test_a_flag_keeps_its_two_values_however_rare_one_is():
    for ones in (1, 99):
        reference = ColumnReference.of(pl.Series("x", [0.0] * (100 - ones) + [1.0] * ones))
        assert reference.counts == (100 - ones, ones)


def test_codes_that_were_not_there_are_unseen():
    reference = ColumnReference.of(pl.Series("c", ["a", "b", None]))
    assert reference.bins(pl.Series(["a", "z", "b", None])).tolist() == [0, UNSEEN, 1, MISSING]
    nothing = ColumnReference.of(pl.Series("c", [None], dtype=pl.String))
    assert nothing.bins(pl.Series(["a", None])).tolist() == [UNSEEN, MISSING]


def test_infinite_values_stand_in_the_outer_bins():
    reference = ColumnReference.of(pl.Series("x", [-np.inf, *range(50), np.inf]))
    assert np.isfinite(reference.edges).all()
    assert reference.rows == 52


@pytest.mark.parametrize(
    "changes",
    [
        {"edges": (1.0, 0.5)},
        {"counts": (1, 2)},
        {"missing": -1},
        {"codes": ("a", "b", "c")},
        {"counts": (1, -1, 2)},
    ],
)
def test_parts_that_do_not_fit_are_refused(changes):
    whole = {"name": "x", "edges": (0.0, 1.0), "codes": (), "counts": (1, 2, 3), "missing": 0}
    with pytest.raises(ValueError, match="fit together"):
        ColumnReference(**whole | changes)


def test_a_reference_has_every_column_and_the_score():
    rows = pl.DataFrame({"x": [1.0, 2.0, None], "c": ["a", None, "a"]})
    found = TrainingReference.of(rows, np.array([0.1, 0.2, 0.3]), np.array(["h", "h", "g"]))
    assert (found.clusters, [one.name for one in found.columns], found.score.rows) == (2, ["x", "c"], 3)
