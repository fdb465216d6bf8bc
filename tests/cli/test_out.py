"""What is written stands whole where it was asked for, or not at all."""

import json

import pytest

from relapse_risk.cli.out import RUN, next_free, out_files, out_folder, write_run
from relapse_risk.errors import InputError


def _write(path, text="new", overwrite=False):
    with out_folder(path, overwrite=overwrite) as folder:
        (folder / "sub").mkdir()
        (folder / "risk.txt").write_text(text)
        (folder / "sub" / "more.txt").write_text(text)
        write_run(folder, {"verb": "score"}, {})


def _refused(path, **options):
    with pytest.raises(InputError) as caught:
        _write(path, **options)
    return caught.value.code


def _all(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("made", [False, True], ids=["missing", "empty"])
def test_a_missing_or_empty_folder_is_filled(tmp_path, made):
    out = tmp_path / "deep" / "out"
    if made:
        out.mkdir(parents=True)
    _write(out)
    assert _all(out) == ["risk.txt", RUN, "sub", "sub/more.txt"]
    assert _all(out.parent) == ["out", *(f"out/{name}" for name in _all(out))]


def test_an_output_of_ours_is_replaced_only_when_told(tmp_path):
    out = tmp_path / "out"
    _write(out, "old")
    assert _refused(out) == "out_taken"
    assert (out / "risk.txt").read_text() == "old"
    _write(out, overwrite=True)
    assert (out / "risk.txt").read_text() == "new"
    assert _all(tmp_path)[0] == "out"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["notes.docx", "sub/mine.xlsx"])
def test_what_we_did_not_write_is_never_replaced(tmp_path, name):
    out = tmp_path / "out"
    _write(out, "old")
    (out / name).write_text("mine")
    assert _refused(out, overwrite=True) == "out_foreign"
    assert (out / name).read_text() == "mine"


@pytest.mark.parametrize("content", ["{}", "[]", "nonsense", '{"made_by": "relapse-risk", "outputs": 3}'])
def test_a_folder_with_a_run_file_of_another_maker_is_refused(tmp_path, content):
    (tmp_path / RUN).write_text(content)
    assert _refused(tmp_path, overwrite=True) == "out_foreign"
    assert (tmp_path / RUN).read_text() == content


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "out").write_text("mine")
    assert _refused(tmp_path / "out", overwrite=True) == "out_not_folder"


def test_a_failure_leaves_nothing_and_the_old_output_as_it_was(tmp_path):
    out = tmp_path / "out"
    _write(out, "old")

    def fail():
        with out_folder(out, overwrite=True) as folder:
            (folder / "risk.txt").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert (out / "risk.txt").read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_the_run_file_lists_every_file_with_its_digest(tmp_path):
    _write(tmp_path / "out")
    run = json.loads((tmp_path / "out" / RUN).read_text())
    assert set(run["outputs"]) == {"risk.txt", "sub/more.txt"}
    assert run["verb"] == "score"


def _write_pair(paths, overwrite=False, fail=False):
    with out_files(paths, overwrite=overwrite) as files:
        for file in files:
            file.write_text("new")
        if fail:
            raise RuntimeError


def test_files_come_together_or_not_at_all(tmp_path):
    paths = (tmp_path / "deep" / "a.json", tmp_path / "deep" / "a.rrb")
    with pytest.raises(RuntimeError):
        _write_pair(paths, fail=True)
    assert list(tmp_path.iterdir()) == []
    _write_pair(paths)
    assert _all(tmp_path / "deep") == ["a.json", "a.rrb"]


@pytest.mark.parametrize("standing", [0, 1])
def test_either_file_standing_there_is_refused_without_leave(tmp_path, standing):
    paths = (tmp_path / "a.json", tmp_path / "a.rrb")
    paths[standing].write_text("old")
    with pytest.raises(InputError) as caught:
        _write_pair(paths)
    assert caught.value.code == "out_taken"
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]
    _write_pair(paths, overwrite=True)
    assert [path.read_text() for path in paths] == ["new", "new"]


def test_a_folder_where_a_file_should_go_is_refused(tmp_path):
    (tmp_path / "a.rrb").mkdir()
    with pytest.raises(InputError) as caught:
        _write_pair((tmp_path / "a.rrb",), overwrite=True)
    assert caught.value.code == "out_not_file"


def test_the_next_free_name_is_taken(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert next_free("demo").name == "demo-1"
    (tmp_path / "demo-1").mkdir()
    (tmp_path / "demo-2").write_text("")
    assert next_free("demo").name == "demo-3"
