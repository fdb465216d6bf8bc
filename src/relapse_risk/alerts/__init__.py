"""From risks to what an office does: the list, rules, classes, measures, watch lists, and areas."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.alerts.areas import Focus, assess_areas, find_focus, find_people, roll_up, visit_curve
    from relapse_risk.alerts.assessment import (
        HouseholdFacts,
        MissingInputs,
        assess,
        find_facts,
        missing_inputs,
        monitoring_line_remarks,
        suggest,
    )
    from relapse_risk.alerts.listing import (
        CLAIMS,
        DEMANDS,
        Allocation,
        Capacity,
        Costs,
        Level,
        VisitPlan,
        draw_visits,
        given_capacity,
        key_digest,
        no_claims,
        plan_visits,
        random_visits,
        rank_households,
        refuse_impossible,
        share_visits,
        usual_capacity,
        with_tiers,
    )
    from relapse_risk.alerts.rules import apply_overrides, evaluate_rules, overrides, rule_counts
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "CLAIMS",
    "DEMANDS",
    "Allocation",
    "Capacity",
    "Costs",
    "Focus",
    "HouseholdFacts",
    "Level",
    "MissingInputs",
    "VisitPlan",
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
    "monitoring_line_remarks",
    "no_claims",
    "overrides",
    "plan_visits",
    "random_visits",
    "rank_households",
    "refuse_impossible",
    "roll_up",
    "rule_counts",
    "share_visits",
    "suggest",
    "usual_capacity",
    "visit_curve",
    "with_tiers",
]
