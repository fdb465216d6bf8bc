"""What a change must pass, a session each: `nox` runs the quick ones, `.ci/run` all of them.

`nox -l` lists them; `nox -s tests -- -k ledger` hands what follows `--` to pytest.
"""

import json
import os
import re
import shutil
import tomllib
from pathlib import Path

import nox

nox.needs_version = ">=2024.10"
nox.options.default_venv_backend = "venv"
nox.options.sessions = ["lint", "types", "quick", "docs"]
nox.options.reuse_existing_virtualenvs = True

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements" / "ci.txt"
TESTED = ".[test]"


def _python(version: str) -> str | None:
    """Return an interpreter of this version, where there is one."""
    installed = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python{version}"))
    candidates = (shutil.which(f"python{version}"), *map(str, reversed(installed)))
    return next((path for path in candidates if path and _runs(path)), None)


def _runs(python: str) -> bool:
    # A shim stands on the path for versions that are not chosen, and fails.
    return os.system(f"'{python}' -c '' >/dev/null 2>&1") == 0


def _install_locked(session: nox.Session, *what: str) -> None:
    session.install("--constraint", str(LOCK), *what)


def _readme_command(holds: str) -> str:
    """Return the README's own command that holds this word: what is promised is what is tested."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    return next(line.strip() for line in lines if "python3 -m venv" in line and holds in line)


def _fresh_clone(session: nox.Session) -> Path:
    """Clone what is committed into an empty folder, with the folder `shared` beside it where there is one."""
    place = Path(session.create_tmp())
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    session.run("git", "clone", "-q", "--no-hardlinks", str(ROOT), str(place / "clone"), external=True)
    shared = ROOT.parent / "shared"
    if shared.exists():
        (place / "shared").symlink_to(shared.resolve())
    return place / "clone"


@nox.session(venv_backend="none")
def tests(session: nox.Session) -> None:
    """The README's command in a fresh clone: the default tests with the newest packages, as a newcomer gets them."""
    clone = _fresh_clone(session)
    with session.chdir(clone):
        session.run("bash", "-c", _readme_command("pytest"), external=True)


@nox.session(venv_backend="none")
def demo(session: nox.Session) -> None:
    """The README's other command in a fresh clone."""
    clone = _fresh_clone(session)
    with session.chdir(clone):
        session.run("bash", "-c", _readme_command("relapse-risk demo"), external=True)
        session.run("ls", "relapse-risk-demo-1", external=True)


@nox.session
def quick(session: nox.Session) -> None:
    """The default tests with the locked packages."""
    _install_locked(session, "-e", TESTED)
    session.run("pytest", *session.posargs)


@nox.session
def slow(session: nox.Session) -> None:
    """The tests that take long."""
    _install_locked(session, "-e", TESTED)
    session.run("pytest", "-m", "slow", *session.posargs)


@nox.session
def thorough(session: nox.Session) -> None:
    """The properties with many more examples: it takes too long for every change."""
    _install_locked(session, "-e", TESTED)
    env = {"HYPOTHESIS_PROFILE": "thorough"}
    session.run("pytest", "tests", "-m", "hypothesis and not slow", *session.posargs, env=env)


@nox.session
def coverage(session: nox.Session) -> None:
    """The default tests with the locked packages, and which lines and branches they reach."""
    _install_locked(session, "-e", ".[test,dev]")
    report = ("--cov=relapse_risk", "--cov-branch", "--cov-report=term:skip-covered")
    session.run("pytest", *report, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Rules and format of the code."""
    _install_locked(session, "ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Types of the library, strictly, and of its tests."""
    _install_locked(session, "-e", ".[test,lint]")
    session.run("mypy", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """The examples in docstrings run, and the pages written from declarations are current."""
    _install_locked(session, "-e", TESTED)
    session.run("pytest", "src", "tests/test_docs.py", *session.posargs)


def _declared(*extras: str) -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *(one for extra in extras for one in project["optional-dependencies"][extra])]


@nox.session(python=_python("3.11") or False)
def lowest(session: nox.Session) -> None:
    """The default tests with Python 3.11 and the oldest packages that pyproject.toml declares."""
    if not _python("3.11"):
        session.skip("no Python 3.11 here")
    oldest = Path(session.create_tmp()) / "oldest.txt"
    pins = [re.sub(r"\[.*\]", "", one).replace(">=", "==") for one in _declared("test")]
    oldest.write_text("\n".join(pins) + "\n", encoding="utf-8")
    session.install("--constraint", str(oldest), "-e", TESTED)
    session.run("pytest", *session.posargs)


@nox.session(python=_python("3.13") or False)
def py313(session: nox.Session) -> None:
    """The default tests with Python 3.13 and the newest packages."""
    if not _python("3.13"):
        session.skip("no Python 3.13 here")
    session.install("-e", TESTED)
    session.run("pytest", *session.posargs)


@nox.session(python=_python("3.11") or False)
def lock(session: nox.Session) -> None:
    """Write requirements/ci.txt anew: the newest packages that fit together."""
    report = Path(session.create_tmp()) / "report.json"
    resolve = ("python", "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report", str(report))
    session.run(*resolve, "hatchling", f"{ROOT}[test,lint,dev]")
    found = [one["metadata"] for one in json.loads(report.read_text(encoding="utf-8"))["install"]]
    pins = sorted(f"{one['name'].lower()}=={one['version']}" for one in found if one["name"] != "relapse-risk")
    note = "# What .ci/run installs. Written by `nox -s lock`.\n"
    LOCK.write_text(note + "\n".join(pins) + "\n", encoding="utf-8")
