"""Numbered checks of an evaluation, in the manner of a linter: each a function from what was found to findings."""

from relapse_risk.evaluation.checks.context import ColumnFacts, Context, DayFacts, Facts
from relapse_risk.evaluation.checks.finding import Finding
from relapse_risk.evaluation.checks.run import CHECKS, run_checks

__all__ = ["CHECKS", "ColumnFacts", "Context", "DayFacts", "Facts", "Finding", "run_checks"]
