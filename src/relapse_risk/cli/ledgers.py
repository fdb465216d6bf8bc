"""The ledger that an option names: opened by a policy, and backed up before something is written into it."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from relapse_risk.cli.screen import show
from relapse_risk.monitoring import Ledger, Upgrade, open_ledger
from relapse_risk.policy import Policy, Texts, read_policy

__all__ = ["backed_up", "dump_command", "ledger_file", "opened", "opened_by"]


def opened(ledger: str, files: Mapping[str, Path | None], lang: str) -> tuple[Ledger, Policy]:
    """Open a ledger that is there, by the policy of some data files."""
    policy = read_policy(**files)
    return opened_by(policy, ledger, lang), policy


def opened_by(policy: Policy, ledger: str, lang: str, *, make: bool = False) -> Ledger:
    """Open a ledger; say what was done to one of an earlier layout, also if asked to be quiet: it is not as it was."""
    book = open_ledger(ledger, policy=policy, make=make)
    if book.upgrade is not None:
        show(_upgraded(book, book.upgrade, Texts(lang)))
    return book


def _upgraded(book: Ledger, upgrade: Upgrade, texts: Texts) -> str:
    said = {"place": book.store.place, "found": upgrade.found, "became": upgrade.became}
    if upgrade.backup is None:
        line = texts("cli", "ledger_upgraded_server", **said)
    else:
        line = texts("cli", "ledger_upgraded", **said, path=upgrade.backup)
    if not upgrade.idle:
        return line
    return line + texts("sentences", "separator") + texts("cli", "ledger_upgraded_idle", count=upgrade.idle)


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
