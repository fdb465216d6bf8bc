"""A wording in every language there is."""

from typing import Annotated

from pydantic import Field

from relapse_risk.policy.model import PolicyModel

__all__ = ["Bilingual"]


class Bilingual(PolicyModel):
    """What something is called, in Chinese and English.

    Examples
    --------
    >>> Bilingual(zh="元", en="yuan").in_language("zh")
    '元'
    """

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    def in_language(self, lang: str) -> str:
        """Return it in ``zh`` or ``en``."""
        return self.zh if lang == "zh" else self.en
