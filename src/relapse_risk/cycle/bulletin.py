"""The contents of the month's bulletin."""

from collections.abc import Iterator
from datetime import date

import polars as pl

from relapse_risk.alerts import Focus
from relapse_risk.alerts.watch import Watch
from relapse_risk.monitoring import Drift, Gap, Realised
from relapse_risk.reports import Bulletin, Remark, RosterReport

__all__ = ["alert_remarks", "open_unknown", "tell_month"]


def open_unknown(alerts: pl.DataFrame, risk: pl.DataFrame) -> pl.DataFrame:
    """Return the open alerts of households that the register does not know on the day, or knows by another number."""
    return alerts.filter("open").join(risk, on="household_id", how="anti")


def alert_remarks(alerts: pl.DataFrame, risk: pl.DataFrame) -> Iterator[Remark]:
    """Yield the remarks on the alerts of a day: those of households no longer in the register are not proposed."""
    if count := open_unknown(alerts, risk).height:
        yield "alerts_unknown", {"count": count}


def tell_month(
    content: RosterReport,
    *,
    previous: date | None,
    gaps: tuple[Gap, ...],
    listings: pl.DataFrame,
    changes: pl.DataFrame,
    watch: Watch,
    focus: Focus,
    realised: Realised | None,
    expected: pl.DataFrame | None,
    drift: Drift | None,
    alerts: pl.DataFrame,
    clearing: pl.DataFrame,
    completion: pl.DataFrame | None,
) -> Bulletin:
    """Return the contents of a month's bulletin; parameters as in `MonthRun`."""
    return Bulletin(
        as_of=content.as_of,
        previous=previous,
        horizon=content.model.horizon,
        risk=content.risk,
        rules=content.rules,
        plan=content.plan,
        curve=content.curve,
        listings=listings,
        changes=None if previous is None else changes,
        areas=content.areas,
        watch=watch.counts,
        focus=focus.entries,
        outcomes=None if realised is None else realised.months,
        weighted=None if realised is None else realised.weighted,
        **({} if realised is None else {"least_relapses": realised.least_relapses}),
        performance=expected,
        drift=None if drift is None else drift.frame,
        alerts=alerts,
        clearing=clearing,
        completion=completion,
        remarks=(*gaps, *alert_remarks(alerts, content.risk), *content.remarks),
        run=(("bundle", content.model.digest[:12]), ("release", content.model.release)),
    )
