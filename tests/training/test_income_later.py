"""Next year's income for the vulnerability model: what was known as soon as the outcome was, and nothing later."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from relapse_risk.evaluation import EvaluationFold
from relapse_risk.features import build_features
from relapse_risk.labels import label_relapse
from relapse_risk.policy import read_policy
from relapse_risk.training.sample import take_sample
from relapse_risk.training.trials import baselines

DAYS = ["2018-12-31", "2019-12-31"]


@pytest.fixture(scope="module")
def known(records):
    return label_relapse(records, DAYS, label="income")


@pytest.fixture(scope="module")
def table(records):
    return build_features(records, DAYS)


def test_it_is_the_income_that_first_told_the_outcome(known, table, records):
    earliest = pl.col("as_of") == pl.col("as_of").min()
    then = replace(
        known,
        frame=known.frame.with_columns(
            outcome_ratio=pl.col("outcome_ratio") + 7, relapsed=pl.when(earliest).then("relapsed")
        ),
    )
    sample = take_sample(known, table, records.known_until, (then,))
    first = sample.day == sample.day.min()
    plain = take_sample(known, table, records.known_until)
    assert sample.income_later[first] == pytest.approx(plain.income_later[first] + 7)
    assert sample.income_later[~first] == pytest.approx(plain.income_later[~first])
    assert np.array_equal(plain.income_later < 1, plain.relapsed == 1)


def test_recorded_relapses_have_none(table, records):
    labels = label_relapse(records, DAYS, label="recorded")
    assert take_sample(labels, table, records.known_until).income_later is None


def test_the_model_learns_from_incomes_of_training_rows_alone(known, table, records):
    sample = take_sample(known, table, records.known_until)
    rows = np.arange(len(sample.relapsed))
    trial = EvaluationFold(train=rows[rows % 2 == 0], test=rows[rows % 2 == 1], outcome=sample.relapsed[rows % 2 == 0])

    def predicted(spoilt):
        ratio = np.where(np.isin(rows, spoilt), 5.0, sample.income_later)
        frame = sample.frame.with_columns(outcome_ratio=pl.Series(ratio))
        return baselines(replace(sample, frame=frame), read_policy(), 12, 0)["vulnerability"](trial)

    assert np.array_equal(predicted([]), predicted(trial.test))
    assert not np.array_equal(predicted([]), predicted(trial.train[:200]))
