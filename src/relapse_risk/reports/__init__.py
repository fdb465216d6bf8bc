"""The workbooks that are printed and the pages that are read."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names
from relapse_risk.reports.file_names import file_names

if TYPE_CHECKING:
    from relapse_risk.reports.audit import (
        AuditContent,
        answer_grid,
        render_audit_page,
        write_audit_workbook,
        write_split_audit,
        write_unanswered,
    )
    from relapse_risk.reports.bulletin import Bulletin, curve_tables, recall_sentences, render_bulletin, write_bulletin
    from relapse_risk.reports.documents import DOCUMENT_SUFFIXES, Document, kind_of_document, require_document
    from relapse_risk.reports.evaluation import EvaluationContent, render_evaluation_page
    from relapse_risk.reports.household import HouseholdReport, household_document, write_household
    from relapse_risk.reports.household_table import TABLE_SUFFIXES, write_household_table
    from relapse_risk.reports.intake_notes import note_sentences, note_totals
    from relapse_risk.reports.model_card import ModelCard, ModelInput, model_card_document, write_model_card
    from relapse_risk.reports.page import render_page
    from relapse_risk.reports.roster_report import ModelFacts, Remark, RosterReport
    from relapse_risk.reports.scorecard import render_scorecard
    from relapse_risk.reports.spreadsheet_csv import write_spreadsheet_csv
    from relapse_risk.reports.visits import (
        VisitList,
        completion_table,
        reasons_of,
        write_send_back,
        write_split_visits,
        write_visit_workbook,
    )
    from relapse_risk.reports.wording import choice_words, controls_words, plan_text, remark_text
    from relapse_risk.reports.workbook import write_workbook
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "DOCUMENT_SUFFIXES",
    "TABLE_SUFFIXES",
    "AuditContent",
    "Bulletin",
    "Document",
    "EvaluationContent",
    "HouseholdReport",
    "ModelCard",
    "ModelFacts",
    "ModelInput",
    "Remark",
    "RosterReport",
    "VisitList",
    "answer_grid",
    "choice_words",
    "completion_table",
    "controls_words",
    "curve_tables",
    "file_names",
    "household_document",
    "kind_of_document",
    "model_card_document",
    "note_sentences",
    "note_totals",
    "plan_text",
    "reasons_of",
    "recall_sentences",
    "remark_text",
    "render_audit_page",
    "render_bulletin",
    "render_evaluation_page",
    "render_page",
    "render_scorecard",
    "require_document",
    "write_audit_workbook",
    "write_bulletin",
    "write_household",
    "write_household_table",
    "write_model_card",
    "write_send_back",
    "write_split_audit",
    "write_split_visits",
    "write_spreadsheet_csv",
    "write_unanswered",
    "write_visit_workbook",
    "write_workbook",
]
