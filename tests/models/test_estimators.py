"""What holds for every estimator: exact contributions, intervals, rows in any order and any frame."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from relapse_risk.calibration import PiecewiseLinear, Sigmoid
from relapse_risk.models import VulnerabilityClassifier

COLUMNS = ("ratio", "trend", "illness", "house", "kids", "share")
EXTREME = st.one_of(st.none(), st.sampled_from([0.0, -0.0, 1e308, -1e308, 5e-324, 1.5]), st.floats(-1e6, 1e6))
CALIBRATORS = st.one_of(
    st.builds(lambda a, b: Sigmoid(intercept=a, slope=b), st.floats(-40, 40), st.floats(1e-3, 50)),
    st.lists(st.tuples(st.floats(1e-4, 5), st.floats(0, 9)), min_size=1, max_size=6).map(
        lambda steps: PiecewiseLinear(
            knots=np.cumsum([step[0] for step in steps]) - 6,
            heights=np.clip(np.cumsum([step[1] for step in steps]) - 14, -13.8, 13.8),
            errors=np.ones(len(steps)),
        )
    ),
)


def log_odds(model, frame):
    risk = model.predict_proba(frame)[:, 1]
    return np.log(risk) - np.log1p(-risk)


def assert_exact(model, frame):
    found = model.explain(frame)
    assert found.values.dtype == np.float64
    assert found.values.shape == (len(frame), len(found.reasons))
    assert np.abs(found.base + found.values.sum(axis=1) - log_odds(model, frame)).max() < 1e-9


def test_contributions_add_up_for_every_training_row(model, panel):
    assert_exact(model, panel.frame)
    assert model.explain(panel.frame).reasons == ("income", "illness", "guarantees", "labour", "other")


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(
    numbers=st.lists(st.lists(EXTREME, min_size=5, max_size=5), min_size=1, max_size=8), house=st.sampled_from("ABDX")
)
def test_contributions_add_up_for_extreme_rows(fitted, numbers, house):
    columns = dict(zip((c for c in COLUMNS if c != "house"), zip(*numbers, strict=True), strict=True))
    frame = pl.DataFrame({**columns, "house": [house] * len(numbers)}, strict=False).select(COLUMNS)
    frame = frame.with_columns(pl.exclude("house").cast(pl.Float64))
    for model in fitted.values():
        assert_exact(model, frame)


@given(calibrator=CALIBRATORS)
def test_contributions_add_up_through_any_calibrator(fitted, panel, calibrator):
    model = clone(fitted["logistic"])
    model.__dict__.update(fitted["logistic"].__dict__)
    model.calibrator_ = calibrator
    assert_exact(model, panel.frame[:200])
    risk = model.predict_proba(panel.frame[:200])
    assert risk.min() >= 1e-6 * (1 - 1e-9)


def test_contributions_are_against_the_weighted_mean_of_the_training_rows(fitted, panel):
    model = fitted["uncalibrated"]
    mean = np.average(model.explain(panel.frame).values, axis=0, weights=panel.weight)
    assert np.abs(mean).max() < 1e-9
    assert model.explain(panel.frame).base == pytest.approx(
        np.average(log_odds(model, panel.frame), weights=panel.weight)
    )


def test_feature_terms_add_up_to_the_contributions(model, panel):
    terms, found = model.feature_terms(panel.frame), model.explain(panel.frame)
    assert terms.shape == panel.frame.shape
    assert np.abs(terms.sum(axis=1) - found.values.sum(axis=1)).max() < 1e-6


def test_the_interval_holds_the_probability_and_grows_with_the_level(model, panel):
    risk = model.predict_proba(panel.frame)[:, 1]
    narrow, wide = model.predict_interval(panel.frame, level=0.5), model.predict_interval(panel.frame)
    assert (wide[:, 0] <= risk).all()
    assert (risk <= wide[:, 1]).all()
    assert (wide[:, 0] <= narrow[:, 0]).all()
    assert (narrow[:, 1] <= wide[:, 1]).all()
    assert (wide > 0).all()
    assert (wide < 1).all()
    assert np.mean(wide[:, 1] - wide[:, 0]) > 0.005


def test_encoded_rows_say_the_same_and_are_scored_once(model, panel, monkeypatch):
    expected = (
        model.predict_proba(panel.frame),
        model.predict_interval(panel.frame),
        model.explain(panel.frame).values,
        model.feature_terms(panel.frame),
    )
    rows, asked, score = model.encode(panel.frame), [], type(model.core_).score

    def counted(core, terms):
        asked.append(core)
        return score(core, terms)

    monkeypatch.setattr(type(model.core_), "score", counted)
    found = (
        model.predict_proba(rows),
        model.predict_interval(rows),
        model.explain(rows).values,
        model.feature_terms(rows),
    )
    for one, other in zip(found, expected, strict=True):
        assert np.array_equal(one, other)
    assert sum(core is model.core_ for core in asked) <= 1  # none where the model reads rows once for all it says


def test_pandas_polars_and_arrow_frames_are_one(model, panel):
    risk = model.predict_proba(panel.frame)
    frame = panel.frame.to_pandas()
    shuffled_index = frame.set_index(pd.Index(np.arange(len(frame))[::-1]))
    for same in (frame, shuffled_index, frame.astype({"house": "category"}), panel.frame.to_arrow()):
        assert np.array_equal(model.predict_proba(same), risk)


@pytest.mark.slow
def test_a_frame_of_numbers_is_an_array(panel):
    from relapse_risk.models import ReasonAdditiveClassifier

    frame = panel.frame.drop("house")
    one = ReasonAdditiveClassifier(n_rounds=20).fit(frame, panel.outcome)
    array = frame.fill_null(np.nan).to_numpy()
    other = ReasonAdditiveClassifier(n_rounds=20).fit(array, panel.outcome)
    assert np.array_equal(one.predict_proba(frame), other.predict_proba(array))
    table = pa.table(frame.to_dict(as_series=False))
    assert np.array_equal(clone(one).fit(table, panel.outcome).predict_proba(frame), one.predict_proba(frame))


@pytest.mark.slow
def test_the_order_of_training_rows_changes_nothing(model, panel):
    order = np.random.default_rng(0).permutation(len(panel.outcome))
    again = clone(model).fit(
        panel.frame[order],
        panel.outcome[order],
        panel.weight[order],
        time=panel.time[order],
        household=panel.household[order],
    )
    assert np.array_equal(again.predict_proba(panel.frame), model.predict_proba(panel.frame))
    assert np.array_equal(again.predict_interval(panel.frame), model.predict_interval(panel.frame))


@pytest.mark.slow
def test_the_number_of_threads_changes_nothing(model, panel):
    again = clone(model).set_params(n_jobs=1 if model.n_jobs == -1 else 2)
    again.fit(panel.frame, panel.outcome, panel.weight, time=panel.time, household=panel.household)
    assert np.array_equal(again.predict_proba(panel.frame), model.predict_proba(panel.frame))
    assert np.array_equal(again.explain(panel.frame).values, model.explain(panel.frame).values)


def test_rows_scored_apart_get_what_they_get_together(model, panel):
    together = model.predict_proba(panel.frame)
    apart = np.vstack([model.predict_proba(panel.frame[i : i + 7]) for i in range(0, 70, 7)])
    assert np.array_equal(together[:70], apart)


@pytest.mark.slow
def test_weights_of_zero_are_rows_left_out(model, panel):
    kept = np.arange(len(panel.outcome)) % 3 > 0
    zeroed = clone(model).fit(
        panel.frame, panel.outcome, np.where(kept, panel.weight, 0), time=panel.time, household=panel.household
    )
    left = clone(model).fit(
        panel.frame.filter(kept),
        panel.outcome[kept],
        panel.weight[kept],
        time=panel.time[kept],
        household=panel.household[kept],
    )
    assert np.array_equal(zeroed.predict_proba(panel.frame), left.predict_proba(panel.frame))


def test_codes_never_seen_are_scored_and_texts_for_numbers_are_refused(model, panel):
    unseen = panel.frame.with_columns(house=pl.lit("Z"))
    assert np.isfinite(model.predict_proba(unseen)).all()
    blank = panel.frame.with_columns(house=pl.lit(None))
    assert np.array_equal(
        model.predict_proba(blank), model.predict_proba(panel.frame.with_columns(house=pl.lit(None, dtype=pl.String)))
    )
    with pytest.raises(ValueError, match="held numbers in training"):
        model.predict_proba(panel.frame.with_columns(kids=pl.lit("three")))
    with pytest.raises(ValueError, match="held texts in training"):
        model.predict_proba(panel.frame.with_columns(house=pl.lit(3)))
    with pytest.raises(ValueError, match="give numbers, truth values or codes"):
        model.predict_proba(panel.frame.with_columns(kids=pl.lit("2019-12-31").str.to_date()))


def test_truth_values_are_numbers(panel):
    from relapse_risk.models import LogisticClassifier

    flags = panel.frame.with_columns(pl.col("illness").cast(pl.Boolean))
    one = LogisticClassifier().fit(flags, panel.outcome)
    assert np.array_equal(
        one.predict_proba(flags), LogisticClassifier().fit(panel.frame, panel.outcome).predict_proba(panel.frame)
    )


def test_better_than_the_mean_and_calibrated_in_training(model, panel):
    from relapse_risk.metrics import score_all

    found = score_all(panel.outcome, model.predict_proba(panel.frame)[:, 1], panel.weight)
    # without incomes a year later, vulnerability looks at characteristics alone, and never at outcomes
    assert found.auc > (0.55 if isinstance(model, VulnerabilityClassifier) else 0.65)
    assert found.predicted / found.observed == pytest.approx(1, abs=0.1)
