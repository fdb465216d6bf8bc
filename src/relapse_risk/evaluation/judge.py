"""All measures over the predictions of every model."""

from relapse_risk.evaluation.judgement import Judgement
from relapse_risk.evaluation.predictions import Predictions
from relapse_risk.progress import Progress, silent

__all__ = ["judge"]


def judge(
    predictions: Predictions,
    *,
    capacity_share: float = 0.05,
    level: float = 0.95,
    n_draws: int = 300,
    seed: int = 0,
    progress: Progress = silent,
) -> Judgement:
    """Return every measure of every model, with cluster-bootstrap intervals."""
    raise NotImplementedError
