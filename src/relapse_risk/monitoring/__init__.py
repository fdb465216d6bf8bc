"""From month to month: the ledger of alerts and acts, what changed, what became of earlier lists, and drift."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.monitoring.changes import compare
    from relapse_risk.monitoring.completion import COMPLETION_COUNTS, visit_completion
    from relapse_risk.monitoring.design_weights import visit_weights
    from relapse_risk.monitoring.drift import Drift, expected_performance, find_drift
    from relapse_risk.monitoring.inputs import Gap, InputProfile, TableProfile, find_gaps
    from relapse_risk.monitoring.ledger import (
        CLEARING_LEVELS,
        AlertFilter,
        EarlierRecords,
        Ledger,
        Month,
        MonthAccount,
        Upgrade,
        WithdrawnMonth,
        open_ledger,
        restore_ledger,
    )
    from relapse_risk.monitoring.outcomes import Realised, realised_outcomes
    from relapse_risk.monitoring.packed import pack, scored_households, unpack, waiting
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "CLEARING_LEVELS",
    "COMPLETION_COUNTS",
    "AlertFilter",
    "Drift",
    "EarlierRecords",
    "Gap",
    "InputProfile",
    "Ledger",
    "Month",
    "MonthAccount",
    "Realised",
    "TableProfile",
    "Upgrade",
    "WithdrawnMonth",
    "compare",
    "expected_performance",
    "find_drift",
    "find_gaps",
    "open_ledger",
    "pack",
    "realised_outcomes",
    "restore_ledger",
    "scored_households",
    "unpack",
    "visit_completion",
    "visit_weights",
    "waiting",
]
