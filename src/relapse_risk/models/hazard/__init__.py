"""The discrete-time hazard: several horizons, competing exits, partial follow-up."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.models.hazard.course import HazardDesign
    from relapse_risk.models.hazard.followed import cut_bounds, cut_rows, settled_rows, spans
    from relapse_risk.models.hazard.hazard_classifier import fit_course
    from relapse_risk.models.hazard.incidence import log_odds, log_odds_slopes
    from relapse_risk.models.hazard.solver import best_penalty, fit_cloglog, ridge_of
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "HazardDesign",
    "best_penalty",
    "cut_bounds",
    "cut_rows",
    "fit_cloglog",
    "fit_course",
    "log_odds",
    "log_odds_slopes",
    "ridge_of",
    "settled_rows",
    "spans",
]
