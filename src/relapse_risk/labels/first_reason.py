"""Why something is not so: the first of several reasons that holds."""

from collections.abc import Mapping

import polars as pl

__all__ = ["first_of"]


def first_of(reasons: Mapping[str, pl.Expr]) -> pl.Expr:
    """Return the first reason that holds in each row, null if none does (null counts as not holding)."""
    return pl.coalesce(pl.when(holds).then(pl.lit(reason)) for reason, holds in reasons.items())
