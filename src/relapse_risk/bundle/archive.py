"""The file of a bundle: a zip of plain members, refused in any other form than this module writes."""

import hashlib
import io
import json
import re
import struct
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from relapse_risk.errors import BundleError, InputError

__all__ = ["as_json", "from_json", "is_bundle_file", "packed", "read_archive", "write_archive"]

FORMAT = "relapse-risk bundle"
FORMAT_VERSION = 7
MANIFEST = "manifest.json"
MAX_BYTES = 1 << 30
MAX_MEMBERS = 4096
_NAME = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)?\.(json|txt)")
_BEFORE_NAME = 30  # bytes of a zip's entry before its name
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX, _ZIP_2, _PLAIN_FILE = 3, 20, 0o644 << 16


def as_json(data: Any) -> bytes:
    r"""Return JSON data in the one form a bundle holds it: sorted keys, UTF-8, no NaN.

    Examples
    --------
    >>> as_json({"b": 0.1, "a": [1]})
    b'{\n "a": [\n  1\n ],\n "b": 0.1\n}'
    """
    return json.dumps(data, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1).encode()


def from_json(content: bytes) -> Any:
    """Return the JSON data of a member.

    Raises
    ------
    ValueError
        If it is not JSON in the form `as_json` writes (so no key stands twice, no number is infinite).
    """
    try:
        data = json.loads(content)
        same = as_json(data) == content
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not same:
        raise ValueError("not the form this library writes")
    return data


def write_archive(path: Path, members: Mapping[str, bytes], *, overwrite: bool = False) -> None:
    """Write members and their manifest to `path`: aside first, then moved into place whole.

    The same members give the same bytes, on any day and machine.

    Raises
    ------
    InputError
        If the file is there already and `overwrite` is not given (``out_taken``).
    """
    if path.exists() and not overwrite:
        raise InputError("out_taken", path=path)
    aside = path.with_name(f".{path.name}.{uuid4().hex[:8]}.partial")
    try:
        aside.write_bytes(packed(members))
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def read_archive(path: Path) -> dict[str, bytes]:
    """Return the members of a bundle by name, after every byte of the file has been checked.

    Members are stored uncompressed and in one form only, so the file must equal what `write_archive` would make of
    its members: that leaves no byte that no digest covers, no second entry of a name, none that expands.

    Raises
    ------
    BundleError
        If the file is missing, no bundle, of another format version, or changed in any byte (``bundle_*``).
    """
    content = _file_bytes(path)
    members = _unpacked(path, content)
    _match(path, _digests(path, members.pop(MANIFEST, None)), members)
    if packed(members) != content:
        raise BundleError("bundle_damaged", path=path)
    return members


def is_bundle_file(path: Path) -> bool:
    """Return whether a file begins as every bundle does, of whatever version, damaged or not."""
    begin = MANIFEST.encode() + as_json({"format": FORMAT}).removesuffix(b"\n}")
    try:
        with path.open("rb") as file:
            return file.read(_BEFORE_NAME + len(begin)).endswith(begin)
    except OSError:
        return False


def packed(members: Mapping[str, bytes]) -> bytes:
    """Return the bytes of the file that holds these members."""
    manifest = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "members": {name: _digest(content) for name, content in members.items()},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry(MANIFEST), as_json(manifest))
        for name, content in sorted(members.items()):
            archive.writestr(_entry(name), content)
    return buffer.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    """Return an entry with everything set that would otherwise depend on the day, the machine or Python's version."""
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system, entry.create_version, entry.extract_version = _UNIX, _ZIP_2, _ZIP_2
    entry.external_attr = _PLAIN_FILE
    return entry


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _file_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise BundleError("bundle_missing", path=path) from error
    except OSError as error:
        kept = isinstance(error, PermissionError) and not path.is_dir()
        raise BundleError("no_permission" if kept else "bundle_unreadable", path=path) from error
    if len(content) > MAX_BYTES:
        raise BundleError("bundle_foreign", path=path)
    return content


def _unpacked(path: Path, content: bytes) -> dict[str, bytes]:
    """Return the entries of a zip, each name once and harmless, none compressed."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise BundleError("bundle_foreign", path=path)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_entries(path, entries, len(content))
            return {entry.filename: archive.read(entry) for entry in entries}
    # A damaged zip makes zipfile stumble in many ways; whichever it is, the file is refused.
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, RuntimeError, struct.error) as error:
        raise BundleError("bundle_damaged", path=path) from error


def _check_entries(path: Path, entries: list[zipfile.ZipInfo], size: int) -> None:
    names = [entry.filename for entry in entries]
    if twice := sorted(name for name, times in Counter(names).items() if times > 1):
        raise BundleError("bundle_member_twice", path=path, member=twice[0])
    if len(names) > MAX_MEMBERS or not all(_NAME.fullmatch(name) for name in names):
        raise BundleError("bundle_damaged", path=path)
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries) or sum(e.file_size for e in entries) > size:
        raise BundleError("bundle_damaged", path=path)


def _digests(path: Path, manifest: bytes | None) -> Mapping[str, Any]:
    """Return the digest of every member as the manifest lists them."""
    if manifest is None:
        raise BundleError("bundle_foreign", path=path)
    try:
        data = from_json(manifest)
    except ValueError as error:
        raise BundleError("bundle_member_changed", path=path, member=MANIFEST) from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise BundleError("bundle_foreign", path=path)
    if data.get("format_version") != FORMAT_VERSION:
        raise BundleError("bundle_version", path=path, found=data.get("format_version"), known=FORMAT_VERSION)
    digests = data.get("members")
    if not isinstance(digests, dict):
        raise BundleError("bundle_member_changed", path=path, member=MANIFEST)
    return digests


def _match(path: Path, digests: Mapping[str, Any], members: Mapping[str, bytes]) -> None:
    changed = [name for name, content in members.items() if _digest(content) != digests.get(name)]
    for code, names in (
        ("bundle_member_missing", set(digests) - set(members)),
        ("bundle_member_unlisted", set(members) - set(digests)),
        ("bundle_member_changed", set(changed)),
    ):
        if names:
            raise BundleError(code, path=path, member=min(names))
