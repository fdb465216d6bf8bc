"""Everything that an office may replace by a file of its own."""

from dataclasses import dataclass
from pathlib import Path

from relapse_risk.policy.audit import AuditPolicy
from relapse_risk.policy.divisions import Divisions, read_divisions
from relapse_risk.policy.exports import AliasesFile, CodesFile
from relapse_risk.policy.files import read_model
from relapse_risk.policy.lines import Lines, LinesFile, MonitoringLines
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
    monitoring : MonitoringLines
        Monitoring lines by province and year, yuan per person-year.
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
    divisions : Divisions
        What areas are called, by code; none built in, an office's own table.
    """

    lines: Lines
    monitoring: MonitoringLines
    thresholds: Thresholds
    aliases: AliasesFile
    codes: CodesFile
    audit: AuditPolicy
    mechanism: Mechanism
    divisions: Divisions


def read_policy(
    *,
    lines: str | Path | None = None,
    thresholds: str | Path | None = None,
    aliases: str | Path | None = None,
    codes: str | Path | None = None,
    audit: str | Path | None = None,
    mechanism: str | Path | None = None,
    divisions: str | Path | None = None,
) -> Policy:
    """Read the data files; each path names a user's own TOML, whose entries override the built-in ones.

    That of `divisions` names a table, see `read_divisions`.

    Raises
    ------
    InputError
        As `read_model`: with the file, the key in it, what was found and what is allowed; as `read_divisions`.

    Examples
    --------
    >>> read_policy().lines.of_year(2019)
    3218.0
    """
    both = read_model(LinesFile, "lines", lines)
    return Policy(
        lines=Lines.of_table(both.lines),
        monitoring=MonitoringLines.of_table(both.monitoring),
        thresholds=read_model(Thresholds, "thresholds", thresholds),
        aliases=read_model(AliasesFile, "aliases", aliases),
        codes=read_model(CodesFile, "codes", codes),
        audit=read_model(AuditPolicy, "audit", audit),
        mechanism=read_model(Mechanism, "mechanism", mechanism),
        divisions=Divisions() if divisions is None else read_divisions(divisions),
    )
