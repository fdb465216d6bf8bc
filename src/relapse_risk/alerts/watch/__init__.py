"""Watch lists: households that the documents ask to watch, whatever the model says."""

from relapse_risk.alerts.watch.declare import WatchList, WatchState
from relapse_risk.alerts.watch.watch import LISTS, Watch, watch

__all__ = ["LISTS", "Watch", "WatchList", "WatchState", "watch"]
