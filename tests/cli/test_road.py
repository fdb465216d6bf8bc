"""From a register to a roster through the command line, and every way it may go wrong."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
import unicodedata
import zipfile
from pathlib import Path
from shutil import copyfile

import polars as pl
import pytest

from relapse_risk.bundle import read_bundle
from relapse_risk.cli import run
from relapse_risk.errors import messages
from relapse_risk.policy import REASONS
from relapse_risk.scoring import Roster
from tests.cli.road_runs import RELAPSE_RISK, WRITTEN, one_line, score, train, tree

pytestmark = pytest.mark.slow


# What is written


def test_synth_writes_the_tables_and_the_truth(road):
    names = {path.name for path in road.register.iterdir()}
    assert {"households.parquet", "incomes.parquet", "relapses.parquet", "truth", "run.json"} <= names
    assert {path.name for path in (road.register / "truth").iterdir()} == {"risk.parquet", "relapses.parquet"}


@pytest.mark.parametrize(
    ("dialect", "holds"), [("registry", "999901_防返贫监测信息导出.xlsx"), ("departments", "医保局.csv")]
)
def test_synth_writes_other_dialects_and_where_their_faults_are(tmp_path, dialect, holds):
    out = tmp_path / dialect
    assert run(["synth", "--households", "60", "--seed", "4", "--dialect", dialect, "--out", str(out), "--quiet"]) == 0
    assert holds in {path.name for path in out.iterdir()}
    assert {path.name for path in (out / "truth").iterdir()} == {
        "planted_rows.csv",
        "relapses.parquet",
        "risk.parquet",
    }


def test_train_writes_the_bundle_and_its_evaluation_beside_it(road):
    beside = json.loads((road.bundle.parent / "county.evaluation.json").read_text())
    bundle = read_bundle(road.bundle)
    assert bundle.choice is None  # no logistic regression is tried on the road
    assert beside == bundle.evaluation.to_json() | {"remarks": [], "choice": None}
    assert [day.isoformat() for day in bundle.as_of] == ["2018-12-31", "2019-12-31"]


def test_train_again_says_how_the_model_stands_in_columns_that_stand_below_their_heads(road, tmp_path, capsys):
    for name in ("a.rrb", "a.evaluation.json"):  # as trained before: written over where that is asked
        copyfile(road.bundle.parent / name.replace("a.", "county.", 1), tmp_path / name)
    assert train(road.register, tmp_path / "a.rrb", "--lang", "zh") == 2
    assert train(road.register, tmp_path / "a.rrb", "--lang", "zh", "--overwrite") == 0
    lines = capsys.readouterr().out.splitlines()
    head = next(at for at, line in enumerate(lines) if "AUC" in line)
    table = [_columns(line) for line in lines[head : head + 4]]
    begins = table[0].index("AUC")
    assert all(row[begins : begins + 2] == "0." for row in table[1:])


def _columns(line):
    """Return a line with each Chinese character as the two columns it takes on a screen."""
    return "".join("##" if unicodedata.east_asian_width(one) in "WF" else one for one in line)


def test_score_writes_what_it_says(road):
    assert {path.name for path in road.scores.iterdir()} == WRITTEN
    risk = pl.read_parquet(road.scores / "risk.parquet")
    assert {"probability", "lower", "upper", "tier", "rank", "reason_text", "contribution_base"} <= set(risk.columns)
    assert {f"contribution_{reason}" for reason in REASONS} <= set(risk.columns)
    assert risk["household_id"].n_unique() == risk.height
    assert risk["listed_for"].count() == 40


def test_the_account_of_a_run_adds_up(road):
    account = json.loads((road.scores / "run.json").read_text())
    assert all(row["read"] == row["kept"] + row["refused"] for row in account["rows"])
    households = next(row for row in account["rows"] if row["table"] == "households")
    assert households["read"] == pl.read_parquet(road.register / "households.parquet").height
    for name, digest in account["outputs"].items():
        assert hashlib.sha256((road.scores / name).read_bytes()).hexdigest() == digest
    assert set(account["outputs"]) == WRITTEN - {"run.json"}
    assert account["inputs"]["incomes.parquet"] == _sha(road.register / "incomes.parquet")
    assert account["scores"]["bundle"] == _sha(road.bundle)
    assert account["scores"]["forecast"] is True
    assert {"reading", "features", "score", "write"} <= set(account["seconds"])
    assert "polars" in account["versions"]


def _sha(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_no_name_and_no_identity_number_is_written(road):
    members = pl.read_parquet(road.register / "members.parquet")
    names = [name for name in members["name"].unique() if len(name) > 1]
    numbers = members["id_number"].drop_nulls().unique().to_list()
    with zipfile.ZipFile(road.scores / "roster.xlsx") as book:
        texts = [book.read(name).decode() for name in book.namelist()]
    texts += [(road.scores / name).read_text() for name in ("report.html", "run.json")]
    texts += [pl.read_parquet(road.scores / name).write_csv() for name in ("risk.parquet", "rejected.parquet")]
    text = "\n".join(texts)
    assert not [one for one in (*names, *numbers) if one in text]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", "按风险列入名单 {listed_by_risk} 户，因必访情形列入 {listed_by_rule} 户"),
        ("en", "listed {listed_by_risk} by risk,"),
    ],
)
def test_what_was_done_is_said_in_the_users_language(road, tmp_path, capsys, lang, said):
    assert score(road, tmp_path / "out", "--capacity", "40", "--lang", lang) == 0
    out, err = capsys.readouterr()
    scores = json.loads((tmp_path / "out" / "run.json").read_text())["scores"]
    assert scores["listed_by_risk"] + scores["listed_by_rule"] == 40
    assert said.format_map(scores) in out
    assert str(tmp_path / "out" / "roster.xlsx") in out
    assert err == ""


def test_quiet_says_nothing(road, tmp_path, capsys):
    assert score(road, tmp_path / "out", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("lang", "said"), [("zh", "不是预测"), ("en", "no forecast")])
def test_a_look_back_is_called_no_forecast_on_screen_in_the_account_and_on_the_page(road, tmp_path, capsys, lang, said):
    assert score(road, tmp_path / "out", "--lang", lang, as_of="2019-12-31") == 0
    assert said in capsys.readouterr().out
    assert json.loads((tmp_path / "out" / "run.json").read_text())["scores"]["forecast"] is False
    assert said in (tmp_path / "out" / "report.html").read_text()


def test_the_list_can_be_split_by_area(road, tmp_path):
    assert score(road, tmp_path / "out", "--split-by", "village", "--quiet") == 0
    with zipfile.ZipFile(tmp_path / "out" / "roster.xlsx") as book:
        assert sum(name.startswith("xl/worksheets/sheet") for name in book.namelist()) > 2


def test_a_users_own_lines_are_used(road, tmp_path):
    (tmp_path / "lines.toml").write_text("[lines.2020]\nyuan = 8000\n")
    assert score(road, tmp_path / "out", "--lines", str(tmp_path / "lines.toml"), "--quiet") == 0
    ours, theirs = (pl.read_parquet(folder / "risk.parquet") for folder in (road.scores, tmp_path / "out"))
    assert ours["probability"].sum() != theirs["probability"].sum()


def test_the_same_run_gives_the_same_list(road, tmp_path):
    assert score(road, tmp_path / "out", "--capacity", "40", "--lang", "zh", "--quiet") == 0
    assert (tmp_path / "out" / "risk.parquet").read_bytes() == (road.scores / "risk.parquet").read_bytes()
    assert (tmp_path / "out" / "roster.xlsx").read_bytes() == (road.scores / "roster.xlsx").read_bytes()


# What stands there already


def test_an_earlier_output_is_replaced_only_when_told(road, tmp_path, capsys):
    out = tmp_path / "out"
    shutil.copytree(road.scores, out)
    before = tree(out)
    assert score(road, out, "--capacity", "7") == 2
    one_line(capsys, "--overwrite")
    assert tree(out) == before
    assert score(road, out, "--capacity", "7", "--overwrite", "--quiet") == 0
    assert pl.read_parquet(out / "risk.parquet")["listed_for"].count() == 7


def test_a_rule_of_a_user_s_own_lists_in_the_run(road, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('[rules.uninsured]\ntier = "red"\n[rules.drop_out]\ntier = "off"\n', encoding="utf-8")
    assert score(road, tmp_path / "out", "--mechanism", str(own), "--quiet") == 0
    risk = pl.read_parquet(tmp_path / "out" / "risk.parquet").drop_nulls("override")
    codes = risk["override"].str.split("+")
    assert set(risk.filter(codes.list.contains("uninsured"))["tier"]) == {"red"}
    assert not codes.list.contains("drop_out").any()


def test_a_folder_with_something_of_someone_else_is_never_touched(road, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "letter.docx").write_text("mine")
    assert score(road, out, "--overwrite") == 2
    one_line(capsys, "letter.docx")
    assert [path.name for path in out.iterdir()] == ["letter.docx"]


def test_scoring_never_writes_over_the_register_it_reads(road, tmp_path, capsys):
    source = tmp_path / "register"
    shutil.copytree(road.register, source)
    before = tree(source)
    assert score(road, source, "--overwrite", source=source) == 2
    one_line(capsys, str(source))
    assert score(road, source, "--overwrite") == 2  # another register's scores neither
    one_line(capsys, "synth")
    assert tree(source) == before


def test_a_bundle_is_replaced_only_when_told(road, tmp_path, capsys):
    out = tmp_path / "county.rrb"
    shutil.copy(road.bundle, out)
    assert train(road.register, out) == 2
    one_line(capsys, "--overwrite")
    assert _sha(out) == _sha(road.bundle)
    assert not (tmp_path / "county.evaluation.json").exists()


# What fails midway


def test_a_failure_midway_leaves_nothing_and_tells_no_record(road, tmp_path, capsys, monkeypatch):
    def fail(*_, **__):
        raise ValueError("张三 999901197001010000")

    monkeypatch.setattr(Roster, "to_html", fail)
    assert score(road, tmp_path / "out") == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "999901" not in err
    assert list(tmp_path.iterdir()) == []


def _demo_under_way(out):
    """Start a demo and wait until it has begun to write."""
    command = [*RELAPSE_RISK, "demo", "--out", str(out), "--households", "3000"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not list(out.parent.glob(".*.partial/new/exports/*")):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_is_130_and_leaves_nothing(tmp_path, sent):
    process = _demo_under_way(tmp_path / "out")
    process.send_signal(sent)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err in {messages()["interrupted"][lang] + "\n" for lang in ("zh", "en")}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_being_killed_leaves_no_output_that_looks_whole(tmp_path):
    process = _demo_under_way(tmp_path / "out")
    process.kill()
    process.communicate(timeout=60)
    assert not (tmp_path / "out").exists()


def test_the_demo_does_it_all_and_takes_the_next_free_name(tmp_path, monkeypatch, capsys, light_models):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "relapse-risk-demo-1").mkdir()
    assert run(["demo", "--households", "400", "--lang", "en"]) == 0
    made = tmp_path / "relapse-risk-demo-2"
    audit = {"audit.parquet", "audit.xlsx", "audit.html", "reconciliation.parquet", "sent.parquet"}
    assert {"exports", "model.rrb", "model.evaluation.json", *audit, *WRITTEN} == {path.name for path in made.iterdir()}
    out = capsys.readouterr().out
    assert str(Path("relapse-risk-demo-2") / "roster.xlsx") in out
    assert str(Path("relapse-risk-demo-2") / "report.html") in out
    assert run(["demo", "--households", "400", "--out", str(made)]) == 2


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_demo_on_too_few_households_asks_for_more(tmp_path, capsys, lang):
    assert run(["demo", "--households", "30", "--out", str(tmp_path / "out"), "--lang", lang]) == 2
    one_line(capsys, "30", "--households 400")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_demo_is_whole_in_a_process_of_its_own(tmp_path):
    command = [*RELAPSE_RISK, "demo", "--out", str(tmp_path / "out")]
    subprocess.run(command, check=True, capture_output=True)
    assert {path.name for path in (tmp_path / "out").iterdir()} >= WRITTEN | {"audit.xlsx", "model.rrb"}
