"""What every test may ask for."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from relapse_risk.ingest import read_records

# How long an example takes is the machine's business. The session `thorough` tries many examples.
settings.register_profile("short", settings.default, deadline=None, max_examples=25)
settings.register_profile("thorough", settings.default, deadline=None, max_examples=100)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def require() -> Callable[[str | Path | None, str], str]:
    """Hand back the path of what a test needs and may lack.

    Where nothing is there the test is skipped with the reason; with RELAPSE_RISK_ALL_TESTS set, as in CI, it fails.
    """

    lacks = pytest.fail if os.environ.get("RELAPSE_RISK_ALL_TESTS") else pytest.skip

    def required(path: str | Path | None, what: str) -> str:
        if path is None or not Path(path).exists():
            lacks(f"needs {what}, which is not here")
        return str(path)

    return required


@pytest.fixture(scope="session")
def program(require) -> Callable[..., str]:
    """Find a program by the first of its names that is installed."""
    return lambda *names: require(next(filter(None, map(shutil.which, names)), None), f"the program {names[0]}")


@pytest.fixture
def save_as(program, tmp_path) -> Callable[[Path, str, Path], None]:
    """Have a spreadsheet program save a workbook in another format, without a window and with a profile of its own."""
    office = [
        program("soffice", "libreoffice"),
        "--headless",
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
    ]

    def save(book: Path, kind: str, folder: Path) -> None:
        command = [*office, "--convert-to", kind, "--outdir", str(folder), str(book)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)

    return save


@pytest.fixture(scope="session")
def shared(require) -> Path:
    """The folder of real panels and sample exports that stands beside the project."""
    return Path(require(SHARED, "the folder `shared` beside the project (real panels and sample exports)"))


@pytest.fixture(scope="session")
def read_sample(shared):
    """Read the sample exports in a dialect (``registry``, ``departments``), once for all tests."""
    return cache(lambda dialect: read_records(shared / "samples" / dialect))


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4].split(".")[0]))
    return found[-1].parent if found else None


def _run(*command: object) -> None:
    # PostgreSQL refuses to run as root.
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*user, *map(str, command)], check=True, capture_output=True, cwd="/")


@pytest.fixture(scope="session")
def server(require):
    """The URL of a PostgreSQL server of our own, started once, stopped after the last test."""
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
