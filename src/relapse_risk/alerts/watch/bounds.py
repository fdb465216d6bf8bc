"""The bounds of watch lists, as an office may have changed them."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from relapse_risk.errors import InputError
from relapse_risk.policy import Policy
from relapse_risk.policy.files import read_data

__all__ = ["read_bounds"]


def read_bounds(policy: Policy) -> Mapping[str, Mapping[str, Any]]:
    """Return the bounds of every watch list by its name, and under ``facts`` those that several look at.

    Raises
    ------
    InputError
        If a bound is another kind of thing than ours (``watch_number``, ``watch_codes``), or there is no such bound
        (``watch_unknown``).

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> read_bounds(read_policy())["microcredit"]
    {'days': 90}
    """
    theirs, ours = policy.mechanism["watch"], read_data("mechanism")["watch"]
    bounds = {name: one.get("bounds", {}) for name, one in theirs["lists"].items()}
    for name, known in ours["lists"].items():
        _check(f"lists.{name}.bounds", bounds[name], known.get("bounds", {}))
    _check("facts", theirs["facts"], ours["facts"])
    return {**bounds, "facts": theirs["facts"]}


def _check(table: str, bounds: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
    for name, value in bounds.items():
        if name not in ours:
            raise InputError("watch_unknown", table=table, name=name, known=", ".join(ours) or "-")
        if isinstance(ours[name], list):
            if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
                raise InputError("watch_codes", table=table, name=name)
        elif not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value) or value < 0:
            raise InputError("watch_number", table=table, name=name)
