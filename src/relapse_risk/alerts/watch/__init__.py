"""Watch lists: households that the documents ask to watch, whatever the model says."""

from typing import TYPE_CHECKING

from relapse_risk.alerts.watch.watch import watch
from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.alerts.watch.declare import WatchList, WatchState
    from relapse_risk.alerts.watch.watch import LISTS, Watch
else:
    __getattr__ = lazy_names(__name__)

__all__ = ["LISTS", "Watch", "WatchList", "WatchState", "watch"]
