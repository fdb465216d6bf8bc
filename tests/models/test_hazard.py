"""The hazard: rates recovered, follow-up that ends early, competing exits, horizons that agree, exact sums."""

import warnings
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from relapse_risk.errors import BundleError, RelapseRiskWarning
from relapse_risk.models import HazardClassifier
from relapse_risk.models.hazard import (
    HazardDesign,
    best_penalty,
    cut_bounds,
    cut_rows,
    fit_cloglog,
    fit_course,
    log_odds,
    log_odds_slopes,
    ridge_of,
    settled_rows,
    spans,
)
from relapse_risk.models.linear import PENALTIES, Rows
from tests.models.saved_models import read, saved

HORIZONS = (3, 6, 12, 24)
REASONS = {"ill": "illness", "ratio": "income", "old": "labour", "duration": "history"}


def followed_panel(n=6000, seed=3, most=24.0):
    """Households with a known monthly rate of relapse and of departure, followed for different times."""
    random = np.random.default_rng(seed)
    ill, old = (random.random(n) < 0.3).astype(float), (random.random(n) < 0.25).astype(float)
    ratio, duration = random.normal(size=n), random.integers(1, 61, n).astype(float)
    relapse = 0.012 * np.exp(0.8 * ill - 0.6 * ratio - 0.02 * (duration - 30))
    competing = 0.006 * np.exp(1.2 * old)
    fell, left = random.exponential(1 / relapse), random.exponential(1 / competing)
    end = random.uniform(6, most, n)
    months = np.minimum(np.minimum(fell, left), end)
    return SimpleNamespace(
        frame=pl.DataFrame({"ill": ill, "ratio": ratio, "old": old, "duration": duration}),
        outcome=(fell == months).astype(int),
        months=months,
        competing_event=left == months,
        relapse=relapse,
        rate_gone=competing,
    )


@pytest.fixture(scope="module")
def panel():
    return followed_panel()


@pytest.fixture(scope="module")
def model(panel):
    model = HazardClassifier(REASONS, competing_columns=("old",))
    return model.fit(panel.frame, panel.outcome, months=panel.months, competing_event=panel.competing_event)


def true_risk(panel, horizon):
    both = panel.relapse + panel.rate_gone
    return panel.relapse / both * -np.expm1(-both * horizon)


def log_odds_of(risk):
    return np.log(risk) - np.log1p(-risk)


def test_the_risk_of_every_horizon_is_that_of_the_rates_it_was_drawn_with(model, panel):
    found = model.predict_risk(panel.frame, HORIZONS)
    for place, horizon in enumerate(HORIZONS):
        truth = true_risk(panel, horizon)
        assert found[:, place].mean() == pytest.approx(truth.mean(), rel=0.08)
        assert np.corrcoef(log_odds_of(found[:, place]), log_odds_of(truth))[0, 1] > 0.97


def test_competing_exits_taken_for_stable_outcomes_are_told_apart_from_relapses(panel):
    # who is gone cannot relapse: taking departures for ends of follow-up gives the risk in a world without them
    blind = HazardClassifier(REASONS).fit(panel.frame, panel.outcome, months=panel.months)
    without = -np.expm1(-panel.relapse * 24)
    assert blind.predict_risk(panel.frame, (24,))[:, 0].mean() == pytest.approx(without.mean(), rel=0.08)
    assert without.mean() > 1.08 * true_risk(panel, 24).mean()


@settings(max_examples=30, deadline=None)
@given(
    horizons=st.lists(st.floats(0.01, 24), min_size=1, max_size=6),
    row=st.tuples(*[st.one_of(st.none(), st.floats(-1e12, 1e12)) for _ in range(4)]),
)
def test_a_longer_horizon_never_has_the_smaller_risk(model, horizons, row):
    frame = pl.DataFrame([row], schema=dict.fromkeys(REASONS, pl.Float64), orient="row")
    risk = model.predict_risk(frame, horizons)[0]
    assert (np.diff(risk[np.argsort(horizons)]) >= 0).all()
    assert ((risk > 0) & (risk < 1)).all()


@pytest.mark.parametrize("calibration", ["sigmoid", "isotonic", None])
def test_the_main_horizon_is_one_of_them(panel, calibration):
    model = HazardClassifier(REASONS, competing_columns=("old",), calibration=calibration)
    model.fit(
        panel.frame[:2000],
        panel.outcome[:2000],
        months=panel.months[:2000],
        competing_event=panel.competing_event[:2000],
    )
    risk = model.predict_risk(panel.frame, (24, 12, 3))
    assert risk[:, 1] == pytest.approx(model.predict_proba(panel.frame)[:, 1], rel=1e-12)
    assert (risk[:, 0] >= risk[:, 1]).all()
    assert (risk[:, 1] >= risk[:, 2]).all()


