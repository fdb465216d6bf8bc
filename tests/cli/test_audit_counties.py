"""`audit` where the input is a lake: a folder of findings for each county, as an audit of it alone would write."""

import json

import polars as pl
import pytest

from relapse_risk.cli import run
from tests.scoring.partitions.lakes import make_counties, write_lake


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    counties = make_counties(n=30)
    other = {name: table.clone() for name, table in counties["甲县"].items()}
    homes = other["households"]
    twice = counties["乙县"]["households"]["household_id"][0]
    other["households"] = homes.with_columns(pl.col("household_id").replace({homes["household_id"][0]: twice}))
    return write_lake(tmp_path_factory.mktemp("lake") / "lake", {"甲县": other, "乙县": counties["乙县"]})


def test_every_county_has_its_findings_and_all_one_summary(lake, tmp_path, capsys):
    assert run(["audit", str(lake), "--out", str(tmp_path / "out"), "--lang", "en"]) == 0
    assert "audit: 2 counties" in capsys.readouterr().out
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    found = []
    for county in ("甲县", "乙县"):
        alone, there = tmp_path / county, tmp_path / "out" / f"county={county}"
        assert run(["audit", str(lake / f"county={county}"), "--out", str(alone), "--quiet"]) == 0
        assert {path.name for path in there.iterdir()} == {path.name for path in alone.iterdir()} - {"run.json"}
        assert pl.read_parquet(there / "audit.parquet").equals(pl.read_parquet(alone / "audit.parquet"))
        found.append(pl.read_parquet(there / "audit.parquet").height)
    assert summary["findings"] == sum(found) == sum(summary["severities"].values()) == sum(summary["rules"].values())
    assert summary["twice"] == 1
    assert pl.read_parquet(tmp_path / "out" / "twice.parquet")["counties"].to_list() == [["county=乙县", "county=甲县"]]


def test_a_poisoned_county_is_left_out_and_told(lake, tmp_path, capsys):
    broken = write_lake(tmp_path / "lake", make_counties(n=20))
    for table in (broken / "county=甲县").iterdir():
        table.write_bytes(b"")
    assert run(["audit", str(broken), "--out", str(tmp_path / "out"), "--lang", "zh"]) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("county=甲县")
    assert {path.name for path in (tmp_path / "out").glob("county=*")} == {"county=乙县", "county=丙县"}
    assert run(["audit", str(broken), "--out", str(tmp_path / "two"), "--since", str(tmp_path / "out")]) == 2
    assert "--since" in capsys.readouterr().err
