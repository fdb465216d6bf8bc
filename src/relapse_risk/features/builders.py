"""The builders that are used unless others are asked for."""

from relapse_risk.features import (
    assistance,
    disability,
    disaster,
    employment,
    guarantees,
    history,
    household,
    illness,
    income,
    loans,
    monitoring,
    place,
    sources,
    workers,
)
from relapse_risk.features.declare import Builder

__all__ = ["DEFAULT_BUILDERS"]

DEFAULT_BUILDERS: tuple[Builder, ...] = (
    income.BUILDER,
    *history.BUILDERS,
    *monitoring.BUILDERS,
    sources.BUILDER,
    workers.BUILDER,
    employment.BUILDER,
    *illness.BUILDERS,
    *disability.BUILDERS,
    *disaster.BUILDERS,
    *household.BUILDERS,
    *guarantees.BUILDERS,
    *loans.BUILDERS,
    *assistance.BUILDERS,
    *place.BUILDERS,
)
"""One group of features after another, in the order of their columns."""
