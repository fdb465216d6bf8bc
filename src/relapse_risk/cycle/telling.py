"""The month as the bulletin tells it."""

from datetime import date

import polars as pl

from relapse_risk.alerts import Focus
from relapse_risk.alerts.watch import Watch
from relapse_risk.monitoring import Realised
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
    alerts: pl.DataFrame,
    clearing: pl.DataFrame,
) -> Bulletin:
    """Return what the bulletin of a month says; parameters as in `MonthRun`."""
    return Bulletin(
        as_of=content.as_of,
        previous=previous,
        horizon=content.model.horizon,
        risk=content.risk,
        listings=_without_none(listings),
        changes=None if previous is None else changes,
        areas=content.areas,
        watch=watch.counts,
        focus=_on(focus),
        outcomes=None if realised is None else _outcomes(realised.months),
        alerts=_without_none(alerts),
        clearing=clearing,
        remarks=content.remarks,
        run=(("bundle", content.model.digest[:12]), ("relapse-risk", content.model.release)),
    )


def _without_none(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with no tier for those drawn at random."""
    return frame.with_columns(tier=pl.when(pl.col("tier") != "none").then("tier"))


def _on(focus: Focus) -> pl.DataFrame:
    share = pl.col("criterion") == "incidence"
    unit = pl.when(share).then(pl.lit("share")).otherwise(pl.lit("count"))
    return focus.entries.filter(state="on").with_columns(unit=unit)


def _outcomes(months: pl.DataFrame) -> pl.DataFrame:
    return months.select(
        "as_of",
        "at_risk",
        expected=pl.col("predicted") * pl.col("known"),
        observed="relapses",
        found=pl.col("relapses") - pl.col("missed"),
        missed="missed",
        wrong="wrong",
        complete="over",
    )
