"""A wording in every language there is."""

from relapse_risk.policy.model import PolicyModel

__all__ = ["Bilingual"]


class Bilingual(PolicyModel):
    """What something is called, in Chinese and English.

    Examples
    --------
    >>> Bilingual(zh="元", en="yuan").in_language("zh")
    '元'
    """

    zh: str
    en: str

    def in_language(self, lang: str) -> str:
        """Return it in ``zh`` or ``en``."""
        return self.zh if lang == "zh" else self.en
