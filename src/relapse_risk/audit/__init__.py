"""The audit: what in the records cannot be, and what is beyond chance."""
