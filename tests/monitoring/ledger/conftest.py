"""Ledgers to test on: a file, and a PostgreSQL server of our own, started once and stopped after the last test."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from relapse_risk.monitoring import open_ledger
from tests.edited_models import edited
from tests.monitoring.ledger.ledger_months import ONE_STEP

_NUMBERS = count()
RESTLESS = replace(ONE_STEP, mechanism=edited(ONE_STEP.mechanism, "ledger.reopening.rest_months", 0))


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4].split(".")[0]))
    return found[-1].parent if found else None


def _run(*command: object) -> None:
    # PostgreSQL refuses to run as root.
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*user, *map(str, command)], check=True, capture_output=True, cwd="/")


@pytest.fixture(scope="session")
def server(require):
    """The URL of a PostgreSQL server without its database's search path."""
    programs = Path(require(_programs(), "a PostgreSQL server in /usr/lib/postgresql"))
    # The path of a socket must be short, and the server's user must reach it: TMPDIR may be deep in a closed folder.
    place = Path(tempfile.mkdtemp(prefix="ledger-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(place, "postgres")
    data = place / "data"
    try:
        _run(programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
        options = f"-c listen_addresses='' -c fsync=off -k {place}"
        _run(programs / "pg_ctl", "-D", data, "-o", options, "-l", place / "log", "-w", "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={place}"
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(place, ignore_errors=True)


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
