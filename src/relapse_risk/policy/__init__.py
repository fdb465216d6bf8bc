"""What offices decide and change, as data files: poverty lines, thresholds, aliases, codes, reasons, wordings."""

from relapse_risk.policy.findings import VISIT_MARK, VisitFinding, read_findings
from relapse_risk.policy.lines import Lines
from relapse_risk.policy.policy import Policy, read_policy
from relapse_risk.policy.reasons import REASONS, Reason
from relapse_risk.policy.thresholds import URGENT_FIRST, check_condition, check_thresholds
from relapse_risk.policy.wordings import require_lang, word

__all__ = [
    "REASONS",
    "URGENT_FIRST",
    "VISIT_MARK",
    "Lines",
    "Policy",
    "Reason",
    "VisitFinding",
    "check_condition",
    "check_thresholds",
    "read_findings",
    "read_policy",
    "require_lang",
    "word",
]
