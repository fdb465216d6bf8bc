"""What the library says to people, in Chinese and English."""

from typing import Any

from relapse_risk.errors import LANGUAGES, InputError
from relapse_risk.policy.files import read_data

__all__ = ["require_lang", "word"]


def require_lang(lang: str) -> None:
    """Raise an InputError (``lang_unknown``) for a language there are no wordings in."""
    if lang not in LANGUAGES:
        raise InputError("lang_unknown", lang=lang, known=", ".join(LANGUAGES))


def word(topic: str, key: str, lang: str, **details: Any) -> str:
    """Return the wording of a key under a topic of ``wordings.toml`` with its placeholders filled.

    Raises
    ------
    InputError
        For a language there are no wordings in (``lang_unknown``).

    Examples
    --------
    >>> word("tiers", "red", "zh")
    '红色'
    """
    require_lang(lang)
    text: str = read_data("wordings")[topic][key][lang]
    return text.format_map(details) if details else text
