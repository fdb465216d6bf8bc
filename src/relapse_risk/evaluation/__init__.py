"""How good models are, side by side: the same rows, none of them seen in training."""

from relapse_risk.evaluation.compare import Evaluation, Standing, compare
from relapse_risk.evaluation.judge import judge
from relapse_risk.evaluation.judgement import (
    BandJudgement,
    BenefitJudgement,
    DayJudgement,
    GroupJudgement,
    Judgement,
    ModelJudgement,
)
from relapse_risk.evaluation.predictions import Predictions
from relapse_risk.evaluation.schemes import Scheme, plan_scheme
from relapse_risk.evaluation.trials import FitPredict, Trial, Trials, plan_trials, predict_tested

__all__ = [
    "BandJudgement",
    "BenefitJudgement",
    "DayJudgement",
    "Evaluation",
    "FitPredict",
    "GroupJudgement",
    "Judgement",
    "ModelJudgement",
    "Predictions",
    "Scheme",
    "Standing",
    "Trial",
    "Trials",
    "compare",
    "judge",
    "plan_scheme",
    "plan_trials",
    "predict_tested",
]
