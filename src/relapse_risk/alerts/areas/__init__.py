"""Households counted by area: no household in it."""

from relapse_risk.alerts.areas.rollup import area_path, areas_of, roll_up, village_of

__all__ = ["area_path", "areas_of", "roll_up", "village_of"]
