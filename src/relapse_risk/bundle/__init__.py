"""What training leaves behind and scoring needs: one file, checked whole before anything is built from it."""

from relapse_risk.bundle.bundle import Bundle, read_bundle

__all__ = ["Bundle", "read_bundle"]
