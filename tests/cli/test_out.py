"""What is written stands whole where it was asked for, or not at all."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from relapse_risk.bundle import write_archive
from relapse_risk.cli.output import RUN, next_free, out_files, out_folder, write_run
from relapse_risk.errors import InputError, messages

EVALUATION = json.dumps(
    {
        "verdict": {},
        "scheme": "time",
        "days": [],
        "households": 1,
        "level": 0.95,
        "capacity_share": 0.05,
        "comparisons": [],
        "groups": [],
    }
)


def _write(path, text="new", overwrite=False, verb="score", inputs=()):
    with out_folder(path, verb=verb, overwrite=overwrite, inputs=inputs) as folder:
        (folder / "sub").mkdir()
        (folder / "risk.txt").write_text(text)
        (folder / "sub" / "more.txt").write_text(text)
        write_run(folder, {"verb": verb}, {})


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


def _folder(path):
    path.mkdir()


def _link(path):
    path.symlink_to(path.parent / "nowhere")


def _link_to_folder(path):
    path.symlink_to(path.parent.parent, target_is_directory=True)


@pytest.mark.parametrize("make", [_folder, _link, _link_to_folder])
@pytest.mark.parametrize("name", [".git", "sub/more", "risk.txt"])
def test_folders_and_links_that_we_did_not_write_are_never_replaced(tmp_path, make, name):
    out = tmp_path / "out"
    _write(out, "old")
    (out / name).unlink(missing_ok=True)
    make(out / name)
    before = _all(out)
    assert _refused(out, overwrite=True) == "out_foreign"
    assert _all(out) == before


def test_an_output_of_another_verb_is_never_replaced(tmp_path):
    _write(tmp_path / "out", "old", verb="synth")
    assert _refused(tmp_path / "out", overwrite=True) == "out_of_other_verb"
    assert (tmp_path / "out" / "risk.txt").read_text() == "old"


@pytest.mark.parametrize("out", ["in", "in/scored", ".", "in/../in"])
@pytest.mark.parametrize("given", ["in", "in/../link"])
def test_nothing_is_written_over_into_or_around_what_is_read(tmp_path, out, given):
    _write(tmp_path / "in", "old")
    (tmp_path / "link").symlink_to(tmp_path / "in", target_is_directory=True)
    assert _refused(tmp_path / out, overwrite=True, inputs=(None, tmp_path / given)) == "out_is_input"
    assert (tmp_path / "in" / "risk.txt").read_text() == "old"


def test_a_file_that_is_read_is_not_written_around_but_beside(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "lines.toml").write_text("")
    assert _refused(tmp_path / "out", inputs=(tmp_path / "out" / "lines.toml",)) == "out_is_input"
    _write(tmp_path / "beside", inputs=(tmp_path / "out" / "lines.toml",))


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
        with out_folder(out, verb="score", overwrite=True) as folder:
            (folder / "risk.txt").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert (out / "risk.txt").read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_a_folder_that_is_there_stays_itself(tmp_path, monkeypatch):
    """It may be a disk of its own, or the folder the user stands in."""
    monkeypatch.chdir(tmp_path)
    number = tmp_path.stat().st_ino
    _write(Path())
    _write(Path(), "again", overwrite=True)
    assert tmp_path.stat().st_ino == number
    assert Path("risk.txt").read_text() == "again"
    assert _all(Path()) == ["risk.txt", RUN, "sub", "sub/more.txt"]


@pytest.mark.parametrize("fails", [1, 2, 4, 5, 6])
@pytest.mark.parametrize("how", [OSError, KeyboardInterrupt])
def test_a_failure_while_moving_puts_everything_back(tmp_path, monkeypatch, fails, how):
    out = tmp_path / "out"
    _write(out, "old")
    rename, count = Path.rename, iter(range(1, 100))

    def failing(self, target):
        if next(count) == fails:
            raise how
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises((InputError, KeyboardInterrupt)):
        _write(out, "new", overwrite=True)
    assert _all(out) == ["risk.txt", RUN, "sub", "sub/more.txt"]
    assert {(out / name).read_text() for name in ("risk.txt", "sub/more.txt")} == {"old"}


def test_what_a_killed_run_left_is_in_nobodys_way(tmp_path):
    left = tmp_path / "out" / ".out.0123abcd.partial"
    left.mkdir(parents=True)
    (left / "half").write_text("")
    _write(tmp_path / "out")
    left.mkdir()
    _write(tmp_path / "out", "new", overwrite=True)
    assert not left.exists()


def _full():
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    "error",
    [
        _full(),
        OSError(errno.EFBIG, ""),
        Exception(_full()),
        pl.exceptions.ComputeError("IO error: x (os error 28)"),
        pl.exceptions.ComputeError("parquet: File out of specification: Invalid thrift: transport error"),
    ],
    ids=["plain", "too large", "wrapped", "polars", "parquet"],
)
def test_a_full_disk_is_said_to_be_full(tmp_path, error):
    def fail():
        with out_folder(tmp_path / "out", verb="score", overwrite=False):
            raise error

    with pytest.raises(InputError) as caught:
        fail()
    assert caught.value.code == "out_full"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["n" * 300, "file/out", "a" * 250 + "/b"])
def test_what_cannot_be_written_is_said_so(tmp_path, place):
    (tmp_path / "file").write_text("")
    if place.startswith("a"):
        (tmp_path / place).parent.mkdir()
        place = place + "/" + "c" * 300
    assert _refused(tmp_path / place) == "out_unwritable"


def test_a_long_name_that_can_be_is_written(tmp_path):
    _write(tmp_path / ("户" * 80))


def test_the_root_of_all_files_is_refused():
    assert _refused(Path("/"), overwrite=True) in ("out_foreign", "out_unwritable")


def test_an_unreadable_input_is_not_said_to_be_a_full_disk(tmp_path):
    def fail():
        with out_folder(tmp_path / "out", verb="score", overwrite=False):
            raise InputError("nobody_known", missing="x") from pl.exceptions.ComputeError("thrift: transport error")

    with pytest.raises(InputError) as caught:
        fail()
    assert caught.value.code == "nobody_known"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limits")
def test_a_file_that_may_not_grow_is_one_line_and_exit_2(tmp_path):
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))"
    command = [sys.executable, "-c", f"{limited}; from relapse_risk.cli import main; main()", "synth", "--lang", "en"]
    command += ["--households", "100", "--seed", "1", "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == messages()["out_full"]["en"].format(path=tmp_path / "out") + "\n"
    assert list(tmp_path.iterdir()) == []


def test_a_failure_to_read_is_not_said_to_be_one_to_write(tmp_path):
    def fail():
        with out_folder(tmp_path / "out", verb="score", overwrite=False):
            (tmp_path / "none").read_text()

    with pytest.raises(FileNotFoundError):
        fail()


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
    paths[0].write_text(EVALUATION)
    write_archive(paths[1], {"a.json": b"{}"})
    paths[1 - standing].unlink()
    before = paths[standing].read_bytes()
    with pytest.raises(InputError) as caught:
        _write_pair(paths)
    assert caught.value.code == "out_taken"
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [before]
    _write_pair(paths, overwrite=True)
    assert [path.read_text() for path in paths] == ["new", "new"]


@pytest.mark.parametrize("content", [b"mine", b"{}", b'{"days": 3}', b"PK\x03\x04", b""])
@pytest.mark.parametrize("name", ["a.json", "a.rrb"])
def test_a_file_that_we_did_not_write_is_never_replaced(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        _write_pair((tmp_path / "a.json", tmp_path / "a.rrb"), overwrite=True)
    assert caught.value.code == "out_foreign"
    assert (tmp_path / name).read_bytes() == content


def test_a_damaged_bundle_of_ours_is_replaced(tmp_path):
    path = tmp_path / "a.rrb"
    write_archive(path, {"a.json": b"{}"})
    path.write_bytes(path.read_bytes()[:-10])
    _write_pair((tmp_path / "a.json", path), overwrite=True)
    assert path.read_text() == "new"


def test_the_second_file_failing_puts_the_first_back(tmp_path, monkeypatch):
    paths = (tmp_path / "a.json", tmp_path / "a.rrb")
    paths[0].write_text(EVALUATION)
    rename = Path.rename

    def failing(self, target):
        if target == paths[1]:
            raise PermissionError
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(InputError) as caught:
        _write_pair(paths, overwrite=True)
    assert caught.value.code == "out_unwritable"
    assert [path.read_text() for path in tmp_path.iterdir()] == [EVALUATION]


def test_training_writes_nothing_over_what_it_reads(tmp_path):
    write_archive(tmp_path / "a.rrb", {"a.json": b"{}"})
    with (
        pytest.raises(InputError) as caught,
        out_files((tmp_path / "a.rrb",), overwrite=True, inputs=(tmp_path / "a.rrb",)),
    ):
        pass
    assert caught.value.code == "out_is_input"


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
