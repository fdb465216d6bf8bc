"""Everything that an office may replace by a file of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from relapse_risk.policy.audit import AuditPolicy
from relapse_risk.policy.divisions import Divisions, read_divisions
from relapse_risk.policy.exports import AliasesFile, CodesFile
from relapse_risk.policy.files import read_data, read_model
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
    files : Mapping of str to str
        An office's own files, by what they replace.
    """

    lines: Lines
    monitoring: MonitoringLines
    thresholds: Thresholds
    aliases: AliasesFile
    codes: CodesFile
    audit: AuditPolicy
    mechanism: Mechanism
    divisions: Divisions
    files: Mapping[str, str] = field(default_factory=dict, compare=False)

    def file(self, part: str) -> str:
        """Return what the file of a part is called, for a line that refuses what stands in it.

        Examples
        --------
        >>> read_policy().file("codes")
        'codes.toml'
        """
        return self.files.get(part, f"{part}.toml")


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

    That of `divisions` names a table, see `read_divisions`. A file of proposals (``audit --propose``) may be
    given both as `aliases` and as `codes`.

    Raises
    ------
    InputError
        As `read_model`: with the file, the key in it, what was found and what is allowed; as `read_divisions`.

    Examples
    --------
    >>> read_policy().lines.of_year(2019)
    3218.0
    """
    given = {"thresholds": thresholds, "aliases": aliases, "codes": codes, "mechanism": mechanism}
    both = read_model(LinesFile, "lines", lines)
    return Policy(
        lines=Lines.of_table(both.lines),
        monitoring=MonitoringLines.of_table(both.monitoring, read_model(LinesFile, "lines").monitoring),
        thresholds=read_model(Thresholds, "thresholds", thresholds),
        aliases=read_model(AliasesFile, "aliases", aliases, others=read_data("codes")),
        codes=read_model(CodesFile, "codes", codes, others=AliasesFile.known_keys({})),
        audit=read_model(AuditPolicy, "audit", audit),
        mechanism=read_model(Mechanism, "mechanism", mechanism),
        divisions=Divisions() if divisions is None else read_divisions(divisions),
        files={part: str(path) for part, path in given.items() if path is not None},
    )
