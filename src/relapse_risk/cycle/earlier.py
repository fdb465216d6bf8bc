"""What became of the lists of earlier months, as far as their horizon is over."""

import polars as pl

from relapse_risk.bundle import Bundle
from relapse_risk.cycle.visiting import visits_of
from relapse_risk.labels import label_relapse
from relapse_risk.monitoring import Ledger, Realised, realised_outcomes, unpack
from relapse_risk.periods import AsOf, Horizon
from relapse_risk.policy import Policy
from relapse_risk.records import Records

__all__ = ["earlier_outcomes"]

_MONTHS = 12
"""How many months are looked back upon: the newest ones whose horizon is over."""


def earlier_outcomes(records: Records, bundle: Bundle, ledger: Ledger, as_of: AsOf, policy: Policy) -> Realised | None:
    """Return what was known on a day of the outcomes of earlier months; None where no horizon is over.

    Parameters
    ----------
    records : Records
    bundle : Bundle
        Its label, cohort and horizon say what an outcome is.
    ledger : Ledger
    as_of : AsOf
        Nothing recorded after it is looked at, and no visit after it.
    policy : Policy
    """
    horizon = Horizon(months=bundle.horizon)
    over = [month for month in ledger.months() if horizon.end(AsOf(month)) <= as_of.day][-_MONTHS:]
    scores = {month: packed for month in over if (packed := ledger.scores(month)) is not None}
    if not scores:
        return None
    labels = label_relapse(
        records,
        list(scores),
        bundle.horizon,
        label=bundle.label,
        cohort=bundle.cohort,
        lines=policy.lines,
        known_by=as_of.day,
    )
    of_months = [
        unpack(packed).select("household_id", "probability", as_of=pl.lit(month)) for month, packed in scores.items()
    ]
    listings = ledger.listings().filter(pl.col("as_of").is_in(list(scores)))
    visits = visits_of(ledger, until=as_of.day).filter(pl.col("as_of").is_in(list(scores)))
    return realised_outcomes(pl.concat(of_months), listings, labels, on=as_of.day, visits=visits)
