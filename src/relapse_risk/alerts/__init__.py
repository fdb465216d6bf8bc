"""Who comes first: the order of households, how many can be visited, their tiers, and the same counted by area."""

from relapse_risk.alerts.areas import area_path, areas_of, roll_up, village_of
from relapse_risk.alerts.capacity import given_capacity, usual_capacity, with_tiers
from relapse_risk.alerts.ranking import rank_households

__all__ = [
    "area_path",
    "areas_of",
    "given_capacity",
    "rank_households",
    "roll_up",
    "usual_capacity",
    "village_of",
    "with_tiers",
]
