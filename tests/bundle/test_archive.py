"""A bundle file is whole and ours, or refused with one clear line."""

import io
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relapse_risk.bundle import read_archive, write_archive
from relapse_risk.errors import BundleError, InputError

MANIFEST = "manifest.json"
MEMBERS = {
    "bundle.json": b'{\n "horizon": 12\n}',
    "model.json": b"[\n 1.5,\n null\n]",
    "model/trees.txt": "tree\n树\n".encode(),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "a.rrb"
    write_archive(path, MEMBERS)
    return path


def _code_of(path):
    with pytest.raises(BundleError) as caught:
        read_archive(path)
    assert "\n" not in caught.value.in_language("zh") + caught.value.in_language("en")
    return caught.value.code


def _entries(path):
    with zipfile.ZipFile(path) as archive:
        return [(entry, archive.read(entry)) for entry in archive.infolist()]


def _rezipped(tmp_path, entries):
    path = tmp_path / "changed.rrb"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore", UserWarning)  # zipfile warns of the names we repeat on purpose
        for entry, content in entries:
            archive.writestr(entry, content)
    return path


def _renamed(entry, name):
    copy = zipfile.ZipInfo(name, entry.date_time)
    copy.create_system, copy.external_attr = entry.create_system, entry.external_attr
    return copy


def test_what_is_written_is_read_back(whole):
    assert read_archive(whole) == MEMBERS


def test_the_same_members_give_the_same_bytes_in_any_order(whole, tmp_path):
    again = tmp_path / "b.rrb"
    write_archive(again, dict(reversed(MEMBERS.items())))
    assert again.read_bytes() == whole.read_bytes()


def test_any_zip_tool_opens_it(whole):
    with zipfile.ZipFile(whole) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {*MEMBERS, MANIFEST}


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_flipped_byte_is_refused(whole, tmp_path_factory, data):
    content = bytearray(whole.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1), "at")] ^= data.draw(st.integers(1, 255), "bits")
    path = tmp_path_factory.getbasetemp() / "flipped.rrb"
    path.write_bytes(content)
    _code_of(path)


@given(data=st.data())
def test_any_cut_or_addition_is_refused(whole, tmp_path_factory, data):
    content = whole.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1), "at")
    added = data.draw(st.binary(min_size=1, max_size=9), "added")
    path = tmp_path_factory.getbasetemp() / "cut.rrb"
    for changed in (
        content[:at],
        content[at + 1 :],
        content + added,
        added + content,
        content[:at] + added + content[at:],
    ):
        if changed != content:
            path.write_bytes(changed)
            _code_of(path)


@pytest.mark.parametrize("dropped", [*MEMBERS, MANIFEST])
def test_a_dropped_member_is_refused(whole, tmp_path, dropped):
    path = _rezipped(tmp_path, [pair for pair in _entries(whole) if pair[0].filename != dropped])
    assert _code_of(path) == ("bundle_foreign" if dropped == MANIFEST else "bundle_member_missing")


@pytest.mark.parametrize(
    "name", ["more.json", "../more.json", "/more.json", "a/../b.json", "model\\x.json", "more.pkl", "a/b/c.json"]
)
def test_an_added_member_is_refused(whole, tmp_path, name):
    path = _rezipped(tmp_path, [*_entries(whole), (zipfile.ZipInfo(name), b"{}")])
    assert _code_of(path) in {"bundle_member_unlisted", "bundle_damaged"}


@pytest.mark.parametrize("name", [*MEMBERS, MANIFEST])
def test_a_renamed_member_is_refused(whole, tmp_path, name):
    renamed = [(_renamed(e, "other.json") if e.filename == name else e, c) for e, c in _entries(whole)]
    _code_of(_rezipped(tmp_path, renamed))


@pytest.mark.parametrize("name", [*MEMBERS, MANIFEST])
def test_a_member_that_stands_twice_is_refused(whole, tmp_path, name):
    entries = _entries(whole)
    again = next((_renamed(e, name), c) for e, c in entries if e.filename == name)
    assert _code_of(_rezipped(tmp_path, [*entries, again])) == "bundle_member_twice"


def test_a_changed_member_is_named(whole, tmp_path):
    changed = [(e, c.replace(b"12", b"24") if e.filename == "bundle.json" else c) for e, c in _entries(whole)]
    path = _rezipped(tmp_path, changed)
    with pytest.raises(BundleError, match=r"bundle\.json was changed") as caught:
        read_archive(path)
    assert caught.value.code == "bundle_member_changed"


def test_compressed_members_are_refused_without_expanding_them(tmp_path):
    path = tmp_path / "bomb.rrb"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.json", b"0" * 10_000_000)
    assert path.stat().st_size < 20_000
    assert _code_of(path) == "bundle_damaged"


def test_another_format_version_is_told_apart_from_damage(whole, tmp_path):
    entries = [(e, c.replace(b'"format_version": 7', b'"format_version": 2')) for e, c in _entries(whole)]
    assert _code_of(_rezipped(tmp_path, entries)) == "bundle_version"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "bundle_foreign"), (b"PK\x03\x04", "bundle_foreign"), (b"household_id,income\n", "bundle_foreign")],
)
def test_another_file_is_called_foreign(tmp_path, content, code):
    path = tmp_path / "x.rrb"
    path.write_bytes(content)
    assert _code_of(path) == code


def test_a_missing_file_and_a_folder_are_each_one_line(tmp_path):
    assert _code_of(tmp_path / "none.rrb") == "bundle_missing"
    assert _code_of(tmp_path) == "bundle_unreadable"


def test_a_standing_file_is_replaced_only_when_told(tmp_path):
    path = tmp_path / "a.rrb"
    write_archive(path, {"a.json": b"1"})
    before = path.read_bytes()
    with pytest.raises(InputError) as caught:
        write_archive(path, MEMBERS)
    assert caught.value.code == "out_taken"
    assert path.read_bytes() == before
    write_archive(path, MEMBERS, overwrite=True)
    assert read_archive(path) == MEMBERS


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "a.rrb"
    write_archive(path, {"a.json": b"1"})
    before = path.read_bytes()

    def full(self, content):
        io.FileIO(self, "w").write(content[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write_archive(path, MEMBERS, overwrite=True)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b'{"a": 1, "a": 2}', b"NaN", b"[1]", b"[" * 100_000, b"\xff", b'{"a":1}', b""])
def test_a_manifest_in_another_form_is_refused(whole, tmp_path, content):
    entries = [(entry, content if entry.filename == MANIFEST else old) for entry, old in _entries(whole)]
    assert _code_of(_rezipped(tmp_path, entries)) == "bundle_member_changed"
