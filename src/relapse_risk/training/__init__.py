"""From records to a bundle: the one place where labels and features meet."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names
from relapse_risk.training.adapt import adapt
from relapse_risk.training.evaluate import evaluate
from relapse_risk.training.train import train

if TYPE_CHECKING:
    from relapse_risk.training.evaluation_report import Report
    from relapse_risk.training.train_request import Baseline, EvaluateRequest, TrainRequest
else:
    __getattr__ = lazy_names(__name__)

__all__ = ["Baseline", "EvaluateRequest", "Report", "TrainRequest", "adapt", "evaluate", "train"]
