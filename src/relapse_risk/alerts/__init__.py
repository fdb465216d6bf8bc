"""From risks to what an office does: the list and its tiers, watch lists, and areas."""

from relapse_risk.alerts.areas import (
    Focus,
    area_path,
    areas_of,
    assess_areas,
    find_focus,
    find_people,
    roll_up,
    village_of,
)
from relapse_risk.alerts.listing import given_capacity, rank_households, usual_capacity, with_tiers

__all__ = [
    "Focus",
    "area_path",
    "areas_of",
    "assess_areas",
    "find_focus",
    "find_people",
    "given_capacity",
    "rank_households",
    "roll_up",
    "usual_capacity",
    "village_of",
    "with_tiers",
]
