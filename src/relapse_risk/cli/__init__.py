"""The command line, one file per verb."""

from relapse_risk.cli.entry import main

__all__ = ["main"]
