"""Reconciliation: departments' records compared with the register's."""

from relapse_risk.audit.reconcile.reconcile import COMPARISONS, OUTCOMES, Reconciliation, note_text, reconcile

__all__ = ["COMPARISONS", "OUTCOMES", "Reconciliation", "note_text", "reconcile"]
