"""From risks to what an office does: the list and its tiers, and the same counted by area."""

from relapse_risk.alerts.areas import area_path, areas_of, roll_up, village_of
from relapse_risk.alerts.listing import given_capacity, rank_households, usual_capacity, with_tiers

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
