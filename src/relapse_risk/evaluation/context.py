"""What every model is judged on: the same rows, days, groups and draws of clusters."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from relapse_risk.evaluation.predictions import Predictions
from relapse_risk.metrics import ClusterDraws, Interval, RelapsedRows, bias_corrected_interval, interval_of

__all__ = ["BootstrapDraws", "EvaluationContext", "RowParts"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_LEAST_RISK = 1e-12
"""So that years have a share where all risks are zero."""


@dataclass(frozen=True, kw_only=True, eq=False)
class BootstrapDraws:
    """A figure, and the same in each draw of clusters.

    Attributes
    ----------
    estimate : float
    found : ndarray of shape (n_draws,)
    raised : float or None
        How far chance raises the figure, for one that is 0 or more and follows chance, see `bias_corrected_interval`.
    """

    estimate: float
    found: Floats
    raised: float | None = None

    def __sub__(self, other: "BootstrapDraws") -> "BootstrapDraws":
        return BootstrapDraws(estimate=self.estimate - other.estimate, found=self.found - other.found)


@dataclass(frozen=True, kw_only=True, eq=False)
class RowParts:
    """The rows in parts.

    Attributes
    ----------
    names : tuple of str
    of_row : ndarray of int, shape (n,)
        The number of each row's part.
    clusters : ndarray of int, shape (n_parts,)
        In how many clusters each part occurs.
    """

    names: tuple[str, ...]
    of_row: Ints
    clusters: Ints

    @classmethod
    def of(cls, labels: npt.NDArray[np.generic], draws: ClusterDraws) -> "RowParts":
        """Return parts in the order of their labels."""
        names, of_row = np.unique(labels, return_inverse=True)
        pairs = np.unique(draws.of_row * len(names) + of_row)
        return cls(
            names=tuple(str(name) for name in names),
            of_row=of_row.astype(np.int64),
            clusters=np.bincount(pairs % len(names), minlength=len(names)),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class EvaluationContext:
    """What every model is judged on.

    Attributes
    ----------
    seen : Predictions
        Rows with a positive weight.
    draws : ClusterDraws
    days : RowParts
    groups : dict of str to RowParts
        By kind; the part of the empty text holds those of unknown group.
    fallen : RelapsedRows
    capacity_share, level : float
    years : RowParts
    moves : ndarray of shape (n_draws, n_years)
        By how much the level of each year is moved in each draw, by one on average: a year differs from the next for
        everybody, of which other clusters of the same year say nothing.
    """

    seen: Predictions
    draws: ClusterDraws
    days: RowParts
    groups: dict[str, RowParts]
    fallen: RelapsedRows
    capacity_share: float
    level: float
    years: RowParts
    moves: Floats

    @classmethod
    def of(
        cls,
        predictions: Predictions,
        *,
        capacity_share: float,
        level: float,
        n_draws: int,
        seed: int,
        year_sd: float = 0.0,
    ) -> "EvaluationContext":
        """Return the field of some predictions."""
        seen = _with_weight(predictions)
        draws = ClusterDraws.of(seen.cluster, n_draws=n_draws, seed=seed)
        years = RowParts.of(seen.day.astype("datetime64[Y]"), draws)
        normal = np.random.default_rng([seed, 1]).standard_normal((n_draws, len(years.names)))
        return cls(
            seen=seen,
            draws=draws,
            days=RowParts.of(seen.day, draws),
            groups={kind: RowParts.of(labels, draws) for kind, labels in seen.groups.items()},
            fallen=RelapsedRows.of(seen.outcome, seen.fell_after),
            capacity_share=capacity_share,
            level=level,
            years=years,
            moves=np.exp(year_sd * normal - year_sd**2 / 2),
        )

    def level_moves(self, p: Floats) -> Floats:
        """Return by how much years move the level of all rows in each draw, shape (n_draws,)."""
        mass = np.bincount(self.years.of_row, self.seen.weight * p.clip(_LEAST_RISK), len(self.years.names))
        moved: Floats = self.moves @ mass / mass.sum()
        return moved

    def interval(self, drawn: BootstrapDraws, clusters: int | None = None) -> Interval:
        """Return the interval of a figure that rests on some clusters, or on all."""
        resting_on = self.draws.clusters if clusters is None else clusters
        if drawn.raised is not None:
            return bias_corrected_interval(
                drawn.estimate, drawn.found, drawn.raised, level=self.level, clusters=resting_on
            )
        return interval_of(drawn.estimate, drawn.found, level=self.level, clusters=resting_on)


def _with_weight(predictions: Predictions) -> Predictions:
    used = predictions.weight > 0
    return Predictions(
        outcome=predictions.outcome[used],
        weight=predictions.weight[used],
        household=predictions.household[used],
        day=predictions.day[used],
        cluster=predictions.cluster[used],
        risks={name: p[used] for name, p in predictions.risks.items()},
        groups={kind: labels[used] for kind, labels in predictions.groups.items()},
        to_come=None if predictions.to_come is None else predictions.to_come[used],
        fell_after=predictions.fell_after[used],
    )
