"""What JSON has no word for is refused where a bundle is saved, with its place."""

import json
from dataclasses import dataclass, replace
from math import inf, isnan, nan

import numpy as np
import pytest

from relapse_risk.bundle import decode, encode, rule_bundle
from relapse_risk.errors import BundleError
from relapse_risk.metrics import Figure, Matrix
from relapse_risk.models import LogisticClassifier


@pytest.fixture(scope="module")
def bundle():
    return rule_bundle()


@dataclass(frozen=True, kw_only=True)
class Inner:
    """A part of a part."""

    share: float
    known: Figure = 0.5


@dataclass(frozen=True, kw_only=True, eq=False)
class Outer:
    """All kinds of places in which numbers stand."""

    parts: tuple[Inner, ...]
    by_year: dict[int, float]
    matrix: Matrix | None = None


@pytest.mark.parametrize("found", [inf, -inf, nan])
@pytest.mark.parametrize(
    ("made", "place"),
    [
        (lambda x: Outer(parts=(Inner(share=0.1), Inner(share=x)), by_year={}), "parts.1.share"),
        (lambda x: Outer(parts=(), by_year={2019: x}), "by_year.2019"),
        (lambda x: Outer(parts=(), by_year={}, matrix=np.array([[0.1, x]])), "matrix.0.1"),
    ],
)
def test_a_number_that_is_none_is_refused_with_its_place(made, place, found):
    with pytest.raises(BundleError) as caught:
        encode(Outer, made(found))
    assert (caught.value.code, caught.value.details["place"]) == ("bundle_not_finite", place)
    assert all(place in caught.value.in_language(lang) for lang in ("zh", "en"))


def test_a_figure_that_is_not_known_comes_back_so_and_an_infinite_one_is_refused():
    content, _ = encode(Inner, Inner(share=0.1, known=nan))
    assert json.loads(content) == {"share": 0.1, "known": None}
    assert isnan(decode(Inner, content).known)
    with pytest.raises(BundleError, match="known is inf"):
        encode(Inner, Inner(share=0.1, known=inf))


@pytest.mark.parametrize("change", [{"unreported_share": nan}, {"means": {"income_log": inf}}])
def test_no_file_is_left_of_a_bundle_that_cannot_be_saved(bundle, tmp_path, change):
    with pytest.raises(BundleError, match=next(iter(change))):
        replace(bundle, **change).save(tmp_path / "own.rrb")
    assert not list(tmp_path.iterdir())


def test_a_parameter_that_is_infinite_is_refused(tmp_path, bundle):
    model = LogisticClassifier(n_folds=2).fit([[0.0], [1.0], [2.0], [3.0]] * 9, [0, 0, 1, 1] * 9)
    model.penalty = inf
    with pytest.raises(BundleError, match=r"parameters\.penalty is inf"):
        replace(bundle, model=model).save(tmp_path / "own.rrb")
