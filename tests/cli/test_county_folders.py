"""A folder for each county: kept, taken up again, put together; whatever the verb writes."""

import json

import click
import polars as pl
import pytest

from relapse_risk.cli.counties import (
    CountyTask,
    county_ledgers,
    end_partly,
    ledger_shown,
    make_ledger_folder,
    write_counties,
)
from relapse_risk.cli.session import Session
from relapse_risk.errors import InputError
from relapse_risk.partitions import CountySource, digest_of, find_counties

NAMES = ("甲县", "乙县", "丙县")


@pytest.fixture
def counties(tmp_path):
    for name in NAMES:
        folder = tmp_path / "lake" / "prefecture=州" / f"county={name}"
        folder.mkdir(parents=True)
        (folder / "rows.txt").write_text(name, encoding="utf-8")
    return find_counties(tmp_path / "lake")


class Writer:
    """Copies what a county has, into a folder of its own too; one that holds `poison` cannot be done."""

    def __init__(self, interrupted_at=None):
        self.written, self.interrupted_at, self.places = [], interrupted_at, set()

    def __call__(self, county, folder):
        if len(self.written) == self.interrupted_at:
            raise KeyboardInterrupt
        self.places.add(folder.parents[1])
        said = (county.path / "rows.txt").read_text(encoding="utf-8")
        if said == "poison":
            raise InputError("source_unknown", source="rows.txt")
        self.written.append(county.name)
        (folder / "deep").mkdir()
        for place in (folder, folder / "deep"):
            (place / "rows.txt").write_text(said, encoding="utf-8")
        return {"read": len(said), "kept": 1, "refused": 0}


def write(writer, counties, out, *, digest="d", stands=lambda _: True, overwrite=False):
    task = CountyTask(verb="audit", write=writer, digest=digest_of(digest), options={"asked": 1}, stands=stands)
    return write_counties(Session("en", True, out), task, counties, out, overwrite=overwrite, inputs=())


def files_of(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def poison(county):
    (county.path / "rows.txt").write_text("poison", encoding="utf-8")


def test_each_county_has_its_folder_and_a_row(counties, tmp_path):
    writer = Writer()
    write(writer, counties, tmp_path / "out")
    assert writer.places == {tmp_path / "out"}  # nowhere else, whatever kills it
    own = {f"{one.name}/{name}" for one in counties for name in ("rows.txt", "deep/rows.txt")}
    assert files_of(tmp_path / "out") == own | {"counties.parquet", "run.json"}
    table = pl.read_parquet(tmp_path / "out" / "counties.parquet")
    assert table.select("county", "state", "reused", "read").rows() == [
        (one.name, "done", False, 2) for one in sorted(counties, key=lambda one: one.name)
    ]
    account = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert account["counts"] == {"read": 6, "kept": 3, "refused": 0}
    assert set(account["outputs"]) == own | {"counties.parquet"}
    with pytest.raises(InputError, match="already"):
        write(Writer(), counties, tmp_path / "out")
    write(Writer(), counties, tmp_path / "out", overwrite=True)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_poisoned_county_is_one_line_and_done_alone_once_it_is_mended(counties, tmp_path, capsys, lang):
    bad = counties[1]
    poison(bad)
    run = write(Writer(), counties, tmp_path / "out")
    with pytest.raises(click.exceptions.Exit) as ended:
        end_partly(Session(lang, True, tmp_path), run.failed)
    assert ended.value.exit_code == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(bad.name)
    assert "rows.txt" in line
    table = pl.read_parquet(tmp_path / "out" / "counties.parquet")
    (row,) = table.filter(state="failed").to_dicts()
    assert row["county"] == bad.name
    assert row["read"] is None
    assert all("rows.txt" in row[one] for one in ("zh", "en"))
    assert not (tmp_path / "out" / bad.name).exists()
    (bad.path / "rows.txt").write_text("mended", encoding="utf-8")
    again = Writer()
    write(again, find_counties(tmp_path / "lake"), tmp_path / "out", overwrite=True)
    assert again.written == [bad.name]
    assert (tmp_path / "out" / bad.name / "rows.txt").read_text(encoding="utf-8") == "mended"
    assert not list((tmp_path / "out").glob(".*"))


def test_a_run_that_was_stopped_goes_on_where_it_was(counties, tmp_path):
    first, second = Writer(interrupted_at=2), Writer()
    with pytest.raises(KeyboardInterrupt):
        write(first, counties, tmp_path / "out")
    run = write(second, counties, tmp_path / "out")
    assert first.written + second.written == [one.name for one in counties]
    assert [one.reused for one in run.done] == [True, True, False]


def test_what_was_asked_otherwise_or_stands_no_more_is_done_again(counties, tmp_path):
    for asked, redone in (({"digest": "other"}, 3), ({"stands": lambda one: one is not counties[0]}, 2)):
        out = tmp_path / f"out{redone}"
        with pytest.raises(KeyboardInterrupt):
            write(Writer(interrupted_at=2), counties, out)
        again = Writer()
        write(again, counties, out, **asked)
        assert len(again.written) == redone


def test_where_nothing_can_be_done_nothing_is_written(counties, tmp_path):
    for one in counties:
        poison(one)
    with pytest.raises(InputError) as told:
        write(Writer(), counties, tmp_path / "out")
    assert told.value.code == "counties_all_failed"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("url", ["county.db", "sqlite:///ledgers/county.db", "{county}/{county}.db", ""])
def test_a_ledger_of_counties_names_the_county_once(counties, url):
    with pytest.raises(InputError) as told:
        county_ledgers(url, counties)
    for lang in ("zh", "en"):
        assert "ledgers/{county}.db" in told.value.in_language(lang)


def test_two_counties_never_share_a_ledger():
    same = [CountySource(name=name, path=None) for name in ("county=A-B", "county=A/B")]
    with pytest.raises(InputError, match="county=A-B") as told:
        county_ledgers("postgresql://clerk:geheim@host/{county}", same)
    assert "geheim" not in str(told.value)


def test_folders_are_made_for_files_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for url in ("a/b/county.db", "sqlite:///c/county.db", "postgresql://host/d/county", "postgresql//u:p@host/county"):
        make_ledger_folder(url)
    assert {path.name for path in tmp_path.iterdir()} == {"a", "c"}
    assert "geheim" not in str(ledger_shown("postgresql://clerk:geheim@host/{county}"))
