"""A ledger opened, or put back from a copy."""

from pathlib import Path

from relapse_risk.monitoring.ledger.backup import restore
from relapse_risk.monitoring.ledger.engine import open_store
from relapse_risk.monitoring.ledger.ledger import Ledger
from relapse_risk.monitoring.ledger.upgrade import upgrade
from relapse_risk.policy import Policy, read_policy

__all__ = ["open_ledger", "restore_ledger"]


def open_ledger(url: str | Path, *, policy: Policy | None = None, make: bool = True) -> Ledger:
    """Open a ledger; create it if there is none, unless `make` is False.

    One of an earlier layout is brought to today's first, whole or not at all: a ledger in a file after a backup, see
    ``Ledger.upgrade``.

    Parameters
    ----------
    url : str or Path
        A file (SQLite), or ``postgresql+psycopg://user@host/database``.
    policy : Policy, optional
        Life cycle and deadlines; built-in by default.
    make : bool
        Whether one is made where there is none. A month may begin a ledger; what reads one or adds to it may not.

    Raises
    ------
    InputError
        If the URL is none (``ledger_url``), the driver is missing (``ledger_driver``), the database cannot be opened
        (``ledger_unreachable``), is busy for a minute (``ledger_busy``) or fails otherwise (``ledger_failed``); if it
        holds something else (``ledger_foreign``) or was made by a later release (``ledger_newer``); if there is none,
        and none is to be made (``ledger_missing``); if it has an earlier layout, and is not what that was
        (``ledger_older``), contradicts itself (``ledger_contradicts``) or may not be written
        (``ledger_older_readonly``).

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     ledger = open_ledger(Path(folder) / "county.db")
    ...     ledger.months()
    []
    """
    cycle = (policy or read_policy()).mechanism.ledger
    store = open_store(url, make=make)
    return Ledger(store=store, cycle=cycle, upgrade=upgrade(store, cycle))


def restore_ledger(
    url: str | Path, copy: str | Path, *, policy: Policy | None = None, overwrite: bool = False
) -> Path | None:
    """Put a copy in the place of a ledger that is a file; what is there is backed up first.

    Parameters
    ----------
    url : str or Path
        The ledger.
    copy : str or Path
        A copy that `Ledger.back_up` made, or any other ledger.
    policy : Policy, optional
        How many copies are kept; by default as the built-in policy says.
    overwrite : bool
        Whether a ledger that is there is replaced.

    Returns
    -------
    Path or None
        The backup of what was there; None where nothing was.

    Raises
    ------
    InputError
        If a ledger is there and is not to be replaced (``ledger_restore_taken``), it is the copy itself
        (``ledger_restore_itself``) or on a server (``ledger_restore_server``); if the copy is no ledger, as
        `open_ledger`.
    """
    keep = (policy or read_policy()).mechanism.ledger.backup.keep
    return restore(url, Path(copy), keep=keep, overwrite=overwrite)