def test_contributions_add_up_with_competing_exits(model, panel):
    found = model.explain(panel.frame)
    score = log_odds_of(model.predict_proba(panel.frame)[:, 1])
    assert np.abs(found.base + found.values.sum(axis=1) - score).max() < 1e-9
    # columns are centred on fewer rows than reasons: the same shift for everybody
    assert np.ptp(model.feature_terms(panel.frame).sum(axis=1) - found.values.sum(axis=1)) < 1e-9


def test_what_other_exits_leave_over_goes_to_the_first_column_they_depend_on(panel):
    frame = panel.frame.drop("duration")
    young = pl.DataFrame({"ill": [0.0], "ratio": [0.0], "old": [0.0]})
    old = young.with_columns(old=pl.lit(1.0))

    def gap(**exits):
        model = HazardClassifier(REASONS, competing_columns=("old",), duration=None, calibration=None)
        model.fit(frame, panel.outcome, months=panel.months, **exits)
        found = model.explain(old).values - model.explain(young).values
        assert found.sum() == pytest.approx((model.decision_function(old) - model.decision_function(young))[0])
        return dict(zip(model.layout_.reasons, found[0], strict=True))["labour"]

    # who has left cannot relapse any more: 1.4 % a month more of the old, half of them before they would have
    assert gap(competing_event=panel.competing_event) - gap() == pytest.approx(-0.014 * 12 / 2, abs=0.03)


def test_the_same_follow_up_in_any_order_gives_the_same_model(model, panel):
    order = np.random.default_rng(0).permutation(len(panel.outcome))
    again = clone(model).fit(
        panel.frame[order],
        panel.outcome[order],
        months=panel.months[order],
        competing_event=panel.competing_event[order],
    )
    assert np.array_equal(again.predict_risk(panel.frame), model.predict_risk(panel.frame))
    assert np.array_equal(again.predict_interval(panel.frame), model.predict_interval(panel.frame))


def test_the_interval_holds_the_true_risk_about_as_often_as_it_says():
    held = []
    for seed in range(4):
        panel = followed_panel(n=2500, seed=seed)
        model = HazardClassifier(competing_columns=("old",), calibration=None).fit(
            panel.frame, panel.outcome, months=panel.months, competing_event=panel.competing_event
        )
        lower, upper = model.predict_interval(panel.frame).T
        truth = true_risk(panel, 12)
        held.append(((lower <= truth) & (truth <= upper)).mean())
    assert 0.75 < np.mean(held) <= 1


def test_the_spread_is_the_slope_of_the_score_by_the_coefficients(model, panel):
    # the delta method, against differences of the score
    core, terms = model.core_, model.encode(panel.frame[:5]).terms
    variance = np.zeros(5)
    for name in ("relapse", "competing"):
        course = getattr(core, name)
        at = np.concatenate([[course.intercept], course.levels, course.weights, course.duration_weights])
        sizes = np.cumsum([1, len(course.levels), len(course.weights)])

        def score(at, course=course, name=name, sizes=sizes):
            intercept, *rest = np.split(at, sizes)
            parts = dict(
                zip(("levels", "weights", "duration_weights"), rest, strict=True), intercept=float(intercept[0])
            )
            moved = type(course)(plan=course.plan, covariance=course.covariance, **parts)
            changed = type(core)(**{**core.__dict__, name: moved})
            return changed.score(terms)

        steps = 1e-5 * np.eye(len(at))
        slopes = np.column_stack([(score(at + step) - score(at - step)) / 2e-5 for step in steps])
        variance += np.einsum("ij,jk,ik->i", slopes, course.covariance, slopes)
    assert core.std_error(terms) == pytest.approx(np.sqrt(variance), rel=1e-5)


@pytest.mark.parametrize("alone", [True, False])
def test_slopes_of_the_incidence_are_its_derivatives(alone):
    random = np.random.default_rng(1)
    a, b = random.normal(-2, 1, (6, 3)), None if alone else random.normal(-2, 1, (6, 3))
    by_a, by_b = log_odds_slopes(a, b)
    for column in range(3):
        step = 1e-6 * np.eye(3)[column]
        assert by_a[:, column] == pytest.approx((log_odds(a + step, b) - log_odds(a - step, b)) / 2e-6, rel=1e-5)
        if b is not None:
            found = (log_odds(a, b + step) - log_odds(a, b - step)) / 2e-6
            assert by_b[:, column] == pytest.approx(found, rel=1e-4, abs=1e-8)


