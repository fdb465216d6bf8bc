"""What the library says to people, in Chinese and English."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import ConfigDict, Field

from relapse_risk.errors import LANGUAGES, InputError
from relapse_risk.policy.audit import AuditPolicy
from relapse_risk.policy.bilingual import Bilingual
from relapse_risk.policy.files import MECHANISM, read_data, read_model
from relapse_risk.policy.mechanism import Mechanism
from relapse_risk.policy.model import PolicyModel

__all__ = ["Texts", "WordingsFile", "require_lang"]

_FILES = ("audit", "evaluation", "anomalies", "reasons", "reconcile")


class _Named(Protocol):
    @property
    def zh(self) -> str: ...

    @property
    def en(self) -> str: ...


class WordingsFile(PolicyModel):
    """What ``wordings.toml`` holds: topics, and under each of them wordings by key."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Mapping[str, Bilingual]] = Field(init=False)

    @classmethod
    def known_keys(cls, data: Mapping[str, object]) -> tuple[str, ...]:
        """Return the topics: any name is one."""
        return tuple(data)


@dataclass(frozen=True)
class Texts:
    """All wordings in one language.

    A topic is a table of wordings: one of ``wordings.toml`` (``tiers``), or one of another data file by its path
    (``bulletin.texts``, ``audit.families``, ``reasons``). Those of the mechanism and of the audit may be an
    office's own.

    Parameters
    ----------
    lang : {"zh", "en"}
    audit : AuditPolicy, optional
    mechanism : Mechanism, optional
        Those of an office; built-in by default.

    Raises
    ------
    InputError
        For a language there are no wordings in (``lang_unknown``).

    Examples
    --------
    >>> texts = Texts("en")
    >>> texts("tiers", "red"), texts("levels", "village"), texts("reasons", "illness")
    ('red', 'village', 'Illness')
    >>> texts("facts", "households_value", count=3)
    '3 households'
    >>> texts("facts", "households_value")
    Traceback (most recent call last):
    LookupError: nothing is given for {count} in the text facts.households_value
    >>> texts("tiers", "mauve")
    Traceback (most recent call last):
    LookupError: there is no text tiers.mauve
    """

    lang: str
    audit: AuditPolicy | None = None
    mechanism: Mechanism | None = None
    _tables: dict[str, object] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        require_lang(self.lang)

    def __call__(self, topic: str, key: str, /, **details: object) -> str:
        """Return a text with its placeholders filled.

        Raises
        ------
        LookupError
            If there is none, or nothing is given for one of its placeholders.
        """
        text = self.template(topic, key)
        try:
            return text.format_map(details)
        except KeyError as error:
            raise LookupError(f"nothing is given for {{{error.args[0]}}} in the text {topic}.{key}") from error

    def template(self, topic: str, key: str) -> str:
        """Return a text as it is, its placeholders not filled."""
        text = self._text(self._entry(topic, key))
        if text is None:
            raise LookupError(f"there is no text {topic}.{key}")
        return text

    def name_of(self, named: _Named) -> str:
        """Return what something is called that carries its name in both languages itself.

        Examples
        --------
        >>> Texts("en").name_of(Bilingual(zh="月报", en="bulletin"))
        'bulletin'
        """
        return named.zh if self.lang == "zh" else named.en

    def has(self, topic: str, key: str) -> bool:
        """Return whether there is such a text."""
        return self._text(self._entry(topic, key)) is not None

    def label(self, topic: str, code: str | None) -> str:
        """Return what a code is called: itself where it has no wording; that it is not stated where it is None.

        Examples
        --------
        >>> texts = Texts("en")
        >>> texts.label("tiers", "red"), texts.label("tiers", "mauve"), texts.label("tiers", None)
        ('red', 'mauve', 'not stated')
        """
        if code is None:
            return self("facts", "not_stated")
        text = self._text(self._entry(topic, code))
        return code if text is None else text

    def labels(self, topic: str) -> dict[str, str]:
        """Return what every code of a topic is called.

        Examples
        --------
        >>> Texts("en").labels("severities")
        {'refuse': 'refused', 'warn': 'wrong', 'note': 'check'}
        """
        found = {code: self._text(entry) for code, entry in _entries(self._table(topic))}
        return {code: text for code, text in found.items() if text is not None}

    def _entry(self, topic: str, key: str) -> object:
        return _step(self._table(topic), key)

    def _text(self, entry: object) -> str | None:
        text = _step(entry, self.lang)
        return text if isinstance(text, str) else None

    def _table(self, topic: str) -> object:
        """Return what is under a topic: a table, a model, or None where there is nothing; looked for once."""
        if topic not in self._tables:
            self._tables[topic] = self._found(topic)
        return self._tables[topic]

    def _found(self, topic: str) -> object:
        first, *path = topic.split(".")
        topics = read_model(WordingsFile, "wordings").__pydantic_extra__
        found: object = topics[first] if first in topics and not path else self._file(first)
        for step in path:
            found = _step(found, step)
        return found

    def _file(self, name: str) -> object:
        if name in MECHANISM:
            return read_data(f"mechanism/{name}") if self.mechanism is None else _step(self.mechanism, name)
        if name == "audit" and self.audit is not None:
            return self.audit
        return read_data(name) if name in _FILES else None


def require_lang(lang: str) -> None:
    """Raise an InputError (``lang_unknown``) for a language there are no wordings in."""
    if lang not in LANGUAGES:
        raise InputError("lang_unknown", lang=lang, known=", ".join(LANGUAGES))


def _step(found: object, key: str) -> object:
    """Return what a table has under a key, or a model as an attribute; None where it has nothing."""
    return found.get(key) if isinstance(found, Mapping) else getattr(found, key, None)


def _entries(table: object) -> Iterator[tuple[str, object]]:
    """Yield what a table or a model has, each with its key."""
    yield from table.items() if isinstance(table, Mapping) else table if isinstance(table, PolicyModel) else ()
