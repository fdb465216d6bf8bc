"""Limits, severities and wordings of the checks of an evaluation: what ``evaluation.toml`` holds."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from relapse_risk.policy.bilingual import Bilingual
from relapse_risk.policy.model import Entries, PolicyModel, refuse

__all__ = ["AdjacentSources", "CheckLimits", "CheckPolicy", "CheckWording"]

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0)]


class CheckLimits(PolicyModel):
    """The limits of checks; ``evaluation.toml`` explains each."""

    leak_auc: Share
    adjacent_auc: Share
    jump: Share
    jump_auc: Share
    undated_share: Share
    tested_events: Count
    trained_events: Count
    events_per_column: Amount
    level: Amount
    year_sd: float = Field(ge=0)
    slope: Amount
    p_value: Share
    group_p_value: Share
    unseen_error: Amount
    outside_share: Share
    drift_shift: Amount
    drift_log_odds: Amount
    county_share: Share
    rate_ratio: float = Field(ge=1)
    rate_z: Amount
    to_come: Share
    level_rows: Count
    level_expected: Amount
    extreme: Amount


class AdjacentSources(PolicyModel):
    """What an office records once it has noticed a household at risk: tables, and columns of other tables."""

    tables: Entries[str]
    columns: Entries[str]


class CheckWording(PolicyModel):
    """How grave a finding of a check is, and what is said of it."""

    family: str
    severity: str
    name: Bilingual
    sentence: Bilingual
    explanation: Bilingual
    todo: Bilingual


class CheckPolicy(PolicyModel):
    """What ``evaluation.toml`` holds.

    Attributes
    ----------
    limits : CheckLimits
    adjacent : AdjacentSources
    families, severities : Mapping of str to Bilingual
        What they are called.
    checks : Mapping of str to CheckWording
        By code.
    """

    limits: CheckLimits
    adjacent: AdjacentSources
    families: Mapping[str, Bilingual]
    severities: Mapping[str, Bilingual]
    checks: Mapping[str, CheckWording]

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        for code, check in self.checks.items():
            if check.family not in self.families:
                refuse("allowed_codes", key=f"checks.{code}.family", found=check.family, known=", ".join(self.families))
            if check.severity not in self.severities:
                known = ", ".join(self.severities)
                refuse("allowed_codes", key=f"checks.{code}.severity", found=check.severity, known=known)
        return self
