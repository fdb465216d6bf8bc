"""The releases in use."""

from importlib.metadata import version
from platform import python_version

__all__ = ["versions_in_use"]

_LIBRARIES = ("relapse-risk", "lightgbm", "numpy", "polars", "scikit-learn", "scipy")


def versions_in_use() -> dict[str, str]:
    """Return the release of Python and of each library that figures depend on.

    Examples
    --------
    >>> sorted(versions_in_use())[:2]
    ['lightgbm', 'numpy']
    """
    return {"python": python_version()} | {name: version(name) for name in _LIBRARIES}
