"""A register, and models that take no time, where what is tested is the road and not how good the model is."""

import pytest

from relapse_risk.models import FreeTreesClassifier, ReasonAdditiveClassifier
from relapse_risk.records import Records
from relapse_risk.synthetic import synthesise
from relapse_risk.training import verbs

LIGHT = {ReasonAdditiveClassifier: {"n_rounds": 10, "n_folds": 2}, FreeTreesClassifier: {"n_rounds": 5}}


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
    monkeypatch.setattr(verbs, "baselines", lambda *_: {})
