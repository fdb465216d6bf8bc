"""Households counted by area: no household in it."""

from relapse_risk.alerts.areas.area_assessment import assess_areas
from relapse_risk.alerts.areas.focus import Focus, find_focus
from relapse_risk.alerts.areas.people import find_people
from relapse_risk.alerts.areas.rollup import roll_up
from relapse_risk.alerts.areas.visit_curve import visit_curve

__all__ = ["Focus", "assess_areas", "find_focus", "find_people", "roll_up", "visit_curve"]
