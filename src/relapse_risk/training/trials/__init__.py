"""What is tried: candidates that fit and predict, and rows held out to judge them by."""

from relapse_risk.training.trials.candidates import (
    INCOME,
    LOGISTIC,
    Watch,
    baselines,
    fit_known,
    fit_predict,
    model_name,
    prepared,
)
from relapse_risk.training.trials.held_out import HeldOut
from relapse_risk.training.trials.past_years import past_years
from relapse_risk.training.trials.village_effects import learn_shocks

__all__ = [
    "INCOME",
    "LOGISTIC",
    "HeldOut",
    "Watch",
    "baselines",
    "fit_known",
    "fit_predict",
    "learn_shocks",
    "model_name",
    "past_years",
    "prepared",
]
