"""The card of points: bins of columns, the card they make, and its model."""

from relapse_risk.models.scorecard.bins import Bins
from relapse_risk.models.scorecard.card import Scorecard
from relapse_risk.models.scorecard.scorecard import ScorecardClassifier

__all__ = ["Bins", "Scorecard", "ScorecardClassifier"]
