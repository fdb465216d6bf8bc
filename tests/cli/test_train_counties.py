"""`train` where the input is a lake, and on a share of the rows without a relapse."""

import json

import pytest

from relapse_risk.bundle import read_bundle
from relapse_risk.cli import run
from tests.training.partitions.invented_lake import COUNTIES, county_tables, write_lake

REFUSED = {
    "controls": (
        ["--controls", "0"],
        {"zh": "未返贫记录比例是 0.0", "en": "a share 0.0 of the rows"},
    ),
    "proposals": (["--accept-proposals", "0.9"], {"zh": "--accept-proposals", "en": "--accept-proposals"}),
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    counties = {county: county_tables(county, seed) for county, seed in COUNTIES.items()}
    return write_lake(tmp_path_factory.mktemp("lake") / "lake", counties)


def command(source, out, *more):
    days = ("--as-of", "2018-12-31", "--as-of", "2019-12-31", "--baselines", "policy_rule")
    return ["train", str(source), *days, "--out", str(out), *more]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_asked_wrongly_is_refused_in_one_line_before_anything_is_read(lake, tmp_path, capsys, case, lang):
    given, said = REFUSED[case]
    assert run(command(lake, tmp_path / "m.rrb", *given, "--lang", lang)) == 2
    assert said[lang] in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_lake_is_trained_on_county_by_county(lake, tmp_path, capsys, lang):
    assert run(command(lake, tmp_path / "m.rrb", "--controls", "0.4", "--lang", lang)) == 0
    said = capsys.readouterr()
    assert not said.err
    assert "40.0%" in said.out
    assert read_bundle(tmp_path / "m.rrb").controls == 0.4
    counties = json.loads((tmp_path / "m.evaluation.json").read_text(encoding="utf-8"))["counties"]
    assert [one["state"] for one in counties] == ["done", "done"]
    assert {one.name for one in tmp_path.iterdir()} == {"m.rrb", "m.evaluation.json"}


@pytest.mark.slow
def test_a_poisoned_county_is_one_line_and_exit_3_and_the_others_are_not_read_again(tmp_path, capsys):
    lake = write_lake(tmp_path / "lake", {county: county_tables(county, seed) for county, seed in COUNTIES.items()})
    poisoned = lake / "county=甲县" / "households.parquet"
    whole = poisoned.read_bytes()
    poisoned.write_bytes(b"")
    (tmp_path / "out").mkdir()
    asked = command(lake, tmp_path / "out" / "m.rrb", "--lang", "zh")
    assert run(asked) == 3
    said = capsys.readouterr()
    assert said.err.startswith("county=甲县")
    assert len(said.err.splitlines()) == 1
    poisoned.write_bytes(whole)
    assert run([*asked, "--overwrite"]) == 0
    assert "其中 1 个县上次已完成" in capsys.readouterr().out
    assert {one.name for one in (tmp_path / "out").iterdir()} == {"m.rrb", "m.evaluation.json"}
