"""The penalised linear model that others are built on: rows, terms, fit, scores without a household."""

from relapse_risk.models.linear.inflation import fit_inflation
from relapse_risk.models.linear.leave_out import leave_household_out
from relapse_risk.models.linear.logistic_fit import (
    PENALTIES,
    Basis,
    DesignedRows,
    Linear,
    LinearFit,
    best_fit,
    quadratic,
)
from relapse_risk.models.linear.near_copies import have_near_copies
from relapse_risk.models.linear.training_rows import (
    Rows,
    first_rows,
    mean_log_odds,
    newest_rows,
    ordered,
    read_unreported,
    rows_of_household,
    without_one,
)

__all__ = [
    "PENALTIES",
    "Basis",
    "DesignedRows",
    "Linear",
    "LinearFit",
    "Rows",
    "best_fit",
    "first_rows",
    "fit_inflation",
    "have_near_copies",
    "leave_household_out",
    "mean_log_odds",
    "newest_rows",
    "ordered",
    "quadratic",
    "read_unreported",
    "rows_of_household",
    "without_one",
]
