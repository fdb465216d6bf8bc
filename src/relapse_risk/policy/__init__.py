"""What offices decide and change: poverty lines, thresholds, header aliases, codes, reasons, wordings, as data files."""

from relapse_risk.policy.files import Policy, read_policy
from relapse_risk.policy.lines import Lines
from relapse_risk.policy.reasons import REASONS, Reason
from relapse_risk.policy.wordings import word

__all__ = ["REASONS", "Lines", "Policy", "Reason", "read_policy", "word"]
