"""Frozen dataclasses as plain JSON data and back, every value checked against its declared type."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from math import isnan, nan
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from relapse_risk.errors import InputError, RelapseRiskError
from relapse_risk.policy import PolicyModel, validated

__all__ = ["UnexpectedError", "from_plain", "to_plain"]


class UnexpectedError(ValueError):
    """Data of another shape than declared.

    Attributes
    ----------
    place : str
        Where, as ``features.3.unit``.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        super().__init__(f"unexpected data at {place}")


def to_plain(value: Any) -> Any:
    """Return dataclasses, mappings, tuples, dates and scalars as JSON data; a number that is none becomes None.

    Examples
    --------
    >>> to_plain({2019: (date(2019, 12, 31), float("nan"))})
    {'2019': ['2019-12-31', None]}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, PolicyModel):
        return to_plain(value.model_dump(by_alias=True, exclude_none=True))
    if isinstance(value, Mapping):
        return {str(key): to_plain(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return None if isinstance(value, float) and isnan(value) else value


def from_plain(kind: Any, data: Any, place: str = "") -> Any:
    """Return what `to_plain` made data of, built as `kind`: a dataclass or any type its fields declare.

    Raises
    ------
    UnexpectedError
        If anything in the data is not of its declared type, is missing, or is too much.

    Examples
    --------
    >>> from_plain(Mapping[int, tuple[date, ...]], {"2019": ["2019-12-31"]})[2019]
    (datetime.date(2019, 12, 31),)
    >>> from_plain(tuple[int, ...], [1, "2"])
    Traceback (most recent call last):
    relapse_risk.bundle.codec.UnexpectedError: unexpected data at 1
    """
    if is_dataclass(kind):
        return _built(kind, data, place)
    if isinstance(kind, type) and issubclass(kind, PolicyModel):
        return _model(kind, data, place)
    if kind is Any:
        return data
    origin = get_origin(kind)
    if origin in _COMPOSED:
        return _COMPOSED[origin](get_args(kind), data, place)
    return _scalar(kind, data, place)


def _built(kind: Any, data: Any, place: str) -> Any:
    hints = get_type_hints(kind)
    wanted = {field.name: hints[field.name] for field in fields(kind)}
    _require(isinstance(data, dict) and set(data) == set(wanted), place)
    values = {name: from_plain(one, data[name], _within(place, name)) for name, one in wanted.items()}
    try:
        return kind(**values)
    except (ValueError, TypeError, RelapseRiskError) as error:
        raise UnexpectedError(place) from error


def _model(kind: type[PolicyModel], data: Any, place: str) -> PolicyModel:
    _require(isinstance(data, dict), place)
    try:
        return validated(kind, data, place)
    except InputError as error:
        raise UnexpectedError(place) from error


def _tuple(args: tuple[Any, ...], data: Any, place: str) -> Any:
    _require(isinstance(data, list), place)
    return tuple(from_plain(args[0], one, _within(place, i)) for i, one in enumerate(data))


def _mapping(args: tuple[Any, ...], data: Any, place: str) -> Any:
    _require(isinstance(data, dict), place)
    key_kind, kind = args
    found = {}
    for key, one in data.items():
        found[_key(key_kind, key, place)] = from_plain(kind, one, _within(place, key))
    return MappingProxyType(found)


def _key(kind: Any, key: str, place: str) -> Any:
    if kind is not int:
        return key
    _require(key.isascii() and key.isdecimal() and len(key) < 10, place)
    return int(key)


def _union(args: tuple[Any, ...], data: Any, place: str) -> Any:
    (kind,) = (one for one in args if one is not NoneType)
    return None if data is None else from_plain(kind, data, place)


def _literal(args: tuple[Any, ...], data: Any, place: str) -> Any:
    _require(data in args, place)
    return data


_COMPOSED: Mapping[Any, Any] = {
    tuple: _tuple,
    Mapping: _mapping,
    Union: _union,
    UnionType: _union,
    Literal: _literal,
}


def _scalar(kind: Any, data: Any, place: str) -> Any:
    if kind is date:
        return _day(data, place)
    if kind is float:
        _require(data is None or type(data) in (int, float), place)
        return nan if data is None else data  # a whole number stays one, so that saving again gives the same bytes
    _require(type(data) is kind, place)
    return data


def _day(data: Any, place: str) -> date:
    try:
        return date.fromisoformat(data)
    except (TypeError, ValueError) as error:
        raise UnexpectedError(place) from error


def _require(holds: bool, place: str) -> None:
    if not holds:
        raise UnexpectedError(place)


def _within(place: str, name: object) -> str:
    return f"{place}.{name}" if place else str(name)
