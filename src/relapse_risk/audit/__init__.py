"""The audit: what in the records cannot be, or cannot be so."""
