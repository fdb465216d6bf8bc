"""The ledger that an option names: opened by a policy, and backed up before something is written into it."""

from collections.abc import Mapping
from pathlib import Path

from relapse_risk.cli.ledger_address import dump_command
from relapse_risk.cli.screen import show
from relapse_risk.monitoring import Ledger, Upgrade, open_ledger
from relapse_risk.policy import Policy, Texts, read_policy

__all__ = ["backed_up", "opened", "opened_by"]


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
