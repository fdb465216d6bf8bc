"""Whether groups of households are predicted too high or too low, by more than noise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.stats import norm

from relapse_risk.metrics.array_checks import Floats, Ints, checked
from relapse_risk.metrics.clusters import ClusterDraws, Interval, interval_of
from relapse_risk.metrics.fields import Figure

__all__ = ["GroupError", "GroupErrors", "LargestError", "group_errors"]

_POWER = 0.8


@dataclass(frozen=True, kw_only=True)
class GroupError:
    """How far one group is predicted too high or too low.

    Attributes
    ----------
    kind, group : str
    rows, events, clusters : int
        Rows with a positive weight, those of them with the outcome, and the clusters they are in.
    observed, predicted : float
    error : Interval
        Predicted minus observed, with its cluster-bootstrap interval.
    standard_error, z : float
        The noise of the error, and the error in it; not a number where the group is one cluster.
    smallest_seen : float
        The smallest error, above or below zero, that a test of this group alone would have seen with 80 % probability.
    """

    kind: str
    group: str
    rows: int
    events: int
    clusters: int
    observed: Figure
    predicted: Figure
    error: Interval
    standard_error: Figure
    z: Figure
    smallest_seen: Figure


@dataclass(frozen=True, kw_only=True)
class LargestError:
    """The group whose error is largest, measured in its own noise.

    Attributes
    ----------
    kind, group : str
    error, z : float
        Predicted minus observed, and that over its standard error.
    p_value : float
        How often chance alone gives some group, of all groups together, a z as large.
    critical : float
        The absolute z that chance alone exceeds, in any of the groups, with probability 1 - level.
    groups : int
        Groups compared.
    """

    kind: str
    group: str
    error: float
    z: float
    p_value: float
    critical: float
    groups: int


@dataclass(frozen=True, kw_only=True)
class GroupErrors:
    """Every group's error by kind and group, and the largest; None where no group's noise is known."""

    groups: tuple[GroupError, ...]
    largest: LargestError | None


def group_errors(
    outcome: Any,
    probability: Any,
    groups: Mapping[str, Any],
    draws: ClusterDraws,
    weight: Any = None,
    *,
    level: float = 0.95,
) -> GroupErrors:
    """Return how far each group is predicted too high or too low, and whether the largest error is more than chance.

    The standard error is robust to clusters (Liang and Zeger 1986, with the factor G / (G - 1) for G clusters), but
    no smaller than if rows were independent with the predicted probabilities, whose square is ``sum(w**2 p (1 - p)) /
    sum(w)**2``: a group in which nobody fell has residuals that hardly vary, though its frequency is as uncertain as
    any. The smallest error seen is ``z(1/2 + level/2) + z(0.8)`` standard errors. The largest absolute z is compared
    with the largest that arises in the draws of clusters when each group's error is measured from its estimate, in
    its own standard error (max-t method, Westfall and Young 1993), which heeds that groups overlap and how many there
    are; it is never taken for rarer than if its group had been the only one.

    Parameters
    ----------
    outcome, probability, weight : array-like of shape (n,)
    groups : Mapping of str to array-like of str, shape (n,)
        By kind the group of each row; rows of the empty text are of no group.
    draws : ClusterDraws
        Of the same rows.
    level : float

    Raises
    ------
    ValueError
        As `checked` says.

    Examples
    --------
    >>> draws = ClusterDraws.of([1, 2, 3, 4], n_draws=50)
    >>> found = group_errors([0, 1, 0, 0], [0.5] * 4, {"county": ["a", "a", "b", "b"]}, draws)
    >>> [one.error.estimate for one in found.groups], found.largest.group, round(found.largest.z, 4)
    ([0.0, 0.5], 'b', 1.4142)
    """
    y, p, w = checked(outcome, probability, weight)
    found, drawn = [], []
    for kind, labels in groups.items():
        names, part = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
        errors = _errors_drawn(y, p, w, draws, part, len(names))
        for i, one in enumerate(_of_kind(kind, names, part, (y, p, w), draws, errors, level)):
            if one.group and one.rows:
                found.append(one)
                drawn.append(errors[:, i])
    return GroupErrors(groups=tuple(found), largest=_largest(found, drawn, level))


def _of_kind(
    kind: str,
    names: Any,
    part: Ints,
    rows: tuple[Floats, Floats, Floats],
    draws: ClusterDraws,
    errors: Floats,
    level: float,
) -> list[GroupError]:
    y, p, w = rows
    mass, falls, sums = (np.bincount(part, one).astype(float) for one in (w, w * y, w * p))
    with np.errstate(invalid="ignore"):
        observed, predicted = falls / mass, sums / mass
        noise, clusters = _noise(y, p, w, part, mass, predicted - observed, draws)
        z = _z(predicted - observed, noise)
    rows_in, events_in = np.bincount(part, w > 0), np.bincount(part, (w > 0) * y)
    seen = norm.ppf((1 + level) / 2) + norm.ppf(_POWER)
    return [
        GroupError(
            kind=kind,
            group=str(name),
            rows=int(rows_in[i]),
            events=int(events_in[i]),
            clusters=int(clusters[i]),
            observed=float(observed[i]),
            predicted=float(predicted[i]),
            error=interval_of(predicted[i] - observed[i], errors[:, i], level=level, clusters=int(clusters[i])),
            standard_error=float(noise[i]),
            z=float(z[i]),
            smallest_seen=float(seen * noise[i]),
        )
        for i, name in enumerate(names)
    ]


def _noise(
    y: Floats, p: Floats, w: Floats, part: Ints, mass: Floats, error: Floats, draws: ClusterDraws
) -> tuple[Floats, Ints]:
    """Return each group's standard error and number of clusters."""
    shape = (draws.clusters, len(mass))
    used = csr_array(((w > 0).astype(float), (draws.of_row, part)), shape=shape)
    clusters = np.asarray((used > 0).sum(axis=0)).ravel()
    residual = w * (p - y - error[part]) / mass[part]
    of_cluster = csr_array((np.nan_to_num(residual), (draws.of_row, part)), shape=shape)
    robust = np.asarray(of_cluster.power(2).sum(axis=0)).ravel() * clusters / np.maximum(clusters - 1, 1)
    independent = np.bincount(part, w**2 * p * (1 - p)) / mass**2
    return np.where(clusters > 1, np.sqrt(np.maximum(robust, independent)), np.nan), clusters


