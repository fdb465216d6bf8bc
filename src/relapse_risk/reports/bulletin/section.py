"""A section of the bulletin."""

from collections.abc import Sequence
from dataclasses import dataclass

from relapse_risk.policy import Texts
from relapse_risk.reports.wording import Fact, Grid

__all__ = ["Section", "absent_note", "headed_grid", "section_of"]


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


def section_of(texts: Texts, key: str, tables: tuple[Grid, ...] | None, *, notes: tuple[str, ...] = ()) -> Section:
    """Return a section of tables; that there was nothing to say, or that nothing is known, where there are none."""
    title = texts("bulletin.sections", key)
    if tables is None:
        return Section(title=title, notes=(absent_note(texts, key),))
    filled = tuple(table for table in tables if table.rows)
    return Section(title=title, notes=notes if filled else (texts("bulletin.texts", "nothing"),), tables=filled)


def absent_note(texts: Texts, key: str) -> str:
    """Return why a section has nothing to say."""
    known = texts.has("bulletin.absent", key)
    return texts("bulletin.absent", key) if known else texts("bulletin.texts", "not_available")


def headed_grid(headers: Sequence[str], rows: Sequence[tuple[str, ...]], texts: Texts, *, n_texts: int = 1) -> Grid:
    """Return a table under headers by their keys, of which all but the first so many are numbers."""
    return Grid(
        headers=tuple(texts("bulletin.headers", header) for header in headers),
        rows=tuple(rows),
        numbers=frozenset(range(n_texts, len(headers))),
    )
