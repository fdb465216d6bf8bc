"""A document in words: headed sections of notes, facts and tables, before it is known in what form it is read."""

from dataclasses import dataclass
from datetime import date

from relapse_risk.reports.wording import Fact, Grid

__all__ = ["Document", "Section"]


@dataclass(frozen=True, kw_only=True)
class Section:
    """The contents under a heading.

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

    @property
    def is_empty(self) -> bool:
        """Whether nothing is under the heading."""
        return not (self.notes or self.facts or self.tables)


@dataclass(frozen=True, kw_only=True)
class Document:
    """What a document says.

    Attributes
    ----------
    title, subtitle : str
    as_of : date
        Of which day it is: the same contents give the same file on any day.
    remarks : tuple of str
        What a reader must know first.
    short : tuple of str
        What matters most, in sentences.
    sections : tuple of Section
    private : str
        What the document holds of persons, or that it holds nothing: its last line.
    kind : str or None
        With what its file is marked as ours, see `kind_of_document`.
    """

    title: str
    subtitle: str
    as_of: date
    sections: tuple[Section, ...]
    private: str
    remarks: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    kind: str | None = None
