"""A register, and models that take no time, where what is tested is the road and not how good the model is."""

from importlib import import_module

import pytest

from relapse_risk.models import LightGBMBaseline, ReasonAdditiveClassifier
from relapse_risk.records import Records
from relapse_risk.synthetic import synthesise

# The package holds the function of the same name.
train_module = import_module("relapse_risk.training.train")

LIGHT = {ReasonAdditiveClassifier: {"n_rounds": 10, "n_folds": 2}, LightGBMBaseline: {"n_rounds": 5}}


@pytest.fixture(scope="session")
def population():
    return synthesise(households=800, seed=3)


@pytest.fixture(scope="session")
def records(population):
    return Records(population.tables, exported_on=population.exported_on)


@pytest.fixture(scope="session")
def light_models():
    """The same models with few trees."""
    with pytest.MonkeyPatch.context() as patch:
        for kind, light in LIGHT.items():
            patch.setattr(kind.__init__, "__kwdefaults__", kind.__init__.__kwdefaults__ | light)
        yield


@pytest.fixture
def no_baselines(monkeypatch):
    """Try the trained model alone."""
    monkeypatch.setattr(train_module, "baselines", lambda *_: {})


@pytest.fixture(scope="session")
def train_alone():
    """Train a model that is tried alone, for fixtures that several tests share."""

    def trained(records, **options):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(train_module, "baselines", lambda *_: {})
            return train_module.train(records, **options)

    return trained
