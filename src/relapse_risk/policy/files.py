"""How a data file is read: a user's own laid over ours, and the two together into one model."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from relapse_risk.errors import InputError
from relapse_risk.policy.conditions import without_other_tests
from relapse_risk.policy.model import PolicyModel, validated

__all__ = ["MECHANISM", "read_data", "read_model", "read_tree"]

Tree = Mapping[str, Any]
Model = TypeVar("Model", bound=PolicyModel)

# Tables of conditions by name: another test of a user's own takes the place of ours.
_CONDITIONS = ("rule", "rules")

# No file of ours has tables in more than five others; TOML's whole numbers have 64 bits.
_MOST_NESTED, _MOST_WHOLE = 20, 2**63

MECHANISM = (
    *("rules", "classes", "measures", "watch", "focus", "listing", "ledger", "visits", "drift", "bulletin", "sources"),
)
"""The parts of the mechanism that an office may change: data files in ``policy/data/mechanism``."""


def read_model(model: type[Model], name: str, path: str | Path | None = None) -> Model:
    """Read a data file into its model.

    Parameters
    ----------
    model : type
        A `PolicyModel`, with a field for every key of the file.
    name : str
        Of our file, ``policy/data/<name>.toml``; ``mechanism`` is all its parts together.
    path : str or Path, optional
        A user's own TOML, whose entries win over ours; a condition with a test of its own has no other.

    Raises
    ------
    InputError
        If the file is missing (``data_file_missing``), may not be read (``no_permission``) or is not TOML
        (``data_file_not_text``, ``data_file_not_toml``); or as `validated`, with the file, the key and what is allowed.
    """
    if path is None:
        ours = _ours(model, name)
        assert isinstance(ours, model)
        return ours
    return validated(model, read_tree(name, path), path)


def read_tree(name: str, path: str | Path | None) -> Tree:
    """Return a data file of ours with a user's own laid over it, as they stand: not looked at yet."""
    return read_data(name) if path is None else _laid_over(read_data(name), _user_data(Path(path)))


@cache
def read_data(name: str) -> Tree:
    """Return our data file as it stands; of the mechanism, all its parts together."""
    if name == "mechanism":
        return {part: read_data(f"mechanism/{part}") for part in MECHANISM}
    return tomllib.loads(files(__package__).joinpath("data", f"{name}.toml").read_text(encoding="utf-8"))


@cache
def _ours(model: type[PolicyModel], name: str) -> PolicyModel:
    return validated(model, read_data(name), f"{name}.toml")


def _user_data(path: Path) -> Tree:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except PermissionError as error:
        raise InputError("no_permission", path=path) from error
    except OSError as error:
        raise InputError("data_file_missing", path=path) from error
    except UnicodeDecodeError as error:
        raise InputError("data_file_not_text", path=path) from error
    except (ValueError, RecursionError) as error:  # of a number with thousands of digits Python says ValueError alone
        line = re.search(r"line (\d+)", str(error))
        raise InputError("data_file_not_toml", path=path, line=line[1] if line else "-") from error
    if not _is_bounded(data):
        raise InputError("data_file_not_toml", path=path, line="-")
    return data


def _is_bounded(value: object, depth: int = 0) -> bool:
    """Return whether nothing is nested deeper, and no whole number larger, than whoever reads it on can bear."""
    if isinstance(value, int):
        return -_MOST_WHOLE <= value < _MOST_WHOLE
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return depth <= _MOST_NESTED and all(_is_bounded(one, depth + 1) for one in inner)


def _laid_over(ours: Tree, theirs: Tree, *, rule: bool = False) -> Tree:
    merged = dict(without_other_tests(ours, theirs) if rule else ours)
    for key, value in theirs.items():
        known = merged.get(key)
        if isinstance(value, Mapping) and isinstance(known, Mapping):
            merged[key] = _laid_over(known, value, rule=rule or key in _CONDITIONS)
        else:
            merged[key] = value
    return merged
