"""The error tree: what could not be done, what was found, what to do, in English and Chinese.

Every message is in ``messages.toml`` in this folder, under the code an error is raised with.
"""

import tomllib
import warnings
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = [
    "LANGUAGES",
    "BundleError",
    "InputError",
    "Phrase",
    "RelapseRiskError",
    "RelapseRiskWarning",
    "messages",
    "require_kind",
    "warn",
]

LANGUAGES = ("zh", "en")
"""Those that everything people read is written in."""


@cache
def messages() -> Mapping[str, Mapping[str, str]]:
    """Return every message by code and language (``zh``, ``en``)."""
    found: dict[str, Mapping[str, str]] = tomllib.loads(
        files(__package__).joinpath("messages.toml").read_text(encoding="utf-8")
    )
    return found


class Phrase:
    """A part of a message that has its own wording in each language: a detail of an error, with details of its own.

    Parameters
    ----------
    code : str
        A key of ``messages.toml``.
    **details
        What its placeholders stand for.

    Examples
    --------
    >>> Phrase("allowed_at_least", ge=1).in_language("en")
    'a number from 1'
    """

    def __init__(self, code: str, **details: object) -> None:
        self.code = code
        self.details = details

    def in_language(self, lang: str) -> str:
        """Return it in ``zh`` or ``en``."""
        return _filled(self.code, self.details, lang)


def _filled(code: str, details: Mapping[str, Any], lang: str) -> str:
    said = {name: one.in_language(lang) if isinstance(one, Phrase) else one for name, one in details.items()}
    return messages()[code][lang].format_map(said)


class RelapseRiskError(Exception):
    """Any error this library raises on purpose.

    Parameters
    ----------
    code : str
        A key of ``messages.toml``.
    **details
        What the message's placeholders stand for. Never a name or an identity number.

    Examples
    --------
    >>> print(InputError("source_unknown", source="x.doc"))
    Cannot read x.doc: there is no such file or folder. Give a folder, .xlsx, .csv, .parquet or .zip.
    """

    def __init__(self, code: str, **details: Any) -> None:
        self.code = code
        self.details = details
        super().__init__(self.in_language("en"))

    def in_language(self, lang: str) -> str:
        """Return the one-line message in ``zh`` or ``en``."""
        return _filled(self.code, self.details, lang)


class InputError(RelapseRiskError):
    """Records, arguments or data files that cannot be used as they are."""


class BundleError(RelapseRiskError):
    """A bundle that is damaged, foreign, or made for other features."""


class RelapseRiskWarning(RelapseRiskError, UserWarning):  # noqa: N818  it is a warning's name
    """What was done although something in it is not as it should be: warned of, not raised, unless asked to be."""

    def __init__(self, code: str, given: Mapping[str, Any] | None = None, /, **details: Any) -> None:
        super().__init__(code, **(given or {}), **details)
        self.args = (code, self.details)  # other processes make it again of these

    def __str__(self) -> str:
        return self.in_language("en")


def require_kind(name: str, value: object, kind: type) -> None:
    """Raise an InputError (``argument_kind``) where an argument is of another kind than can be used.

    Examples
    --------
    >>> require_kind("records", 3, dict)
    Traceback (most recent call last):
    relapse_risk.errors.InputError: Cannot use records: it is of the type int. Give dict.
    """
    if not isinstance(value, kind):
        raise InputError("argument_kind", name=name, found=type(value).__name__, expected=kind.__name__)


def warn(code: str, **details: Any) -> None:
    """Warn with a code, on behalf of whoever called the function that calls this.

    Parameters
    ----------
    code : str
        A key of ``messages.toml``.
    **details
        What the message's placeholders stand for. Never a name or an identity number.
    """
    warnings.warn(RelapseRiskWarning(code, **details), stacklevel=3)
