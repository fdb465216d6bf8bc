"""Record tables, their keys and checks, what was known of them on a day, and who is the same household."""

from relapse_risk.records.checks import Checked, check_table
from relapse_risk.records.continuity import Continuity, same_households
from relapse_risk.records.incomes import current_incomes, yearly_incomes
from relapse_risk.records.records import Records
from relapse_risk.records.rigid import rigid_expenditure
from relapse_risk.records.stays import members_bear_days
from relapse_risk.records.tables import TABLES, Column, Table
from relapse_risk.records.view import AsOfView
from relapse_risk.records.views import AsOfViews

__all__ = [
    "TABLES",
    "AsOfView",
    "AsOfViews",
    "Checked",
    "Column",
    "Continuity",
    "Records",
    "Table",
    "check_table",
    "current_incomes",
    "members_bear_days",
    "rigid_expenditure",
    "same_households",
    "yearly_incomes",
]
