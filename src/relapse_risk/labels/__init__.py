"""Who is at risk on a day, and who relapsed within the horizon; what is not known stays unknown."""

from typing import TYPE_CHECKING

from relapse_risk.labels.follow_up import follow_up
from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.labels.cohort import EXCLUSION_REASONS, find_cohort
    from relapse_risk.labels.pooled_labels import pool_labels
    from relapse_risk.labels.relapse import Labels, Outcomes, label_relapse, label_scored
    from relapse_risk.labels.reporting_delay import reporting_delay_cdf, unreported_error, unreported_share
    from relapse_risk.labels.spells import fall_back_rates, find_spells, periods_at_risk
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "EXCLUSION_REASONS",
    "Labels",
    "Outcomes",
    "fall_back_rates",
    "find_cohort",
    "find_spells",
    "follow_up",
    "label_relapse",
    "label_scored",
    "periods_at_risk",
    "pool_labels",
    "reporting_delay_cdf",
    "unreported_error",
    "unreported_share",
]
