"""The option that names a ledger."""

from pathlib import Path

__all__ = ["ledger_file"]


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
