"""What moves with the calendar is found; area figures do not. A default worse than the simple model is not returned."""

from datetime import date
from functools import partial
from importlib import import_module

import numpy as np
import polars as pl
import pytest

from relapse_risk.evaluation import compare, report_models
from relapse_risk.features import DEFAULT_BUILDERS, Builder, Feature
from relapse_risk.models import LogisticClassifier, ReasonAdditiveClassifier
from relapse_risk.records import Records
from relapse_risk.training import TrainRequest, evaluate
from relapse_risk.training.sample import gather
from relapse_risk.training.trials import baselines

evaluating, training = (import_module(f"relapse_risk.training.{name}") for name in ("evaluate", "train"))
VILLAGES, HOMES, YEARS = 50, 8, range(2015, 2020)
DAYS = ["2016-12-31", "2017-12-31", "2018-12-31"]

LEVEL = Feature(
    name="village_level",
    table="households",
    columns=("village_code", "incomes.period_end"),
    reason="place",
    unit="log",
    zh="所在村收入水平",
    en="level of the village's income",
)


def _village_level(view):
    """The figure as it once was: a village's income over the line, with the level of its year."""
    incomes = view.current_incomes.with_columns(log=pl.col("ratio").log())
    homes = view.known.require("households").select("household_id", "village_code")
    logged = homes.join(incomes.select("household_id", "log"), on="household_id", how="left")
    return logged.select("household_id", village_level=pl.col("log").mean().over("village_code"))


@pytest.fixture(scope="module")
def rising():
    """A register in which incomes rise by a quarter a year and poorer villages relapse more, in every year alike."""
    rng, count = np.random.default_rng(5), VILLAGES * HOMES
    village = np.repeat(np.arange(VILLAGES), HOMES)
    wealth = 0.3 * rng.normal(size=VILLAGES)[village]
    names = [f"h{i:03}" for i in range(count)]
    first = {"recorded_on": date(2015, 1, 1), "household_type": "exited"}
    households = pl.DataFrame(
        {"household_id": names, "village_code": [f"5323010010{v:02}" for v in village], **first}
    ).with_columns(county=pl.lit("甲县"))
    incomes = [
        {
            "household_id": name,
            "period_start": date(year, 1, 1),
            "period_end": date(year, 12, 31),
            "recorded_on": date(year, 12, 31),
            "household_size": 4,
            "net_income_per_capita": 6000.0 * float(np.exp(0.22 * (year - 2016) + wealth[i] + 0.3 * rng.normal())),
            "poverty_line": 3000.0,
        }
        for year in YEARS
        for i, name in enumerate(names)
    ]
    fell = rng.random((count, 4)) < 1 / (1 + np.exp(2.0 + 3.0 * wealth))[:, None]
    relapses = [
        {"household_id": names[i], "relapsed_on": day, "recorded_on": day}
        for i, year in zip(*np.nonzero(fell), strict=True)
        for day in [date(2016 + int(year), 6, 1)]
    ]
    tables = {"households": households, "incomes": pl.DataFrame(incomes), "relapses": pl.DataFrame(relapses)}
    return Records(tables, exported_on=date(2019, 12, 31))


def _some_baselines(names, *args):
    return {name: one for name, one in baselines(*args).items() if name in names}


@pytest.fixture
def few(monkeypatch):
    """Let little be compared, with few draws."""
    for module, quick in ((evaluating, ("policy_rule", "income")), (training, ("logistic",))):
        monkeypatch.setattr(module, "baselines", partial(_some_baselines, quick))
    monkeypatch.setattr(evaluating, "report_models", partial(report_models, n_draws=20))
    monkeypatch.setattr(training, "compare", partial(compare, n_draws=20))


def test_a_village_figure_with_the_level_of_its_year_is_found_and_one_beside_its_county_is_not(rising, few):
    before = Builder(name="level", features=(LEVEL,), build=_village_level)
    builders = (*DEFAULT_BUILDERS, before)
    report = evaluate(rising, as_of=DAYS, model=LogisticClassifier(n_folds=2), builders=builders, label="recorded")
    moving = {one.details["column"]["en"] for one in report.findings if one.code == "RR504"}
    places = {one.en for builder in DEFAULT_BUILDERS for one in builder.features if one.name.startswith("village_")}
    assert LEVEL.en in moving
    assert len(places) == 5
    assert not moving & places


@pytest.fixture(scope="module")
def material(rising):
    return gather(rising, TrainRequest(as_of=DAYS, label="recorded"))


def _trained(material, **options):
    return training.train_on(material, TrainRequest(as_of=DAYS, label="recorded", **options))


def test_where_the_default_is_worse_on_later_days_the_simple_model_is_returned_and_said(material, few, monkeypatch):
    """A default of trees that learn too fast, where the truth is a line."""
    rough = {"n_rounds": 60, "learning_rate": 1.0, "min_rows": 1, "l2": 0.0, "penalty": 1e-6, "calibration": None}
    kept = ReasonAdditiveClassifier.__init__.__kwdefaults__
    monkeypatch.setattr(ReasonAdditiveClassifier.__init__, "__kwdefaults__", kept | rough | {"n_folds": 2})
    bundle = _trained(material)
    assert isinstance(bundle.model, LogisticClassifier)
    assert (bundle.choice.returned, bundle.choice.other) == ("logistic", "reason_additive")
    assert bundle.choice.log_loss < bundle.choice.other_log_loss
    assert [one.name for one in bundle.evaluation.comparisons] == ["logistic", "reason_additive"]
    assert bundle.evaluation.comparisons[1].log_loss_over_default.estimate == pytest.approx(
        bundle.choice.other_log_loss - bundle.choice.log_loss
    )


@pytest.mark.slow
def test_a_model_that_was_asked_for_is_returned_whatever_others_do(material, few):
    bundle = _trained(material, model=LogisticClassifier(n_folds=2))
    assert (bundle.choice, bundle.evaluation.default) == (None, "LogisticClassifier")
