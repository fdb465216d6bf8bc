"""Households counted by area: no household in it."""

from typing import TYPE_CHECKING

from relapse_risk.alerts.areas.visit_curve import visit_curve
from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.alerts.areas.area_assessment import assess_areas
    from relapse_risk.alerts.areas.focus import Focus, find_focus
    from relapse_risk.alerts.areas.people import find_people
    from relapse_risk.alerts.areas.rollup import roll_up
else:
    __getattr__ = lazy_names(__name__)

__all__ = ["Focus", "assess_areas", "find_focus", "find_people", "roll_up", "visit_curve"]
