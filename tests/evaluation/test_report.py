"""A judgement: every figure that of its own measure, differences paired, nothing that is not defined made up."""

import json
from dataclasses import replace

import numpy as np
import pytest

from relapse_risk.evaluation import Predictions, report_models
from relapse_risk.metrics import (
    auc,
    average_precision,
    brier,
    corp_splits,
    household_bootstrap,
    listing,
    log_loss,
    log_losses,
    net_benefit,
    recalibration_line,
    spiegelhalter,
)

DAYS = np.array(["2018-12-31", "2019-12-31"], dtype="datetime64[D]")


def world(n=1200, seed=0):
    random = np.random.default_rng(seed)
    home = np.repeat(np.arange(n // 2), 2)
    risk = random.beta(1, 8, n)
    y = (random.random(n) < risk).astype(float)
    return Predictions(
        outcome=y,
        weight=random.choice([0.0, 1.0, 2.0], n, p=[0.05, 0.75, 0.2]),
        household=home,
        day=np.tile(DAYS, n // 2),
        cluster=home // 10,
        risks={"default": risk, "high": np.sqrt(risk), "even": np.full(n, y.mean())},
        groups={"ethnicity": random.choice(["han", "yi", ""], n), "county": (home % 3).astype(str)},
        fell_after=np.where(y == 1, random.integers(1, 13, n), np.nan),
    )


@pytest.fixture(scope="module")
def seen():
    return world()


@pytest.fixture(scope="module")
def found(seen):
    return report_models(seen, n_draws=60, capacity_share=0.1)


def test_each_figure_is_that_of_its_measure(seen, found):
    w = seen.weight
    for model, p in zip(found.models, seen.risks.values(), strict=True):
        rows = (seen.outcome, p, w)
        line, split = recalibration_line(*rows), corp_splits(*rows)
        listed = listing(seen.outcome, p, 0.1, w, day=seen.day, fell_after=seen.fell_after)
        expected = {
            "auc": auc(*rows),
            "average_precision": average_precision(*rows),
            "brier": brier(*rows),
            "log_loss": log_loss(*rows),
            "brier_miscalibration": split.brier.miscalibration,
            "brier_discrimination": split.brier.discrimination,
            "brier_uncertainty": split.brier.uncertainty,
            "log_loss_miscalibration": split.log_loss.miscalibration,
            "log_loss_discrimination": split.log_loss.discrimination,
            "log_loss_uncertainty": split.log_loss.uncertainty,
            "predicted": np.average(p, weights=w),
            "observed": np.average(seen.outcome, weights=w),
            "expected_observed_ratio": w @ p / (w @ seen.outcome),
            "calibration_intercept": line.intercept,
            "calibration_slope": line.slope,
            "exclusion_error": listed.exclusion_error,
            "inclusion_error": listed.inclusion_error,
            "lead_time_months": listed.lead_time_months,
            "lead_time_months_median": listed.lead_time_months_median,
        }
        estimates = {name: one.estimate for name, one in model.figures.items()}
        assert estimates == pytest.approx(expected, nan_ok=True, abs=1e-12)
        assert model.spiegelhalter.z == pytest.approx(spiegelhalter(*rows).z)
        assert [one.model.estimate for one in model.net_benefit] == pytest.approx(
            [one.model for one in net_benefit(seen.outcome, p, [one.threshold for one in model.net_benefit], w)]
        )


def test_intervals_hold_their_estimates(found):
    for name, one in found.models[0].figures.items():
        assert one.lower <= one.estimate <= one.upper, name


def test_differences_to_the_default_are_paired_by_cluster(seen, found):
    y, used = seen.outcome, seen.weight > 0
    losses = [log_losses(y, p)[used] for p in seen.risks.values()]
    expected = household_bootstrap(losses[1], losses[0], seen.cluster[used], seen.weight[used], n_draws=60)
    over = found.models[1].over_default["log_loss"]
    assert [over.estimate, over.lower, over.upper] == pytest.approx([expected.estimate, expected.lower, expected.upper])
    own = found.models[0].over_default["brier"]
    assert (own.estimate, own.lower, own.upper) == (0, 0, 0)
    assert found.better == ()
    assert report_models(replace(seen, risks=dict(reversed(seen.risks.items()))), n_draws=60).better == ("default",)


def test_the_line_of_a_draw_is_near_the_one_that_is_fitted_to_it(seen, found):
    used = np.flatnonzero(seen.weight > 0)
    random, slopes = np.random.default_rng(5), []
    for _ in range(60):
        drawn = np.bincount(random.integers(60, size=60), minlength=60)[seen.cluster[used]]
        rows = seen.outcome[used], seen.risks["default"][used], seen.weight[used] * drawn
        slopes.append(recalibration_line(*rows).slope)
    slope = found.models[0].figures["calibration_slope"]
    ends = np.quantile(slopes, [0.025, 0.975], method="weibull")
    assert slope.upper - slope.lower == pytest.approx(np.ptp(ends), rel=0.4)


def test_days_bands_and_groups_are_those_rows_alone(seen, found):
    model, p, w, y = found.models[1], seen.risks["high"], seen.weight, seen.outcome
    assert tuple(day.day for day in model.days) == found.days == ("2018-12-31", "2019-12-31")
    of = (seen.day == DAYS[1]) & (w > 0)
    day = model.days[1]
    assert (day.rows, day.events) == (of.sum(), y[of].sum())
    assert day.log_loss.estimate == pytest.approx(log_loss(y[of], p[of], w[of]))
    assert day.slope.estimate == pytest.approx(recalibration_line(y[of], p[of], w[of]).slope)
    assert day.expected_observed_ratio.estimate == pytest.approx(day.predicted / day.observed)
    assert day.slope.lower < day.slope.estimate < day.slope.upper
    band = model.bands[2]
    of = (p >= band.low) & (p <= band.high) & (w > 0)
    assert (band.rows, band.observed.estimate) == (of.sum(), pytest.approx(np.average(y[of], weights=w[of])))
    assert [(one.kind, one.group) for one in model.groups[:2]] == [("ethnicity", "han"), ("ethnicity", "yi")]
    of = (seen.groups["ethnicity"] == "yi") & (w > 0)
    group = model.groups[1]
    assert (group.rows, group.events) == (of.sum(), y[of].sum())
    assert group.auc.estimate == pytest.approx(auc(y[of], p[of], w[of]))
    assert group.error.estimate == pytest.approx(group.predicted - group.observed)
    assert model.largest_group_error.groups == len(model.groups) == 5


def test_exclusion_errors_of_groups_make_that_of_all(seen, found):
    model, y, w = found.models[0], seen.outcome, seen.weight
    county = seen.groups["county"]
    fallen = np.array([w @ (y * (county == one.group)) for one in model.groups if one.kind == "county"])
    missed = [one.exclusion_error.estimate for one in model.groups if one.kind == "county"]
    assert fallen @ missed / fallen.sum() == pytest.approx(model.figures["exclusion_error"].estimate)


def test_a_model_that_is_too_high_everywhere_is_called_so(found):
    right, high, even = found.models
    assert high.figures["expected_observed_ratio"].lower > 1.5
    assert high.figures["log_loss_miscalibration"].lower > 0
    assert right.figures["log_loss_miscalibration"].lower == 0
    assert high.largest_group_error.p_value < 0.05 < right.largest_group_error.p_value
    assert high.spiegelhalter.p_value < 0.01
    assert np.isnan(even.figures["calibration_slope"].estimate)
    assert all(one.gain.lower > 0 for one in right.net_benefit if one.threshold == 0.2)


def test_the_order_of_rows_changes_nothing(seen, found):
    order = np.random.default_rng(3).permutation(len(seen.outcome))
    turned = Predictions(
        outcome=seen.outcome[order],
        weight=seen.weight[order],
        household=seen.household[order],
        day=seen.day[order],
        cluster=seen.cluster[order],
        risks={name: p[order] for name, p in seen.risks.items()},
        groups={kind: labels[order] for kind, labels in seen.groups.items()},
        fell_after=seen.fell_after[order],
    )
    again = report_models(turned, n_draws=60, capacity_share=0.1)
    for one, other in zip(found.models, again.models, strict=True):
        assert one.figures["exclusion_error"].upper == pytest.approx(other.figures["exclusion_error"].upper)
        assert one.figures["auc"].lower == pytest.approx(other.figures["auc"].lower)
        assert one.largest_group_error.z == pytest.approx(other.largest_group_error.z)


def test_it_is_plain_json_even_where_a_figure_is_missing(found):
    data = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert data == found.to_json()
    assert data["models"][2]["figures"]["calibration_slope"]["estimate"] is None
    assert data["models"][0]["days"][0]["day"] == "2018-12-31"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("outcome", [0.0, 1.0])
@pytest.mark.parametrize("rows", [1, 2, 30])
def test_one_outcome_alone_or_one_cluster_is_not_a_number_and_no_error(outcome, rows):
    one = Predictions(
        outcome=np.full(rows, outcome),
        weight=np.ones(rows),
        household=np.arange(rows),
        day=np.repeat(DAYS[:1], rows),
        cluster=np.zeros(rows),
        risks={"default": np.linspace(0, 1, rows)},
        groups={"county": np.full(rows, "a"), "elderly": np.full(rows, "")},
        fell_after=np.full(rows, np.nan),
    )
    found = report_models(one, n_draws=5)
    figures = found.models[0].figures
    assert np.isnan([figures["auc"].estimate, figures["lead_time_months"].estimate, figures["brier"].lower]).all()
    assert np.isnan(figures["calibration_slope"].estimate)
    assert found.models[0].largest_group_error is None
    json.dumps(found.to_json(), allow_nan=False)


@pytest.mark.filterwarnings("error")
def test_few_events_and_perfect_separation_are_no_error(seen):
    n = 40
    y = (np.arange(n) >= 38).astype(float)
    few = Predictions(
        outcome=y,
        weight=np.ones(n),
        household=np.arange(n),
        day=np.tile(DAYS, n // 2),
        cluster=np.arange(n) // 4,
        risks={"default": np.linspace(0.01, 0.5, n), "certain": y},
        groups={"county": (np.arange(n) // 13).astype(str)},
        fell_after=np.full(n, np.nan),
    )
    found = report_models(few, n_draws=30)
    assert found.models[1].figures["log_loss"].estimate == 0
    assert np.isnan(found.models[0].figures["calibration_slope"].estimate)  # parted outcomes have no line
    json.dumps(found.to_json(), allow_nan=False)


def test_progress_reaches_the_end(seen):
    reports = []
    report_models(seen, n_draws=2, progress=lambda stage, share: reports.append((stage, share)))
    assert reports == [("judge", 1 / 3), ("judge", 2 / 3), ("judge", 1.0)]


def late_world(seed, to_come, n=4000, year_sd=0.0):
    """Return what an oracle predicts of two years, of whose relapses a share is not entered yet."""
    random = np.random.default_rng(seed)
    risk, year = random.beta(1, 20, n), np.arange(n) % 2
    moved = np.exp(random.normal(0, year_sd, 2)) if year_sd else np.ones(2)
    fell = random.random(n) < risk * moved[year]
    entered = random.random(n) >= np.asarray(to_come)[year]
    return Predictions(
        outcome=(fell & entered).astype(float),
        weight=np.ones(n),
        household=np.arange(n),
        day=DAYS[year],
        cluster=np.arange(n) // 20,
        risks={"oracle": risk},
        groups={"county": (np.arange(n) % 3).astype(str)},
        to_come=np.asarray(to_come, dtype=float)[year],
        fell_after=np.full(n, np.nan),
    )


def test_relapses_still_to_come_are_allowed_for_wherever_predicted_stands_beside_observed():
    found = [report_models(late_world(seed, (0.0, 0.3)), n_draws=2).models[0] for seed in range(12)]

    def mean(of):
        return np.mean([of(one) for one in found])

    assert mean(lambda one: one.figures["expected_observed_ratio"].estimate) == pytest.approx(1, abs=0.05)
    assert mean(lambda one: one.days[1].expected_observed_ratio.estimate) == pytest.approx(1, abs=0.08)
    bands = mean(lambda one: sum(band.observed.estimate * band.rows for band in one.bands) / 4000)
    assert bands == pytest.approx(mean(lambda one: one.figures["observed"].estimate))
    assert mean(lambda one: one.figures["calibration_intercept"].estimate) == pytest.approx(0, abs=0.12)
    assert abs(mean(lambda one: one.groups[0].z)) < 0.9
    assert mean(lambda one: one.spiegelhalter.z) == pytest.approx(0, abs=0.9)


def test_the_interval_of_the_level_allows_for_a_year_that_differs_for_everybody():
    narrow = report_models(late_world(1, (0, 0)), n_draws=200, year_sd=0.0).models[0]
    wide = report_models(late_world(1, (0, 0)), n_draws=200, year_sd=0.3).models[0]
    for name, interval in narrow.figures.items():
        other = wide.figures[name]
        if name == "expected_observed_ratio":
            assert other.upper - other.lower > 1.5 * (interval.upper - interval.lower)
        elif np.isfinite(interval.lower):
            assert (other.lower, other.upper) == (interval.lower, interval.upper)
    assert wide.days[0].expected_observed_ratio.upper > narrow.days[0].expected_observed_ratio.upper
