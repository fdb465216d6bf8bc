"""How far an amount lies from its peers and from the same household's other entries, in decades."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import beta, ndtri, stdtrit

__all__ = ["PeerSpread", "fit_peer_spread", "peer_deviation"]

_PRIOR = 20.0  # entries a coarser group counts for beside a finer one
_FLOOR = 0.02  # decades: no group is taken to be narrower
_REACH = 3.0  # spreads: what lies farther out counts as that far when others are judged by it
_LEAST = 0.02  # the part of the variance that lies at least between the entries of one household
_MAD = float(1.0 / ndtri(0.75))
_TAILS = np.array([1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 30.0])
_RATIOS = stdtrit(_TAILS, 0.975) / stdtrit(_TAILS, 0.75)


@dataclass(frozen=True, kw_only=True)
class PeerSpread:
    """Student's t on either side of the middle, each side with its own scale and degrees of freedom."""

    below: tuple[float, float]
    above: tuple[float, float]

    def density(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the density at each distance from the middle."""
        scale, tail = np.where(u[:, None] < 0, self.below, self.above).T
        peak = np.where(u < 0, _peak(self.below[1]), _peak(self.above[1]))
        return peak / scale * (1.0 + (u / scale) ** 2 / tail) ** (-0.5 * (tail + 1.0))  # type: ignore[no-any-return]


def _peak(tail: float) -> float:
    """Return the density of Student's t in the middle."""
    return float(1.0 / (np.sqrt(tail) * beta(0.5, 0.5 * tail)))


def fit_peer_spread(u: NDArray[np.float64]) -> PeerSpread:
    """Fit the scale of distances from the median and the 95th percentile on either side.

    Neither is moved much by slips, as long as they are few.
    """
    return PeerSpread(below=_side(-u[u < 0]), above=_side(u[u >= 0]))


def _side(distances: NDArray[np.float64]) -> tuple[float, float]:
    if len(distances) < _PRIOR:
        return 1.0, 4.0
    middle, far = np.quantile(distances, [0.5, 0.95])
    tail = float(np.interp(far / max(middle, _FLOOR), _RATIOS[::-1], _TAILS[::-1]))
    return max(float(middle / stdtrit(tail, 0.75)), float(far / stdtrit(tail, 0.975)), _FLOOR), tail


def peer_deviation(
    frame: pl.DataFrame, levels: Sequence[Sequence[str]], kind: Sequence[str], own: Sequence[str]
) -> pl.DataFrame:
    """Return how far each amount is from what its peers and its own other entries let expect.

    The household's level is a random effect: its other entries, clipped, count the more, the less a household's entries
    differ among themselves (best linear prediction, with robust variances per kind).

    Parameters
    ----------
    frame : pl.DataFrame
        ``y`` (decades), ``reference`` (whether others are judged by the entry) and the columns to group by.
    levels : sequence of sequences of str
        Columns of the groups of peers, from the coarsest to the finest; a small group leans on the one before.
    kind : sequence of str
        Columns within which households are alike in how much their entries differ.
    own : sequence of str
        Columns that make entries those of one household or person.

    Returns
    -------
    pl.DataFrame
        In the order of the frame: ``u``, the distance in units of the scale, and ``spread``, the scale in decades.
    """
    clipped = pl.when("reference").then(pl.col("z").clip(-_REACH, _REACH))
    placed = _relative_to_peers(frame, levels).with_columns(clipped.alias("clipped"))
    if not own:
        return placed.select("z", "scale").rename({"z": "u", "scale": "spread"})
    known = pl.all_horizontal(pl.col(own).is_not_null())
    placed = placed.with_columns(
        others=pl.when(known)
        .then(pl.col("clipped").count().over(own) - pl.col("reference").cast(pl.UInt32))
        .otherwise(0),
        total=pl.col("clipped").sum().over(own) - pl.col("clipped").fill_null(0.0),
        within=_within(own, kind),
    )
    between = 1.0 - pl.col("within")
    share = between / (between + pl.col("within") / pl.col("others"))
    mean = pl.col("total") / pl.col("others")
    placed = placed.with_columns(share=pl.when(pl.col("others") > 0).then(share).otherwise(0.0))
    expected = pl.when(pl.col("others") > 0).then(pl.col("share") * mean).otherwise(0.0)
    width = (pl.col("within") + between * (1.0 - pl.col("share"))).sqrt()
    return placed.select(u=(pl.col("z") - expected) / width, spread=pl.col("scale") * width)


def _relative_to_peers(frame: pl.DataFrame, levels: Sequence[Sequence[str]]) -> pl.DataFrame:
    known = pl.when("reference").then(pl.col("y"))
    middle = known.median().fill_null(0.0)
    frame = frame.with_columns(middle=middle, scale=_MAD * (known - middle).abs().median())
    for level in levels:
        count = known.count().over(level)
        weight = count / (count + _PRIOR)
        away = (known - known.median().over(level)).abs().median().over(level) * _MAD
        frame = frame.with_columns(
            middle=_leaning(known.median().over(level), pl.col("middle"), weight),
            scale=_leaning(away**2, pl.col("scale") ** 2, weight).sqrt(),
        )
    scale = pl.col("scale").fill_null(1.0).clip(lower_bound=_FLOOR)
    return frame.with_columns(scale=scale, z=(pl.col("y") - pl.col("middle")) / scale)


def _leaning(finer: pl.Expr, coarser: pl.Expr, weight: pl.Expr) -> pl.Expr:
    return pl.coalesce(weight * finer + (1.0 - weight) * coarser, coarser)


def _within(own: Sequence[str], kind: Sequence[str]) -> pl.Expr:
    """Return which part of the variance lies between entries of one household, for each kind."""
    entries = pl.col("clipped").count().over(own)
    away = (pl.col("clipped") - pl.col("clipped").mean().over(own)) * (entries / (entries - 1)).sqrt()
    several = pl.when((entries > 1) & pl.all_horizontal(pl.col(own).is_not_null())).then(away.abs())
    variance = (several.median() * _MAD) ** 2
    count = several.count()
    if kind:
        variance, count = variance.over(kind), count.over(kind)
    return pl.when(count >= _PRIOR).then(variance.clip(_LEAST, 1.0)).otherwise(1.0)
