"""Record tables, their keys and checks, what was known of them on a day, and who is the same household."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.records.areas import (
        ADDRESS_COLUMNS,
        AREA_COLUMNS,
        AREA_LEVELS,
        VISIT_LEVELS,
        area_path,
        areas_of,
        village_of,
    )
    from relapse_risk.records.checks import Checked, check_table, unread_cells
    from relapse_risk.records.continuity import Continuity, same_households
    from relapse_risk.records.household_states import POOR_STATES, STATES, is_of_types
    from relapse_risk.records.incomes import current_incomes, line_remarks, yearly_incomes
    from relapse_risk.records.place_names import divided, name_places
    from relapse_risk.records.records import Records
    from relapse_risk.records.rigid import rigid_expenditure
    from relapse_risk.records.source_sheets import SheetStatus, SourceSheet, UnreadSheets, sheet_reason, sheet_remarks
    from relapse_risk.records.standing import ABLE
    from relapse_risk.records.stays import members_bear_days
    from relapse_risk.records.tables import TABLES, Column, Table
    from relapse_risk.records.view import AsOfView
    from relapse_risk.records.views import AsOfViews
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "ABLE",
    "ADDRESS_COLUMNS",
    "AREA_COLUMNS",
    "AREA_LEVELS",
    "POOR_STATES",
    "STATES",
    "TABLES",
    "VISIT_LEVELS",
    "AsOfView",
    "AsOfViews",
    "Checked",
    "Column",
    "Continuity",
    "Records",
    "SheetStatus",
    "SourceSheet",
    "Table",
    "UnreadSheets",
    "area_path",
    "areas_of",
    "check_table",
    "current_incomes",
    "divided",
    "is_of_types",
    "line_remarks",
    "members_bear_days",
    "name_places",
    "rigid_expenditure",
    "same_households",
    "sheet_reason",
    "sheet_remarks",
    "unread_cells",
    "village_of",
    "yearly_incomes",
]
