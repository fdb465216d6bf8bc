"""A linear model fitted at once, as tests want it."""

from relapse_risk.models.linear import Basis, DesignedRows, Linear, Rows

__all__ = ["fit_linear"]


def fit_linear(rows: Rows, basis: Basis, *, penalty: float) -> Linear:
    return DesignedRows.of(rows, basis).fit(penalty).model()
