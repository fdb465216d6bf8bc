"""What changed since last month: who is new, worse, better or gone, and which reason moved most."""

from collections.abc import Sequence

import polars as pl

from relapse_risk.policy import REASONS, URGENT_FIRST, Policy

__all__ = ["compare"]

_BASE = "base"
_PARTS = (*REASONS, _BASE)
_DIRECTIONS = {"new": 1, "worse": 1, "better": -1, "gone": -1, "not_sent": -1, "same": 0}
_SEEN = {"demanded": pl.Boolean, "tier": pl.String, "probability": pl.Float64}


def compare(before: pl.DataFrame | None, now: pl.DataFrame, *, policy: Policy) -> pl.DataFrame:
    """Compare the scores of two months, household by household.

    Of a household that is demanded in both months a change of tier decides; where the tier stays, its odds of a relapse
    do: ``worse`` from the odds ratio of ``[bounds] odds_ratio`` (``mechanism/visits.toml``) on, ``better`` from its
    inverse. One whose odds are not known in both months, because rules alone demand it, changes by its tier only.

    Parameters
    ----------
    before : pl.DataFrame or None
        Last month: household_id (each once), probability (null outside the cohort), tier, demanded (bool: a
        visit is, by the model or a rule, whether it fits into the capacity or waits), and
        contribution_<reason> and contribution_base in log-odds. None where there is no month before: then all are new.
    now : pl.DataFrame
        This month, the same columns.
    policy : Policy
        For the bound.

    Returns
    -------
    pl.DataFrame
        One row per household that is demanded in either month, in the order of household_id: household_id, state
        (``new``, ``worse``, ``better``, ``same``, ``gone``: not demanded any more, ``not_sent``: not there at all),
        known (whether it is there this month),
        demanded_before, demanded, tier_before, tier, probability_before, probability, change (of the probability),
        log_odds (its change in log-odds; null where it is not known in both months), moved_<reason> and moved_base
        (changes of the contributions, which add up to log_odds; a change of the base is one of the model, not of a
        household), moved (code of the reason that moved most in the direction of the state; where the state is the
        same, in either; null where none did) and moved_by (its change in log-odds).

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> month = {"household_id": ["a"], "probability": [0.5], "tier": ["red"], "demanded": [True]}
    >>> parts = {"contribution_base": [-1.0], "contribution_illness": [1.0]}
    >>> now = pl.DataFrame({**month, **parts})
    >>> compare(None, now, policy=read_policy())["state"].to_list()
    ['new']
    >>> before = now.with_columns(probability=0.269, contribution_illness=0.0)
    >>> compare(before, now, policy=read_policy()).select("state", "log_odds", "moved", "moved_by").row(0)
    ('worse', 1.0, 'illness', 1.0)
    """
    then = _prepared(now.clear() if before is None else before)
    both = then.join(_prepared(now), on="household_id", how="full", coalesce=True, suffix="_now", validate="1:1")
    known = pl.col("demanded_now").is_not_null()
    demanded_before, demanded = pl.col("demanded").fill_null(False), pl.col("demanded_now").fill_null(False)
    compared = (
        both.select(
            "household_id",
            known=known,
            demanded_before=demanded_before,
            demanded=demanded,
            tier_before="tier",
            tier="tier_now",
            probability_before="probability",
            probability="probability_now",
            change=pl.col("probability_now") - pl.col("probability"),
            **{f"moved_{part}": pl.col(f"{part}_now") - pl.col(part) for part in _PARTS},
        )
        .filter(pl.col("demanded") | pl.col("demanded_before"))
        .with_columns(log_odds=pl.sum_horizontal([f"moved_{part}" for part in _PARTS], ignore_nulls=False))
        .with_columns(state=_state(policy.mechanism.visits.bounds.odds_ratio))
        .sort("household_id")
    )
    return _with_moved(compared, [code for code, reason in REASONS.items() if reason.named])


def _prepared(month: pl.DataFrame) -> pl.DataFrame:
    """Return what is compared; a reason that the model of a month does not know contributes nothing to its scores."""
    scored = pl.col("probability").is_not_null()
    parts = [
        pl.when(scored).then(pl.col(f"contribution_{part}") if f"contribution_{part}" in month.columns else 0.0)
        for part in _PARTS
    ]
    return month.select(
        "household_id",
        *(pl.col(name).cast(dtype) for name, dtype in _SEEN.items()),
        *(value.cast(pl.Float64).alias(part) for value, part in zip(parts, _PARTS, strict=True)),
    )


def _state(bound: float) -> pl.Expr:
    urgency = {tier: place for place, tier in enumerate(reversed(URGENT_FIRST), start=1)}
    rose = _urgency("tier", urgency) - _urgency("tier_before", urgency)
    ratio = pl.col("log_odds").fill_null(0.0).exp()
    return (
        pl.when(~pl.col("demanded_before"))
        .then(pl.lit("new"))
        .when(~pl.col("demanded"))
        .then(pl.when("known").then(pl.lit("gone")).otherwise(pl.lit("not_sent")))
        .when((rose > 0) | ((rose == 0) & (ratio >= bound)))
        .then(pl.lit("worse"))
        .when((rose < 0) | (ratio <= 1 / bound))
        .then(pl.lit("better"))
        .otherwise(pl.lit("same"))
    )


def _urgency(column: str, urgency: dict[str, int]) -> pl.Expr:
    return pl.col(column).replace_strict(urgency, default=0, return_dtype=pl.Int64).fill_null(0)


def _with_moved(compared: pl.DataFrame, reasons: Sequence[str]) -> pl.DataFrame:
    """Add the reason that moved most; of equal ones the one that is shown first."""
    direction = pl.col("state").replace_strict(_DIRECTIONS, return_dtype=pl.Int64)
    moves = pl.concat_list(f"moved_{reason}" for reason in reasons)
    towards = pl.concat_list(
        pl.when(direction == 0).then(pl.col(f"moved_{reason}").abs()).otherwise(pl.col(f"moved_{reason}") * direction)
        for reason in reasons
    )
    most = pl.when(towards.list.max() > 0).then(towards.list.arg_max())
    return compared.with_columns(
        moved=most.replace_strict(dict(enumerate(reasons)), return_dtype=pl.String),
        moved_by=moves.list.get(most),
    )
