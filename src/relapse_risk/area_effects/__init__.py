"""What areas add to risks: random intercepts, shocks that villages share, counts of relapses. Arrays only."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.area_effects.area_offset import AreaOffset
    from relapse_risk.area_effects.cluster_effects import LEAST_VILLAGES, ClusterEffects, fit_shocks, offset_for
    from relapse_risk.area_effects.random_intercepts import RandomIntercepts, area_names, fit_random_intercepts
    from relapse_risk.area_effects.relapse_counts import (
        Counts,
        count_areas,
        count_distribution,
        count_interval,
        count_villages,
    )
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "LEAST_VILLAGES",
    "AreaOffset",
    "ClusterEffects",
    "Counts",
    "RandomIntercepts",
    "area_names",
    "count_areas",
    "count_distribution",
    "count_interval",
    "count_villages",
    "fit_random_intercepts",
    "fit_shocks",
    "offset_for",
]
