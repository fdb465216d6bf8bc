"""From risks to what an office does: the list, its tiers and rules, classes, measures, and the same counted by area."""

from relapse_risk.alerts.areas import area_path, areas_of, roll_up, village_of
from relapse_risk.alerts.assessment import Facts, Lacks, assess, find_facts, lacks, suggest
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
from relapse_risk.alerts.rules import HardRule, hold_rules, lift, overrides, read_rules, rule_counts

__all__ = [
    "Capacity",
    "Costs",
    "Facts",
    "HardRule",
    "Lacks",
    "Level",
    "Shared",
    "area_path",
    "areas_of",
    "assess",
    "draw_visits",
    "find_facts",
    "given_capacity",
    "hold_rules",
    "key_digest",
    "lacks",
    "lift",
    "overrides",
    "random_visits",
    "rank_households",
    "read_rules",
    "roll_up",
    "rule_counts",
    "share_visits",
    "suggest",
    "usual_capacity",
    "village_of",
    "with_tiers",
]
