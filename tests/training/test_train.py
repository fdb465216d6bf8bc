"""Training sees what it may see, says what it did, and does the same again."""

import re
from datetime import date
from importlib import import_module
from typing import get_args

import numpy as np
import polars as pl
import pytest

from relapse_risk.bundle import read_bundle
from relapse_risk.errors import InputError
from relapse_risk.features import DEFAULT_BUILDERS, Builder, Feature, build_features
from relapse_risk.labels import label_relapse
from relapse_risk.models import HazardClassifier, LogisticClassifier, PolicyRuleClassifier
from relapse_risk.policy import read_policy
from relapse_risk.records import Records
from relapse_risk.scoring import score
from relapse_risk.training import Baseline, TrainRequest, evaluate, train
from relapse_risk.training.sample import outcome_of, take_sample

DAYS = ["2018-12-31", "2019-12-31"]
QUICK = ("policy_rule", "income")

# The package holds the function of the same name.
train_module = import_module("relapse_risk.training.train")


@pytest.fixture(scope="module")
def bundle(records, light_models):
    """Train the default model, tried beside the two quickest baselines."""
    baselines = train_module.baselines
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_module, "baselines", lambda *given: {name: baselines(*given)[name] for name in QUICK})
        return train(records, as_of=DAYS)


@pytest.fixture(scope="module")
def beside_all(records, light_models):
    """Train the same model, tried beside every baseline."""
    return train(records, as_of=DAYS, baselines=get_args(Baseline))


def _rule():
    return PolicyRuleClassifier(conditions=read_policy().thresholds.rule)


def _digest(tables, exported_on=None, **options):
    return train(Records(tables, exported_on=exported_on), model=_rule(), **options).digest


def _shuffled(frame, seed):
    return frame.sample(fraction=1.0, shuffle=True, seed=seed)


def test_it_says_what_it_was_trained_on(bundle, records):
    labels = label_relapse(records, DAYS)
    used = labels.frame.filter(
        pl.col("relapsed").is_not_null() & ~pl.col("stale") & (pl.col("population") == "at_risk")
    )
    assert bundle.rows == used.height
    assert bundle.relapses == used["relapsed"].sum()
    assert bundle.households == used["household_id"].n_unique()
    assert (bundle.label, bundle.cohort, bundle.horizon) == ("recorded", "wide", 12)
    assert bundle.as_of == (date(2018, 12, 31), date(2019, 12, 31))
    assert bundle.trained_through == bundle.known_by == date(2020, 12, 31)
    assert bundle.unreported_share == labels.unreported_share


def test_it_keeps_what_its_rows_were_like_and_no_household(bundle, records):
    reference = bundle.reference
    assert tuple(spread.name for spread in reference.columns) == bundle.columns
    assert {spread.rows + spread.missing for spread in (*reference.columns, reference.score)} == {bundle.rows}
    assert 2 <= reference.clusters < bundle.households / 10  # villages, not households
    homes = set(records.known_by(DAYS[-1]).table("households")["household_id"])
    assert not homes & {code for spread in reference.columns for code in spread.codes}


def _check_trials(bundle, *baselines):
    comparisons = bundle.evaluation.comparisons
    assert [one.name for one in comparisons] == ["reason_additive", *baselines]
    assert len({(one.scores.rows, one.scores.events) for one in comparisons}) == 1


def test_the_model_stands_first_beside_baselines_in_the_same_trials(bundle):
    _check_trials(bundle, *QUICK)


@pytest.mark.slow
def test_the_model_stands_first_beside_every_baseline_in_the_same_trials(beside_all):
    _check_trials(beside_all, *QUICK, "vulnerability", "logistic", "lightgbm")


def test_the_baselines_asked_for_are_compared_with(population):
    records = Records(population.tables, exported_on=population.exported_on)
    found = train(records, as_of=["2019-12-31"], model=_rule(), baselines=["income"]).evaluation
    assert [one.name for one in found.comparisons] == ["PolicyRuleClassifier", "income"]


@pytest.mark.parametrize("asked", [["income", "magic"], "magic"])
def test_a_baseline_that_does_not_exist_is_refused(asked):
    with pytest.raises(InputError, match="magic") as refused:
        TrainRequest(baselines=asked)
    assert refused.value.code == "baseline_unknown"


