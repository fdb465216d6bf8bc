"""The words of the early-warning mechanism, an office's own laid over ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from relapse_risk.policy import Policy, require_lang

__all__ = ["MechanismWords"]


@dataclass(frozen=True, kw_only=True)
class MechanismWords:
    """What the parts of a policy's mechanism call things, in one language.

    Attributes
    ----------
    mechanism : Mapping
        Of a policy.
    lang : str
    """

    mechanism: Mapping[str, Any]
    lang: str

    @classmethod
    def of(cls, policy: Policy, lang: str) -> Self:
        """Take them out of a policy.

        Raises
        ------
        InputError
            For a language there are no wordings in (``lang_unknown``).
        """
        require_lang(lang)
        return cls(mechanism=policy.mechanism, lang=lang)

    def called(self, *path: str) -> str:
        """Return what a part of the mechanism calls something; the last of its codes where it has no word for it."""
        found: Any = self.mechanism
        for key in path:
            found = found.get(key, {})
        text: str = found.get(self.lang, path[-1])
        return text
