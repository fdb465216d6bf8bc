"""What exports call things: aliases of sheets and headers, wordings of cells."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from relapse_risk.ingest.cell_columns import Reader
from relapse_risk.ingest.codes import Codebook
from relapse_risk.ingest.headers import Aliases
from relapse_risk.policy import Policy
from relapse_risk.records import Column

__all__ = ["ExportDictionary"]


@dataclass(frozen=True, kw_only=True)
class ExportDictionary:
    """The dictionary of a policy.

    Attributes
    ----------
    aliases : Aliases
    codebook : Codebook
    """

    aliases: Aliases
    codebook: Codebook

    @classmethod
    def of(cls, policy: Policy) -> Self:
        """Make them of a policy's data files."""
        codebook = Codebook.of(policy.codes, policy.file("codes"))
        return cls(aliases=Aliases.of(policy.aliases, policy.file("aliases")), codebook=codebook)

    def reader(
        self, table: str, name: str, column: Column, factor: Decimal = Decimal(1), year: int | None = None
    ) -> Reader:
        """Return what reads a column of an export, in rows of a year where wordings changed their meaning."""
        return self.codebook.reader(table, name, column, self.aliases.units, factor, year)
