"""How a data file is read: the built-in one, overridden by a user's own, into one model."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from relapse_risk.errors import InputError, Phrase
from relapse_risk.policy.conditions import without_other_tests
from relapse_risk.policy.model import PolicyModel, validated

__all__ = ["MECHANISM", "read_data", "read_model"]

Tree = Mapping[str, object]
Model = TypeVar("Model", bound=PolicyModel)

_OF_SEVERAL = "made_for"  # the table of a file that proposals made: it has headers and codes

# Tables of conditions by name: another test of a user's own takes the place of ours.
_CONDITIONS = ("rule", "rules")

# No file of ours has tables in more than five others; TOML's whole numbers have 64 bits.
_MOST_NESTED, _MOST_WHOLE = 20, 2**63
_MANY_DIGITS = re.compile(r"[\d_]{4000,}")

MECHANISM = (
    *("rules", "classes", "measures", "naming", "protected", "watch", "focus", "listing", "ledger", "visits", "drift"),
    *("bulletin", "sources"),
)
"""The parts of the mechanism that an office may change: data files in ``policy/data/mechanism``."""


def read_model(model: type[Model], name: str, path: str | Path | None = None, *, others: Iterable[str] = ()) -> Model:
    """Read a data file into its model.

    Parameters
    ----------
    model : type
        A `PolicyModel`, with a field for every key of the file.
    name : str
        Of our file, ``policy/data/<name>.toml``; ``mechanism`` is all its parts together.
    path : str or Path, optional
        A user's own TOML; its entries override the built-in ones, and a condition's test replaces all built-in tests.
    others : iterable of str
        Tables of other files. One file may hold both where it was made so (``made_for``): these are passed by.

    Raises
    ------
    InputError
        If the file is missing (``data_file_missing``), a folder (``data_file_folder``), may not be read
        (``no_permission``) or is not TOML (``data_file_not_text``, ``data_file_not_toml``); if it is nested deeper
        (``data_file_too_deep``) or has a larger number (``data_value``) than can be read; or as `validated`, with the
        file, the key and what is allowed.
    """
    if path is None:
        built_in = _ours(model, name)
        assert isinstance(built_in, model)
        return built_in
    data = _user_data(Path(path))
    passed_by = {*others} - {*model.known_keys(data)} if _OF_SEVERAL in data else set()
    own = {key: value for key, value in data.items() if key not in passed_by}
    return validated(model, _laid_over(read_data(name), own), path)


def read_data(name: str, *tables: str) -> Tree:
    """Return a built-in data file, or a table of it by the tables down to it; of the mechanism, all its parts."""
    found: object = _ours_as_it_stands(name)
    for table in tables:
        found = found[table] if isinstance(found, Mapping) else None
    assert isinstance(found, Mapping), f"{name} has no table {'.'.join(tables)}"
    return found


@cache
def _ours_as_it_stands(name: str) -> Tree:
    if name == "mechanism":
        return {part: read_data(f"mechanism/{part}") for part in MECHANISM}
    return tomllib.loads(files(__package__).joinpath("data", f"{name}.toml").read_text(encoding="utf-8"))


@cache
def _ours(model: type[PolicyModel], name: str) -> PolicyModel:
    return validated(model, read_data(name), f"{name}.toml")


def _user_data(path: Path) -> Tree:
    text = _text(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))  # at the end of a document it names none
        last = text.count("\n") + 1
        raise InputError("data_file_not_toml", path=path, line=line[1] if line else last) from error
    except RecursionError as error:
        raise _too_deep(path, Phrase("whole_file")) from error
    except ValueError as error:  # all that Python says of a number with thousands of digits
        digits = _MANY_DIGITS.search(text)
        place = text.count("\n", 0, digits.start()) + 1 if digits else "-"
        raise _too_large(path, Phrase("line_of_file", line=place)) from error
    _check_bounds(path, data, ())
    return data


def _text(path: Path) -> str:
    if path.is_dir():
        raise InputError("data_file_folder", path=path)
    try:
        return path.read_text(encoding="utf-8-sig")
    except PermissionError as error:
        raise InputError("no_permission", path=path) from error
    except OSError as error:
        raise InputError("data_file_missing", path=path) from error
    except UnicodeDecodeError as error:
        raise InputError("data_file_not_text", path=path) from error


def _check_bounds(path: Path, value: object, place: tuple[str, ...]) -> None:
    """Refuse what is nested deeper, and a whole number that is larger, than whoever reads it on can bear."""
    if len(place) > _MOST_NESTED:
        raise _too_deep(path, ".".join((*place[:3], "…")))
    if isinstance(value, int) and not -_MOST_WHOLE <= value < _MOST_WHOLE:
        raise _too_large(path, ".".join(place))
    for key, inner in _inside(value):
        _check_bounds(path, inner, (*place, key))


def _inside(value: object) -> Iterator[tuple[str, object]]:
    """Yield what stands in a table or a list, each with its key; in a list the place, counted from 1."""
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list):
        yield from ((str(place), inner) for place, inner in enumerate(value, start=1))


def _too_deep(path: Path, key: str | Phrase) -> InputError:
    return InputError("data_file_too_deep", path=path, key=key, most=_MOST_NESTED)


def _too_large(path: Path, key: str | Phrase) -> InputError:
    found, allowed = Phrase("found_huge_number"), Phrase("allowed_digits")
    return InputError("data_value", path=path, key=key, found=found, allowed=allowed, more="")


def _laid_over(built_in: Tree, own: Tree, *, rule: bool = False) -> Tree:
    merged = dict(without_other_tests(built_in, own) if rule else built_in)
    for key, value in own.items():
        known = merged.get(key)
        if isinstance(value, Mapping) and isinstance(known, Mapping):
            merged[key] = _laid_over(known, value, rule=rule or key in _CONDITIONS)
        else:
            merged[key] = value
    return merged
