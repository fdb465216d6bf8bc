"""A bundle from elsewhere is moved by what is known here on the day, and left once an own model does better."""

from dataclasses import replace
from datetime import date
from importlib import import_module

import numpy as np
import polars as pl
import pytest

from relapse_risk.bundle import read_bundle, rule_bundle
from relapse_risk.errors import InputError
from relapse_risk.features import build_features
from relapse_risk.labels import find_cohort, label_relapse
from relapse_risk.models import LogisticClassifier
from relapse_risk.periods import AsOf
from relapse_risk.records import AsOfViews, Records
from relapse_risk.scoring import score
from relapse_risk.synthetic import synthesise
from relapse_risk.training import adapt
from relapse_risk.training.sample import look_back

# The package holds the function of the same name.
train_module = import_module("relapse_risk.training.train")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def elsewhere(train_alone):
    population = synthesise(households=800, seed=21)
    records = Records(population.tables, exported_on=population.exported_on)
    days = ["2017-12-31", "2018-12-31"]
    return train_alone(records, as_of=days, known_by="2019-12-31", model=LogisticClassifier(n_folds=2))


@pytest.fixture(scope="module")
def without_outcomes(population):
    tables = population.tables
    return Records(tables | {"relapses": tables["relapses"].clear()}, exported_on=population.exported_on)


def _look_back(records, day, label="recorded", until=None):
    day = AsOf.of(day)
    return look_back(AsOfViews.of(records), day, 12, label=label, cohort="wide", until=until or day.day)


def test_without_outcomes_the_level_alone_is_moved(elsewhere, without_outcomes):
    moved = adapt(elsewhere, without_outcomes, as_of="2019-12-31")
    assert moved.origin == "prevalence"
    assert (moved.moved.relapses, moved.moved.own_over) == (0, None)
    before, after = (score(without_outcomes, one, as_of="2019-12-31").frame for one in (elsewhere, moved))
    apart = after["contribution_place"] - before["contribution_place"]
    assert apart.drop_nulls().to_numpy() == pytest.approx(moved.moved.shift, abs=1e-9)
    assert moved.moved.shift != 0
    assert moved.shocks is None or moved.shocks.level > elsewhere.shocks.level


def test_what_it_says_of_the_move_is_what_scoring_shows(elsewhere, without_outcomes):
    moved = adapt(elsewhere, without_outcomes, as_of="2019-12-31")
    before, after = (score(without_outcomes, one, as_of="2019-12-31").frame for one in (elsewhere, moved))
    fresh = pl.col("stale").not_() & (pl.col("population") == "at_risk")
    assert moved.moved.households == after.filter(fresh).height
    assert moved.moved.before == pytest.approx(before.filter(fresh)["probability"].mean())
    assert moved.moved.after == pytest.approx(after.filter(fresh)["probability"].mean())


def test_ten_relapses_and_more_give_level_and_slope(elsewhere, records):
    known = label_relapse(records, ["2015-12-31", "2016-12-31"], known_by="2017-12-31").frame
    fell = known.filter((pl.col("population") == "at_risk") & ~pl.col("stale"))["relapsed"].sum()
    moved = adapt(elsewhere, records, as_of="2017-12-31")
    assert 10 <= fell < 50
    assert (moved.origin, moved.moved.relapses) == ("recalibrated", fell)
    assert moved.trained_through == elsewhere.trained_through == date(2019, 12, 31)
    first, then = moved.model.calibrator_.first, moved.model.calibrator_.then
    assert first == elsewhere.model.calibrator_
    assert (then.intercept, then.slope) != (0.0, 1.0)


def test_nothing_known_after_the_day_is_looked_at(elsewhere, records):
    day = date(2017, 12, 31)
    cut = {name: frame.filter(pl.col("recorded_on") <= day) for name, frame in records.tables.items()}
    now, then = (adapt(elsewhere, one, as_of=day) for one in (records, Records(cut, exported_on=day)))
    assert now.digest == then.digest
    assert now.digest != adapt(elsewhere, records, as_of="2018-06-30").digest


