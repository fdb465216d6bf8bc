"""From risks to what an office does: the list and its tiers, and the same counted by area."""

from relapse_risk.alerts.areas import area_path, areas_of, roll_up, village_of
from relapse_risk.alerts.listing import (
    Capacity,
    Costs,
    Level,
    Shared,
    draw_visits,
    given_capacity,
    key_digest,
    random_visits,
    rank_households,
    share_visits,
    usual_capacity,
    with_tiers,
)

__all__ = [
    "Capacity",
    "Costs",
    "Level",
    "Shared",
    "area_path",
    "areas_of",
    "draw_visits",
    "given_capacity",
    "key_digest",
    "random_visits",
    "rank_households",
    "roll_up",
    "share_visits",
    "usual_capacity",
    "village_of",
    "with_tiers",
]
