"""A comparison says who is better, and whether that is more than chance."""

import json

import numpy as np
import pytest

from relapse_risk.evaluation import compare, plan_trials
from relapse_risk.metrics import log_loss


@pytest.fixture(scope="module")
def panel():
    random = np.random.default_rng(0)
    home, day = np.repeat(np.arange(1500), 2), np.tile(["2018-12-31", "2019-12-31"], 1500)
    risk = random.beta(1, 8, len(home))
    y = (random.random(len(home)) < risk).astype(float)
    then = {"2019-12-31": np.where(day == "2018-12-31", y, np.nan)}
    return home, day, risk, y, plan_trials(home, day, y, then)


def _compared(panel, **candidates):
    home, day, _, y, trials = panel
    return compare(y, home, day, trials, candidates)


def test_a_worse_model_is_worse_by_more_than_chance_and_a_better_one_is_named(panel):
    risk = panel[2]
    found = _compared(
        panel,
        default=lambda trial: np.full(len(trial.test), trial.outcome.mean()),
        oracle=lambda trial: risk[trial.test],
        upside_down=lambda trial: 1 - risk[trial.test],
    )
    assert found.default == "default"
    assert found.better == ("oracle",)
    oracle, upside_down = found.standings[1:]
    assert oracle.log_loss_over_default.upper < 0 < upside_down.log_loss_over_default.lower
    assert oracle.scores.auc > 0.6 > upside_down.scores.auc
    assert oracle.expected_observed_ratio == pytest.approx(1, abs=0.15)


def test_the_default_differs_from_itself_by_nothing(panel):
    found = _compared(panel, default=lambda trial: np.full(len(trial.test), 0.1))
    interval = found.standings[0].log_loss_over_default
    assert (interval.estimate, interval.lower, interval.upper) == (0, 0, 0)


def test_scores_are_those_of_the_tested_rows_alone(panel):
    _, day, risk, y, _ = panel
    found = _compared(panel, default=lambda trial: risk[trial.test])
    tested = day == "2019-12-31"
    assert found.days == ("2019-12-31",)
    assert found.households == 1500
    assert found.standings[0].scores.rows == tested.sum()
    assert found.standings[0].scores.log_loss == pytest.approx(log_loss(y[tested], risk[tested]), rel=1e-12)
    assert found.standings[0].log_loss_over_default.estimate == 0


def test_it_is_plain_json_even_where_a_figure_is_missing(panel):
    found = _compared(panel, default=lambda trial: np.full(len(trial.test), 0.1))
    assert np.isnan(found.standings[0].scores.calibration_slope)  # one probability for all has no slope
    data = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert data["standings"][0]["scores"]["calibration_slope"] is None
    assert data == found.to_json()
    assert data["standings"][0]["expected_observed_ratio"] == pytest.approx(found.standings[0].expected_observed_ratio)


def test_progress_reaches_the_end(panel):
    home, day, _, y, trials = panel
    told = []
    candidates = {name: lambda trial: np.full(len(trial.test), 0.1) for name in "ab"}
    compare(y, home, day, trials, candidates, progress=lambda stage, share: told.append((stage, share)))
    assert told == sorted(told)
    assert told[-1] == ("evaluate", 1.0)
