"""The ledger of each county, of one address with a place for the county's name."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

from relapse_risk.cli.ledger_address import ledger_file
from relapse_risk.databases import is_database, place_of
from relapse_risk.errors import InputError
from relapse_risk.partitions import CountySource

__all__ = ["county_ledgers", "ledger_shown", "make_ledger_folder", "refuse_county_ledger"]

_COUNTY = "{county}"
_APART = re.compile(r'[/\\?#:*"<>|]')


def county_ledgers(ledger: str, counties: Sequence[CountySource]) -> dict[str, str]:
    """Return the ledger of each county by the county's name, which takes the place of ``{county}``.

    There it stands as people write it, and ``-`` for every character that parts folders or means something in an
    address.

    Raises
    ------
    InputError
        If there is not one place for the name (``ledger_each_county``), or two counties have the same ledger
        (``counties_same_name``).

    Examples
    --------
    >>> county_ledgers("ledgers/{county}.db", [CountySource(name="prefecture=P/county=%E7%94%B2", path=Path("C"))])
    {'prefecture=P/county=%E7%94%B2': 'ledgers/prefecture=P-county=甲.db'}
    """
    if ledger.count(_COUNTY) != 1:
        raise InputError("ledger_each_county")
    named = {one.name: _APART.sub("-", unquote(one.name)) for one in counties}
    if twice := sorted(name for name, count in Counter(named.values()).items() if count > 1):
        raise InputError("counties_same_name", source=ledger_shown(ledger), names=", ".join(twice))
    return {name: ledger.replace(_COUNTY, written) for name, written in named.items()}


def refuse_county_ledger(ledger: str) -> None:
    """Raise where the ledger of one month has a place for a county's name (``ledger_of_counties``)."""
    if _COUNTY in ledger:
        raise InputError("ledger_of_counties")


def ledger_shown(url: str) -> Path | str | None:
    """Return where a ledger is, without a password; None of what is neither a file nor on a server."""
    return place_of(url) if is_database(url) else ledger_file(url)


def make_ledger_folder(url: str) -> None:
    """Make the folder of a ledger that is a file; not of a server's address that was mistyped and looks like one."""
    file = ledger_file(url)
    if file is not None and ("://" in url or "@" not in url):
        file.parent.mkdir(parents=True, exist_ok=True)
