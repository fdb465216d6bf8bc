"""The page of an evaluation."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.reports.evaluation.evaluation_content import EvaluationContent
    from relapse_risk.reports.evaluation.page import render_evaluation_page
else:
    __getattr__ = lazy_names(__name__)

__all__ = ["EvaluationContent", "render_evaluation_page"]
