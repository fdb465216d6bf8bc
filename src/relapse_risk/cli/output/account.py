"""The account that a run leaves in its folder, and how a later run recognises such an output."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from relapse_risk.bundle import is_bundle_file, versions_in_use
from relapse_risk.reports import kind_of_document

__all__ = ["LEFTOVER", "RUN", "foreign_in", "is_output", "sha256_of", "verb_of", "write_run"]

RUN = "run.json"
LEFTOVER = re.compile(r"\..*\.[0-9a-f]{8}\.partial")
"""What a run that was killed leaves in the folder it wrote to."""

_MAKER = "relapse-risk"
_OF_EVALUATION = {"verdict", "scheme", "days", "households", "level", "capacity_share", "comparisons", "groups"}
_ALONE = ("household", "model")
"""Kinds of documents that are written alone."""


def write_run(folder: Path, account: dict[str, Any], seconds: dict[str, float]) -> None:
    """Write the account of a run with the files it wrote, each with its SHA-256."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    outputs = {name: sha256_of(folder / name) for name in names}
    timed = {stage: round(time, 3) for stage, time in seconds.items()}
    data = {"made_by": _MAKER, **account, "versions": versions_in_use(), "seconds": timed, "outputs": outputs}
    text = json.dumps(data, ensure_ascii=False, indent=2, default=str)
    folder.joinpath(RUN).write_text(text + "\n", encoding="utf-8")


def sha256_of(path: Path) -> str:
    """Return the digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verb_of(folder: Path) -> str | None:
    """Return the verb that wrote a folder; None if none did."""
    verb: str | None = _account(folder).get("verb")
    return verb


def foreign_in(folder: Path) -> str | None:
    """Return a file, folder or link that no run of the library lists as its own; None if there is none."""
    outputs = _account(folder).get("outputs")
    for entry in _entries(folder):
        name = entry.relative_to(folder).as_posix()
        if outputs is None or not _is_listed(entry, name, outputs):
            return name
    return None


def is_output(file: Path) -> bool:
    """Return whether a file is a bundle (perhaps damaged), the evaluation or the card of one, or one household."""
    found = is_bundle_file(file) or kind_of_document(file) in _ALONE or _json_of(file)
    return found is True or (isinstance(found, dict) and set(found) >= _OF_EVALUATION)


def _is_listed(entry: Path, name: str, outputs: Mapping[str, str]) -> bool:
    if entry.is_symlink():
        return False  # we write none
    if entry.is_dir():
        return any(output.startswith(f"{name}/") for output in outputs)
    return entry.is_file() and (name == RUN or name in outputs)


def _entries(folder: Path, top: bool = True) -> Iterator[Path]:
    """Yield everything below a folder, but for leftovers; links are not followed."""
    for entry in sorted(folder.iterdir()):
        if top and LEFTOVER.fullmatch(entry.name):
            continue
        yield entry
        if entry.is_dir() and not entry.is_symlink():
            yield from _entries(entry, top=False)


def _account(folder: Path) -> Mapping[str, Any]:
    """Return the account of the run that wrote a folder; empty where there is none of ours."""
    data = _json_of(folder / RUN)
    is_account = isinstance(data, dict) and data.get("made_by") == _MAKER and isinstance(data.get("outputs"), dict)
    return data if is_account else {}


def _json_of(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
