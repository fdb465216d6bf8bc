"""What is demanded of the visits there can be, and the columns in which it is told."""

from collections.abc import Iterable

import polars as pl

from relapse_risk.alerts import Allocation, apply_overrides, refuse_impossible, share_visits
from relapse_risk.metrics import Floats
from relapse_risk.policy import REASONS, Policy
from relapse_risk.scoring.day_request import DayRequest

__all__ = ["RISK_COLUMNS", "share_demand"]

RISK_COLUMNS = (
    *("household_id", "as_of", "population", "stale", "probability", "lower", "upper", "tier", "rank"),
    *("tier_model", "listed_again", "override", "listed_for", "visit_for", "waiting_for", "waiting_since"),
    *("reason_1", "reason_2", "reason_3", "reason_text"),
    *(f"contribution_{reason}" for reason in REASONS),
    *("contribution_base", "exclusion_reason"),
)
"""Those of ``risk.parquet``."""


def share_demand(
    risk: pl.DataFrame,
    lifted: pl.DataFrame,
    places: pl.DataFrame,
    request: DayRequest,
    policy: Policy,
    redrawn: Iterable[Floats] | None,
) -> tuple[Allocation, pl.DataFrame]:
    """Share the visits out, and find what is demanded by the model and by rules.

    Parameters
    ----------
    risk : pl.DataFrame
        household_id, probability and rank.
    lifted : pl.DataFrame
        Which household meets which rule, see `overrides`.
    places : pl.DataFrame
        Where each household lives, as far as the records say.
    request : DayRequest
    policy : Policy
    redrawn : iterable of ndarray of shape (n,) or None
        Log-odds of each row of `risk` by other trainings, where the model says so.

    Returns
    -------
    Allocation
    pl.DataFrame
        `risk` as `apply_overrides` returns it, with listed_again.
    """
    demanded = risk["household_id"].is_in(lifted.filter(pl.col("tier") != "none")["household_id"].implode())
    shared = share_visits(
        risk.with_columns(demanded=demanded),
        places,
        request.visits,
        policy.thresholds,
        request.tie_key,
        redrawn=redrawn,
    )
    refuse_impossible(shared, risk.height)
    return shared, apply_overrides(risk.with_columns(shared.tier, shared.listed_again), lifted)
