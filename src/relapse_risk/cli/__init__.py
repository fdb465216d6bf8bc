"""The command line, one file per verb."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from relapse_risk.cli.interrupts import end_at_once

__all__ = ["main", "run"]


def main() -> NoReturn:
    """Run the command line on the arguments of this process and end it with the exit code."""
    end_at_once()  # before anything that takes time to import
    sys.exit(import_module("relapse_risk.cli.entry").in_process())


def run(args: Sequence[str]) -> int:
    """Run the command line on arguments within this process and return the exit code.

    0 done; 1 an error of the program; 2 unusable input or arguments; 130 interrupted.

    Examples
    --------
    >>> run(["nothing"])  # says on the error stream that there is no such verb
    2
    """
    code: int = import_module("relapse_risk.cli.entry").run(args)
    return code
