"""Sums of which a part is not known: each is at least the sum of the known amounts, and a flag says of whom."""

from collections.abc import Iterable, Mapping

import polars as pl

from relapse_risk.features.declare import Feature

__all__ = ["PARTLY", "only_partly", "partly_feature"]

_SUMS = {
    "bills_partly_12m": ("illness_self_paid_12m", "illness_self_paid_income_share_12m", "illness_burden_12m"),
    "bills_partly_36m": ("illness_self_paid_36m", "illness_over_line_36m"),
    "losses_partly_12m": ("disaster_loss_12m", "disaster_loss_income_share_12m", "disaster_burden_12m"),
    "support_partly_12m": ("support_12m", "support_income_share_12m", "support_over_line_12m"),
    "loans_partly": ("loan_principal", "loan_income_share", "loan_burden"),
    "loans_due_partly_12m": ("loan_due_12m", "loan_due_burden_12m"),
    "work_months_partly": ("work_months", "work_months_per_person"),
    "spell_wage_partly": ("spell_wage", "spell_wage_over_line_log"),
}

PARTLY: Mapping[str, str] = {name: flag for flag, names in _SUMS.items() for name in names}
"""By feature, the flag that says where it is only a lower bound of what is meant."""


def only_partly(amount: pl.Expr) -> pl.Expr:
    """Return whether some amounts of a group are known and others are not."""
    return (amount.count() > 0) & amount.has_nulls()


def partly_feature(name: str, table: str, columns: Iterable[str], reason: str, *, zh: str, en: str) -> Feature:
    """Return the feature of a flag: a fact, which no model sees."""
    return Feature(
        name=name,
        table=table,
        columns=tuple(columns),
        reason=reason,
        unit="none",
        kind="flag",
        role="fact",
        empty=0,
        zh=zh,
        en=en,
    )
