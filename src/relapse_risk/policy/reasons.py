"""The reasons a score is split into."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import ConfigDict, Field

from relapse_risk.policy.bilingual import Bilingual
from relapse_risk.policy.files import read_model
from relapse_risk.policy.model import PolicyModel

__all__ = ["REASONS", "Reason", "ReasonsFile"]


class ReasonEntry(Bilingual):
    """What a reason is called, the register's wordings of causes that belong to it, and whether it may be named."""

    cause: tuple[str, ...] = ()
    named: bool = True


class ReasonsFile(PolicyModel):
    """What ``reasons.toml`` holds: reasons by code."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, ReasonEntry] = Field(init=False)

    @classmethod
    def known_keys(cls, data: Mapping[str, object]) -> tuple[str, ...]:
        """Return the codes: any name is one."""
        return tuple(data)

    @property
    def reasons(self) -> Mapping[str, ReasonEntry]:
        """Every reason by code, in order."""
        return self.__pydantic_extra__


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One category of causes: its code, its wordings, the register's wordings of causes that belong to it.

    What is not ``named`` has its contribution, and is never given as the reason for which a household is listed.
    """

    code: str
    zh: str
    en: str
    cause: tuple[str, ...]
    named: bool = True


REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        code: Reason(code=code, zh=entry.zh, en=entry.en, cause=entry.cause, named=entry.named)
        for code, entry in read_model(ReasonsFile, "reasons").reasons.items()
    }
)
"""Every reason by code, in the order they are shown."""
