"""Thresholds: what a file of them may say."""

from collections.abc import Mapping
from itertools import pairwise
from math import isfinite
from typing import Any

from relapse_risk.errors import InputError

__all__ = ["URGENT_FIRST", "check_condition", "check_thresholds"]

URGENT_FIRST = ("red", "orange", "yellow")
"""The tiers, the most urgent first."""

_BOUNDS = ("at_least", "at_most", "above", "below")
_TESTS = (*_BOUNDS, "is")
_ASSUMED = ("risk", "odds_ratio", "factor")


def check_thresholds(data: Mapping[str, Any]) -> None:
    """Raise if thresholds are not as ``thresholds.toml`` describes them.

    Raises
    ------
    InputError
        If the share is none (``capacity_share``), the tiers do not rise to 1 (``tiers_order``), what is assumed is no
        risk and no factors (``assumed_figures``), a condition of the rule has no column or not exactly one test
        (``rule_condition``) or a bound that is no number (``rule_bound``), or something has a name that means nothing
        (``threshold_unknown``).

    Examples
    --------
    >>> tiers = {"red": 0.25, "orange": 0.5, "yellow": 1.0}
    >>> check_thresholds({"capacity": {"share": 5}, "tiers": tiers, "rule": {}})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    relapse_risk.errors.InputError: asked for a capacity by [capacity] share, found no share of the cohort there; ...
    """
    capacity, tiers, rule = (data.get(name) for name in ("capacity", "tiers", "rule"))
    _check_names("capacity", capacity, ("share",))
    if not isinstance(capacity, Mapping) or not _is_share(capacity.get("share")):
        raise InputError("capacity_share")
    _check_names("tiers", tiers, URGENT_FIRST)
    reaches: list[Any] = [tiers.get(name) for name in URGENT_FIRST] if isinstance(tiers, Mapping) else [None]
    if not all(map(_is_share, reaches)) or any(a > b for a, b in pairwise(reaches)) or reaches[-1] != 1:
        raise InputError("tiers_order")
    _check_assumed(data.get("assumed"))
    for name, condition in rule.items() if isinstance(rule, Mapping) else [("rule", rule)]:
        check_condition(f"rule.{name}", condition)


def _check_names(table: str, entries: Any, known: tuple[str, ...]) -> None:
    for name in entries if isinstance(entries, Mapping) else ():
        if name not in known:
            raise InputError("threshold_unknown", table=table, name=name, known=", ".join(known))


def _check_assumed(assumed: Any) -> None:
    _check_names("assumed", assumed, _ASSUMED)
    found: list[Any] = [assumed.get(name) if isinstance(assumed, Mapping) else None for name in _ASSUMED]
    if not all(map(_is_number, found)) or not 0 < found[0] < 1 or min(found[1:]) < 1:
        raise InputError("assumed_figures")


def check_condition(name: str, condition: Any) -> None:
    """Raise if a condition has no column, not exactly one test, or a bound that is none.

    Raises
    ------
    InputError
        As `check_thresholds`: ``rule_condition``, ``rule_bound``, ``rule_code``.
    """
    tests = [test for test in _TESTS if test in condition] if isinstance(condition, Mapping) else []
    if len(tests) != 1 or not isinstance(condition.get("column"), str):
        raise InputError("rule_condition", name=name, tests=", ".join(_TESTS))
    wanted = condition[tests[0]]
    if tests[0] in _BOUNDS and not _is_number(wanted):
        raise InputError("rule_bound", name=name, test=tests[0])
    if tests[0] == "is" and not isinstance(wanted, str):
        raise InputError("rule_code", name=name)


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 < value <= 1


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
