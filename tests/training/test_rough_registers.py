"""Registers and arguments that training, evaluating and scoring could break on: a result, or one line with a code."""

import re
import warnings
from datetime import datetime

import numpy as np
import polars as pl
import pytest

import relapse_risk as rr
from relapse_risk.errors import InputError, RelapseRiskWarning
from relapse_risk.models import LogisticClassifier, StackedClassifier
from relapse_risk.periods import AsOf
from relapse_risk.records import Records
from relapse_risk.training import TrainRequest
from relapse_risk.training import evaluate as evaluating

pytestmark = pytest.mark.slow

DAYS = ["2018-12-31", "2019-12-31"]


@pytest.fixture
def unrivalled(monkeypatch, no_baselines):
    """Judge the model alone, in evaluating as in training."""
    monkeypatch.setitem(evaluating.__globals__, "baselines", lambda *_: {})


def changed(population, columns):
    tables = {name: population.tables[name].with_columns(*some) for name, some in columns.items()}
    return Records({**population.tables, **tables}, exported_on=population.exported_on)


REFUSED = [
    ({"as_of": 2019}, "day_unreadable"),
    ({"as_of": np.datetime64("NaT")}, "day_unreadable"),
    ({"as_of": [DAYS]}, "day_unreadable"),
    ({"as_of": {}}, "train_no_day"),
    ({"horizon": 1.5}, "months_out_of_range"),
    ({"horizon": 60}, "train_day_open"),
    ({"seed": -1}, "seed_number"),
    ({"seed": "a"}, "seed_number"),
    ({"policy": "strict"}, "argument_kind"),
    ({"model": LogisticClassifier}, "argument_kind"),
    ({"model": LogisticClassifier(penalty=-1)}, "model_parameters"),
    ({"model": StackedClassifier(members=[])}, "model_parameters"),
]


@pytest.mark.parametrize(("given", "code"), REFUSED)
def test_arguments_that_cannot_be_meant_are_refused_in_one_line(records, given, code):
    with pytest.raises(InputError) as caught:
        rr.train(records, **{"as_of": DAYS, **given})
    assert caught.value.code == code
    assert "\n" not in str(caught.value)


def test_other_things_than_records_and_bundles_are_refused(records, population):
    for verb in (rr.train, rr.evaluate):
        with pytest.raises(InputError, match="records: it is of the type dict"):
            verb(dict(population.tables), as_of=DAYS)
    with pytest.raises(InputError, match="bundle: it is of the type NoneType"):
        rr.score(records, None, as_of="2020-12-31")


@pytest.mark.parametrize("day", [np.datetime64("2019-12-31"), datetime(2019, 12, 31, 9), AsOf.of("2019-12-31")])
def test_a_single_day_may_be_of_any_kind_of_day(day):
    assert TrainRequest(as_of=day).days == TrainRequest(as_of=[day]).days == (AsOf.of("2019-12-31"),)


def test_numbers_held_as_texts_are_refused(population):
    with pytest.raises(InputError) as caught:
        changed(population, {"households": [pl.lit("三亩").alias("farmland_mu")]})
    assert caught.value.code == "numbers_as_texts"


ROUGH = {
    "households": [
        pl.lit("Ünï<b>\x1f'县").alias("county"),
        pl.lit("🏠").alias("village"),
        pl.lit(np.inf).alias("farmland_mu"),
        pl.lit(None, dtype=pl.Int64).alias("size"),
    ],
    "incomes": [
        pl.when(pl.int_range(pl.len()) % 3 > 0).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in (("wage", 1e308), ("transfer", np.nan), ("net_income_per_capita", 1e12))
    ],
}


def test_a_rough_register_is_trained_on_judged_and_scored(population, records, unrivalled, tmp_path):
    rough = changed(population, ROUGH)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", RelapseRiskWarning)
        bundle = rr.train(rough, as_of=DAYS, model=LogisticClassifier(n_folds=2))
        report = rr.evaluate(rough, as_of=DAYS, model=LogisticClassifier(n_folds=2))
        rosters = [rr.score(one, bundle, as_of="2020-12-31") for one in (rough, records)]
    for roster in rosters:
        assert roster.frame["probability"].drop_nulls().is_between(0, 1).all()
        assert not any(roster.frame[name].is_nan().any() for name in ("lower", "upper", "contribution_base"))
    report.to_html(tmp_path / "page.html", lang="en")
    assert not re.search(r"\bnan\b", (tmp_path / "page.html").read_text(encoding="utf-8"))
    with pytest.raises(InputError) as caught:
        report.to_html(tmp_path / "page.html", lang="fr")
    assert caught.value.code == "lang_unknown"
