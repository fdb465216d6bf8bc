"""Where a verb writes: aside first, then moved into place whole, or not at all."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from relapse_risk.bundle import versions_in_use
from relapse_risk.errors import InputError

__all__ = ["RUN", "next_free", "out_files", "out_folder", "sha256_of", "write_run"]

RUN = "run.json"
_MAKER = "relapse-risk"


@contextmanager
def out_folder(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a folder to fill; once filled, move it to `path`.

    A missing or empty `path` is filled. One that holds an output of ours is replaced with `overwrite` only; one that
    holds anything else is refused.

    Raises
    ------
    InputError
        ``out_taken``, ``out_foreign``, ``out_not_folder``, ``out_unwritable``.
    """
    path = path.resolve()
    _refuse_folder(path, overwrite)
    with _aside(path) as aside:
        yield aside
        path.parent.mkdir(parents=True, exist_ok=True)
        _swap(aside, path)


@contextmanager
def out_files(paths: tuple[Path, ...], *, overwrite: bool) -> Iterator[tuple[Path, ...]]:
    """Give files to write; once all are written, move them to `paths`.

    Raises
    ------
    InputError
        If any of them is there already and `overwrite` is not given (``out_taken``), or is a folder (``out_not_file``);
        ``out_unwritable``.
    """
    paths = tuple(path.resolve() for path in paths)
    for path in paths:
        if path.is_dir():
            raise InputError("out_not_file", path=path)
        if path.exists() and not overwrite:
            raise InputError("out_taken", path=path)
    with _aside(paths[0]) as aside:
        written = tuple(aside / path.name for path in paths)
        yield written
        for one, path in zip(written, paths, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            one.replace(path)


def write_run(folder: Path, account: dict[str, Any], seconds: dict[str, float]) -> None:
    """Write the account of a run, and with it which files are ours: each with its SHA-256."""
    outputs = {name: sha256_of(folder / name) for name in _names(folder)}
    timed = {stage: round(time, 3) for stage, time in seconds.items()}
    data = {"made_by": _MAKER, **account, "versions": versions_in_use(), "seconds": timed, "outputs": outputs}
    text = json.dumps(data, ensure_ascii=False, indent=2, default=str)
    folder.joinpath(RUN).write_text(text + "\n", encoding="utf-8")


def next_free(stem: str) -> Path:
    """Return the first of ``stem-1``, ``stem-2``, … that is not there."""
    number = 1
    while Path(f"{stem}-{number}").exists():
        number += 1
    return Path(f"{stem}-{number}")


def sha256_of(path: Path) -> str:
    """Return the digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _refuse_folder(path: Path, overwrite: bool) -> None:
    if path.exists() and not path.is_dir():
        raise InputError("out_not_folder", path=path)
    if not path.exists() or not any(path.iterdir()):
        return
    if foreign := _foreign(path):
        raise InputError("out_foreign", path=path, name=foreign)
    if not overwrite:
        raise InputError("out_taken", path=path)


def _foreign(folder: Path) -> str | None:
    """Return something in a folder that no run of ours says it wrote."""
    found = [name for name in _names(folder) if name != RUN]
    written = _outputs(folder)
    return next((name for name in found if name not in written), None if written else RUN)


def _outputs(folder: Path) -> dict[str, str]:
    try:
        data = json.loads(folder.joinpath(RUN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    ours = isinstance(data, dict) and data.get("made_by") == _MAKER and isinstance(data.get("outputs"), dict)
    return data["outputs"] if ours else {}


@contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """Give a folder on the file system of `path` (so that moving is renaming) that is gone afterwards."""
    parent = next(parent for parent in path.parents if parent.exists())
    aside = parent / f".{path.name}.{uuid4().hex[:8]}.partial"
    try:
        aside.mkdir()
    except OSError as error:
        raise InputError("out_unwritable", path=path) from error
    try:
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _swap(aside: Path, path: Path) -> None:
    """Put a folder where another one may stand, which is put back if that fails."""
    if not path.exists():
        aside.rename(path)
        return
    old = aside.with_suffix(".replaced")
    path.rename(old)
    try:
        aside.rename(path)
    except OSError:
        old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)
