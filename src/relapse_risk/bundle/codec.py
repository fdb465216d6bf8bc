"""Saved objects as JSON and back: every value is checked against its declared type."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from math import isfinite
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from relapse_risk.bundle.archive import as_json
from relapse_risk.errors import BundleError, RelapseRiskError

__all__ = ["decode", "encode"]


def encode(kind: Any, value: Any) -> tuple[bytes, dict[str, str]]:
    r"""Return a value of a declared type as JSON in the one form a bundle holds it, and LightGBM texts by name.

    Parameters
    ----------
    kind : type
        A frozen dataclass, or any type its fields may declare.

    Raises
    ------
    BundleError
        ``bundle_not_finite``, with its place, if a number is infinite, or none where that says nothing (`Figure`).

    Examples
    --------
    >>> encode(dict[int, tuple[float, ...]], {2019: (1, 0.5)})
    (b'{\n "2019": [\n  1.0,\n  0.5\n ]\n}', {})
    >>> encode(dict[int, tuple[float, ...]], {2019: (1, float("nan"))})
    Traceback (most recent call last):
    relapse_risk.errors.BundleError: Cannot save the bundle: 2019.1 is nan. Correct what it is made of and train again.
    """
    texts: dict[str, str] = {}
    (data,) = _dumper(kind).dump_python((value,), mode="json", by_alias=True, context=texts, fallback=_plain)
    if found := next(_not_finite(data), None):
        raise BundleError("bundle_not_finite", place=found[0], found=found[1])
    return as_json(data), texts


def decode(kind: Any, content: bytes, texts: Mapping[str, str] | None = None) -> Any:
    r"""Return the object that `encode` wrote as JSON.

    What is built must give the same JSON again: no key more or less, no number in another type, no text unused.

    Raises
    ------
    BundleError
        ``model_damaged``, with the part that is not of its declared type, or not what a fitted part can be.

    Examples
    --------
    >>> decode(tuple[int, ...], b'[\n 1\n]')
    (1,)
    >>> decode(tuple[int, ...], b'[\n "1"\n]')
    Traceback (most recent call last):
    relapse_risk.errors.BundleError: ...
    """
    given = dict(texts or {})
    try:
        found = _adapter(kind).validate_json(content, strict=True, context=dict(given))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise BundleError("model_damaged", part=_place(first["loc"]), problem=first["msg"]) from error
    except RelapseRiskError as error:
        raise BundleError("model_damaged", part="-", problem=str(error)) from error
    again, used = encode(kind, found)
    if again != content:
        part = _difference(json.loads(content), json.loads(again))
        raise BundleError("model_damaged", part=part, problem="more or less than was saved")
    if used != given:
        raise BundleError("model_damaged", part="texts", problem="other texts than its values name")
    return found


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@cache
def _dumper(kind: Any) -> TypeAdapter[Any]:
    """Return what leaves an infinite number as it is wherever it stands: to be told of, not to become null."""
    return TypeAdapter(tuple[kind], config=ConfigDict(ser_json_inf_nan="constants"))


def _plain(value: Any) -> Any:
    """Return a mapping that cannot be changed as one that can."""
    return dict(value)


def _not_finite(data: object, place: str = "") -> Iterator[tuple[str, float]]:
    """Yield each number that JSON has no word for, with where it is."""
    if isinstance(data, float) and not isfinite(data):
        yield place or "-", data
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inside:
        yield from _not_finite(value, f"{place}.{key}".lstrip("."))


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "-"


def _difference(data: Any, again: Any) -> str:
    """Return where two values of JSON part first."""
    if isinstance(data, dict) and isinstance(again, dict):
        for key in sorted(data.keys() | again.keys()):
            if key not in data or key not in again or data[key] != again[key]:
                inner = _difference(data.get(key), again.get(key))
                return key if inner == "-" else f"{key}.{inner}"
    return "-"
