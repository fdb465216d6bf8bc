"""A bundle comes back as it was saved, or not at all."""

import hashlib
import json
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from relapse_risk.area_effects import ClusterEffects
from relapse_risk.bundle import Bundle, read_archive, read_bundle, write_archive
from relapse_risk.calibration import YearEffects
from relapse_risk.errors import BundleError, InputError
from relapse_risk.evaluation import Predictions, compare
from relapse_risk.features import Feature, FeatureTable
from relapse_risk.models import LogisticClassifier, ReasonAdditiveClassifier, TrainingReference
from relapse_risk.policy import read_policy
from tests.models.saved_models import as_content

FEATURES = (
    Feature(
        name="income_log",
        table="incomes",
        columns=(),
        reason="income",
        unit="log",
        sign=-1,
        zh="收入",
        en="income",
        sentence={"zh": "收入{income_log}", "en": "income {income_log}"},
    ),
    Feature(
        name="spend",
        table="illness",
        columns=("self_paid",),
        reason="illness",
        unit="yuan",
        sign=1,
        zh="自付",
        en="self-paid",
        empty=0,
    ),
    Feature(
        name="county",
        table="households",
        columns=("county",),
        reason="place",
        unit="none",
        kind="code",
        zh="县",
        en="county",
    ),
)
COLUMNS = tuple(feature.name for feature in FEATURES)


def _rows(n, seed=0):
    random = np.random.default_rng(seed)
    spend = np.where(random.random(n) < 0.1, np.nan, random.exponential(1000, n))
    return pl.DataFrame(
        {
            "income_log": random.normal(0.5, 1, n),
            "spend": pl.Series(spend).fill_nan(None),
            "county": random.choice(["甲县", "乙县"], n),
        }
    )


def _outcome(rows, seed=1):
    score = np.where(rows["income_log"].to_numpy() < -0.2, 2.0, -3.0)  # a step, so that trees have something to add
    return (np.random.default_rng(seed).logistic(size=len(score)) < score).astype(float)


def _table(rows, features=FEATURES, missing=None):
    keyed = rows.with_columns(household_id=pl.lit("h"), as_of=pl.lit(date(2019, 12, 31)))
    return FeatureTable(frame=keyed, features=features, missing=missing or {})


def _bundle(model):
    rows = _rows(600)
    y, homes, days = _outcome(rows), np.arange(600), np.full(600, "2018-12-31")
    evaluation = compare(
        Predictions(
            outcome=y,
            weight=np.ones(600),
            household=homes,
            day=days.astype("datetime64[D]"),
            cluster=homes,
            risks={"even": np.full(600, 0.2)},
            fell_after=np.full(600, np.nan),
        ),
        scheme="household",
    )
    return Bundle(
        model=model.fit(rows, y, household=homes),
        columns=COLUMNS,
        features=FEATURES,
        means={"income_log": 0.5, "spend": float("nan")},
        label="income",
        cohort="wide",
        horizon=12,
        as_of=(date(2017, 12, 31), date(2018, 12, 31)),
        known_by=date(2020, 3, 1),
        trained_through=date(2019, 12, 31),
        rows=600,
        households=600,
        relapses=int(y.sum()),
        unreported_share=0.01,
        carried_forward_line=0,
        lines=read_policy().lines,
        thresholds=read_policy().thresholds,
        evaluation=evaluation,
        versions={"python": "3.11"},
        shocks=ClusterEffects(village=0.3, outlier_share=0.05, outlier_shift=1.5, level=0.1, villages=40, years=1),
        past_years=YearEffects(days=("2017-12-31", "2018-12-31"), shifts=(0.3, 0.0)),
        reference=TrainingReference.of(rows, np.linspace(0, 1, 600), homes),
    )


@pytest.fixture(scope="module")
def bundle():
    reasons = {feature.name: feature.reason for feature in FEATURES}
    return _bundle(ReasonAdditiveClassifier(reasons, n_rounds=40, n_folds=2))