def test_rates_beyond_all_bounds_stay_probabilities():
    extreme = np.array([[-1e300, -1e300], [1e300, 1e300], [0.0, 1e300], [-1e300, 5.0]])
    for competing in (None, extreme[::-1], extreme):
        assert np.isfinite(log_odds(extreme, competing)).all()


def test_follow_up_is_cut_at_the_interval_it_ends_in():
    rows = Rows(
        terms=np.zeros((4, 1)),
        outcome=np.array([1.0, 0.0, 0.0, 1.0]),
        weight=np.ones(4),
        household=np.arange(4, dtype=np.uint64),
        time=None,
        fit_params={"followed": np.array([[4.0, 0.0], [6.0, 0.0], [7.5, 1.0], [0.0, 0.0]])},
    )
    bounds = cut_bounds((3, 6, 12, 24), 12, rows.followed)
    assert bounds.tolist() == [3, 6, 7.5]
    relapse, competing = (cut_rows(rows, bounds, event=event) for event in ("relapse", "competing"))
    assert list(zip(relapse.row, relapse.interval, relapse.exposure, relapse.event, strict=True)) == [
        *((0, 0, 3, 0), (0, 1, 3, 1)),
        *((1, 0, 3, 0), (1, 1, 3, 0)),
        *((2, 0, 3, 0), (2, 1, 3, 0), (2, 2, 1.5, 0)),
        (3, 0, 3, 1),
    ]
    # relapsed at 4: seen by then for one month of the second interval
    assert list(zip(competing.row, competing.interval, competing.exposure, competing.event, strict=True)) == [
        *((0, 0, 3, 0), (0, 1, 1, 0)),
        *((1, 0, 3, 0), (1, 1, 3, 0)),
        *((2, 0, 3, 0), (2, 1, 3, 0), (2, 2, 1.5, 1)),
    ]


def test_rows_followed_long_enough_stand_for_those_that_were_not():
    rows = Rows(
        terms=np.zeros((5, 1)),
        outcome=np.array([0.0, 0.0, 1.0, 1.0, 0.0]),
        weight=np.ones(5),
        household=np.arange(5, dtype=np.uint64),
        time=None,
        fit_params={"followed": np.array([[12.0, 0], [5.0, 0], [6.0, 0], [20.0, 0], [3.0, 1]])},
    )
    known, outcome, weight = settled_rows(rows, 12)
    assert known.tolist() == [0, 2, 3, 4]
    assert outcome.tolist() == [0, 1, 0, 0]  # a relapse after the horizon is none within it
    # of the four still there after 3 months one is lost at 5: the other three stand for it
    assert weight == pytest.approx([4 / 3, 4 / 3, 4 / 3, 1])


def test_one_interval_where_only_the_outcome_at_the_horizon_is_known(panel):
    fell = (panel.outcome == 1) & (panel.months <= 12)
    model = HazardClassifier(REASONS).fit(panel.frame, fell)
    assert model.core_.relapse.plan.bounds.tolist() == [12]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.predict_risk(panel.frame, (3, 6, 12))
    with pytest.warns(RelapseRiskWarning, match="within 24 months: in training, follow-up is 12") as caught:
        risk = model.predict_risk(panel.frame)
    assert caught[0].message.code == "horizon_not_followed"
    assert (np.diff(risk, axis=1) >= 0).all()


def test_training_that_never_saw_the_horizon_says_so(panel):
    with pytest.warns(RelapseRiskWarning, match="within 12 months: in training, follow-up is 6 months") as caught:
        HazardClassifier(REASONS).fit(panel.frame[:500], panel.outcome[:500], months=np.minimum(panel.months[:500], 6))
    assert caught[0].message.in_language("zh").startswith("要求 12 个月内的风险")


def test_ten_relapses_and_columns_that_separate_give_finite_risks():
    random = np.random.default_rng(5)
    y = np.arange(3000) < 10
    X = np.column_stack([y, random.normal(size=3000), np.full(3000, np.nan), np.ones(3000)])
    months = np.where(y, 4.0, random.uniform(1, 24, 3000))
    model = HazardClassifier().fit(X, y, months=months, competing_event=~y & (random.random(3000) < 0.1))
    risk = model.predict_risk(np.vstack([X, X * 1e12]), HORIZONS)
    assert np.isfinite(risk).all()
    assert np.isfinite(model.predict_interval(X)).all()
    assert risk[:10, 2].min() > risk[10:3000, 2].max()


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"months": [1.0, -2.0] * 3}, "negative"),
        ({"months": [1.0, np.nan] * 3}, "NaN"),
        ({"months": [1.0] * 5}, "inconsistent"),
        ({"competing_event": [True] * 6}, "give months too"),
        ({"months": [1.0] * 6, "competing_event": [2] * 6}, "truth value"),
        ({"months": [1.0] * 6, "competing_event": [True] * 6}, "both"),
    ],
)
def test_follow_up_that_is_none_is_refused(given, problem):
    with pytest.raises(ValueError, match=problem):
        HazardClassifier().fit(np.eye(6), [0, 1] * 3, **given)


