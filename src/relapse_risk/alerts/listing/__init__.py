"""Who comes first, how many can be visited, and how urgent each visit is."""

from relapse_risk.alerts.listing.capacity import given_capacity, usual_capacity, with_tiers
from relapse_risk.alerts.listing.ranking import rank_households

__all__ = ["given_capacity", "rank_households", "usual_capacity", "with_tiers"]
