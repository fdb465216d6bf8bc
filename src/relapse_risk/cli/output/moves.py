"""Moving what was written into its place: all of it, or nothing."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from relapse_risk.cli.output.account import RUN

__all__ = ["NEW", "aside", "put_files", "put_folder"]

NEW, _OLD = "new", "old"
_LONGEST = 40

Moves = Sequence[tuple[Path, Path]]


@contextmanager
def aside(target: Path) -> Iterator[Path]:
    """Give a folder on the file system of `target`, so that moving is renaming, with a folder ``new`` to write in.

    It is inside `target` where that is a folder, which may be a disk of its own; else in the nearest folder around it.
    Afterwards it is gone, unless it holds an old output that could not be put back.
    """
    home = target if target.is_dir() else next(parent for parent in target.parents if parent.exists())
    made = home / f".{target.name[:_LONGEST]}.{uuid4().hex[:8]}.partial"
    for folder in (made, made / NEW, made / _OLD):
        folder.mkdir()
    try:
        yield made
    finally:
        shutil.rmtree(made / NEW, ignore_errors=True)
        for folder in (made / _OLD, made):
            with suppress(OSError):
                folder.rmdir()


def put_folder(made: Path, target: Path) -> None:
    """Move the new files of a folder that `aside` gave to `target`, replacing what is there.

    A folder that is there stays itself, for it may be a disk of its own or the user's current one. The account
    comes last: without it nothing looks whole.
    """
    if made.parent != target:
        target.parent.mkdir(parents=True, exist_ok=True)
        (made / NEW).rename(target)
        return
    out = [(entry, made / _OLD / entry.name) for entry in target.iterdir() if entry != made]
    new = sorted((made / NEW).iterdir(), key=lambda entry: entry.name == RUN)
    _move_all([*out, *((entry, target / entry.name) for entry in new)])
    shutil.rmtree(made / _OLD, ignore_errors=True)


def put_files(made: Path, targets: Sequence[Path]) -> None:
    """Move the new files of a folder that `aside` gave to `targets`, replacing what is there."""
    out = [(target, made / _OLD / target.name) for target in targets if target.exists()]
    for target in targets:
        target.parent.mkdir(parents=True, exist_ok=True)
    _move_all([*out, *((made / NEW / target.name, target) for target in targets)])
    shutil.rmtree(made / _OLD, ignore_errors=True)


def _move_all(moves: Moves) -> None:
    """Rename one after the other; if that fails or is interrupted, rename back what was."""
    begun: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            begun.append((source, target))
            source.rename(target)
    except BaseException:
        for source, target in reversed(begun):
            if not source.exists():
                target.rename(source)
        raise
