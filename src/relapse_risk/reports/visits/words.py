"""The words of the visit workbook, an office's own laid over ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relapse_risk.policy import Finding, Policy, read_findings, word
from relapse_risk.reports.facts import reason_word, wording
from relapse_risk.reports.figures import listing

__all__ = ["VisitWords"]


@dataclass(frozen=True, kw_only=True)
class VisitWords:
    """What the workbook says, in one language.

    Attributes
    ----------
    mechanism : Mapping
        Of a policy.
    lang : str
    """

    mechanism: Mapping[str, Any]
    lang: str

    @classmethod
    def of(cls, policy: Policy, lang: str) -> "VisitWords":
        """Take them out of a policy."""
        return cls(mechanism=policy.mechanism, lang=lang)

    @property
    def findings(self) -> Mapping[str, Finding]:
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
        return self._said("columns", name) if name in self.mechanism["visits"]["columns"] else self._carried(name)

    def tier(self, tier: str | None) -> str:
        """Return what a tier is called; nothing for none."""
        return "" if tier is None else word("tiers", tier, self.lang).capitalize()

    def measured(self, codes: str | None) -> str:
        """Return suggested measures, one a line."""
        return "\n".join(self.measures.get(code, code) for code in _codes(codes))

    def why(self, listed_for: str, override: str | None) -> str:
        """Return why a household is listed; a rule in its own words."""
        rules = self.mechanism["rules"]
        told = [rules[code][self.lang] if code in rules else code for code in _codes(override)]
        if listed_for == "rule" and told:
            return listing(told, self.lang)
        return listing([self._said("listed_for", listed_for), *told], self.lang)

    def changed(self, change: str | None, moved: str | None) -> str:
        """Return what changed since last month."""
        if change is None:
            return ""
        reason = reason_word(moved, self.lang) if moved else ""
        return self._said("changes", change).format_map({"reason": reason}).rstrip(":： ")

    def _carried(self, name: str) -> str:
        return wording("carried", name, self.lang)

    def _said(self, topic: str, key: str) -> str:
        text: str = self.mechanism["visits"][topic][key][self.lang]
        return text


def _codes(joined: str | None) -> list[str]:
    return joined.split("+") if joined else []
