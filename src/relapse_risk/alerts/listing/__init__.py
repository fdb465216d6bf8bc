"""Who comes first, how many can be visited, where, and how urgent each visit is."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.alerts.listing.capacity import Capacity, Costs, Level, given_capacity, usual_capacity, with_tiers
    from relapse_risk.alerts.listing.draw_rest import give_rest, rest_chances
    from relapse_risk.alerts.listing.key_hashes import key_digest
    from relapse_risk.alerts.listing.plan import CLAIMS, DEMANDS, VisitPlan, no_claims, plan_visits
    from relapse_risk.alerts.listing.ranking import rank_households
    from relapse_risk.alerts.listing.sampling import draw_visits, random_visits
    from relapse_risk.alerts.listing.sharing import Allocation, refuse_impossible, share_visits
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "CLAIMS",
    "DEMANDS",
    "Allocation",
    "Capacity",
    "Costs",
    "Level",
    "VisitPlan",
    "draw_visits",
    "give_rest",
    "given_capacity",
    "key_digest",
    "no_claims",
    "plan_visits",
    "random_visits",
    "rank_households",
    "refuse_impossible",
    "rest_chances",
    "share_visits",
    "usual_capacity",
    "with_tiers",
]
