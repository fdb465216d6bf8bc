"""What a check found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from relapse_risk.errors import LANGUAGES
from relapse_risk.policy import Texts

__all__ = ["CheckFinding", "group_words", "kind_words", "model_words", "table_words"]


@dataclass(frozen=True, kw_only=True)
class CheckFinding:
    """One finding.

    Attributes
    ----------
    code : str
        For example ``RR101``; what it means is in ``docs/checks.md``.
    severity : str
        ``error``, ``warn`` or ``note``.
    details : Mapping of str to object
        Figures and names; a name that differs by language is a mapping of language to text.
    """

    code: str
    severity: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, texts: Texts) -> str:
        """Return the finding in a sentence.

        Examples
        --------
        >>> CheckFinding(code="RR603", severity="warn", details={"share": 0.08}).sentence(Texts("en"))
        'An estimated 8.0% of the relapses are not entered yet.'
        """
        details = {name: one[texts.lang] if isinstance(one, Mapping) else one for name, one in self.details.items()}
        return texts(f"evaluation.checks.{self.code}", "sentence", **details)


def model_words(name: str) -> Mapping[str, str]:
    """Return what a model is called, by language; a user's own by its name."""
    return {lang: label.removeprefix("model_") for lang, label in _labels("cli", f"model_{name}").items()}


def table_words(table: str) -> Mapping[str, str]:
    """Return what a record table is called, by language."""
    return _labels("tables", table)


def kind_words(kind: str) -> Mapping[str, str]:
    """Return what a kind of group is called, by language."""
    return _labels("group_kinds", kind)


def group_words(kind: str, group: str) -> Mapping[str, str]:
    """Return what a group is called, by language: flags and register types in words, all else as it is recorded.

    Examples
    --------
    >>> group_words("elderly", "yes")["en"], group_words("household_type", "exited")["zh"]
    ('yes', '脱贫户')
    """
    return _labels("household_types" if kind == "household_type" else "group_flags", group)


def _labels(topic: str, code: str) -> Mapping[str, str]:
    return {lang: Texts(lang).label(topic, code) for lang in LANGUAGES}
