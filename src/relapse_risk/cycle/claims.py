"""What the ledger asks of a month before it is run: re-visits, alerts in hand, and who has been waiting since when."""

from datetime import date

import polars as pl

from relapse_risk.alerts import CLAIMS
from relapse_risk.cycle.lists import relapsed_households
from relapse_risk.monitoring import Ledger
from relapse_risk.periods import add_months

__all__ = ["find_claims"]


def find_claims(
    ledger: Ledger,
    as_of: date,
    demand: pl.DataFrame,
    changes: pl.DataFrame,
    waited: pl.DataFrame,
    renumbered: pl.DataFrame | None = None,
    endline: pl.Series | None = None,
) -> pl.DataFrame:
    """Return the claims of a month, see `alerts.plan_visits`.

    A visit is due on an open alert where nobody has been there yet, where it became more urgent this month or is sent
    back, where the run proposes to clear, and where its deadline falls into the month or is past (then it is overdue).
    Who was visited is visited again for an overdue deadline so many months later as ``[revisits]`` of ``ledger.toml``
    says, and so is a household that relapsed: it cannot be cleared until it left poverty, and would take a visit every
    month. All other open alerts are in hand: so are those that wait for a step of clearing, late or not, since a
    meeting, a notice or a check is no visit; and those closed recently, which the month would not open again.

    Parameters
    ----------
    ledger : Ledger
    as_of : date
    demand : pl.DataFrame
        ``DayDemand.frame``: household_id, demanded_for, tier, override, exclusion_reason.
    changes : pl.DataFrame
        From `compare`.
    waited : pl.DataFrame
        household_id and waiting_since of those that waited last month, by the numbers they go by now.
    renumbered : pl.DataFrame, optional
        As ``Month.renumbered``.
    endline : pl.Series, optional
        household_id of those to whom a visit at the end of a horizon is due, see `endline_due`.

    Returns
    -------
    pl.DataFrame
        One row a household, see `alerts.CLAIMS`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from relapse_risk.monitoring import open_ledger
    >>> demand = pl.DataFrame({"household_id": ["h1"], "demanded_for": ["model"], "tier": ["red"]})
    >>> demand = demand.with_columns(override=pl.lit(None, pl.String), exclusion_reason=pl.lit(None, pl.String))
    >>> changes = pl.DataFrame(schema={"household_id": pl.String, "state": pl.String, "known": pl.Boolean})
    >>> waited = pl.DataFrame({"household_id": ["h1"], "waiting_since": [date(2020, 1, 31)]})
    >>> with TemporaryDirectory() as folder:
    ...     claims = find_claims(open_ledger(f"{folder}/county.db"), date(2020, 2, 29), demand, changes, waited)
    >>> claims.select("household_id", "claim", "waiting_since").rows()
    [('h1', None, datetime.date(2020, 1, 31))]
    """
    listed = demand.filter(pl.col("demanded_for").is_not_null()).select(
        "household_id", "tier", "override", listed_for="demanded_for"
    )
    fallen = relapsed_households(demand)
    kinds = ledger.foresee(as_of, listed, demand["household_id"], relapsed=fallen, renumbered=renumbered)
    worse = changes.filter("known", state="worse").select("household_id", worse=pl.lit(True))
    lately = add_months(as_of, 1 - ledger.cycle.revisits.months)  # a visit belongs to the list before it
    alerts = (
        ledger.alerts_before(as_of, renumbered)
        .select("household_id", "open", "due", "deadline", "proposed_on", "next_step", "last_on", claim_tier="tier")
        .join(kinds, on="household_id", how="left")
        .join(worse, on="household_id", how="left")
        .with_columns(relapsed=pl.col("household_id").is_in(list(fallen)))
        .with_columns(claim=_claim(as_of, lately))
    )
    claims = alerts.join(waited, on="household_id", how="full", coalesce=True).with_columns(
        endline=pl.col("household_id").is_in([] if endline is None else endline.to_list())
    )
    return claims.select(pl.col(name).cast(kind) for name, kind in CLAIMS.items()).sort("household_id")


def _claim(as_of: date, lately: date) -> pl.Expr:
    to_visit, overdue = pl.col("due") == "visited", pl.col("deadline") < as_of
    by_visit = pl.col("open") & (to_visit | pl.col("next_step").is_null())
    news = pl.col("worse").fill_null(False) | pl.col("kind").is_in(("escalated", "returned")).fill_null(False)
    # A visit cannot bring the deadline of clearing back; it only takes the place of a household nobody has seen.
    seen = ~to_visit & (pl.col("last_on") > lately) & (overdue | pl.col("relapsed"))
    presses = ~seen.fill_null(False)
    due = (
        to_visit
        | pl.col("proposed_on").is_not_null()
        | pl.col("kind").eq_missing(pl.lit("proposed"))
        | ((pl.col("deadline") <= add_months(as_of, 1)) & presses).fill_null(False)
    )
    return (
        pl.when(by_visit & overdue & presses)
        .then(pl.lit("overdue"))
        .when((pl.col("open") & news) | (by_visit & due))
        .then(pl.lit("revisit"))
        .when(pl.col("kind").eq_missing(pl.lit("reopened")))
        .then(None)
        .otherwise(pl.lit("in_hand"))
    )