def test_years_since_exit_go_on_like_months(panel):
    # without a calibrator: folds are dealt by what stands in the rows
    months = HazardClassifier(calibration=None).fit(panel.frame, panel.outcome, months=panel.months)
    years = panel.frame.with_columns(pl.col("duration") / 12)
    same = HazardClassifier(calibration=None, duration_months=12).fit(years, panel.outcome, months=panel.months)
    assert same.predict_risk(years) == pytest.approx(months.predict_risk(panel.frame), rel=1e-6)


@pytest.mark.parametrize(
    "parameters", [{"horizon": 0}, {"intervals": (3, -1)}, {"intervals": ("a",)}, {"duration_months": 0}]
)
def test_parameters_that_are_no_months_are_refused(parameters):
    with pytest.raises(ValueError, match="positive number of months"):
        HazardClassifier(**parameters).fit(np.eye(4), [0, 1] * 2)
    with pytest.raises(ValueError, match="a list of positive numbers"):
        HazardClassifier(calibration=None).fit(np.eye(4), [0, 1] * 2).predict_risk(np.eye(4), (0, 3))


def test_a_read_hazard_with_exits_is_the_saved_one(model, panel):
    again = read(*saved(model))
    assert again.get_params() == model.get_params()
    for method in ("predict_risk", "predict_interval", "feature_terms"):
        assert np.array_equal(getattr(again, method)(panel.frame), getattr(model, method)(panel.frame))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("relapse", "plan", "duration"), 99),
        (("horizon",), -1),
        (("competing",), [3]),
        (("relapse", "plan", "bounds"), [3.0, 3.0, 12.0, 24.0]),
        (("relapse", "plan", "terms"), [0, 1, 99]),
        (("centre",), [0.0]),
    ],
)
def test_a_damaged_hazard_is_refused(model, path, value):
    data, texts = saved(model)
    place = data["core"]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(BundleError):
        read(data, texts)


def test_the_parts_of_a_longer_horizon_take_in_the_months_before():
    assert spans(np.array([3.0, 6.0]), 3).tolist() == [3, 0]
    assert spans(np.array([3.0, 6.0]), 100).tolist() == [3, 97]


def test_duration_bends_at_the_durations_there_are():
    random = np.random.default_rng(2)
    duration = random.integers(1, 4, 4000) * 12.0
    rate = np.select([duration == 12, duration == 24], [0.5, 0.1], 0.3)
    rows = Rows(
        terms=duration[:, None],
        outcome=(random.random(4000) < rate).astype(float),
        weight=np.ones(4000),
        household=np.arange(4000, dtype=np.uint64),
        time=None,
    )
    bounds = np.array([12.0])
    spells = cut_rows(rows, bounds, event="relapse")
    plan = HazardDesign.of(rows, spells, bounds, np.empty(0, dtype=np.int64), 0)
    course = fit_course(rows, spells, plan, penalty=1e-6)
    found = 1 - np.exp(-np.exp(course.rates(np.array([[12.0], [24.0], [36.0]]), bounds)[:, 0]))
    seen = [rows.outcome[duration == months].mean() for months in (12, 24, 36)]
    assert found == pytest.approx(seen, abs=1e-5)


def test_the_penalty_is_that_of_the_smallest_loss_with_households_left_out():
    random = np.random.default_rng(4)
    home = np.repeat(np.arange(60), 2)
    design = np.column_stack([np.ones(120), random.normal(size=(120, 6))])
    event = (random.random(120) < 0.3 * np.exp(0.3 * design[:, 1])).astype(float)
    weight, offset = np.ones(120), np.zeros(120)

    def loss(penalty):
        total = 0.0
        for one in range(60):
            kept = home != one
            ridge = ridge_of(penalty, 7)
            at = fit_cloglog(design[kept], event[kept], weight[kept], offset=offset[kept], ridge=ridge)
            rate = np.exp(design[~kept] @ at)
            total -= np.where(event[~kept] > 0, np.log(-np.expm1(-rate)), -rate).sum()
        return total

    assert best_penalty(design, event, weight, offset, home) == min(PENALTIES, key=loss)
