"""Rows without a relapse left out by chance: who is, what the others stand for, what of it is known."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from relapse_risk.errors import InputError
from relapse_risk.models import LogisticClassifier
from relapse_risk.training import TrainRequest
from relapse_risk.training.sample import TrainingSample, drawn_rows

DAYS = np.array(["2018-12-31", "2019-12-31"], dtype="datetime64[D]")
EVERY = slice(None)


def _sample(fell, controls, day=date(2019, 12, 31)):
    homes = [f"h{number}" for number in range(len(fell))]
    frame = pl.DataFrame({"household_id": homes, "as_of": [day] * len(fell), "relapsed": fell == 1})
    return TrainingSample(frame=frame, predictors=(), figures=(), controls=controls)


def _thinned(sample):
    kept = sample.is_kept({})
    return TrainingSample(frame=sample.frame.filter(kept), predictors=(), figures=(), controls=sample.controls), kept


@given(st.lists(st.integers(0, 300), min_size=1, max_size=60), st.floats(0.01, 1.0), st.randoms())
def test_whether_a_row_is_drawn_depends_on_nothing_but_household_and_day(numbers, share, random):
    homes = np.array([f"h{number}" for number in numbers])
    days = np.resize(DAYS, len(homes))
    drawn = drawn_rows(homes, days, share)
    order = list(range(len(homes)))
    random.shuffle(order)
    some = order[: max(1, len(order) // 2)]
    np.testing.assert_array_equal(drawn_rows(homes[some], days[some], share), drawn[some])
    assert not (drawn & ~drawn_rows(homes, days, min(1.0, 2 * share))).any()  # of a larger share, these among others


def test_days_are_drawn_apart():
    homes = np.array([f"h{number}" for number in range(4000)])
    first, second = (drawn_rows(homes, np.full(4000, day), 0.25) for day in DAYS)
    assert 0.22 < first.mean() < 0.28
    assert 0.22 < second[first].mean() < 0.28


@pytest.mark.parametrize("controls", [1.0, 0.5, 0.1])
def test_rows_that_are_kept_stand_for_all(controls):
    fell = (np.arange(20_000) % 11 == 0).astype(float)
    sample, kept = _thinned(_sample(fell, controls))
    assert kept[fell == 1].all()
    stands = sample.stands_for(sample.relapsed)
    assert stands[sample.relapsed == 1].sum() == fell.sum()
    assert stands[sample.relapsed == 0].sum() == pytest.approx((fell == 0).sum(), rel=0.04 if controls < 1 else 0)
    assert sample.as_drawn().frame.height == pytest.approx(controls * len(fell), rel=0.04 if controls < 1 else 0)
    assert sample.as_drawn().relapsed.mean() == pytest.approx(fell.mean(), rel=0.15)


def test_weights_tell_what_the_rows_are_worth():
    fell = (np.arange(20_000) % 11 == 0).astype(float)
    assert _sample(fell, 1.0).worth(fell, EVERY) is None
    sample, _ = _thinned(_sample(fell, 0.1))
    weight = sample.worth(sample.relapsed, EVERY)
    risk = np.average(sample.relapsed, weights=weight)
    assert risk == pytest.approx(fell.mean(), rel=0.04)
    # what a likelihood takes the level's information for, and what it is
    assert (weight * risk * (1 - risk)).sum() == pytest.approx(
        (weight**2 * (sample.relapsed - risk) ** 2).sum(), rel=1e-9
    )


def test_who_is_there_for_a_relapse_that_nobody_knew_of_teaches_nothing():
    fell = np.ones(400)
    sample = _sample(fell, 0.3)
    not_yet = np.zeros(400)
    weight = sample.worth(not_yet, EVERY)
    np.testing.assert_array_equal(weight > 0, sample.drawn)
    assert 0 < sample.drawn.sum() < 400


def test_a_model_of_a_tenth_of_the_rows_has_the_level_of_all_and_says_that_it_knows_less():
    random = np.random.default_rng(4)
    X = random.normal(size=(12_000, 3))
    fell = (random.random(12_000) < expit(-2.4 + X @ [0.8, -0.4, 0.2])).astype(float)
    width, at = [], random.normal(size=(50, 3))
    for controls in (1.0, 0.1):
        sample, kept = _thinned(_sample(fell, controls))
        model = LogisticClassifier(penalty=1.0, n_folds=2, calibration="sigmoid")
        weight = sample.worth(sample.relapsed, EVERY)
        model.fit(X[kept], fell[kept], sample_weight=weight, household=sample.household)
        assert model.predict_proba(X)[:, 1].mean() == pytest.approx(fell.mean(), rel=0.06)
        low, high = model.predict_interval(at).T
        width.append(np.mean(logit(high) - logit(low)))
    assert width[1] > 1.2 * width[0]


@pytest.mark.parametrize("controls", [0, -0.1, 1.5, float("nan"), True, "0.1"])
def test_a_share_that_is_none_is_refused(controls):
    with pytest.raises(InputError) as caught:
        TrainRequest(controls=controls)
    assert caught.value.code == "controls_share"
    assert str(controls) in caught.value.in_language("zh") and str(controls) in caught.value.in_language("en")
