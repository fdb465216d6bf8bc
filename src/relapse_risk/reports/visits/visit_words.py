"""The words of the visit workbook, an office's own laid over ours."""

from collections.abc import Mapping

from relapse_risk.policy import URGENT_FIRST, VisitFinding, read_findings, word
from relapse_risk.reports.mechanism import MechanismWords
from relapse_risk.reports.wording import reason_word, wording

__all__ = ["VisitWords"]


class VisitWords(MechanismWords):
    """What the workbook says, in one language."""

    @property
    def findings(self) -> Mapping[str, VisitFinding]:
        """What can be found, by code."""
        return read_findings(self.mechanism["visits"])

    @property
    def measures(self) -> Mapping[str, str]:
        """What a measure is called, by code."""
        return {code: entry[self.lang] for code, entry in self.mechanism["measures"]["measure"].items()}

    def text(self, key: str, **details: object) -> str:
        """Return a text of the workbook."""
        return self._said("texts", key).format_map(details)

    def header(self, name: str) -> str:
        """Return the header of a column; of a carried one what it is called elsewhere, else its name."""
        known = name in self.mechanism["visits"]["columns"]
        return self._said("columns", name) if known else wording("carried", name, self.lang)

    def tier(self, tier: str | None) -> str:
        """Return what an urgent tier is called; nothing for another."""
        return "" if tier not in URGENT_FIRST else word("tiers", tier, self.lang).capitalize()

    def measured(self, codes: str | None) -> str:
        """Return suggested measures, one a line."""
        return "\n".join(self.measures.get(code, code) for code in _codes(codes))

    def why(self, listed_for: str, override: str | None) -> str:
        """Return why a household is listed, one a line; rules in their own words, last those that only tell."""
        rules = {code: self.called("rules", code) for code in _codes(override)}
        listing = [told for code, told in rules.items() if self._lists(code)]
        besides = [
            self._said("listed_for", "besides").format(rule=rules[code]) for code in rules if not self._lists(code)
        ]
        first = [] if listed_for == "rule" and listing else [self._said("listed_for", listed_for)]
        return "\n".join([*first, *listing, *besides])

    def changed(self, change: str | None, moved: str | None) -> str:
        """Return what changed since last month."""
        if change is None:
            return ""
        reason = reason_word(moved, self.lang) if moved else ""
        return self._said("changes", change).format_map({"reason": reason}).rstrip(":： ")

    def _lists(self, rule: str) -> bool:
        return self.mechanism["rules"].get(rule, {}).get("tier") in URGENT_FIRST

    def _said(self, topic: str, key: str) -> str:
        return self.called("visits", topic, key)


def _codes(joined: str | None) -> list[str]:
    return joined.split("+") if joined else []
