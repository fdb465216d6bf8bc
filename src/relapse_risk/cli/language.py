"""Which language a user reads."""

import locale
import os
from collections.abc import Mapping, Sequence
from itertools import pairwise

from relapse_risk.errors import LANGUAGES

__all__ = ["chosen_language"]

_NAMES = {"zh": "zh", "chinese": "zh", "en": "en", "english": "en"}


def chosen_language(args: Sequence[str], environment: Mapping[str, str] = os.environ) -> str:
    """Return the language of ``--lang``, else the locale's, else Chinese.

    It is needed before the arguments are parsed: what is wrong with them is said in it too.

    Examples
    --------
    >>> chosen_language(["score", "--lang", "en"], {}), chosen_language([], {"LANG": "en_GB.UTF-8"})
    ('en', 'en')
    >>> chosen_language([], {"LC_ALL": "C"})
    'zh'
    """
    asked = [after for flag, after in pairwise(args) if flag == "--lang"]
    asked += [arg.removeprefix("--lang=") for arg in args if arg.startswith("--lang=")]
    return next((lang for lang in asked if lang in LANGUAGES), None) or _of_locale(environment)


def _of_locale(environment: Mapping[str, str]) -> str:
    named = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), None)
    name = named or locale.getlocale()[0] or ""
    return _NAMES.get(name.lower().replace("-", "_").split("_")[0].split(".")[0].split(" ")[0], "zh")
