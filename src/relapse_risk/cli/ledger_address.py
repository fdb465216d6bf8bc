"""What the address of a ledger says by itself: which file it is, and what copies it on a server."""

from datetime import date
from pathlib import Path

__all__ = ["dump_command", "ledger_file"]


def ledger_file(url: str | None) -> Path | None:
    """Return the file a ledger is, so that nothing is written over or around it; None for a server's, or for none.

    Examples
    --------
    >>> ledger_file("sqlite:///county.db").name, ledger_file("county.db").name, ledger_file("postgresql://host/county")
    ('county.db', 'county.db', None)
    """
    if not url:
        return None
    scheme, there, path = url.partition("://")
    if not there:
        return Path(url)
    file = path.removeprefix("/") if scheme.startswith("sqlite") else ""
    return Path(file) if file else None


def dump_command(place: str) -> str:
    """Return the command that copies a ledger on a server, which its address names.

    Examples
    --------
    >>> dump_command("postgresql+psycopg://clerk:***@host/county").partition(" --file")[0]
    'pg_dump "postgresql://clerk@host/county" --format=custom'
    """
    url = place.replace("+psycopg", "").replace(":***@", "@")
    return f'pg_dump "{url}" --format=custom --file=ledger-{date.today()}.dump'
