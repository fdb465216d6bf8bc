"""What cannot be used is one line, exit 2, and nothing is written."""

import errno
import io
import json
import os
import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.cli.road_runs import one_line, score, train, tree

pytestmark = pytest.mark.slow

# What cannot be used


def _without(road, tmp_path, *tables):
    copy = tmp_path / "register"
    shutil.copytree(road.register, copy)
    for table in tables:
        (copy / f"{table}.parquet").unlink()
    return copy


def _csv(tmp_path, name, text):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_text(text, encoding="utf-8")
    return folder


BAD_SCORES = {
    "unknown file": (lambda road, tmp: {"source": tmp / "none.xlsx"}, ("none.xlsx",)),
    "file of another kind": (lambda road, tmp: {"source": _csv(tmp, "a.docx", "x")}, ("a.docx",)),
    "empty sheet": (lambda road, tmp: {"source": _csv(tmp, "households.csv", "household_id,recorded_on\n")}, ("in",)),
    "table without its key": (
        lambda road, tmp: {"source": _csv(tmp, "households.csv", "size,recorded_on\n3,2019-01-01\n")},
        ("household_id",),
    ),
    "day before the first record": (lambda road, tmp: {"as_of": "2001-12-31"}, ("2001-12-31",)),
    "no day": (lambda road, tmp: {"as_of": "soon"}, ("soon",)),
    "empty day": (lambda road, tmp: {"as_of": ""}, ("2019-12-31",)),
    "day of no calendar": (lambda road, tmp: {"as_of": "9999-12-31"}, ("9999-12-31", "2100")),
    "model made for other features": (
        lambda road, tmp: {"source": _without(road, tmp, "illness", "loans")},
        ("illness (", "loans ("),
    ),
    "no households": (lambda road, tmp: {"source": _without(road, tmp, "households")}, ("households",)),
    "no bundle": (lambda road, tmp: {"bundle": tmp / "none.rrb"}, ("none.rrb",)),
    "another file as bundle": (
        lambda road, tmp: {"bundle": road.register / "incomes.parquet"},
        ("incomes.parquet",),
    ),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("case", BAD_SCORES)
def test_unusable_input_is_one_line_exit_2_and_nothing_written(road, tmp_path, capsys, case, lang):
    make, parts = BAD_SCORES[case]
    given = make(road, tmp_path)
    before = tree(tmp_path)
    assert score(road, tmp_path / "out", "--lang", lang, **given) == 2
    one_line(capsys, *parts)
    assert tree(tmp_path) == before
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("as_of", "tables", "part"),
    [
        (["2001-12-31"], (), "2001-12-31"),
        (["2020-12-31"], (), "2020-12-31"),
        (["2019-12-31"], ("households",), "households"),
    ],
)
def test_training_on_unusable_days_or_records_is_one_line_and_exit_2(road, tmp_path, capsys, as_of, tables, part, lang):
    source = _without(road, tmp_path, *tables)
    before = tree(tmp_path)
    assert train(source, tmp_path / "a.rrb", "--lang", lang, as_of=as_of) == 2
    one_line(capsys, part)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_cohort_with_no_relapse_is_one_line_and_exit_2(road, tmp_path, capsys, lang):
    source = _without(road, tmp_path)
    pl.read_parquet(source / "relapses.parquet").head(1).write_parquet(source / "relapses.parquet")
    assert train(source, tmp_path / "a.rrb", "--label", "recorded", "--lang", lang) == 2
    one_line(capsys, {"zh": "没有一户返贫", "en": "no relapse"}[lang])
    assert not (tmp_path / "a.rrb").exists()


def test_an_empty_key_file_is_refused(road, tmp_path, capsys):
    (tmp_path / "key").write_text("\n")
    assert score(road, tmp_path / "out", "--key-file", str(tmp_path / "key")) == 2
    one_line(capsys, "key")


def test_a_damaged_bundle_is_refused(road, tmp_path, capsys):
    content = bytearray(road.bundle.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "a.rrb").write_bytes(content)
    assert score(road, tmp_path / "out", bundle=tmp_path / "a.rrb") == 2
    one_line(capsys, "a.rrb")


def _kept_from(monkeypatch, *names):
    """Let files of these names be unreadable, as they are to one who has no permission."""
    real = io.open

    def guarded(file, *args, **settings):
        if isinstance(file, (str, Path)) and Path(file).name in names and "w" not in "".join(args[:1]):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))
        return real(file, *args, **settings)

    monkeypatch.setattr(io, "open", guarded)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["households.csv", "county.rrb", "key", "lines.toml", "in.zip"])
def test_a_file_that_may_not_be_read_is_said_to_be_so(road, tmp_path, capsys, monkeypatch, name, lang):
    source = _csv(tmp_path, "households.csv", "household_id,recorded_on\n53990001,2019-01-01\n")
    if name == "in.zip":
        source = tmp_path / name
        source.write_text("")
    for made in ("key", "lines.toml"):
        (tmp_path / made).write_text("[lines.2020]\nyuan = 4000\n")
    more = ["--key-file", str(tmp_path / "key"), "--lines", str(tmp_path / "lines.toml"), "--lang", lang]
    _kept_from(monkeypatch, name)
    assert score(road, tmp_path / "out", *more, source=source) == 2
    one_line(capsys, name, {"zh": "权限", "en": "no permission"}[lang])
    assert not (tmp_path / "out").exists()


def test_a_folder_that_may_not_be_read_is_said_to_be_so(road, tmp_path, capsys, monkeypatch):
    def kept(self):
        raise PermissionError(errno.EACCES, "", str(self))

    source = tmp_path / "in"
    source.mkdir()
    monkeypatch.setattr(Path, "iterdir", kept)
    assert score(road, tmp_path / "out", "--lang", "en", source=source) == 2
    one_line(capsys, str(source), "no permission")


def test_a_workbook_that_may_not_be_read_is_said_to_be_so(road, tmp_path, capsys, monkeypatch):
    (tmp_path / "in.xlsx").write_text("")
    _kept_from(monkeypatch, "in.xlsx")
    assert score(road, tmp_path / "out", "--lang", "en", source=tmp_path / "in.xlsx") == 2
    one_line(capsys, "in.xlsx", "no permission")


def test_an_unreadable_file_beside_the_exports_is_nobodys_concern(road, tmp_path, monkeypatch):
    source = _without(road, tmp_path)
    (source / "letter.docx").write_text("")
    _kept_from(monkeypatch, "letter.docx")
    assert score(road, tmp_path / "out", "--quiet", source=source) == 0
    assert "letter.docx" not in json.loads((tmp_path / "out" / "run.json").read_text())["inputs"]


def test_a_key_file_that_is_not_there_is_refused(road, tmp_path, capsys):
    assert score(road, tmp_path / "out", "--key-file", str(tmp_path / "key"), "--lang", "en") == 2
    one_line(capsys, "no such file")


@pytest.mark.parametrize("verb", ["train", "score"])
def test_train_and_score_refuse_the_same_data_file(road, tmp_path, capsys, verb):
    (tmp_path / "mine.toml").write_text("[tiers]\nyellow = 0.9\n")
    given = ["--thresholds", str(tmp_path / "mine.toml"), "--lang", "en"]
    if verb == "train":
        assert train(road.register, tmp_path / "a.rrb", *given) == 2
    else:
        assert score(road, tmp_path / "out", *given) == 2
    one_line(capsys, "tiers is red = 0.25, orange = 0.5, yellow = 0.9.")
