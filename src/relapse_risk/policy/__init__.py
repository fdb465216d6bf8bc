"""What offices decide and change, as data files: poverty lines, thresholds, aliases, codes, reasons, wordings."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.policy.anomalies import (
        AnomalyPolicy,
        CopiedLimits,
        HeapedLimits,
        IdenticalLimits,
        RoundedLimits,
        SlipAmounts,
        SlipLimits,
    )
    from relapse_risk.policy.audit import AuditLimits, AuditPolicy, ComparedAudits, RuleWording, Severity
    from relapse_risk.policy.bilingual import Bilingual
    from relapse_risk.policy.conditions import ColumnCondition
    from relapse_risk.policy.dialects import DialectColumn, DialectsFile, RegistryDialect, WordingByDialect
    from relapse_risk.policy.divisions import DIVISION_DIGITS, Divisions, read_divisions
    from relapse_risk.policy.education import EducationFile
    from relapse_risk.policy.evaluation import AdjacentSources, CheckLimits, CheckPolicy, CheckWording
    from relapse_risk.policy.exports import (
        AliasesFile,
        BlankCells,
        Code,
        CodesFile,
        HeaderAlias,
        HeaderParts,
        MadeFor,
        PartsFile,
        SheetNames,
        ValueParts,
    )
    from relapse_risk.policy.files import read_data, read_model
    from relapse_risk.policy.lines import PLACE_LEVELS, Lines, LinesByYear, LinesFile, MonitoringLines
    from relapse_risk.policy.mechanism import Mechanism
    from relapse_risk.policy.model import PolicyModel, near_names, only_keys, refuse, validated
    from relapse_risk.policy.policy import Policy, read_policy
    from relapse_risk.policy.reasons import REASONS, Reason, ReasonsFile
    from relapse_risk.policy.reconciliation import ReconcilePolicy, Tolerances
    from relapse_risk.policy.record_words import columns_worded, header_word, note_text, tables_worded
    from relapse_risk.policy.texts import Texts, WordingsFile, require_lang
    from relapse_risk.policy.thresholds import (
        CHANGE_STATES,
        URGENT_FIRST,
        AssumedRates,
        IntervalWidth,
        Thresholds,
        TierReach,
        UsualCapacity,
    )
    from relapse_risk.policy.wording_parts import CellParts, Confidences, WordingPartsFile
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "CHANGE_STATES",
    "DIVISION_DIGITS",
    "PLACE_LEVELS",
    "REASONS",
    "URGENT_FIRST",
    "AdjacentSources",
    "AliasesFile",
    "AnomalyPolicy",
    "AssumedRates",
    "AuditLimits",
    "AuditPolicy",
    "Bilingual",
    "BlankCells",
    "CellParts",
    "CheckLimits",
    "CheckPolicy",
    "CheckWording",
    "Code",
    "CodesFile",
    "ColumnCondition",
    "ComparedAudits",
    "Confidences",
    "CopiedLimits",
    "DialectColumn",
    "DialectsFile",
    "Divisions",
    "EducationFile",
    "HeaderAlias",
    "HeaderParts",
    "HeapedLimits",
    "IdenticalLimits",
    "IntervalWidth",
    "Lines",
    "LinesByYear",
    "LinesFile",
    "MadeFor",
    "Mechanism",
    "MonitoringLines",
    "PartsFile",
    "Policy",
    "PolicyModel",
    "Reason",
    "ReasonsFile",
    "ReconcilePolicy",
    "RegistryDialect",
    "RoundedLimits",
    "RuleWording",
    "Severity",
    "SheetNames",
    "SlipAmounts",
    "SlipLimits",
    "Texts",
    "Thresholds",
    "TierReach",
    "Tolerances",
    "UsualCapacity",
    "ValueParts",
    "WordingByDialect",
    "WordingPartsFile",
    "WordingsFile",
    "columns_worded",
    "header_word",
    "near_names",
    "note_text",
    "only_keys",
    "read_data",
    "read_divisions",
    "read_model",
    "read_policy",
    "refuse",
    "require_lang",
    "tables_worded",
    "validated",
]
