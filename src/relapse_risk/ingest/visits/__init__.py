"""The visit workbook read back: filled-in rows into acts of the ledger, with an account of every row."""

from relapse_risk.ingest.visits.visit_intake import FilledSheet, VisitIntake
from relapse_risk.ingest.visits.visit_names import name_digest
from relapse_risk.ingest.visits.visit_reading import read_visits

__all__ = ["FilledSheet", "VisitIntake", "name_digest", "read_visits"]
