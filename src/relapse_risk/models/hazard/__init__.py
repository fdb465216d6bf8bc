"""The discrete-time hazard: several horizons, competing exits, partial follow-up."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from relapse_risk.models.hazard.course import HazardDesign
from relapse_risk.models.hazard.followed import cut_bounds, cut_rows, settled_rows, spans
from relapse_risk.models.hazard.incidence import log_odds, log_odds_slopes

if TYPE_CHECKING:
    from relapse_risk.models.hazard.hazard_classifier import fit_course
    from relapse_risk.models.hazard.solver import best_penalty, fit_cloglog, ridge_of

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

# Fetched when they are first used, as in `relapse_risk.models`: only fitting needs statsmodels.
_MODULE = {
    "best_penalty": "solver",
    "fit_cloglog": "solver",
    "fit_course": "hazard_classifier",
    "ridge_of": "solver",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)
