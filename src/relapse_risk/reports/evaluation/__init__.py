"""The page of an evaluation."""

from relapse_risk.reports.evaluation.evaluation_content import EvaluationContent
from relapse_risk.reports.evaluation.page import render_evaluation_page

__all__ = ["EvaluationContent", "render_evaluation_page"]
