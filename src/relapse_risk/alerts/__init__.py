"""From risks to what an office does: the list, rules, classes, measures, watch lists, and areas."""

from relapse_risk.alerts.areas import Focus, assess_areas, find_focus, find_people, roll_up
from relapse_risk.alerts.assessment import HouseholdFacts, MissingInputs, assess, find_facts, missing_inputs, suggest
from relapse_risk.alerts.listing import (
    Allocation,
    Capacity,
    Costs,
    Level,
    draw_visits,
    given_capacity,
    key_digest,
    random_visits,
    rank_households,
    share_visits,
    usual_capacity,
    with_tiers,
)
from relapse_risk.alerts.rules import apply_overrides, evaluate_rules, overrides, rule_counts

__all__ = [
    "Allocation",
    "Capacity",
    "Costs",
    "Focus",
    "HouseholdFacts",
    "Level",
    "MissingInputs",
    "apply_overrides",
    "assess",
    "assess_areas",
    "draw_visits",
    "evaluate_rules",
    "find_facts",
    "find_focus",
    "find_people",
    "given_capacity",
    "key_digest",
    "missing_inputs",
    "overrides",
    "random_visits",
    "rank_households",
    "roll_up",
    "rule_counts",
    "share_visits",
    "suggest",
    "usual_capacity",
    "with_tiers",
]
