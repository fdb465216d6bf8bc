"""What headers that are not understood may stand for: proposed with grounds, and used only once confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass

from relapse_risk.ingest.export_dictionary import ExportDictionary
from relapse_risk.ingest.layout import SheetMapping
from relapse_risk.ingest.sources import Sheet

__all__ = ["Proposal", "propose_headers"]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What a header may stand for.

    Attributes
    ----------
    table, column : str
    confidence : float
        From 0 to 1.
    why : str
        The grounds, as a code.
    """

    table: str
    column: str
    confidence: float
    why: str


def propose_headers(sheet: Sheet, found: SheetMapping, dictionary: ExportDictionary) -> Mapping[int, Proposal]:
    """Return what headers of a sheet that are not understood may stand for, by their position."""
    return {}
