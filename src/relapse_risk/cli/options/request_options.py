"""The options of a request: made of its fields, and put back into them."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click

from relapse_risk.cli.commands import POLICY_FILES, option
from relapse_risk.policy import Texts

__all__ = ["options_of_request", "policy_files", "request_options"]


def request_options(texts: Texts, request: type) -> list[click.Option]:
    """Return an option for every field of a request that the command line has one for (`on_command_line`).

    A field without a default is required; of a ``Literal`` the choices are those of the field.
    """
    hints = get_type_hints(request)
    return [_option(texts, one, hints[one.name]) for one in _shown(request)]


def options_of_request(request: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values given for the options of a request; of one that was not given, its default."""
    return {
        one.name: one.default if one.metadata["several"] and not values[one.name] else values[one.name]
        for one in _shown(request)
    }


def policy_files(values: Mapping[str, Any]) -> dict[str, Path | None]:
    """Return the values of the options that override built-in data files."""
    return {name: values[name] for name in POLICY_FILES}


def _shown(request: type) -> "list[Field[Any]]":
    return [one for one in fields(request) if "metavar" in one.metadata]


def _option(texts: Texts, one: "Field[Any]", hint: Any) -> click.Option:
    given: dict[str, Any] = {"required": True} if one.default is MISSING else {"default": one.default}
    kind, declared = _kind(hint, one.metadata["bounds"]), one.metadata
    return option(
        texts,
        f"--{one.name.replace('_', '-')}",
        metavar=declared["metavar"],
        multiple=declared["several"],
        type=kind,
        **given,
    )


def _kind(hint: Any, bounds: tuple[int | None, int | None]) -> Any:
    """Return what click makes of a value: one of the choices, a number, or the text as it is."""
    either = (
        [hint] if get_origin(hint) is Literal else [part for part in get_args(hint) or (hint,) if part is not NoneType]
    )
    if get_origin(either[0]) is Literal:
        return click.Choice(get_args(either[0]))
    return click.IntRange(*bounds) if either == [int] else float if either == [float] else str
