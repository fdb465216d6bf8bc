"""The one reader of the data files, a user's own laid over ours."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from relapse_risk.errors import InputError
from relapse_risk.policy.lines import Lines

__all__ = ["Policy", "read_data", "read_policy"]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Everything that an office may replace by a file of its own.

    Attributes
    ----------
    lines : Lines
        Poverty lines by year, yuan per person-year.
    thresholds : Mapping
        Figures of the policy rule and of tiers, by name (``thresholds.toml``).
    aliases : Mapping
        Sheet and header wordings of exports (``aliases.toml``).
    codes : Mapping
        Cell wordings to codes (``codes.toml``).
    audit : Mapping
        Limits, severities and wordings of the audit's rules (``audit.toml``).
    """

    lines: Lines
    thresholds: Mapping[str, Any]
    aliases: Mapping[str, Any]
    codes: Mapping[str, Any]
    audit: Mapping[str, Any]


def read_policy(
    *,
    lines: str | Path | None = None,
    thresholds: str | Path | None = None,
    aliases: str | Path | None = None,
    codes: str | Path | None = None,
    audit: str | Path | None = None,
) -> Policy:
    """Read the data files; each path names a user's own TOML, whose entries win over ours.

    Raises
    ------
    InputError
        If a file is missing, is not TOML, or holds something else than its counterpart of ours.

    Examples
    --------
    >>> read_policy().lines.of_year(2019)
    3218.0
    """
    return Policy(
        lines=Lines.from_data(_merged("lines", lines)),
        thresholds=_merged("thresholds", thresholds),
        aliases=_merged("aliases", aliases),
        codes=_merged("codes", codes),
        audit=_merged("audit", audit),
    )


@cache
def read_data(name: str) -> Mapping[str, Any]:
    """Return our data file ``policy/data/<name>.toml``."""
    return tomllib.loads(files(__package__).joinpath("data", f"{name}.toml").read_text(encoding="utf-8"))


def _merged(name: str, path: str | Path | None) -> Mapping[str, Any]:
    ours = read_data(name)
    return ours if path is None else _laid_over(ours, _user_data(Path(path)))


def _user_data(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError("data_file_unreadable", path=path, problem=str(error)) from error


def _laid_over(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Mapping[str, Any]:
    merged = dict(ours)
    for key, value in theirs.items():
        nested = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _laid_over(merged[key], value) if nested else value
    return merged
