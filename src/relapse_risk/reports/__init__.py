"""The workbook that is printed and the page that is read."""

from relapse_risk.reports.content import Content, ModelFacts, Remark
from relapse_risk.reports.facts import remark_text
from relapse_risk.reports.page import render_page
from relapse_risk.reports.workbook import write_workbook

__all__ = ["Content", "ModelFacts", "Remark", "remark_text", "render_page", "write_workbook"]
