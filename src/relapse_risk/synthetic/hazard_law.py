"""How likely the law of the invented population makes a relapse: ``[hazard]`` of ``parameters.toml``."""

from collections.abc import Mapping

from relapse_risk.policy import PolicyModel

__all__ = [
    "DebtHazard",
    "DisabilityHazard",
    "DisasterHazard",
    "EmploymentHazard",
    "GuaranteesHazard",
    "HazardLaw",
    "HistoryHazard",
    "IllnessHazard",
    "IncomeHazard",
    "IndustryHazard",
    "InteractingPair",
    "InteractionHazard",
    "LabourHazard",
    "LevelByType",
    "SchoolingHazard",
    "SupportHazard",
]


class LevelByType(PolicyModel):
    """Log-odds by what a household is."""

    exited: float
    near_poor: float
    general: float


class IncomeHazard(PolicyModel):
    """What income adds to the log-odds."""

    steepness: float
    midpoint: float
    close: float
    log_ratio: float
    volatile: float
    volatile_close: float


class IllnessHazard(PolicyModel):
    """What illness adds to the log-odds."""

    share: float
    half: float
    serious: float
    chronic_uninsured: float


class DisabilityHazard(PolicyModel):
    """What disability adds to the log-odds."""

    weight: Mapping[str, float]
    root: float
    severe_mind: float


class DisasterHazard(PolicyModel):
    """What disaster adds to the log-odds."""

    root: float
    again: float


class EmploymentHazard(PolicyModel):
    """What employment adds to the log-odds."""

    lost: float
    lost_only: float
    short: float


class IndustryHazard(PolicyModel):
    """What industry adds to the log-odds."""

    failure: float


class DebtHazard(PolicyModel):
    """What debt adds to the log-odds."""

    overdue: float
    overdue_heavy: float


class LabourHazard(PolicyModel):
    """What labour adds to the log-odds."""

    none: float
    none_old: float
    dependents: float


class SchoolingHazard(PolicyModel):
    """What schooling adds to the log-odds."""

    college: float
    college_close: float


class GuaranteesHazard(PolicyModel):
    """What guarantees adds to the log-odds."""

    house: float
    water: float


class SupportHazard(PolicyModel):
    """What support adds to the log-odds."""

    subsistence: float
    industry: float
    withdrawn: float
    withdrawn_idle: float


class HistoryHazard(PolicyModel):
    """What history adds to the log-odds."""

    fresh: float
    fade: float
    before: float


class InteractingPair(PolicyModel):
    """Two reasons, and what the product of their log-odds adds."""

    reasons: tuple[str, str]
    weight: float


class InteractionHazard(PolicyModel):
    """What reasons add together where they interact."""

    level: float
    pairs: tuple[InteractingPair, ...]


class HazardLaw(PolicyModel):
    """Log-odds that a relapse is entered within twelve months."""

    level: float
    group: LevelByType
    frailty: float
    other_cause: float
    income: IncomeHazard
    illness: IllnessHazard
    disability: DisabilityHazard
    disaster: DisasterHazard
    employment: EmploymentHazard
    industry: IndustryHazard
    debt: DebtHazard
    labour: LabourHazard
    schooling: SchoolingHazard
    guarantees: GuaranteesHazard
    support: SupportHazard
    history: HistoryHazard
    interaction: InteractionHazard
