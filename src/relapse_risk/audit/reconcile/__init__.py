"""Reconciliation: what departments keep, held against what the register keeps."""

from relapse_risk.audit.reconcile.reconcile import COMPARISONS, OUTCOMES, Reconciliation, reconcile, told, wording

__all__ = ["COMPARISONS", "OUTCOMES", "Reconciliation", "reconcile", "told", "wording"]