@pytest.fixture(scope="module")
def saved(bundle, tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "county.rrb"
    bundle.save(path)
    return path


def _changed(tmp_path, saved, member, change):
    """Write a bundle whose digests are right but whose content is not."""
    members = read_archive(saved)
    data = json.loads(members[member])
    change(data)
    path = tmp_path / "changed.rrb"
    write_archive(path, members | {member: as_content(data)})
    return path


def test_it_predicts_and_explains_bit_by_bit_as_before(bundle, saved):
    again, rows = read_bundle(saved), _rows(200, seed=5)
    np.testing.assert_array_equal(again.model.predict_proba(rows), bundle.model.predict_proba(rows))
    np.testing.assert_array_equal(again.model.explain(rows).values, bundle.model.explain(rows).values)


def test_everything_beside_the_model_comes_back(bundle, saved):
    again = read_bundle(saved)
    for name in (
        "origin",
        "moved",
        "columns",
        "features",
        "label",
        "cohort",
        "horizon",
        "as_of",
        "known_by",
        "trained_through",
        "rows",
        "reference",
    ):
        assert getattr(again, name) == getattr(bundle, name)
    assert again.lines.of_year(2019) == bundle.lines.of_year(2019)
    assert again.thresholds == bundle.thresholds
    assert again.evaluation.to_json() == bundle.evaluation.to_json()
    assert repr(again.shocks) == repr(bundle.shocks)  # a year that is not known is not equal to itself
    assert again.means["income_log"] == 0.5
    assert np.isnan(again.means["spend"])


def test_saving_what_was_read_gives_the_same_bytes(saved, tmp_path):
    read_bundle(saved).save(tmp_path / "again.rrb")
    assert (tmp_path / "again.rrb").read_bytes() == saved.read_bytes()


def test_its_digest_is_that_of_its_file(bundle, saved):
    assert bundle.digest == read_bundle(saved).digest == hashlib.sha256(saved.read_bytes()).hexdigest()


def test_a_standing_file_is_replaced_only_when_told(bundle, tmp_path):
    path = tmp_path / "a.rrb"
    path.write_text("mine")
    with pytest.raises(InputError):
        bundle.save(path)
    assert path.read_text() == "mine"
    bundle.save(path, overwrite=True)
    assert read_bundle(path).rows == 600


def test_it_knows_a_forecast_from_a_look_back(bundle):
    assert bundle.forecasts("2019-12-31")
    assert not bundle.forecasts(date(2019, 12, 30))


def test_the_model_gets_its_columns_in_its_order_whatever_else_the_records_offer(bundle):
    extra = Feature(name="age", table="members", columns=(), reason="labour", unit="years", zh="年龄", en="age")
    rows = _rows(5).with_columns(age=pl.lit(40.0)).select("age", "county", "spend", "income_log")
    table = _table(rows, (extra, *reversed(FEATURES)))
    assert bundle.require(table).columns == list(COLUMNS)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_records_without_its_features_are_refused_with_what_they_lack(bundle, lang):
    rows = _rows(5).select("county")
    missing = {"spend": "column self_paid of illness", "income_log": "table incomes"}
    with pytest.raises(BundleError) as caught:
        bundle.require(_table(rows, FEATURES[2:], missing))
    assert caught.value.code == "bundle_other_features"
    message = caught.value.in_language(lang)
    assert "illness.self_paid (1)" in message
    assert "incomes (1)" in message
    assert "\n" not in message


def test_a_feature_that_means_another_thing_now_is_refused(bundle):
    other = replace(FEATURES[1], unit="share")
    with pytest.raises(BundleError, match="spend") as caught:
        bundle.require(_table(_rows(5), (FEATURES[0], other, FEATURES[2])))
    assert caught.value.code == "bundle_feature_changed"


@pytest.mark.parametrize(
    ("member", "change"),
    [
        ("bundle.json", lambda data: data.update(horizon="12")),
        ("bundle.json", lambda data: data.update(horizon=True)),
        ("bundle.json", lambda data: data.update(trained_through="2019-13-31")),
        ("bundle.json", lambda data: data.update(columns=["income_log", 3])),
        ("bundle.json", lambda data: data.pop("label")),
        ("bundle.json", lambda data: data.update(more=1)),
        ("bundle.json", lambda data: data["features"][0].update(unit="parsecs")),
        ("bundle.json", lambda data: data["features"][0].pop("reason")),
        ("bundle.json", lambda data: data["lines"]["by_year"].update({"twenty": 1.0})),
        ("bundle.json", lambda data: data["columns"].reverse()),
        ("bundle.json", lambda data: data["columns"].append(data["columns"][0])),
        ("bundle.json", lambda data: data["columns"].pop()),
        ("bundle.json", lambda data: data.update(columns=[])),
        ("bundle.json", lambda data: data["features"].pop()),
        ("bundle.json", lambda data: data.update(label="auto")),
        ("bundle.json", lambda data: data.update(cohort="all")),
        ("bundle.json", lambda data: data.update(horizon=0)),
        ("bundle.json", lambda data: data.update(horizon=121)),
        ("bundle.json", lambda data: data.update(as_of=[])),
        ("bundle.json", lambda data: data.update(rows=0)),
        ("bundle.json", lambda data: data.update(households=-1)),
        ("bundle.json", lambda data: data.update(relapses=601)),
        ("bundle.json", lambda data: data.update(relapses=-1)),
        ("bundle.json", lambda data: data.update(carried_forward_line=-1)),
        ("bundle.json", lambda data: data.update(unreported_share=1.5)),
        ("bundle.json", lambda data: data.update(unreported_share=None)),
        ("bundle.json", lambda data: data["lines"].update(by_year={})),
        ("bundle.json", lambda data: data["lines"]["by_year"].update({"2020": -1.0})),
        ("bundle.json", lambda data: data["thresholds"]["tiers"].update(yellow=0.5)),
        ("bundle.json", lambda data: data.update(thresholds={})),
        ("bundle.json", lambda data: data["shocks"].update(village=-0.1)),
        ("bundle.json", lambda data: data["shocks"].update(village=None)),
        ("bundle.json", lambda data: data["shocks"].update(outlier_share=1.0)),
        ("bundle.json", lambda data: data["shocks"].update(years=-1)),
        ("bundle.json", lambda data: data["shocks"].update(villages="40")),
        ("bundle.json", lambda data: data["shocks"].pop("outlier_shift")),
        ("bundle.json", lambda data: data["past_years"]["shifts"].pop()),
        ("bundle.json", lambda data: data["reference"]["columns"].pop()),
        ("bundle.json", lambda data: data["reference"]["columns"].reverse()),
        ("bundle.json", lambda data: data["reference"]["columns"][0]["edges"].reverse()),
        ("bundle.json", lambda data: data["reference"]["columns"][2]["codes"].pop()),
        ("bundle.json", lambda data: data["reference"]["score"].update(missing=1)),
        ("bundle.json", lambda data: data["reference"]["score"].pop("counts")),
        ("bundle.json", lambda data: data["reference"].update(clusters=601)),
        ("bundle.json", lambda data: data.pop("reference")),
        ("bundle.json", lambda data: data.update(origin="rule")),
        ("bundle.json", lambda data: data.update(origin="recalibrated")),
        ("bundle.json", lambda data: data.pop("origin")),
        ("bundle.json", lambda data: data.update(known_by=None)),
        ("bundle.json", lambda data: data.update(trained_through=None)),
        ("bundle.json", lambda data: data.update(moved={"shift": 0.5})),
        ("evaluation.json", lambda data: data.update(comparisons=[])),
        ("evaluation.json", lambda data: data["comparisons"][0].pop("scores")),
        ("evaluation.json", lambda data: data.update(level="high")),
        ("model.json", lambda data: data.update(estimator="os.system")),
        ("model.json", lambda data: data["core"]["members"][0][1].update(text="../../etc/passwd")),
        ("model.json", lambda data: data.update(named=False)),
        ("model.json", lambda data: data.update(parameters=[])),
        ("model.json", lambda data: data["parameters"].update(n_jobs=64)),
        ("model.json", lambda data: data.pop("core")),
    ],
)
def test_content_of_another_shape_is_refused_though_its_digests_are_right(tmp_path, saved, member, change):
    with pytest.raises(BundleError) as caught:
        read_bundle(_changed(tmp_path, saved, member, change))
    assert caught.value.code == "bundle_content"
    assert "\n" not in caught.value.in_language("zh") + caught.value.in_language("en")


def test_a_member_nobody_asks_for_is_refused_though_its_digest_is_right(tmp_path, saved):
    path = tmp_path / "more.rrb"
    write_archive(path, read_archive(saved) | {"model/more.txt": b"x"})
    with pytest.raises(BundleError):
        read_bundle(path)


@pytest.mark.parametrize("member", ["bundle.json", "evaluation.json", "model.json", "model/trees_0.txt"])
def test_a_member_left_out_with_its_digest_is_refused(tmp_path, saved, member):
    members = read_archive(saved)
    members.pop(member)
    write_archive(tmp_path / "less.rrb", members)
    with pytest.raises(BundleError):
        read_bundle(tmp_path / "less.rrb")


def test_other_models_are_saved_alike(tmp_path):
    path = tmp_path / "plain.rrb"
    made = _bundle(LogisticClassifier())
    made.save(path)
    rows = _rows(50, seed=7)
    np.testing.assert_array_equal(read_bundle(path).model.predict_proba(rows), made.model.predict_proba(rows))
