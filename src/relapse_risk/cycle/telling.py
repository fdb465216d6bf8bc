"""The month as the bulletin tells it."""

from datetime import date

import polars as pl

from relapse_risk.alerts import Focus
from relapse_risk.alerts.watch import Watch
from relapse_risk.monitoring import Drift, Realised
from relapse_risk.reports import Bulletin, Content

__all__ = ["tell_month"]


def tell_month(
    content: Content,
    *,
    previous: date | None,
    listings: pl.DataFrame,
    changes: pl.DataFrame,
    watch: Watch,
    focus: Focus,
    realised: Realised | None,
    expected: pl.DataFrame,
    drift: Drift | None,
    alerts: pl.DataFrame,
    clearing: pl.DataFrame,
) -> Bulletin:
    """Return what the bulletin of a month says; parameters as in `MonthRun`."""
    return Bulletin(
        as_of=content.as_of,
        previous=previous,
        horizon=content.model.horizon,
        risk=content.risk,
        listings=listings,
        changes=None if previous is None else changes,
        areas=content.areas,
        watch=watch.counts,
        focus=focus.entries,
        outcomes=None if realised is None else realised.months,
        honest=None if realised is None else realised.honest,
        performance=expected,
        drift=None if drift is None else drift.frame,
        alerts=alerts,
        clearing=clearing,
        remarks=content.remarks,
        run=(("bundle", content.model.digest[:12]), ("release", content.model.release)),
    )
