"""Exports read as they are: sheets, headers and cells in their own words, into records and an account of every row."""

from relapse_risk.ingest.intake import Intake
from relapse_risk.ingest.mapping import describe_source
from relapse_risk.ingest.reading import read_records
from relapse_risk.ingest.sources import decoded, separator_of
from relapse_risk.ingest.visits import VisitIntake, read_visits

__all__ = ["Intake", "VisitIntake", "decoded", "describe_source", "read_records", "read_visits", "separator_of"]
