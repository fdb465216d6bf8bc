"""Ledgers to test on: a file, and an empty place in a PostgreSQL server."""

from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import create_engine, text

from relapse_risk.monitoring import open_ledger
from tests.edited_models import edited
from tests.monitoring.ledger.ledger_months import ONE_STEP

_NUMBERS = count()
RESTLESS = replace(ONE_STEP, mechanism=edited(ONE_STEP.mechanism, "ledger.reopening.rest_months", 0))


@pytest.fixture
def postgresql_url(server):
    """An empty place in that server."""
    name = f"ledger_{next(_NUMBERS)}"
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    return f"{server}&options=-csearch_path%3D{name}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request, tmp_path):
    """An empty place for a ledger in either database; on the server only among the slow tests."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql_url")
    return f"sqlite:///{tmp_path / 'county.db'}"


@pytest.fixture
def ledger(url):
    """A ledger in which one person clears, and whoever is listed again is reopened at once."""
    return open_ledger(url, policy=RESTLESS)