def test_with_enough_relapses_it_is_tried_forward_in_time(population, no_baselines):
    records = Records(population.tables, exported_on=population.exported_on)
    found = train(records, as_of=["2016-12-31", "2017-12-31", "2018-12-31", "2019-12-31"], model=_rule()).evaluation
    assert found.scheme == "time"
    assert set(found.days) <= {"2017-12-31", "2018-12-31", "2019-12-31"}


@pytest.mark.parametrize(
    "days",
    [["2019-12-31"], pytest.param(["2017-12-31", "2018-12-31", "2019-12-31"], marks=pytest.mark.slow)],
    ids=["one day", "three days"],
)
def test_training_and_evaluation_say_the_same_of_the_same_records(population, no_baselines, monkeypatch, days):
    monkeypatch.setattr(import_module("relapse_risk.training.evaluate"), "baselines", lambda *_: {})
    records = Records(population.tables, exported_on=population.exported_on)
    trained = train(records, as_of=days, model=_rule()).evaluation
    report = evaluate(records, as_of=days, model=_rule())
    assert (trained.scheme, trained.days) == (report.scheme, report.judgement.days)
    assert trained.verdict == report.judgement.verdict
    (ours,), (theirs,) = trained.comparisons, report.judgement.models
    assert ours.scores.auc == pytest.approx(theirs.figures["auc"].estimate, rel=1e-12)


def test_the_model_is_told_reasons_and_signs_of_what_was_declared(bundle):
    declared = {feature.name: feature for feature in bundle.features}
    assert bundle.model.reasons == {name: declared[name].reason for name in bundle.columns}
    assert bundle.model.signs == {name: declared[name].sign for name in bundle.columns}


def test_it_scores_the_records_it_was_trained_on_and_comes_back_from_its_file(bundle, records, tmp_path):
    table = build_features(records, "2020-12-31")
    bundle.save(tmp_path / "a.rrb")
    again = read_bundle(tmp_path / "a.rrb")
    risk = bundle.model.predict_proba(bundle.require(table))[:, 1]
    np.testing.assert_array_equal(again.model.predict_proba(again.require(table))[:, 1], risk)
    assert 0.002 < risk.mean() < 0.3


def test_figures_for_sentences_enter_no_model(bundle):
    figures = {feature.name for feature in bundle.features if feature.role == "figure"}
    assert figures
    assert not figures & set(bundle.columns)


@pytest.mark.slow
def test_what_does_not_vary_is_left_out(population, no_baselines):
    tables = dict(population.tables)
    tables["households"] = tables["households"].with_columns(safe_water=True, house_grade=pl.lit(None, dtype=pl.String))
    found = train(Records(tables, exported_on=population.exported_on), as_of=DAYS, model=_rule())
    assert "unsafe_water" in train(Records(population.tables), as_of=DAYS, model=_rule()).columns
    assert not {"unsafe_water", "unsafe_house"} & {feature.name for feature in found.features}


def test_stale_households_are_not_trained_on(population, no_baselines):
    tables = dict(population.tables)
    stale = tables["households"]["household_id"].unique().sort().head(300)
    old = (pl.col("period_end") <= date(2016, 12, 31)) | ~pl.col("household_id").is_in(stale.implode())
    tables["incomes"] = tables["incomes"].filter(old)
    found = train(Records(tables, exported_on=population.exported_on), as_of=DAYS, model=_rule())
    labels = label_relapse(Records(tables, exported_on=population.exported_on), DAYS).frame
    known = labels.filter(pl.col("relapsed").is_not_null())
    assert known.filter(pl.col("household_id").is_in(stale.implode())).height > 300
    assert found.rows == known.filter(~pl.col("household_id").is_in(stale.implode()) & ~pl.col("stale")).height


@pytest.mark.slow
def test_the_same_records_give_the_same_bytes_in_any_order(beside_all, population):
    tables = {name: _shuffled(frame, 5) for name, frame in reversed(population.tables.items())}
    records = Records(tables, exported_on=population.exported_on)
    again = train(records, as_of=[date(2019, 12, 31), "2018-12-31"], baselines=get_args(Baseline)[::-1])
    assert again.digest == beside_all.digest


