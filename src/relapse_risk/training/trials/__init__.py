"""What is tried: candidates that fit and predict, and rows held out to judge them by."""

from relapse_risk.training.trials.candidates import INCOME, baselines, fit_known, fit_predict, model_name, prepared
from relapse_risk.training.trials.held_out import HeldOut, who_they_are
from relapse_risk.training.trials.village_effects import learn_shocks

__all__ = [
    "INCOME",
    "HeldOut",
    "baselines",
    "fit_known",
    "fit_predict",
    "learn_shocks",
    "model_name",
    "prepared",
    "who_they_are",
]
