"""How good models are, side by side: the same rows, none of them seen in training."""

from typing import TYPE_CHECKING

from relapse_risk.evaluation.compare import compare
from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.evaluation.column_drift import ColumnDrift, column_drifts
    from relapse_risk.evaluation.column_reach import (
        ColumnLevel,
        TrainingReach,
        extreme_ratio,
        halves,
        reach_beyond,
        separating_levels,
        single_auc,
    )
    from relapse_risk.evaluation.compare import Evaluation, ModelComparison
    from relapse_risk.evaluation.evaluation_folds import EvaluationFold, EvaluationFolds, FitPredict, predict_tested
    from relapse_risk.evaluation.model_choice import ModelChoice
    from relapse_risk.evaluation.model_report import (
        BenefitReport,
        BinReport,
        DayReport,
        GroupReport,
        ModelReport,
        ModelReports,
    )
    from relapse_risk.evaluation.predictions import Predictions
    from relapse_risk.evaluation.report import report_models
    from relapse_risk.evaluation.schemes import Scheme, plan_scheme
    from relapse_risk.evaluation.verdict import RivalVerdict, Verdict
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "BenefitReport",
    "BinReport",
    "ColumnDrift",
    "ColumnLevel",
    "DayReport",
    "Evaluation",
    "EvaluationFold",
    "EvaluationFolds",
    "FitPredict",
    "GroupReport",
    "ModelChoice",
    "ModelComparison",
    "ModelReport",
    "ModelReports",
    "Predictions",
    "RivalVerdict",
    "Scheme",
    "TrainingReach",
    "Verdict",
    "column_drifts",
    "compare",
    "extreme_ratio",
    "halves",
    "plan_scheme",
    "predict_tested",
    "reach_beyond",
    "report_models",
    "separating_levels",
    "single_auc",
]
