"""Watch lists: whom the documents ask to keep an eye on, whatever the model says."""

from relapse_risk.alerts.watch.declare import WatchList, WatchState
from relapse_risk.alerts.watch.watch import LISTS, Watch, watch

__all__ = ["LISTS", "Watch", "WatchList", "WatchState", "watch"]
