"""An invented register, scored by the rule alone: what is tested is the cycle, not a model."""

import pytest

from relapse_risk.bundle import rule_bundle
from relapse_risk.cycle import monitor
from relapse_risk.ingest import read_records
from relapse_risk.monitoring import open_ledger
from relapse_risk.synthetic import synthesise


@pytest.fixture(scope="session")
def population():
    return synthesise(households=700, seed=5)


@pytest.fixture(scope="session")
def records(population):
    return read_records(population.tables).records


@pytest.fixture(scope="session")
def bundle():
    return rule_bundle()


@pytest.fixture
def ledger(tmp_path):
    return open_ledger(tmp_path / "county.db")


@pytest.fixture
def run_month(records, bundle, ledger):
    """Run a month of the register in the test's own ledger."""

    def run(as_of, **options):
        return monitor(records, bundle, options.pop("ledger", ledger), as_of=as_of, capacity=40, lang="en", **options)

    return run
