"""What the word of a relation says of a person's sex, which its code no longer does."""

import re
from collections.abc import Mapping

from relapse_risk.ingest.cells import Cell, Read, Reading, compact
from relapse_risk.policy import Code

__all__ = ["read_sex_of_relation"]

_OR = re.compile(r"[/、,;|或及和]")


def read_sex_of_relation(endings: Mapping[str, Code]) -> Read:
    """Return what reads the sex that the word of a relation says, by the longest known ending.

    Of several words each must say the same; what has no known ending, or one of both sexes, says nothing.

    Parameters
    ----------
    endings : Mapping of str to str
        Ending of a word to sex; "" is said of both.

    Examples
    --------
    >>> read = read_sex_of_relation({"子": "male", "女": "female", "妻子": "female", "子女": ""})
    >>> [read(word).value for word in ("之子", "养女或继女", "妻子", "独生子女", "子或女", "配偶")]
    ['male', 'female', 'female', None, None, None]
    """
    longest = sorted(endings, key=len, reverse=True)

    def read(cell: Cell) -> Reading:
        words = filter(None, _OR.split(compact(cell)))
        said = {next((endings[end] for end in longest if word.endswith(end)), "") for word in words}
        return Reading(said.pop() or None) if len(said) == 1 else Reading()

    return read
