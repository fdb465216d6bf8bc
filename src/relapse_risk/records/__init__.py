"""Record tables, their keys and checks, and what was known of them on a day."""

from relapse_risk.records.checks import Checked, check_table
from relapse_risk.records.incomes import current_incomes, yearly_incomes
from relapse_risk.records.records import Records
from relapse_risk.records.tables import TABLES, Column, Table

__all__ = ["TABLES", "Checked", "Column", "Records", "Table", "check_table", "current_incomes", "yearly_incomes"]
