"""The risk of relapse over several horizons: a discrete-time hazard with competing exits."""

from relapse_risk.models.hazard.classifier import HazardClassifier

__all__ = ["HazardClassifier"]
