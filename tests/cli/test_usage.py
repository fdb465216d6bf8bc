"""Arguments that cannot be used: one line in the user's language, exit code 2."""

import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from relapse_risk.cli import run
from relapse_risk.errors import messages
from relapse_risk.policy import Texts

WRONG = [
    (["scroe"], "cli_no_verb", "scroe"),
    (["synth", "--housholds", "5"], "cli_no_option", "--housholds"),
    (["synth", "--households", "5", "--seed", "1"], "cli_missing", "--out"),
    (["train", "--as-of", "2019-12-31", "--out", "a.rrb"], "cli_missing", "INPUT"),
    (["train", "--out", "a.rrb"], "cli_missing", "INPUT"),
    (["synth", "--households"], "cli_option_value", "--households"),
    (["synth", "--households", "many"], "cli_value", "many"),
    (["synth", "--households", "0"], "cli_value", "0"),
    (["train", "in", "--as-of", "2019-12-31", "--out", "a.rrb", "--horizon", "121"], "cli_value", "120"),
    (["score", "in", "--capacity", "0"], "capacity_number", "0"),
    (["score", "in", "--capacity", "many"], "capacity_number", "many"),
    (["score", "in", "--costs", "19"], "costs_numbers", "19"),
    (["score", "in", "--costs", "0:1"], "costs_numbers", "0"),
    (["score", "in", "--capacity-per", "group"], "cli_value", "group"),
    (["score", "in", "--min-per-village", "-1"], "cli_value", "-1"),
    (["train", "in", "--label", "income_"], "cli_value", "recorded"),
    (["synth", "--lang", "fr"], "cli_value", "fr"),
    (["synth", "--households", "5", "--seed", "1", "--out", "a", "b"], "cli_too_many", "b"),
    (["train", "in", "--as-of", "2019-12-31", "--out", "a.zip"], "out_not_bundle", "a.zip"),
]


def _verbs():
    """Return the verbs that the help lists."""
    with redirect_stdout(StringIO()) as shown:
        run(["--help", "--lang", "en"])
    return re.findall(r"(?m)^  ([a-z]+)  ", shown.getvalue().split("Commands:")[1])


VERBS = _verbs()


def _marks(code, lang):
    """Return what a message says before its first placeholder, or after its last."""
    text = messages()[code][lang]
    return text.split("{")[0] or text.rsplit("}")[-1]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("args", "code", "found"), WRONG, ids=[" ".join(case[0]) for case in WRONG])
def test_wrong_arguments_are_one_line_and_exit_2(args, code, found, lang, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", {"zh": "zh_CN.UTF-8", "en": "en_US.UTF-8"}[lang])
    assert run(args) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert found in err
    assert _marks(code, lang) in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("args", [[], *([verb] for verb in VERBS)])
def test_help_is_in_the_users_language_alone(args, lang, capsys):
    assert run([*args, "--help", "--lang", lang]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert Texts(lang)("cli", "usage") in out
    assert Texts(lang)("cli", "help_lang")[:5] in out
    other = {"zh": ("Usage", "Options", "Show", "default:", "required"), "en": ("用法", "选项", "默认")}[lang]
    assert not [word for word in other if word in out]


@pytest.mark.parametrize("verb", VERBS)
def test_every_line_of_a_help_page_says_something(verb, capsys):
    run([verb, "--help", "--lang", "en"])
    listed = capsys.readouterr().out.split("Options:\n")[1].rstrip().splitlines()
    assert all(len(line.split("  ")) > 2 or line.startswith("    ") for line in listed), listed


def test_no_arguments_show_the_help(capsys):
    assert run([]) == 0
    assert "score" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LC_ALL": "zh_CN", "LANG": "en_US"}, "zh"),
        ({"LC_ALL": "", "LANG": "en_US"}, "en"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LANG": "fr_FR.UTF-8"}, "zh"),
    ],
)
def test_the_locale_chooses_the_language_else_chinese(environment, lang, monkeypatch, capsys):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    run(["--help"])
    assert Texts(lang)("cli", "usage") in capsys.readouterr().out


def test_asking_for_a_language_wins_over_the_locale(monkeypatch, capsys):
    monkeypatch.setenv("LC_ALL", "en_US")
    run(["score", "--help", "--lang=zh"])
    assert Texts("zh")("cli", "usage") in capsys.readouterr().out


def test_the_command_ends_with_its_exit_code():
    done = subprocess.run(
        [sys.executable, "-c", "from relapse_risk.cli import main; main()", "nothing"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_error_of_ours_is_one_line_without_what_the_records_said(monkeypatch, capsys):
    def fail(*_, **__):
        raise ValueError("张三 53232519700101\nsecond line")

    monkeypatch.setattr("relapse_risk.cli.entry.Verbs", fail)
    assert run(["--lang", "en"]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "ValueError" in err
    assert "张三" not in err


def test_an_interruption_is_130(monkeypatch, capsys):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("relapse_risk.cli.entry.Verbs", interrupt)
    assert run(["--lang", "en"]) == 130
    assert capsys.readouterr().err.count("\n") == 1


ENTERING = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            os.kill(os.getpid(), signal.{sent})

sys.meta_path.insert(0, Interrupting())
from relapse_risk.cli import main
main()
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("sent", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("name", ["polars", "lightgbm", "relapse_risk.cli.train"])
def test_an_interruption_while_libraries_are_imported_is_one_line_and_130(name, sent, tmp_path):
    code = ENTERING.format(name=name, sent=sent)
    command = [
        sys.executable,
        "-c",
        code,
        "train",
        str(tmp_path),
        "--lang=en",
        "--out",
        "a.rrb",
        "--as-of",
        "2019-12-31",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == messages()["interrupted"]["en"] + "\n"


def _synth(out, stdout):
    command = [sys.executable, "-c", "from relapse_risk.cli import main; main()", "synth", "--households", "5"]
    command += ["--seed", "1", "--out", str(out), "--lang", "en"]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_nobody_reading_on_is_no_failure(tmp_path):
    reads, writes = os.pipe()
    os.close(reads)
    done = _synth(tmp_path / "out", writes)
    os.close(writes)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out" / "run.json").exists()


@pytest.mark.slow
def test_a_screen_that_cannot_be_written_is_told_with_where_the_output_stands(require, tmp_path):
    with Path(require("/dev/full", "a device that is always full (/dev/full)")).open("w") as full:
        done = _synth(tmp_path / "out", full)
        asked = subprocess.run(
            [sys.executable, "-c", "from relapse_risk.cli import main; main()", "--version", "--lang=en"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == asked.returncode == 2
    assert done.stderr == messages()["screen_unwritable_after"]["en"].format(path=tmp_path / "out") + "\n"
    assert asked.stderr == messages()["screen_unwritable"]["en"] + "\n"
    assert (tmp_path / "out" / "run.json").exists()
