"""Shocks are learned from what was predicted out of training, by village and day."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from relapse_risk.models import LogisticClassifier
from relapse_risk.records import Records
from relapse_risk.training import train
from relapse_risk.training.sample import TrainingSample, places_of
from relapse_risk.training.trials import learn_shocks

DAYS = (date(2018, 12, 31), date(2019, 12, 31))


def _register(villages=40, size=40, spread=0.8, seed=0, days=DAYS):
    """Return records, a sample of two days with shocks of villages, and the risks they were drawn about."""
    random = np.random.default_rng(seed)
    n = villages * size
    # villages of two towns have the same names
    village = np.arange(n) // size
    households = pl.DataFrame(
        {
            "household_id": [f"h{i:05d}" for i in range(n)],
            "recorded_on": [date(2017, 1, 1)] * n,
            "town": np.where(village % 2, "东镇", "西镇").tolist(),
            "village": [f"{v // 2}村" for v in village],
        }
    )
    risk = np.tile(expit(random.normal(-2.5, 0.8, n)), 2)
    shock = spread * random.normal(size=(2, villages))[:, village].ravel()
    fell = random.random(2 * n) < expit(np.log(risk / (1 - risk)) + shock)
    frame = pl.concat([households.select("household_id", as_of=pl.lit(day)) for day in days])
    return households, TrainingSample(frame=frame.with_columns(relapsed=fell), predictors=(), figures=()), risk


def _learned(households, sample, risk, scheme="time", horizon=12):
    places = places_of(Records({"households": households}), sample)
    return learn_shocks(sample, risk, places, scheme, horizon)


def test_villages_of_one_name_in_two_towns_are_two():
    found = _learned(*_register())
    assert (found.villages, found.years) == (80, 2)
    assert found.village == pytest.approx(0.8, abs=0.25)


def test_years_are_known_only_where_they_were_predicted_from_earlier_ones():
    households, sample, risk = _register()
    assert _learned(households, sample, risk).year > 0
    assert np.isnan(_learned(households, sample, risk, "household").year)


def test_days_whose_horizons_overlap_are_one_year():
    households, sample, risk = _register(days=(date(2019, 6, 30), date(2019, 12, 31)))
    found, apart = _learned(households, sample, risk), _learned(households, sample, risk, horizon=6)
    assert (found.years, found.villages) == (1, 40 * 2 // 2)
    assert np.isnan(found.year)
    assert (apart.years, apart.villages) == (2, 80)


def test_rows_that_were_not_tried_or_have_no_outcome_or_village_have_no_part():
    households, sample, risk = _register()
    gone = households["household_id"].to_numpy()[:600]
    ours = np.isin(sample.household, gone)
    kept = _learned(households, sample, np.where(ours, np.nan, risk))
    assert kept.villages == 50
    unknown = sample.frame.with_columns(relapsed=pl.when(~pl.col("household_id").is_in(gone.tolist())).then("relapsed"))
    nowhere = households.with_columns(village=pl.when(~pl.col("household_id").is_in(gone.tolist())).then("village"))
    for found in (
        _learned(households, TrainingSample(frame=unknown, predictors=(), figures=()), risk),
        _learned(nowhere, sample, risk),
    ):
        assert found.village == pytest.approx(kept.village, abs=1e-6)
        assert found.villages == 50


def test_records_that_name_no_village_or_few_say_nothing():
    households, sample, risk = _register()
    assert _learned(households.drop("village"), sample, risk) is None
    assert _learned(*_register(villages=8)) is None


@pytest.mark.slow
def test_training_leaves_them_in_the_bundle(records, no_baselines, monkeypatch):
    monkeypatch.setattr("relapse_risk.area_effects.cluster_effects.LEAST_VILLAGES", 2)
    bundle = train(records, as_of=["2018-12-31", "2019-12-31"], model=LogisticClassifier(n_folds=2))
    assert bundle.shocks.village > 0
    assert np.isnan(bundle.shocks.year) == (bundle.evaluation.scheme != "time" or bundle.shocks.years < 2)
