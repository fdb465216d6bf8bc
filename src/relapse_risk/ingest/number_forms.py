"""Numbers in a column of texts, in other forms than digits: read where only one number can be meant."""

import re
from collections.abc import Iterable

from relapse_risk.ingest.cells import Read, compact

__all__ = ["number_forms"]

_BETWEEN_DIGITS = re.compile(r"\d,\d")
_THOUSANDS = re.compile(r"\D*\d{1,3}(?:,\d{3})+(?!\d|,)(?:\.\d+)?\D*")


def number_forms(texts: Iterable[str], read: Read) -> dict[str, float | int]:
    """Read the distinct texts of a column as numbers, as far as nothing is guessed.

    A comma parts thousands, unless another text of the column shows that it may be a decimal sign (12,5).

    Examples
    --------
    >>> from decimal import Decimal
    >>> from relapse_risk.ingest.cells import read_number
    >>> read = read_number({"万元": Decimal(10000)})
    >>> number_forms(["12,000", "1.2万元", "some"], read)
    {'1.2万元': 12000.0, '12,000': 12000.0}
    >>> number_forms(["12,000", "12,5"], read)
    {}
    """
    plain = {text: compact(text) for text in sorted(texts)}
    parted = [text for text, one in plain.items() if _BETWEEN_DIGITS.search(one)]
    doubtful = set() if all(_THOUSANDS.fullmatch(plain[text]) for text in parted) else set(parted)
    found = {text: read(text).value for text in plain if text not in doubtful}
    return {text: number for text, number in found.items() if isinstance(number, float | int)}
