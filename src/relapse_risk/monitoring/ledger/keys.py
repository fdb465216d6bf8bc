"""What makes an entry the same as another: keys made of what happened."""

from collections.abc import Iterable
from datetime import date
from hashlib import blake2b

__all__ = ["key_of"]

_BYTES = 16


def key_of(parts: Iterable[str | int | date | None]) -> bytes:
    """Return the key of what happened, 16 bytes; other parts, or parts divided otherwise, give another one.

    Examples
    --------
    >>> key_of(["a", "bc"]) == key_of(["ab", "c"]), key_of(["a", None]) == key_of(["a", ""])
    (False, False)
    """
    text = "".join("-," if part is None else f"{len(str(part))}:{part}," for part in parts)
    return blake2b(text.encode(), digest_size=_BYTES).digest()
