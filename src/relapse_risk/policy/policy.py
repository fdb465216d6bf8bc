"""Everything that an office may replace by a file of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relapse_risk.errors import InputError
from relapse_risk.policy.audit import AuditPolicy
from relapse_risk.policy.exports import AliasesFile, CodesFile
from relapse_risk.policy.files import read_data, read_model, read_tree
from relapse_risk.policy.lines import Lines, LinesFile
from relapse_risk.policy.mechanism import Mechanism
from relapse_risk.policy.thresholds import Thresholds

__all__ = ["Policy", "read_policy"]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Everything that an office may replace by a file of its own.

    Attributes
    ----------
    lines : Lines
        Poverty lines by year, yuan per person-year.
    thresholds : Thresholds
        Figures of the policy rule and of tiers, by name (``thresholds.toml``).
    aliases : AliasesFile
        Sheet and header wordings of exports (``aliases.toml``).
    codes : CodesFile
        Cell wordings to codes (``codes.toml``).
    audit : AuditPolicy
        Limits, severities and wordings of the audit's rules (``audit.toml``).
    mechanism : Mechanism
        Rules, classes, measures, watch lists and all else of the early-warning mechanism.
    """

    lines: Lines
    thresholds: Thresholds
    aliases: AliasesFile
    codes: CodesFile
    audit: AuditPolicy
    mechanism: Mechanism


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
        As `read_model`: with the file, the key in it, what was found and what is allowed.

    Examples
    --------
    >>> read_policy().lines.of_year(2019)
    3218.0
    """
    return Policy(
        lines=Lines.of_table(read_model(LinesFile, "lines", lines).lines),
        thresholds=read_model(Thresholds, "thresholds", thresholds),
        aliases=read_model(AliasesFile, "aliases", aliases),
        codes=read_model(CodesFile, "codes", codes),
        audit=read_model(AuditPolicy, "audit", audit),
        mechanism=read_model(Mechanism, "mechanism", mechanism),
    )


def _merged(name: str, path: str | Path | None) -> Mapping[str, Any]:
    theirs = read_tree(name, path)
    if path is not None:
        _refuse_other_tables(Path(path), theirs, read_data(name))
    return theirs


def _refuse_other_tables(path: Path, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
    """Raise if a file has tables that nobody would read. A dictionary of codes may be one that it names itself."""
    named = theirs.get("dictionary")
    known = {*ours, *(map(str, named.values()) if "dictionary" in ours and isinstance(named, Mapping) else ())}
    for table, content in theirs.items():
        if table not in known:
            raise InputError("data_table_unknown", path=path, table=table, known=", ".join(ours))
        if not isinstance(content, Mapping):
            raise InputError("data_table_needed", path=path, table=table)
