"""Filled-in workbooks, opened: one bad file never stops the rest."""

from collections.abc import Sequence

from relapse_risk.errors import InputError
from relapse_risk.ingest.sources import File, Sheet, open_file

__all__ = ["open_all"]


def open_all(files: Sequence[File]) -> tuple[dict[File, list[Sheet]], dict[str, InputError]]:
    """Return the sheets of each file, hidden ones too, and why others cannot be read.

    Raises
    ------
    InputError
        If the only file there is cannot be read.
    """
    opened: dict[File, list[Sheet]] = {}
    unread: dict[str, InputError] = {}
    for file in files:
        try:
            opened[file] = [sheet for sheet in open_file(file, hidden=True) if isinstance(sheet, Sheet)]
        except InputError as error:
            if len(files) == 1:
                raise
            unread[file.name] = error
    return opened, unread
