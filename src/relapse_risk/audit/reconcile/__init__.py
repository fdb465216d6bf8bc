"""Reconciliation: what departments keep, held against what the register keeps."""

from relapse_risk.audit.reconcile.reconcile import COMPARISONS, OUTCOMES, Reconciliation, note_text, reconcile

__all__ = ["COMPARISONS", "OUTCOMES", "Reconciliation", "note_text", "reconcile"]
