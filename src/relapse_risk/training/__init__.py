"""From records to a bundle: the one place where labels and features meet."""

from relapse_risk.training.adapt import adapt
from relapse_risk.training.evaluate import evaluate
from relapse_risk.training.evaluation_report import Report
from relapse_risk.training.train import train
from relapse_risk.training.train_request import EvaluateRequest, TrainRequest

__all__ = ["EvaluateRequest", "Report", "TrainRequest", "adapt", "evaluate", "train"]
