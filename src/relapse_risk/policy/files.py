"""The one reader of the data files, a user's own laid over ours."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from relapse_risk.errors import InputError
from relapse_risk.policy.lines import Lines
from relapse_risk.policy.thresholds import check_thresholds, with_tests_of

__all__ = ["MECHANISM", "Policy", "read_data", "read_policy"]

MECHANISM = (
    *("rules", "classes", "measures", "watch", "focus", "listing", "ledger", "visits", "drift", "bulletin", "sources"),
)
"""The parts of the mechanism that an office may change: data files in ``policy/data/mechanism``."""

# The table of conditions in a data file: another test of a user's own takes the place of ours.
_CONDITIONS = {"thresholds": "rule", "mechanism": "rules"}


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
    mechanism : Mapping
        Rules, classes, measures, watch lists and all else of the early-warning mechanism, by part (`MECHANISM`).

    Raises
    ------
    InputError
        If the thresholds are not as they must be, see `check_thresholds`.
    """

    lines: Lines
    thresholds: Mapping[str, Any]
    aliases: Mapping[str, Any]
    codes: Mapping[str, Any]
    audit: Mapping[str, Any]
    mechanism: Mapping[str, Any]

    def __post_init__(self) -> None:
        check_thresholds(self.thresholds)


def read_policy(
    *,
    lines: str | Path | None = None,
    thresholds: str | Path | None = None,
    aliases: str | Path | None = None,
    codes: str | Path | None = None,
    audit: str | Path | None = None,
    mechanism: str | Path | None = None,
) -> Policy:
    """Read the data files; each path names a user's own TOML, whose entries win over ours.

    Raises
    ------
    InputError
        If a file is missing (``data_file_missing``), may not be read (``no_permission``), is not TOML
        (``data_file_not_text``, ``data_file_not_toml``), or holds other tables than its counterpart of ours
        (``data_table_unknown``, ``data_table_needed``); if lines or thresholds are not as they must be.

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
        mechanism=_merged("mechanism", mechanism),
    )


@cache
def read_data(name: str) -> Mapping[str, Any]:
    """Return our data file ``policy/data/<name>.toml``; of the mechanism, all its parts together."""
    if name == "mechanism":
        return {part: read_data(f"mechanism/{part}") for part in MECHANISM}
    return tomllib.loads(files(__package__).joinpath("data", f"{name}.toml").read_text(encoding="utf-8"))


def _merged(name: str, path: str | Path | None) -> Mapping[str, Any]:
    ours = read_data(name)
    if path is None:
        return ours
    theirs = _user_data(Path(path))
    _refuse_other_tables(Path(path), theirs, ours)
    conditions = _CONDITIONS.get(name)
    return _laid_over(ours if conditions is None else with_tests_of(ours, theirs, conditions), theirs)


def _user_data(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except PermissionError as error:
        raise InputError("no_permission", path=path) from error
    except OSError as error:
        raise InputError("data_file_missing", path=path) from error
    except UnicodeDecodeError as error:
        raise InputError("data_file_not_text", path=path) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"line (\d+)", str(error))
        raise InputError("data_file_not_toml", path=path, line=line[1] if line else "-") from error


def _refuse_other_tables(path: Path, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
    """Raise if a file has tables that nobody would read. A dictionary of codes may be one that it names itself."""
    named = theirs.get("dictionary")
    known = {*ours, *(map(str, named.values()) if "dictionary" in ours and isinstance(named, Mapping) else ())}
    for table, content in theirs.items():
        if table not in known:
            raise InputError("data_table_unknown", path=path, table=table, known=", ".join(ours))
        if not isinstance(content, Mapping):
            raise InputError("data_table_needed", path=path, table=table)


def _laid_over(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Mapping[str, Any]:
    merged = dict(ours)
    for key, value in theirs.items():
        nested = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _laid_over(merged[key], value) if nested else value
    return merged
