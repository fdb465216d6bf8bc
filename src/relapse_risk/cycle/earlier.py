"""Outcomes of the lists of earlier months with a finished horizon."""

import polars as pl

from relapse_risk.bundle import Bundle
from relapse_risk.cycle.visiting import visits_of
from relapse_risk.labels import label_relapse
from relapse_risk.monitoring import Ledger, Realised, realised_outcomes, unpack
from relapse_risk.periods import AsOf, Horizon
from relapse_risk.records import AsOfView, AsOfViews

__all__ = ["earlier_outcomes"]

_MONTHS = 12
"""How many months are looked back upon: the newest ones whose horizon is over."""


def earlier_outcomes(view: AsOfView, bundle: Bundle, ledger: Ledger) -> Realised | None:
    """Return the outcomes of earlier months known on a day; None if no horizon is over.

    Parameters
    ----------
    view : AsOfView
        Of the day: nothing recorded after it is looked at, and no visit after it.
    bundle : Bundle
        Its label, cohort and horizon say what an outcome is.
    ledger : Ledger
    """
    on, horizon = view.as_of.day, Horizon(months=bundle.horizon)
    over = [month for month in ledger.months() if horizon.end(AsOf(month)) <= on][-_MONTHS:]
    scores = {month: packed for month in over if (packed := ledger.scores(month)) is not None}
    if not scores:
        return None
    views = AsOfViews.of(view)
    labels = label_relapse(views, list(scores), bundle.horizon, label=bundle.label, cohort=bundle.cohort, known_by=on)
    of_months = [
        unpack(packed).select("household_id", "probability", as_of=pl.lit(month)) for month, packed in scores.items()
    ]
    listings = ledger.listings().filter(pl.col("as_of").is_in(list(scores)))
    visits = visits_of(ledger, until=on).filter(pl.col("as_of").is_in(list(scores)))
    return realised_outcomes(pl.concat(of_months), listings, labels, on=on, visits=visits)