def test_nothing_known_after_an_earlier_day_is_looked_at(elsewhere, records):
    known_by = date(2017, 6, 30)
    cut = {name: frame.filter(pl.col("recorded_on") <= known_by) for name, frame in records.tables.items()}
    registers = records, Records(cut, exported_on=records.exported_on)
    now, then = (adapt(elsewhere, one, as_of="2017-12-31", known_by=known_by) for one in registers)
    assert now.digest == then.digest


def test_a_useless_bundle_is_left_for_an_own_model(elsewhere, records, light_models, no_baselines):
    useless = replace(elsewhere, model=_fitted_on_chance(elsewhere, records))
    own = adapt(useless, records, as_of="2020-12-31")
    assert (own.origin, own.moved) == ("own", None)
    assert [one.name for one in own.evaluation.comparisons] == ["reason_additive", "elsewhere"]
    assert own.evaluation.comparisons[1].log_loss_over_default.estimate > 0
    assert own.known_by == date(2020, 12, 31)


def _fitted_on_chance(bundle, records):
    table = bundle.require(_table(records))
    random = np.random.default_rng(0)
    return LogisticClassifier(n_folds=2).fit(table, random.random(table.height) < 0.1)


def _table(records):
    return build_features(records, "2019-12-31")


def test_a_bundle_that_is_no_worse_is_kept(elsewhere, records, light_models, monkeypatch):
    monkeypatch.setattr(train_module, "baselines", lambda *_: {})
    monkeypatch.setattr(train_module, "prepared", _knows_nothing)
    moved = adapt(elsewhere, records, as_of="2020-12-31")
    assert moved.origin == "recalibrated"
    assert moved.moved.relapses >= 50
    assert moved.moved.own_over.estimate > 0


def _knows_nothing(model, features, horizon, seed):
    return LogisticClassifier({feature.name: feature.reason for feature in features}, penalty=1e9, n_folds=2)


def test_a_moved_bundle_comes_back_as_it_was_saved(elsewhere, records, tmp_path):
    moved = adapt(elsewhere, records, as_of="2017-12-31")
    moved.save(tmp_path / "a.rrb")
    again = read_bundle(tmp_path / "a.rrb")
    assert (again.origin, again.moved, again.digest) == (moved.origin, moved.moved, moved.digest)


def test_outcomes_replace_what_was_moved_by_prevalence(elsewhere, records, without_outcomes):
    first = adapt(elsewhere, without_outcomes, as_of="2017-12-31")
    again, at_once = (adapt(one, records, as_of="2017-12-31") for one in (first, elsewhere))
    X = at_once.require(_table(records))
    np.testing.assert_allclose(again.model.predict_proba(X), at_once.model.predict_proba(X))


def test_the_rule_alone_is_not_adapted(records):
    with pytest.raises(InputError) as caught:
        adapt(rule_bundle(), records, as_of="2019-12-31")
    assert caught.value.code == "adapt_rule"


def test_nobody_at_risk_is_refused(elsewhere, population):
    poor = population.tables["households"].with_columns(household_type=pl.lit("poor"))
    records = Records(population.tables | {"households": poor}, exported_on=population.exported_on)
    assert find_cohort(records, "2019-12-31").filter(population="at_risk").is_empty()
    with pytest.raises(InputError) as caught:
        adapt(elsewhere, records, as_of="2019-12-31")
    assert caught.value.code == "adapt_nobody"


def test_it_looks_back_as_far_as_the_records_reach(records):
    days, relapses = _look_back(records, "2017-12-31")
    assert [str(day) for day in days] == ["2015-12-31", "2016-12-31"]
    assert relapses > 0
    assert len(_look_back(records, "2020-12-31")[0]) == 4


def test_days_before_anybody_entered_a_relapse_say_nothing(population):
    tables = population.tables
    late = tables["relapses"].filter(pl.col("relapsed_on") > date(2018, 12, 31))
    records = Records(tables | {"relapses": late}, exported_on=population.exported_on)
    assert [str(day) for day in _look_back(records, "2020-12-31")[0]] == ["2018-12-31", "2019-12-31"]
    none = {name: frame for name, frame in tables.items() if name != "relapses"}
    assert _look_back(Records(none, exported_on=population.exported_on), "2020-12-31") == ([], 0)
