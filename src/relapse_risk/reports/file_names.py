"""Names of files after places: what every file system takes, none twice."""

import re
from collections.abc import Iterable

__all__ = ["file_names"]

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\s]+')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")
_LONGEST = 120  # bytes: a name has 255, and a Chinese character takes three


def file_names(names: Iterable[str]) -> list[str]:
    """Return names that files may have, without their suffix: no two the same, whatever the case of letters.

    Examples
    --------
    >>> file_names(["城关/镇", "城关 镇", "CON", "..", "~$a"])
    ['城关_镇', '城关_镇_2', 'CON_', '-', 'a']
    """
    used: set[str] = set()
    found = []
    for name in names:
        plain = _shortened("".join(one for one in _FORBIDDEN.sub("_", name) if one.isprintable())) or "-"
        plain += "_" if _RESERVED.match(plain) else ""
        number, free = 1, plain
        while free.casefold() in used:
            number += 1
            free = f"{plain}_{number}"
        used.add(free.casefold())
        found.append(free)
    return found


def _shortened(name: str) -> str:
    whole = name.lstrip(".~$_ ").encode()[:_LONGEST].decode(errors="ignore")
    return whole.rstrip("._ ")