def _changed_after(frame, day):
    """Return a table whose every row recorded after a day is changed, doubled, or gone."""
    later = pl.col("recorded_on") > day
    keys = [name for name in frame.columns if name.endswith(("_id", "_on", "_start", "_end")) or name == "kind"]
    others = [name for name in frame.columns if name not in keys]
    moved = frame.filter(later).with_columns(pl.col(name).shuffle(seed=1) for name in others)
    return pl.concat([frame.filter(~later), moved, moved.head(50)])


def test_nothing_recorded_later_than_known_by_has_any_part_in_the_bundle(population, no_baselines):
    until = date(2019, 12, 31)
    options = {"as_of": ["2017-12-31", "2018-12-31"], "known_by": until, "exported_on": population.exported_on}
    tables = dict(population.tables)
    before = {name: frame for name, frame in tables.items() if name not in ("loans", "monitoring")}
    changes = {
        "changed": {name: _changed_after(frame, until) for name, frame in before.items()},
        "gone": {name: frame.filter(pl.col("recorded_on") <= until) for name, frame in before.items()},
        # two tables of which not a row was known by then
        "added": before
        | {name: tables[name].with_columns(recorded_on=pl.lit(date(2020, 6, 1))) for name in ("loans", "monitoring")},
    }
    digest = _digest(before, **options)
    for change, after in changes.items():
        assert any(not after[name].equals(tables[name]) for name in after), change
        assert _digest(after, **options) == digest, change


@pytest.mark.slow
def test_what_was_recorded_by_then_does_have_its_part(population, no_baselines):
    options = {"as_of": ["2017-12-31", "2018-12-31"], "exported_on": population.exported_on}
    early = _digest(population.tables, known_by="2019-12-31", **options)
    assert early != _digest(population.tables, known_by="2020-12-31", **options)


def _parts(run, length):
    return {run[at : at + length] for at in range(len(run) - length + 1)}


@pytest.mark.slow
def test_no_name_no_number_and_no_household_stands_in_a_bundle(beside_all, population, tmp_path):
    beside_all.save(tmp_path / "a.rrb")
    content = (tmp_path / "a.rrb").read_bytes()
    members = population.tables["members"]
    numbers = {*members["id_number"].drop_nulls(), *members["person_id"], *members["household_id"]}
    assert len(numbers) > 2000
    # whatever looks like a number of that kind, in whole or at its beginning
    length = min(map(len, numbers))
    begun = {number[:length].encode() for number in numbers}
    assert not begun & {found for run in re.findall(rb"[0-9Xx]+", content) for found in _parts(run, length)}
    assert not [name for name in members["name"].unique() if name.encode() in content]


@pytest.mark.slow
def test_a_builder_of_ones_own_joins_with_its_reason(records, no_baselines):
    mine = Feature(
        name="mine",
        table="households",
        columns=("size",),
        reason="schooling",
        unit="persons",
        sign=1,
        zh="我",
        en="mine",
    )

    def build(view):
        return view.known.table("households").select("household_id", mine=pl.col("size").cast(pl.Float64))

    builders = (*DEFAULT_BUILDERS, Builder(name="mine", features=(mine,), build=build))
    found = train(records, as_of=DAYS, builders=builders, model=LogisticClassifier())
    assert "mine" in found.columns
    assert found.model.reasons["mine"] == "schooling"


def _code(lang_free, records, **options):
    with pytest.raises(InputError) as caught:
        train(records, **options)
    assert "\n" not in caught.value.in_language("zh") + caught.value.in_language("en")
    assert caught.value.code == lang_free


def test_a_day_whose_outcome_is_not_known_is_refused(records):
    _code("train_day_open", records, as_of=["2018-12-31", "2020-06-30"])
    _code("train_day_open", records, as_of="2018-12-31", known_by="2019-06-30")
    _code("train_day_open", records, as_of="2019-12-31", horizon=24)


def test_no_day_and_a_day_before_the_first_record_are_refused(records):
    _code("train_no_day", records, as_of=[])
    _code("before_first_record", records, as_of="2001-12-31")


