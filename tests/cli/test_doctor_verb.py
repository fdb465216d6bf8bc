"""The look at the computer: what is missing is named with what to do, in both languages, and nothing is changed."""

import shutil
import sys
from importlib import import_module
from typing import NamedTuple

import pytest

from relapse_risk.cli import run

DOCTOR = "relapse_risk.cli.doctor"


class Usage(NamedTuple):
    free: float


class Answer(NamedTuple):
    stdout: bytes


@pytest.mark.parametrize(("lang", "word"), [("zh", "所需软件包"), ("en", "Packages")])
def test_a_computer_with_all_that_is_needed_is_fine(lang, word, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["doctor", "--lang", lang]) == 0
    out, err = capsys.readouterr()
    assert word in out
    assert not err
    assert not list(tmp_path.iterdir())


def test_quiet_says_only_what_is_not_fine(capsys, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2 * 1024**3))
    assert run(["doctor", "--quiet", "--lang", "en"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if "2.0 GB" in line]
    assert all(line.startswith("note") for line in lines)


def _without_a_system_library(name):
    if name == "lightgbm":
        raise OSError("libgomp.so.1: cannot open shared object file")
    return import_module(name)


def _closed(**_):
    raise PermissionError


@pytest.mark.parametrize(
    ("name", "made", "said"),
    [
        ("import_module", _without_a_system_library, "libgomp"),
        ("requires", lambda _: ["polars>=999", "nowhere>=1"], "polars>=999, nowhere>=1"),
        ("shutil.disk_usage", lambda _: Usage(0), "0.0 GB"),
        ("tempfile.TemporaryFile", _closed, "cannot be written to"),
    ],
    ids=["compiled", "packages", "disk", "folder"],
)
def test_what_makes_it_unusable_ends_with_2(name, made, said, capsys, monkeypatch):
    monkeypatch.setattr(f"{DOCTOR}.{name}", made)
    assert run(["doctor", "--lang", "en"]) == 2
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line.startswith("wrong") and said in line]


@pytest.mark.parametrize(("listed", "said"), [(b"", "none"), (b"NotoSansCJK.ttc", "there")])
def test_fonts_are_asked_for_where_somebody_knows(listed, said, capsys, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda _: "fc-list")
    monkeypatch.setattr(f"{DOCTOR}.subprocess.run", lambda *_, **__: Answer(listed))
    assert run(["doctor", "--lang", "en"]) == 0
    assert [line for line in capsys.readouterr().out.splitlines() if "Chinese fonts" in line and said in line]
