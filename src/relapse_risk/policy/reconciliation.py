"""Tolerances between departments and the register, and the names of comparisons: ``reconcile.toml``."""

from collections.abc import Mapping

from pydantic import Field

from relapse_risk.policy.bilingual import Bilingual
from relapse_risk.policy.model import PolicyModel

__all__ = ["ReconcilePolicy", "Tolerances"]


class Tolerances(PolicyModel):
    """The differences that still count as agreement.

    Attributes
    ----------
    yuan, share : float
        Amounts may differ by so many yuan, or by this share of the larger one.
    months : float
        Months of work in a year.
    days : int
        Days may lie so far apart; the last day of a month agrees with any day of it.
    """

    yuan: float = Field(ge=0)
    share: float = Field(ge=0, le=1)
    months: float = Field(ge=0)
    days: int = Field(ge=0)


class ReconcilePolicy(PolicyModel):
    """What ``reconcile.toml`` holds: tolerances, and wordings by code of all that a reconciliation says."""

    tolerances: Tolerances
    outcomes: Mapping[str, Bilingual]
    comparisons: Mapping[str, Bilingual]
    units: Mapping[str, Bilingual]
    sides: Mapping[str, Bilingual]
    notes: Mapping[str, Bilingual]
