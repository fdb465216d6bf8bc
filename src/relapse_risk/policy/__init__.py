"""What offices decide and change, as data files: poverty lines, thresholds, aliases, codes, reasons, wordings."""

from relapse_risk.policy.conditions import ColumnCondition
from relapse_risk.policy.files import read_model
from relapse_risk.policy.findings import VISIT_MARK, VisitFinding, read_findings
from relapse_risk.policy.lines import Lines, LinesByYear, LinesFile
from relapse_risk.policy.model import PolicyModel, refuse, validated
from relapse_risk.policy.policy import Policy, read_policy
from relapse_risk.policy.reasons import REASONS, Reason
from relapse_risk.policy.thresholds import URGENT_FIRST, AssumedRates, Thresholds, TierReach, UsualCapacity
from relapse_risk.policy.wordings import require_lang, word

__all__ = [
    "REASONS",
    "URGENT_FIRST",
    "VISIT_MARK",
    "AssumedRates",
    "ColumnCondition",
    "Lines",
    "LinesByYear",
    "LinesFile",
    "Policy",
    "PolicyModel",
    "Reason",
    "Thresholds",
    "TierReach",
    "UsualCapacity",
    "VisitFinding",
    "read_findings",
    "read_model",
    "read_policy",
    "refuse",
    "require_lang",
    "validated",
    "word",
]
