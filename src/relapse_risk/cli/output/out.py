"""Where a verb writes: aside first, then moved into place whole, or not at all."""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path

from polars.exceptions import PolarsError

from relapse_risk.cli.interrupts import InterruptedCounties
from relapse_risk.cli.output.account import LEFTOVER, foreign_in, is_output, verb_of
from relapse_risk.cli.output.moves import NEW, aside, put_files, put_folder
from relapse_risk.errors import InputError, RelapseRiskError
from relapse_risk.partitions import FinishedCounties

__all__ = ["county_folder", "next_free", "out_files", "out_folder"]

_FULL = {ENOSPC, EDQUOT, EFBIG}
_FINISHED = ".counties.00000000.partial"  # a leftover to whoever writes here next, the same one to a run that goes on


@contextmanager
def out_folder(path: Path, *, verb: str, overwrite: bool, inputs: Sequence[Path | str | None] = ()) -> Iterator[Path]:
    """Give a folder to fill; once filled, move what is in it to `path`.

    A missing or empty `path` is filled. One that holds an output of the same verb is replaced with `overwrite` only;
    one that holds anything else is refused.

    Parameters
    ----------
    path : Path
    verb : str
        Whose output it will be.
    overwrite : bool
    inputs : sequence of Path or str
        What is read: nothing is written over, into or around it. A database (its URL) is somewhere else.

    Raises
    ------
    InputError
        ``out_is_input``, ``out_taken``, ``out_foreign``, ``out_of_other_verb``, ``out_not_folder``,
        ``out_unwritable``, ``out_full``.
    """
    with _refused(path):
        target = path.resolve()
        _refuse_inputs(target, inputs)
        _refuse_folder(target, verb, overwrite)
    with _aside(path, target) as made:
        yield made / NEW
        with _refused(path):
            _refuse_folder(target, verb, overwrite)  # again: writing took a while
            put_folder(made, target)


@contextmanager
def county_folder(
    path: Path, *, verb: str, overwrite: bool, inputs: Sequence[Path | str | None] = ()
) -> Iterator[tuple[Path, Path]]:
    """Give a folder to fill as `out_folder` does, and one in which finished counties are kept.

    What is kept stays in `path` when the run ends before its time, so that the same run goes on with it; and so it does
    afterwards where it is still there, as some counties are missing. An interruption says so (`InterruptedCounties`).
    """
    with _refused(path):
        target = path.resolve()
        _refuse_inputs(target, inputs)
        _refuse_folder(target, verb, overwrite)
        target.mkdir(parents=True, exist_ok=True)
    finished = target / _FINISHED
    try:
        with out_folder(path, verb=verb, overwrite=overwrite, inputs=inputs) as folder:
            yield folder, finished
            if finished.exists():
                finished.rename(folder / _FINISHED)
    except KeyboardInterrupt as stop:
        if count := len(FinishedCounties(folder=finished)):
            raise InterruptedCounties(count, path) from stop
        raise
    finally:
        for empty in (finished, target):
            with suppress(OSError):
                empty.rmdir()


@contextmanager
def out_files(
    paths: tuple[Path, ...], *, overwrite: bool, inputs: Sequence[Path | str | None] = ()
) -> Iterator[tuple[Path, ...]]:
    """Give files to write; once all are written, move them to `paths`.

    Raises
    ------
    InputError
        If any of them is there already and `overwrite` is not given (``out_taken``), was not written by this program
        (``out_foreign``) or a folder (``out_not_file``); ``out_is_input``, ``out_unwritable``, ``out_full``.
    """
    with _refused(paths[0]):
        targets = tuple(path.resolve() for path in paths)
        for target in targets:
            if given := next(
                (given for given in inputs if isinstance(given, Path) and given.resolve() == target), None
            ):
                raise InputError("out_is_input", path=target, input=given)
            _refuse_file(target, overwrite)
    with _aside(paths[0], targets[0]) as made:
        yield tuple(made / NEW / target.name for target in targets)
        with _refused(paths[0]):
            put_files(made, targets)


def next_free(stem: str) -> Path:
    """Return the first of ``stem-1``, ``stem-2``, … that is not there."""
    number = 1
    while Path(f"{stem}-{number}").exists():
        number += 1
    return Path(f"{stem}-{number}")


def _refuse_inputs(target: Path, inputs: Sequence[Path | str | None]) -> None:
    for given in (one for one in inputs if isinstance(one, Path)):
        read = given.resolve()
        if target == read or target in read.parents or read in target.parents:
            raise InputError("out_is_input", path=target, input=given)


def _refuse_folder(target: Path, verb: str, overwrite: bool) -> None:
    if target.exists() and not target.is_dir():
        raise InputError("out_not_folder", path=target)
    if not target.exists() or all(LEFTOVER.fullmatch(entry.name) for entry in target.iterdir()):
        return
    if foreign := foreign_in(target):
        raise InputError("out_foreign", path=target, name=foreign)
    if (other := verb_of(target)) != verb:
        raise InputError("out_of_other_verb", path=target, verb=other)
    if not overwrite:
        raise InputError("out_taken", path=target)


def _refuse_file(target: Path, overwrite: bool) -> None:
    if target.is_dir():
        raise InputError("out_not_file", path=target)
    if not target.exists():
        return
    if not is_output(target):
        raise InputError("out_foreign", path=target.parent, name=target.name)
    if not overwrite:
        raise InputError("out_taken", path=target)


@contextmanager
def _aside(path: Path, target: Path) -> Iterator[Path]:
    """Give a folder to write in, and tell of what cannot be written in it."""
    with ExitStack() as stack:
        with _refused(path):
            made = stack.enter_context(aside(target))
        with _refused(path, made):
            yield made


@contextmanager
def _refused(path: Path, within: Path | None = None) -> Iterator[None]:
    """Say of what cannot be written, anywhere or `within` a folder, that `path` cannot be, and whether room lacks."""
    try:
        yield
    except RelapseRiskError:
        raise
    except Exception as error:
        if _is_full(error):
            raise InputError("out_full", path=path) from error
        if isinstance(error, OSError) and (within is None or str(error.filename).startswith(str(within))):
            raise InputError("out_unwritable", path=path) from error
        raise


def _is_full(error: BaseException | None) -> bool:
    """Return whether an error is for want of room: a plain one, one wrapped by a library, or one in Polars' words."""
    while error is not None:
        if any(isinstance(one, OSError) and one.errno in _FULL for one in (error, *error.args)):
            return True
        if isinstance(error, PolarsError) and _says_full(str(error)):
            return True
        error = error.__cause__ or error.__context__
    return False


def _says_full(text: str) -> bool:
    """Return whether Polars says that a disk is full: by number, or, of the end of a Parquet file, by its own words."""
    said = re.search(r"\(os error (\d+)\)", text)
    return int(said[1]) in _FULL if said else "thrift: transport error" in text