def test_a_cohort_in_which_nobody_relapsed_is_refused(population):
    tables = dict(population.tables) | {"relapses": population.tables["relapses"].clear()}
    records = Records(tables, exported_on=population.exported_on)
    _code("train_no_relapse", records, as_of=DAYS, label="recorded")


def test_a_cohort_in_which_hardly_anybody_relapsed_is_refused_with_the_number_needed(population):
    relapses = population.tables["relapses"].filter(pl.col("relapsed_on") > date(2019, 1, 1)).head(6)
    records = Records(dict(population.tables) | {"relapses": relapses}, exported_on=population.exported_on)
    _code("train_too_few", records, as_of=DAYS)
    with pytest.raises(InputError, match="at least 10"):
        train(records, as_of=DAYS)


def test_records_in_which_nothing_varies_are_refused(population):
    nothing = Feature(name="one", table="households", columns=(), reason="other", unit="none", zh="一", en="one")

    def build(view):
        return view.known.table("households").select("household_id", one=pl.lit(1.0))

    records = Records(population.tables, exported_on=population.exported_on)
    _code("train_no_features", records, as_of=DAYS, builders=[Builder(name="b", features=(nothing,), build=build)])


def test_days_of_one_income_period_are_trained_on_once(population, no_baselines):
    tables = {name: population.tables[name] for name in ("households", "incomes")}
    tables["households"] = tables["households"].drop("household_type")
    records = Records(tables, exported_on=population.exported_on)
    one, both = (
        train(records, as_of=days, label="income", model=_rule())
        for days in (["2019-06-30"], ["2019-06-30", "2019-09-30"])
    )
    assert (one.rows, one.relapses) == (both.rows, both.relapses)


def test_who_moved_away_since_belongs_to_what_could_be_learned_then(population):
    tables = dict(population.tables)
    gone = tables["households"]["household_id"].unique().sort().head(150).implode()
    left = tables["members"].filter(pl.col("household_id").is_in(gone)).unique("person_id", keep="last")
    later = left.with_columns(recorded_on=date(2020, 6, 1), left_on=date(2019, 6, 1), left_reason=pl.lit("moved"))
    tables["members"] = pl.concat([tables["members"], later.select(tables["members"].columns)])
    records = Records(tables, exported_on=population.exported_on)
    labels, then = (
        label_relapse(records, days, label="recorded", known_by=day)
        for days, day in ((DAYS, "2020-12-31"), (DAYS[:1], DAYS[1]))
    )
    sample = take_sample(labels, build_features(records, DAYS), date(2020, 12, 31), (then,))
    learned = np.isfinite(outcome_of(sample, then))
    known_then = then.frame.filter(
        (pl.col("population") == "at_risk") & ~pl.col("stale") & pl.col("relapsed").is_not_null()
    )
    assert learned.sum() == known_then.height
    assert np.isnan(sample.relapsed[learned]).any()
    assert np.isfinite(sample.known().relapsed).all()


@pytest.mark.slow
@pytest.mark.parametrize("label", ["recorded", "after_fixed_expenditure"])
def test_a_hazard_is_trained_saved_and_scored(records, no_baselines, tmp_path, label):
    model = HazardClassifier(duration="years_since_exit", duration_months=12, n_folds=2)
    bundle = train(records, as_of=DAYS[0], horizon=12, label=label, cohort="narrow", model=model)
    assert (bundle.label, bundle.model.horizon, bundle.evaluation.comparisons[0].name) == (
        label,
        12,
        "HazardClassifier",
    )
    bundle.save(tmp_path / "hazard.rrb")
    found, again = (
        score(records, one, as_of="2019-12-31", capacity=20).frame
        for one in (bundle, read_bundle(tmp_path / "hazard.rrb"))
    )
    assert found.equals(again)
    assert found["probability"].drop_nulls().is_between(0, 1).all()
    assert (found["contribution_history"].drop_nulls().abs() > 0).any()


def test_a_model_with_a_horizon_of_its_own_is_given_that_of_the_training(records, no_baselines):
    bundle = train(records, as_of=DAYS, horizon=6, label="recorded", model=HazardClassifier(n_folds=2))
    assert bundle.model.horizon == 6
