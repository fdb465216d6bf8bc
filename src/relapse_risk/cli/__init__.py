"""The command line, one file per verb."""

import sys
from importlib import import_module
from typing import NoReturn

from relapse_risk.cli.interrupts import end_at_once

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line on the arguments of this process and end it with the exit code."""
    end_at_once()  # before anything that takes time to import
    sys.exit(import_module("relapse_risk.cli.entry").in_process())
