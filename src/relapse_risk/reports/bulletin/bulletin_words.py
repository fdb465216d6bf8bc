"""The words of the bulletin, an office's own laid over ours."""

from collections.abc import Sequence

from relapse_risk.reports.mechanism import MechanismWords
from relapse_risk.reports.wording import Grid

__all__ = ["BulletinWords"]


class BulletinWords(MechanismWords):
    """What the page says, in one language."""

    def said(self, topic: str, key: str, **details: object) -> str:
        """Return a text of the bulletin."""
        return self.called("bulletin", topic, key).format_map(details)

    def absent(self, section: str) -> str:
        """Return why a section has nothing to say."""
        known = section in self.mechanism["bulletin"]["absent"]
        return self.said("absent", section) if known else self.said("texts", "not_available")

    def grid(self, headers: Sequence[str], rows: Sequence[tuple[str, ...]], *, texts: int = 1) -> Grid:
        """Return a table under headers by their keys, of which all but the first so many are numbers."""
        return Grid(
            headers=tuple(self.said("headers", header) for header in headers),
            rows=tuple(rows),
            numbers=frozenset(range(texts, len(headers))),
        )
