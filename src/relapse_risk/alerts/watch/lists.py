"""The watch lists: one module per family, every list declared once."""

from relapse_risk.alerts.watch import (
    guarantees,
    insurance,
    key_groups,
    microcredit,
    resettlement,
    shocks,
    withdrawn,
    work,
)
from relapse_risk.alerts.watch.declare import WatchList

__all__ = ["LISTS"]

_FAMILIES = (insurance, microcredit, resettlement, work, guarantees, withdrawn, key_groups, shocks)

LISTS: tuple[WatchList, ...] = tuple(one for family in _FAMILIES for one in family.LISTS)
"""Every list, in the order they are shown."""
