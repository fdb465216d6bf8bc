"""The law the invented population follows, read from ``parameters.toml``."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["GROUPS", "by_group", "parameters"]

GROUPS = ("registered", "near_poor", "general")
"""What a household is when the register begins; arrays hold the index."""


@cache
def parameters(room: str) -> Mapping[str, Any]:
    """Return one table of the parameters.

    Examples
    --------
    >>> parameters("places")["province"]
    '虚拟省'
    """
    table: Mapping[str, Any] = _everything()[room]
    return table


def by_group(values: Mapping[str, float]) -> list[float]:
    """Return a parameter given by group as a list in the order of `GROUPS`."""
    return [values[group] for group in GROUPS]


@cache
def _everything() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("parameters.toml").read_text(encoding="utf-8"))
