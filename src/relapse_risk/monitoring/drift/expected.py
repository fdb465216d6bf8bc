"""What may be expected of a list and a model before outcomes are known."""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import rankdata

from relapse_risk.metrics import auc, brier, log_loss
from relapse_risk.policy.mechanism import DriftPolicy

__all__ = ["MEASURES", "expected_performance"]

MEASURES = ("relapses", "precision", "recall", "auc", "log_loss", "brier")
_AT_ONCE = 4_000_000

Floats = npt.NDArray[np.float64]


def expected_performance(
    probability: npt.NDArray[Any], listed: npt.NDArray[Any], settings: DriftPolicy, *, seed: int = 0
) -> pl.DataFrame:
    """Return what to expect if probabilities are right: relapses, and measures of the list and the model.

    Each household counts as a relapse with its probability and as none with the rest; of these weighted outcomes every
    measure is taken as of known ones (confidence-based performance estimation: NannyML 2022; Białek, Kuberski, Perrakis
    and Bifet 2024). The interval is that of the measures of drawn outcomes, each household falling independently with
    its probability (their number is then Poisson-binomial). It says how far chance alone may put the figures off, not
    how far they are off where probabilities are wrong; a shock that hits a village or a year widens it (`assess_areas`
    bounds numbers with such shocks in them).

    Parameters
    ----------
    probability : ndarray of shape (n,)
    listed : ndarray of bool, shape (n,)
    settings : DriftPolicy
    seed : int

    Returns
    -------
    pl.DataFrame
        measure (``relapses``, ``precision``, ``recall``, ``auc``, ``log_loss``, ``brier``), expected, lower, upper;
        null where it has no meaning (nobody listed, nobody at risk).

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> risk, listed = np.array([0.5, 0.25, 0.25]), np.array([True, False, False])
    >>> found = expected_performance(risk, listed, read_policy().mechanism.drift)
    >>> dict(found.select("measure", "expected").iter_rows())["recall"]
    0.5
    """
    risk, on_list = np.asarray(probability, dtype=float), np.asarray(listed, dtype=bool)
    expected = dict(zip(MEASURES, _expected(risk, on_list) if len(risk) else [np.nan] * len(MEASURES), strict=True))
    low, high = (1 - settings.expected.level) / 2, (1 + settings.expected.level) / 2
    draws = _draws(risk, on_list, settings.expected.draws, np.random.default_rng(seed))
    bounds = {name: _bounds(column, low, high) for name, column in zip(MEASURES, draws.T, strict=True)}
    rows = [(name, expected[name], *bounds[name]) for name in MEASURES]
    frame = pl.DataFrame(rows, schema=["measure", "expected", "lower", "upper"], orient="row")
    return frame.with_columns(pl.col(pl.Float64).fill_nan(None))


def _expected(risk: Floats, listed: npt.NDArray[np.bool_]) -> list[float]:
    outcome, twice = np.repeat([1.0, 0.0], len(risk)), np.tile(risk, 2)
    weight = np.concatenate([risk, 1 - risk])
    caught, all_in_all = float(risk[listed].sum()), float(risk.sum())
    return [
        all_in_all,
        _over(caught, int(listed.sum())),
        _over(caught, all_in_all),
        auc(outcome, twice, weight),
        log_loss(outcome, twice, weight),
        brier(outcome, twice, weight),
    ]


def _draws(risk: Floats, listed: npt.NDArray[np.bool_], draws: int, rng: np.random.Generator) -> Floats:
    """Return every measure of drawn outcomes, shape (draws, measures)."""
    if not len(risk):
        return np.full((1, len(MEASURES)), np.nan)
    # What a relapse adds to each sum, beside what none would have added.
    held = np.clip(risk, 1e-15, 1 - 1e-15)
    quiet = np.array([0, 0, 0, -np.log1p(-held).sum(), (risk**2).sum()])
    adds = np.column_stack([np.ones(len(risk)), listed, rankdata(risk), np.log1p(-held) - np.log(held), 1 - 2 * risk])
    at_once = max(1, _AT_ONCE // len(risk))
    sums = [
        (rng.random((min(at_once, draws - start), len(risk))) < risk) @ adds + quiet
        for start in range(0, draws, at_once)
    ]
    return _measured(np.concatenate(sums), len(risk), int(listed.sum()))


def _measured(sums: Floats, rows: int, listed: int) -> Floats:
    fell, caught, ranks, loss, squares = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        above = (ranks - fell * (fell + 1) / 2) / (fell * (rows - fell))  # Mann and Whitney's count of pairs
        return np.column_stack([fell, caught / np.float64(listed), caught / fell, above, loss / rows, squares / rows])


def _bounds(values: Floats, low: float, high: float) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return float("nan"), float("nan")
    lower, upper = np.quantile(known, [low, high], method="weibull")  # as in `interval_of`
    return float(lower), float(upper)


def _over(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
