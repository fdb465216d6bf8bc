"""A county without history through the command line: a bundle moved, or the rule alone."""

import json
from dataclasses import replace
from importlib import import_module

import polars as pl
import pytest

from relapse_risk.bundle import read_bundle
from relapse_risk.cli import run
from relapse_risk.errors import messages
from relapse_risk.metrics import Interval

pytestmark = pytest.mark.slow

adapt_verb = import_module("relapse_risk.cli.adapt")


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """Another county, and the same before any relapse was entered."""
    place = tmp_path_factory.mktemp("county")
    there, new = place / "there", place / "new"
    assert run(["synth", "--households", "400", "--seed", "9", "--out", str(there), "--quiet"]) == 0
    new.mkdir()
    for path in there.glob("*.parquet"):
        frame = pl.read_parquet(path)
        (frame.clear() if path.stem == "relapses" else frame).write_parquet(new / path.name)
    return there, new


def _adapt(source, road, out, *more, as_of="2018-12-31"):
    return run(["adapt", str(source), "--bundle", str(road.bundle), "--as-of", as_of, "--out", str(out), *more])


@pytest.mark.parametrize(("lang", "said"), [("zh", "少于 10 例"), ("en", "fewer than 10")])
def test_a_county_without_outcomes_is_told_how_the_level_was_moved(county, road, tmp_path, capsys, lang, said):
    out = tmp_path / "here.rrb"
    assert _adapt(county[1], road, out, "--lang", lang) == 0
    shown, err = capsys.readouterr()
    bundle = read_bundle(out)
    assert (bundle.origin, err) == ("prevalence", "")
    assert said in shown
    assert f"{bundle.moved.after:.1%}" in shown
    assert f"{bundle.moved.shift:+.2f}" in shown
    assert str(out) in shown
    assert [path.name for path in tmp_path.iterdir()] == ["here.rrb"]


def test_a_county_with_some_outcomes_is_told_how_many(county, road, tmp_path, capsys):
    assert _adapt(county[0], road, tmp_path / "here.rrb", "--lang", "en") == 0
    bundle = read_bundle(tmp_path / "here.rrb")
    assert bundle.origin == "recalibrated"
    assert f"{bundle.moved.relapses} relapses known here by 2018-12-31" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lang", "kept", "left"), [("zh", "没有明显更好", "改用"), ("en", "not clearly better", "now has its own model")]
)
def test_what_became_of_an_own_model_is_told(county, road, tmp_path, capsys, monkeypatch, lang, kept, left):
    own = read_bundle(road.bundle)
    assert _adapt(county[0], road, tmp_path / "here.rrb", "--quiet") == 0
    moved = read_bundle(tmp_path / "here.rrb")
    lost = replace(moved, moved=replace(moved.moved, own_over=Interval(estimate=0.01, lower=-0.01, upper=0.03)))
    for found, said in ((lost, kept), (own, left)):
        monkeypatch.setattr(adapt_verb, "adapt", lambda *_, found=found, **__: found)
        assert _adapt(county[0], road, tmp_path / "again.rrb", "--overwrite", "--lang", lang) == 0
        assert said in capsys.readouterr().out


def test_a_file_that_stands_there_is_replaced_only_when_told(county, road, tmp_path, capsys):
    out = tmp_path / "here.rrb"
    assert _adapt(county[1], road, out, "--quiet") == 0
    assert _adapt(county[1], road, out, "--quiet") == 2
    assert _adapt(county[1], road, out, "--quiet", "--overwrite") == 0
    assert _adapt(county[1], road, tmp_path / "here.zip", "--quiet") == 2
    capsys.readouterr()


def test_the_rule_alone_scores_without_a_bundle(county, tmp_path, capsys):
    out = tmp_path / "scores"
    assert run(["score", str(county[1]), "--rule", "--as-of", "2019-12-31", "--out", str(out), "--lang", "en"]) == 0
    assert "only the order has a meaning" in capsys.readouterr().out
    account = json.loads((out / "run.json").read_text())
    assert account["options"]["rule"] is True
    assert account["scores"]["origin"] == "rule"
    assert account["scores"]["remarks"][0]["code"] == "rule_alone"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("what", [[], ["--rule", "--bundle", "a.rrb"]])
def test_score_wants_a_bundle_or_the_rule(county, tmp_path, capsys, what, lang):
    out = tmp_path / "scores"
    where = ["--as-of", "2019-12-31", "--out", str(out), "--lang", lang]
    assert run(["score", str(county[1]), *what, *where]) == 2
    assert capsys.readouterr().err.strip() == messages()["score_by_what"][lang]
    assert not out.exists()
