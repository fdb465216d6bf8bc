"""Evaluating sees what it may see, says what it judged, and tells of no household."""

import json
from collections import Counter
from contextlib import contextmanager
from datetime import date
from functools import partial
from importlib import import_module

import numpy as np
import polars as pl
import pytest

from relapse_risk.errors import InputError
from relapse_risk.evaluation import EvaluationFold, predict_tested, report_models
from relapse_risk.features import DEFAULT_BUILDERS, Builder, Feature
from relapse_risk.labels import find_cohort
from relapse_risk.models import LogisticClassifier, PolicyRuleClassifier
from relapse_risk.periods import AsOf
from relapse_risk.policy import read_policy
from relapse_risk.records import Records
from relapse_risk.training import TrainRequest, evaluate
from relapse_risk.training.sample import GROUPS, gather, outcome_of
from relapse_risk.training.trials import HeldOut, baselines, fit_known, fit_predict, prepared

pytestmark = pytest.mark.slow
module = import_module("relapse_risk.training.evaluate")
DAYS = [AsOf.of(f"{year}-12-31") for year in (2016, 2017, 2018, 2019)]
CUT = date(2018, 12, 31)
POLICY = read_policy()
SCHEMES = ("time", "county", "village", "household")


@pytest.fixture(scope="module", autouse=True)
def few_events():
    """Let small registers be tried forward in time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("relapse_risk.evaluation.evaluation_folds.LEAST_EVENTS", 4)
        yield


def _rule():
    return PolicyRuleClassifier(conditions=POLICY.thresholds.rule)


@contextmanager
def _light():
    """Judge the two quickest baselines alone, with few draws."""
    quick = ("policy_rule", "income")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "report_models", partial(report_models, n_draws=20))
        patch.setattr(module, "baselines", lambda *a: {n: f for n, f in baselines(*a).items() if n in quick})
        yield


@pytest.fixture
def light_baselines():
    """The two quickest baselines, for one test."""
    with _light():
        yield


@pytest.fixture(scope="module")
def report(records):
    with _light():
        return evaluate(records, as_of=DAYS[1:], model=LogisticClassifier(n_folds=2))


# Time honesty


def _later(frame):
    return pl.col("recorded_on") > CUT


def _other_future(tables):
    """Return tables in which all that was recorded after the cut is changed: who fell, lives where, earns what."""
    changed = {}
    for name, frame in tables.items():
        keys = [column for column in frame.columns if column.endswith(("_id", "_on", "_start", "_end"))]
        shuffled = [pl.col(column).shuffle(seed=1) for column in frame.columns if column not in keys]
        later = frame.filter(_later(frame)).with_columns(shuffled)
        if name == "relapses":  # other households fell
            later = later.with_columns(pl.col("household_id").shuffle(seed=2)).head(later.height * 2 // 3)
        changed[name] = pl.concat([frame.filter(~_later(frame)), later])
    return changed


def _gathered(tables, exported_on, label="recorded"):
    records = Records(tables, exported_on=exported_on)
    return gather(records, TrainRequest(as_of=DAYS, label=label))


def test_each_day_is_looked_at_once(records, monkeypatch):
    days, known_by = Counter(), Records.known_by
    monkeypatch.setattr(Records, "known_by", lambda self, day: days.update([str(day)]) or known_by(self, day))
    gather(records, TrainRequest(as_of=DAYS, label="recorded"))
    assert days == {str(day): 1 for day in (*DAYS, records.known_until)}


@pytest.fixture(scope="module")
def two_futures(population):
    tables = dict(population.tables)
    without = {name: frame for name, frame in tables.items() if name != "loans"}
    # and a table that begins after the cut
    loans = {"loans": tables["loans"].with_columns(recorded_on=pl.lit(date(2019, 6, 1)))}
    futures = (without, _other_future(without) | loans)
    return [_gathered(future, population.exported_on) for future in futures]


def _predicted(scheme, material):
    """Return what was predicted, by household and day, and of which days."""
    sample = material.sample
    trials_of = HeldOut.of(material, scheme=scheme).folds
    figures = (*sample.predictors, *sample.figures)
    models = {"rule": fit_predict(prepared(_rule(), figures, 12, 0), sample, figures)}
    if scheme in ("time", "county"):
        logistic = prepared(LogisticClassifier(n_folds=2), sample.predictors, 12, 0)
        models["logistic"] = fit_predict(logistic, sample, sample.predictors)
    risks = dict(predict_tested(trials_of, models, len(sample.relapsed)))
    assert trials_of.forward
    return sample.frame.select("household_id", "as_of").with_columns(**risks).filter(pl.col("rule").is_not_nan())


@pytest.mark.parametrize("scheme", ["time", "county", "village", pytest.param("household", marks=pytest.mark.slow)])
def test_another_future_changes_no_prediction_of_an_earlier_trial(two_futures, scheme):
    one, other = (_predicted(scheme, future) for future in two_futures)
    both = one.join(other, on=["household_id", "as_of"], suffix="_other")
    early, late = both.filter(pl.col("as_of") <= CUT), both.filter(pl.col("as_of") > CUT)
    assert early.height > 400
    for model in one.columns[2:]:
        np.testing.assert_array_equal(early[model].to_numpy(), early[f"{model}_other"].to_numpy())
        # so that the test would see it: what was learned later does differ
        assert not late[model].equals(late[f"{model}_other"])


def test_rows_left_out_by_chance_are_left_out_by_nothing_that_came_later(two_futures):
    one, other = (_predicted("time", future.thinned(0.4)) for future in two_futures)
    assert one.height < _predicted("time", two_futures[0]).height
    both = one.join(other, on=["household_id", "as_of"], suffix="_other").filter(pl.col("as_of") <= CUT)
    assert both.height > 150
    for model in one.columns[2:]:
        np.testing.assert_array_equal(both[model].to_numpy(), both[f"{model}_other"].to_numpy())


def test_another_future_changes_no_prediction_from_incomes_a_year_later(population):
    tables = {name: population.tables[name] for name in ("households", "members", "incomes")}
    found = []
    for future in (tables, _other_future(tables)):
        material = _gathered(future, population.exported_on, "income")
        sample, trials_of = material.sample, HeldOut.of(material, scheme="time").folds
        model = {"vulnerability": baselines(sample, POLICY, 12, 0)["vulnerability"]}
        risks = dict(predict_tested(trials_of, model, len(sample.relapsed)))
        found.append(sample.frame.select("household_id", "as_of").with_columns(**risks).filter(pl.col("as_of") <= CUT))
    both = found[0].join(found[1], on=["household_id", "as_of"], suffix="_other").drop_nans()
    assert both.height > 400
    np.testing.assert_array_equal(both["vulnerability"].to_numpy(), both["vulnerability_other"].to_numpy())


def test_what_a_trial_learns_from_was_known_on_the_day_it_tests(two_futures):
    material = two_futures[0]
    for scheme in SCHEMES:
        for trial in HeldOut.of(material, scheme=scheme).folds.trials:
            (day,) = np.unique(material.sample.day[trial.test])
            assert (material.sample.day[trial.train] < day).all()
            np.testing.assert_array_equal(trial.outcome, material.known_then[day][trial.train])


def _spy():
    """Return a model, and what it is fitted with beside columns and outcome."""
    given = {}

    class Spy(LogisticClassifier):
        def fit(self, X, y, **beside):
            given.update(beside)
            return super().fit(X, y, **beside)

    return Spy(n_folds=2), given


def test_a_trial_is_told_what_was_still_to_come_on_the_day_it_tests(two_futures):
    one, other = (material.sample for material in two_futures)
    early = np.datetime64("2018-12-31")
    newest = one.day == np.datetime64("2017-12-31")
    assert one.to_come[early] == other.to_come[early]
    assert (
        0
        < one.unreported(early)["unreported_share"][newest].max()
        == one.unreported(early)["unreported_share"][newest].min()
        < 0.3
    )
    assert (one.unreported()["unreported_share"][newest] == 0).all()  # by the end, all of that year's relapses had come
    assert one.unreported()["unreported_share"][one.day == one.day.max()].min() > 0
    spy, given = _spy()
    material = two_futures[0]
    (trial, *_) = (t for t in HeldOut.of(material, scheme="time").folds.trials if t.known_by == early)
    fit_predict(prepared(spy, one.predictors, 12, 0), one, one.predictors)(trial)
    np.testing.assert_array_equal(given["unreported_share"], one.unreported(early)["unreported_share"][trial.train])
    assert given["unreported_share"].max() > 0


def test_what_is_still_to_come_by_the_end_is_told_to_the_model_in_the_end(two_futures):
    material = two_futures[0]
    sample, (spy, given) = material.sample, _spy()
    fit_known(prepared(spy, sample.predictors, 12, 0), sample, np.full((len(sample.day), 2), ""))
    shares = dict(material.labels.days.select("as_of", "unreported_share").iter_rows())
    days = sample.known().day
    assert all((given["unreported_share"][days == np.datetime64(day)] == share).all() for day, share in shares.items())


def test_the_outcome_known_then_is_wrong_in_the_way_it_was_wrong_then(two_futures):
    material = two_futures[0]
    end = material.sample.relapsed
    then = material.known_then[np.datetime64("2018-12-31")]
    known = np.isfinite(then) & np.isfinite(end)
    assert (then[known] != end[known]).any()
    np.testing.assert_array_equal(outcome_of(material.sample, material.labels), end)


def test_a_column_that_only_varies_later_is_in_no_earlier_fit(two_futures):
    material = two_futures[1]
    sample = material.sample
    name = next(f.name for f in sample.predictors if f.table == "loans")
    early = sample.day < np.datetime64(CUT)
    assert sample.frame[name].filter(pl.Series(early)).n_unique() == 1
    fitted = []

    class Spy(LogisticClassifier):
        def fit(self, X, y, **other):
            fitted.append(X.columns)
            return super().fit(X, y, **other)

    trial = EvaluationFold(
        train=np.flatnonzero(early), test=np.array([0]), outcome=np.nan_to_num(sample.relapsed[early])
    )
    fit_predict(Spy(n_folds=2), sample, sample.predictors)(trial)
    assert name not in fitted[0]


# What it says


def test_it_says_what_it_judged(report, records):
    assert (report.scheme, report.forward, report.label, report.cohort) == ("time", True, "recorded", "wide")
    assert report.judgement.days == ("2018-12-31", "2019-12-31")
    assert [model.name for model in report.judgement.models] == ["LogisticClassifier", "policy_rule", "income"]
    assert report.judgement.rows + report.untested == len(pl.concat([_usable(records, day) for day in DAYS[1:]]))
    assert report.clusters == "village"
    assert report.trials == 2


def _usable(records, day):
    from relapse_risk.labels import label_relapse

    frame = label_relapse(records, day).frame
    return frame.filter((pl.col("population") == "at_risk") & ~pl.col("stale") & pl.col("relapsed").is_not_null())


def test_every_figure_of_the_table_bears_its_definitions(report):
    table = report.table
    assert set(table["label"]) == {"recorded"}
    assert set(table["cohort"]) == {"wide"}
    assert set(table["horizon"]) == {12}
    assert set(table["scheme"]) == {"time"}
    assert table.select("model", "figure", "by", "group").is_duplicated().sum() == 0
    assert {"all", "day", "band", "threshold", *GROUPS} >= {*table["by"]} >= {"all", "day", "ethnicity", "county"}
    auc = table.filter(pl.col("figure") == "auc", pl.col("by") == "all")
    assert (auc["lower"] <= auc["estimate"]).all()
    assert auc["rows"].unique().to_list() == [report.judgement.rows]
    assert not table["estimate"].is_nan().any()
    of_day = table.filter(pl.col("figure") == "observed", pl.col("by") == "day", pl.col("model") == "income")
    assert of_day["events"].sum() == report.judgement.events


def test_in_words_it_says_what_a_relapse_is_and_who_is_at_risk(report):
    assert "12 个月" in report.definitions("zh")
    assert "the register enters a relapse" in report.definitions("en")


def test_it_writes_one_table_one_page_and_no_household(report, population, tmp_path):
    report.write(tmp_path, "zh")
    assert {path.name for path in tmp_path.iterdir()} == {"evaluation.parquet", "evaluation.html"}
    assert pl.read_parquet(tmp_path / "evaluation.parquet").equals(report.table)
    text = json.dumps(report.to_json(), allow_nan=False, ensure_ascii=False)
    codes = {*population.tables["households"]["household_id"], *population.tables["members"]["person_id"]}
    for content in (text.encode(), *(path.read_bytes() for path in tmp_path.iterdir())):
        assert not [code for code in codes if code.encode() in content]
    assert {row["code"] for row in report.to_json()["findings"]} == {finding.code for finding in report.findings}


def test_a_leaking_column_is_found(records, light_baselines):
    mine = Feature(name="peek", table="households", columns=(), reason="other", unit="none", zh="偷看", en="a peek")
    fell = records.table("relapses").select("household_id", fell="relapsed_on")

    def build(view):
        soon = fell.filter(pl.col("fell") > view.as_of.day).group_by("household_id").agg(peek=pl.lit(1.0).first())
        homes = view.known.table("households").select("household_id")
        return homes.join(soon, on="household_id", how="left").with_columns(pl.col("peek").fill_null(0.0))

    builders = (*DEFAULT_BUILDERS, Builder(name="peek", features=(mine,), build=build))
    found = evaluate(records, as_of=DAYS[3:], builders=builders, model=_rule(), label="recorded")
    leaks = [one for one in found.findings if one.code == "RR101"]
    assert [one.details["column"]["en"] for one in leaks] == ["a peek"]


def test_an_extreme_value_gives_a_report_without_a_number_that_is_none_and_a_warning(population, light_baselines):
    incomes = population.tables["incomes"]
    columns = [name for name in incomes.columns if name.startswith("net_income")]
    one = pl.int_range(pl.len()) == incomes.height // 2
    spoilt = incomes.with_columns(pl.when(one).then(1e12).otherwise(pl.col(name)).alias(name) for name in columns)
    records = Records({**population.tables, "incomes": spoilt}, exported_on=population.exported_on)
    found = evaluate(records, as_of=DAYS, model=LogisticClassifier(n_folds=2))
    assert not found.table["estimate"].is_infinite().any()
    assert all(0 <= model.figures["predicted"].estimate <= 1 for model in found.judgement.models)
    assert "RR703" in {finding.code for finding in found.findings}


def test_weights_of_households_weight_every_figure(population, light_baselines):
    homes = population.tables["households"]
    some = pl.col("household_id").hash(seed=1) % 2 == 0
    weighted = {**population.tables, "households": homes.with_columns(weight=pl.when(some).then(0.0).otherwise(3.0))}
    found = evaluate(Records(weighted, exported_on=population.exported_on), as_of=DAYS[3:], model=_rule())
    plain = evaluate(Records(population.tables, exported_on=population.exported_on), as_of=DAYS[3:], model=_rule())
    assert found.weighted
    assert not plain.weighted
    assert 0.4 < found.judgement.rows / plain.judgement.rows < 0.6
    nothing = {**population.tables, "households": homes.with_columns(weight=0.0)}
    with pytest.raises(InputError) as caught:
        evaluate(Records(nothing, exported_on=population.exported_on), as_of=DAYS[3:], model=_rule())
    assert caught.value.code == "weights_none"


def test_of_days_with_visits_the_visited_alone_are_judged_each_for_as_many_as_it_stands_for(
    population, light_baselines
):
    records = Records(population.tables, exported_on=population.exported_on)
    plain = evaluate(records, as_of=DAYS[3:], model=_rule())
    known = find_cohort(records, DAYS[3]).filter(population="at_risk").select("household_id", "as_of")
    every_other = pl.int_range(pl.len()) % 2 == 0
    known = known.with_columns(visited_on=pl.col("as_of").dt.offset_by("13mo"))
    visits = known.filter(every_other).with_columns(inclusion_probability=pl.lit(0.5))
    found = evaluate(records, as_of=DAYS[3:], model=_rule(), visits=visits)
    assert found.weighted
    assert 0.4 < found.judgement.rows / plain.judgement.rows < 0.6
    assert found.untested > plain.untested
    everybody = known.with_columns(inclusion_probability=pl.lit(1.0))
    whole = evaluate(records, as_of=DAYS[3:], model=_rule(), visits=everybody)
    assert whole.table["estimate"].equals(plain.table["estimate"])
    stranger = visits.head(1).with_columns(household_id=pl.lit("nobody"))
    with pytest.raises(InputError) as caught:
        evaluate(records, as_of=DAYS[3:], model=_rule(), visits=stranger)
    assert caught.value.code == "weights_none"


def test_the_same_records_give_the_same_report_in_any_order(population, light_baselines, report):
    tables = {name: frame.sample(fraction=1.0, shuffle=True, seed=7) for name, frame in population.tables.items()}
    again = evaluate(
        Records(tables, exported_on=population.exported_on), as_of=DAYS[1:], model=LogisticClassifier(n_folds=2)
    )
    assert again.to_json() == report.to_json()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["county", "village", "household"])
def test_every_scheme_and_every_baseline_is_judged(records, light_models, scheme):
    found = evaluate(records, as_of=DAYS[2:], scheme=scheme)
    assert found.scheme == scheme
    assert len(found.judgement.models) >= 5


@pytest.mark.parametrize(("count", "named"), [(4, {"many"}), (5, {"few", "many"})])
def test_groups_of_fewer_than_five_households_are_not_told_of(population, records, light_baselines, count, named):
    homes = population.tables["households"].drop("village_code", strict=False)  # a code would decide the county
    judged = _usable(records, DAYS[3])["household_id"].sort().head(count)
    few = pl.col("household_id").is_in(judged.to_list())
    split = homes.with_columns(county=pl.when(few).then(pl.lit("few")).otherwise(pl.lit("many")))
    split_records = Records({**population.tables, "households": split}, exported_on=population.exported_on)
    found = evaluate(split_records, as_of=DAYS[3:], model=_rule())
    assert set(found.table.filter(by="county")["group"]) == named
