"""From records to a bundle: the one place where labels and features meet."""

from relapse_risk.training.verbs import train

__all__ = ["train"]
