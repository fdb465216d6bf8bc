"""Watch lists: whom the documents ask to keep an eye on, whatever the model says."""

from relapse_risk.alerts.watch.declare import State, WatchList
from relapse_risk.alerts.watch.lists import LISTS
from relapse_risk.alerts.watch.run import Watch, watch

__all__ = ["LISTS", "State", "Watch", "WatchList", "watch"]
