"""The reasons a score is split into."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from relapse_risk.policy.files import read_data

__all__ = ["REASONS", "Reason"]


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One category of causes: its code, its wordings, and the register's wordings of causes that belong to it."""

    code: str
    zh: str
    en: str
    cause: tuple[str, ...]


REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        code: Reason(code=code, zh=entry["zh"], en=entry["en"], cause=tuple(entry["cause"]))
        for code, entry in read_data("reasons").items()
    }
)
"""Every reason by code, in the order they are shown."""
