"""What a check found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from relapse_risk.policy import CheckPart, CheckPolicy, read_model, word
from relapse_risk.policy.files import read_data

__all__ = ["CheckFinding", "check_words", "group_words", "kind_words", "model_words", "table_words"]

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, kw_only=True)
class CheckFinding:
    """One finding.

    Attributes
    ----------
    code : str
        For example ``RR101``; what it means stands in ``docs/checks.md``.
    severity : str
        ``error``, ``warn`` or ``note``.
    details : Mapping of str to object
        Figures and names; a name that differs by language is a mapping of language to text.
    """

    code: str
    severity: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def said(self, lang: str) -> str:
        """Return the finding in a sentence.

        Examples
        --------
        >>> CheckFinding(code="RR603", severity="warn", details={"share": 0.08}).said("en")
        'About 8.0% of the relapses are still to be entered.'
        """
        told = {name: one[lang] if isinstance(one, Mapping) else one for name, one in self.details.items()}
        return check_words(self.code, "said", lang).format_map(told)


def check_words(code: str, part: CheckPart, lang: str) -> str:
    """Return a wording of a check: ``name``, ``said``, ``why`` or ``todo``."""
    return read_model(CheckPolicy, "evaluation").checks[code].part(part).in_language(lang)


def model_words(name: str) -> Mapping[str, str]:
    """Return what a model is called, by language; a user's own by its name."""
    return _words("cli", f"model_{name}", name)


def table_words(table: str) -> Mapping[str, str]:
    """Return what a record table is called, by language."""
    return _words("tables", table, table)


def kind_words(kind: str) -> Mapping[str, str]:
    """Return what a kind of group is called, by language."""
    return _words("group_kinds", kind, kind)


def group_words(kind: str, group: str) -> Mapping[str, str]:
    """Return what a group is called, by language: flags and register types in words, all else as it is recorded.

    Examples
    --------
    >>> group_words("elderly", "yes")["en"], group_words("household_type", "exited")["zh"]
    ('yes', '脱贫户')
    """
    return _words("household_types" if kind == "household_type" else "group_flags", group, group)


def _words(topic: str, key: str, fallback: str) -> Mapping[str, str]:
    known = key in read_data("wordings").get(topic, {})
    return {lang: word(topic, key, lang) if known else fallback for lang in LANGUAGES}