def _z(error: Floats, noise: Floats) -> Floats:
    found = np.full(len(error), np.nan)
    np.divide(error, noise, out=found, where=noise > 0)
    return found


def _errors_drawn(y: Floats, p: Floats, w: Floats, draws: ClusterDraws, part: Ints, n_parts: int) -> Floats:
    """Return each group's error in each draw, shape (n_draws, n_parts)."""
    sums = draws.sums(np.column_stack([w * (p - y), w]), part, n_parts)
    with np.errstate(invalid="ignore"):
        found: Floats = sums[:, :, 0] / sums[:, :, 1]
    return found


def _largest(found: list[GroupError], drawn: list[Floats], level: float) -> LargestError | None:
    known = [i for i, one in enumerate(found) if np.isfinite(one.z)]
    if not known:
        return None
    one = max((found[i] for i in known), key=lambda group: abs(group.z))
    largest = _largest_of_draws(np.array([drawn[i] - found[i].error.estimate for i in known]))
    by_chance = (1 + (largest >= abs(one.z)).sum()) / (1 + len(largest))
    return LargestError(
        kind=one.kind,
        group=one.group,
        error=one.error.estimate,
        z=one.z,
        p_value=float(max(by_chance, 2 * norm.sf(abs(one.z)))),
        critical=float(max(np.quantile(largest, level, method="weibull"), norm.ppf((1 + level) / 2))),
        groups=len(known),
    )


def _largest_of_draws(off: Floats) -> Floats:
    """Return the largest deviation of any group in each draw, in units of that group's spread over draws."""
    known = np.isfinite(off)
    # A draw that has nobody of a group says nothing of it.
    deviation = np.abs(np.where(known, off, 0))
    std_dev = np.sqrt((deviation**2).sum(axis=1) / np.maximum(known.sum(axis=1), 1))
    largest: Floats = np.divide(
        deviation, std_dev[:, None], out=np.zeros_like(deviation), where=std_dev[:, None] > 0
    ).max(axis=0)
    return largest
