"""Printing, even if the screen is closed."""

import os
import sys
from pathlib import Path

import click

from relapse_risk.errors import InputError

__all__ = ["show"]


def show(text: str, stands: Path | str | None = None) -> None:
    """Print a text.

    Where nobody reads any more (``| head``) nothing is printed, and that is no failure.

    Parameters
    ----------
    text : str
    stands : Path or str, optional
        What was written before and stands, whatever becomes of the screen.

    Raises
    ------
    InputError
        If it cannot be printed for another reason (``screen_unwritable``, ``screen_unwritable_after``).
    """
    try:
        click.echo(text)
    except BrokenPipeError:
        _hush()
    except OSError as error:
        _hush()
        if stands is None:
            raise InputError("screen_unwritable") from error
        raise InputError("screen_unwritable_after", path=stands) from error


def _hush() -> None:
    """Send what is still to be printed to nowhere, so that the end of the process does not fail on it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
