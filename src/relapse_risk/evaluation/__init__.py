"""How good models are, side by side: the same rows, none of them seen in training."""

from relapse_risk.evaluation.compare import Evaluation, Standing, compare
from relapse_risk.evaluation.schemes import Scheme, plan_scheme
from relapse_risk.evaluation.trials import FitPredict, Trial, Trials, plan_trials

__all__ = ["Evaluation", "FitPredict", "Scheme", "Standing", "Trial", "Trials", "compare", "plan_scheme", "plan_trials"]
