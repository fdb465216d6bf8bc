"""The ledger that an option names: opened by a policy, and backed up before something is written into it."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from relapse_risk.monitoring import Ledger, open_ledger
from relapse_risk.policy import Policy, Texts, read_policy

__all__ = ["backed_up", "dump_command", "ledger_file", "opened"]


def opened(ledger: str, files: Mapping[str, Path | None]) -> tuple[Ledger, Policy]:
    """Open a ledger that is there, by the policy of some data files."""
    policy = read_policy(**files)
    return open_ledger(ledger, policy=policy, make=False), policy


def backed_up(book: Ledger, texts: Texts) -> str:
    """Back a ledger up and return what is said of it: where the copy is; of one on a server, what copies it."""
    made = book.back_up()
    if made is None:
        return texts("cli", "ledger_dump", command=dump_command(book.store.place))
    return texts("cli", "ledger_backed_up", path=made)


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
