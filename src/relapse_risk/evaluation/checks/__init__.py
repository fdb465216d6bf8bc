"""Numbered checks of an evaluation, in the manner of a linter: each a function from what was found to findings."""

from relapse_risk.evaluation.checks.context import CheckContext, ColumnFacts, DayFacts, SampleFacts
from relapse_risk.evaluation.checks.finding import CheckFinding
from relapse_risk.evaluation.checks.registry import CHECKS, run_checks

__all__ = ["CHECKS", "CheckContext", "CheckFinding", "ColumnFacts", "DayFacts", "SampleFacts", "run_checks"]
