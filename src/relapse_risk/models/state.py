"""What a fitted model is saved as, and the checks it passes before anything is built of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from relapse_risk.errors import BundleError

__all__ = [
    "EstimatorState",
    "check_texts",
    "damaged",
    "read_choice",
    "read_integer",
    "read_list",
    "read_mapping",
    "read_matrix",
    "read_number",
    "read_text",
    "read_vector",
]


@dataclass(frozen=True, kw_only=True)
class EstimatorState:
    """A fitted estimator as data.

    Attributes
    ----------
    kind : str
        Class name of the estimator.
    values : dict
        JSON data only. Python's ``json`` writes its floats so that they come back bit by bit.
    texts : dict of str to str
        LightGBM models in LightGBM's own text format, by name.
    """

    kind: str
    values: dict[str, Any]
    texts: dict[str, str] = field(default_factory=dict)


def damaged(part: str, problem: str) -> NoReturn:
    """Raise the error that says what is wrong with which part of a state."""
    raise BundleError("model_damaged", part=part, problem=problem)


def read_mapping(values: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the mapping under a key."""
    found = _get(values, key)
    return found if isinstance(found, dict) else damaged(key, f"a {type(found).__name__} where a mapping stood")


def read_list(values: Mapping[str, Any], key: str) -> list[Any]:
    """Return the list under a key."""
    found = _get(values, key)
    return found if isinstance(found, list) else damaged(key, f"a {type(found).__name__} where a list stood")


def read_number(values: Mapping[str, Any], key: str) -> float:
    """Return the finite number under a key."""
    found = _get(values, key)
    if isinstance(found, bool) or not isinstance(found, int | float) or not np.isfinite(found):
        damaged(key, "something else than a finite number")
    return float(found)


def check_texts(texts: Mapping[str, str], names: Iterable[str]) -> None:
    """Refuse texts other than those of `names`."""
    if set(texts) != set(names):
        damaged("texts", "other texts than its values name")


def read_integer(values: Mapping[str, Any], key: str, *, least: int = 0) -> int:
    """Return the whole number under a key."""
    found = _get(values, key)
    if isinstance(found, bool) or not isinstance(found, int) or found < least:
        damaged(key, f"something else than a whole number from {least}")
    return int(found)


def read_text(values: Mapping[str, Any], key: str) -> str:
    """Return the text under a key."""
    found = _get(values, key)
    return found if isinstance(found, str) else damaged(key, f"a {type(found).__name__} where a text stood")


def read_choice(values: Mapping[str, Any], key: str, choices: tuple[str, ...]) -> str:
    """Return the text under a key, one of `choices`."""
    found = read_text(values, key)
    return found if found in choices else damaged(key, f"something else than {' or '.join(choices)}")


def read_vector(values: Mapping[str, Any], key: str, *, length: int | None = None) -> npt.NDArray[np.float64]:
    """Return the list of finite numbers under a key."""
    return _numbers(read_list(values, key), key, (length,))


def read_matrix(values: Mapping[str, Any], key: str, *, shape: tuple[int | None, int]) -> npt.NDArray[np.float64]:
    """Return the list of equally long lists of finite numbers under a key."""
    found = read_list(values, key)
    return _numbers(found, key, shape) if found else np.empty((0, shape[1]))


def _numbers(found: list[Any], key: str, shape: tuple[int | None, ...]) -> npt.NDArray[np.float64]:
    try:
        array = np.array(found) if found else np.empty(0)
    except ValueError:
        damaged(key, "rows of unequal length")
    if array.dtype.kind not in "if" or not np.isfinite(array).all():
        damaged(key, "something else than finite numbers")
    if array.ndim != len(shape) or any(n is not None and n != m for n, m in zip(shape, array.shape, strict=True)):
        damaged(key, f"numbers of shape {array.shape}")
    return array.astype(np.float64)


def _get(values: Mapping[str, Any], key: str) -> Any:
    return values[key] if key in values else damaged(key, "nothing")
