"""A comparison says who is better, and whether that is more than chance; it agrees with the full report."""

import json
from dataclasses import replace

import numpy as np
import pytest

from relapse_risk.evaluation import Predictions, compare, report_models
from relapse_risk.metrics import log_loss

N = 1500


@pytest.fixture(scope="module")
def drawn():
    random = np.random.default_rng(0)
    risk = random.beta(1, 8, N)
    return risk, (random.random(N) < risk).astype(float)


def _predictions(drawn, **risks):
    _, y = drawn
    return Predictions(
        outcome=y,
        weight=np.ones(N),
        household=np.arange(N),
        day=np.repeat(np.datetime64("2019-12-31"), N),
        cluster=np.arange(N) // 10,
        risks=risks,
        fell_after=np.full(N, np.nan),
    )


def _compared(drawn, **risks):
    return compare(_predictions(drawn, **risks), scheme="time")


def test_a_worse_model_is_worse_by_more_than_chance_and_a_better_one_is_named(drawn):
    risk, y = drawn
    found = _compared(drawn, default=np.full(N, y.mean()), oracle=risk, upside_down=1 - risk)
    assert found.default == "default"
    assert found.better == ("oracle",)
    oracle, upside_down = found.comparisons[1:]
    assert oracle.log_loss_over_default.upper < 0 < upside_down.log_loss_over_default.lower
    assert oracle.exclusion_error_over_default.upper < 0 < oracle.auc_over_default.lower
    assert oracle.scores.auc > 0.6 > upside_down.scores.auc
    assert oracle.expected_observed_ratio == pytest.approx(1, abs=0.15)


def test_the_default_differs_from_itself_by_nothing(drawn):
    (alone,) = _compared(drawn, default=np.full(N, 0.1)).comparisons
    for interval in alone.over_default.values():
        assert (interval.estimate, interval.lower, interval.upper) == (0, 0, 0)


def test_scores_are_those_of_the_rows_that_were_tried(drawn):
    risk, y = drawn
    found = _compared(drawn, default=risk)
    assert (found.days, found.households, found.comparisons[0].scores.rows) == (("2019-12-31",), N, N)
    assert found.comparisons[0].scores.log_loss == pytest.approx(log_loss(y, risk), rel=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_every_figure_is_that_of_the_full_report_to_the_last_bit(drawn, weighted):
    risk, y = drawn
    seen = _predictions(drawn, default=np.clip(risk + 0.02, 0, 1), other=risk, flat=np.full(N, y.mean()))
    seen = replace(seen, weight=np.arange(N) % 4.0) if weighted else seen
    short = compare(seen, scheme="time", capacity_share=0.1, n_draws=40, seed=3)
    full = report_models(seen, capacity_share=0.1, n_draws=40, seed=3)
    for one, model in zip(short.comparisons, full.models, strict=True):
        assert one.name == model.name
        assert one.over_default == dict(model.over_default)
        assert one.exclusion_error == model.figures["exclusion_error"]
        for name in ("auc", "average_precision", "log_loss", "brier", "calibration_slope"):
            assert getattr(one.scores, name) == pytest.approx(model.figures[name].estimate, rel=1e-12, nan_ok=True)
    assert short.verdict == full.verdict


def test_it_is_plain_json_even_where_a_figure_is_missing(drawn):
    found = _compared(drawn, default=np.full(N, 0.1))
    assert np.isnan(found.comparisons[0].scores.calibration_slope)  # one probability for all has no slope
    data = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert data["comparisons"][0]["scores"]["calibration_slope"] is None
    assert data == found.to_json()
    assert data["comparisons"][0]["expected_observed_ratio"] == pytest.approx(
        found.comparisons[0].expected_observed_ratio
    )
    assert next(iter(data)) == "verdict"  # the first thing that is read
