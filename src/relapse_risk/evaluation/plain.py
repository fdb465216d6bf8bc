"""Results as plain JSON data."""

from math import isfinite
from typing import Any

__all__ = ["plain"]


def plain(value: Any) -> Any:
    """Return mappings and tuples as dicts and lists; what is not a finite number becomes None.

    Examples
    --------
    >>> plain({"a": (1.5, float("nan"))})
    {'a': [1.5, None]}
    """
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value
