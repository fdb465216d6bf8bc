"""A section of the bulletin."""

from dataclasses import dataclass

from relapse_risk.reports.bulletin.bulletin_words import BulletinWords
from relapse_risk.reports.wording import Fact, Grid

__all__ = ["Section", "section_of"]


@dataclass(frozen=True, kw_only=True)
class Section:
    """What stands under a heading.

    Attributes
    ----------
    title : str
    notes : tuple of str
    facts : tuple of Fact
    tables : tuple of Grid
    total : bool
        Whether the last row of the first table is a total.
    """

    title: str
    notes: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    tables: tuple[Grid, ...] = ()
    total: bool = False


def section_of(
    words: BulletinWords, key: str, tables: tuple[Grid, ...] | None, *, notes: tuple[str, ...] = ()
) -> Section:
    """Return a section of tables; that there was nothing to say, or that nothing is known, where there are none."""
    title = words.said("sections", key)
    if tables is None:
        return Section(title=title, notes=(words.absent(key),))
    filled = tuple(table for table in tables if table.rows)
    return Section(title=title, notes=notes if filled else (words.said("texts", "nothing"),), tables=filled)
