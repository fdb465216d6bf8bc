"""Exports read as they are: sheets, headers and cells in their own words, into records and an account of every row."""

from typing import TYPE_CHECKING

from relapse_risk.ingest.proposal_file import proposal_file
from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.ingest.cells import compact
    from relapse_risk.ingest.export_dictionary import ExportDictionary
    from relapse_risk.ingest.header_candidates import HeaderMatcher
    from relapse_risk.ingest.intake import Intake, Note
    from relapse_risk.ingest.mapping import describe_source
    from relapse_risk.ingest.masking import masked
    from relapse_risk.ingest.proposed_source import Proposals, propose_source, saved_notes
    from relapse_risk.ingest.reading import read_records
    from relapse_risk.ingest.returned import RETURNED, ReturnedLines, as_text, read_cell_as, read_returned
    from relapse_risk.ingest.sheet_schema import columns_of
    from relapse_risk.ingest.sources import decoded, separator_of
    from relapse_risk.ingest.value_candidates import ValueMatcher
    from relapse_risk.ingest.visits import FilledSheet, VisitIntake, name_digest, read_visits
    from relapse_risk.ingest.written_tables import write_records
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "RETURNED",
    "ExportDictionary",
    "FilledSheet",
    "HeaderMatcher",
    "Intake",
    "Note",
    "Proposals",
    "ReturnedLines",
    "ValueMatcher",
    "VisitIntake",
    "as_text",
    "columns_of",
    "compact",
    "decoded",
    "describe_source",
    "masked",
    "name_digest",
    "proposal_file",
    "propose_source",
    "read_cell_as",
    "read_records",
    "read_returned",
    "read_visits",
    "saved_notes",
    "separator_of",
    "write_records",
]
