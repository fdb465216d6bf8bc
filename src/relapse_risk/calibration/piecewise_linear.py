"""Calibrators that take any rising shape: isotonic regression and Venn-Abers, both joined up."""

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import logit
from sklearn.isotonic import IsotonicRegression

from relapse_risk.metrics import MAX_LOG_ODDS, Floats, Vector, clip_log_odds

__all__ = ["PiecewiseLinear"]

# Scores at which Venn-Abers is worked out, in between it is joined up; and groups of neighbouring scores it looks at.
_PLACES, _GROUPS = 50, 1000
# Scores nearer than this tell nobody apart: a map that jumps between them would turn rounding into risk.
_DECIMALS = 4
# Decimals to which rates of an isotonic fit are the same step.
_SAME_RATE = 12


@dataclass(frozen=True, kw_only=True)
class PiecewiseLinear:
    """g through `knots`, linear in between and level outside, never falling.

    Examples
    --------
    >>> g = PiecewiseLinear(knots=np.array([0.0, 2.0]), heights=np.array([-1.0, 3.0]), errors=np.array([0.5, 0.5]))
    >>> g.value(np.array([-5.0, 1.0, 9.0])).tolist(), g.derivative(np.array([-5.0, 1.0, 9.0])).tolist()
    ([-1.0, 1.0, 3.0], [0.0, 2.0, 0.0])
    """

    knots: Vector
    heights: Vector
    errors: Vector
    kind: Literal["piecewise_linear"] = "piecewise_linear"

    def __post_init__(self) -> None:
        if not len(self.knots) == len(self.heights) == len(self.errors) > 0:
            raise ValueError("expected one height and one standard error for each knot, and at least one knot")
        if (np.diff(self.knots) <= 0).any() or (np.diff(self.heights) < 0).any():
            raise ValueError("expected rising knots, and heights that do not fall")
        if np.abs(self.heights).max() > MAX_LOG_ODDS:
            raise ValueError(f"expected heights within {MAX_LOG_ODDS:g} log-odds of 0")

    @classmethod
    def isotonic(cls, score: Floats, outcome: Floats, weight: Floats) -> Self:
        """Fit isotonic regression made continuous: its steps joined at their mean scores (Oron and Flournoy 2017)."""
        score = np.round(score, _DECIMALS)
        fitted = IsotonicRegression().fit(score, outcome, sample_weight=weight).predict(score)
        # half an event in all rows: the furthest a rate may be from what was seen nowhere
        least = 0.5 / (weight.sum() + 1)
        # two steps that differ by rounding are one: worked out anew, their rates might fall
        _, step = np.unique(np.round(np.clip(fitted, least, 1 - least), _SAME_RATE), return_inverse=True)
        mass = np.bincount(step, weight)
        rates = np.clip(np.bincount(step, weight * outcome) / mass, least, 1 - least)
        return cls(
            knots=np.bincount(step, weight * score) / mass,
            heights=clip_log_odds(np.asarray(logit(rates))),
            errors=1 / np.sqrt((mass + 1) * rates * (1 - rates)),
        )

    @classmethod
    def venn_abers(cls, score: Floats, outcome: Floats, weight: Floats) -> Self:
        """Fit inductive Venn-Abers (Vovk, Petej and Fedorova 2015), worked out at fifty scores and joined up.

        At each of these the outcomes are made monotone twice, with one more row there that fell and one that did not;
        the probability between the two, p1 / (1 - p0 + p1), is the one whose log loss is the safest. How far the two
        are apart is part of its error.
        """
        score = np.round(score, _DECIMALS)
        groups, rate, mass = _grouped(score, outcome, weight)
        chosen = np.quantile(groups, np.linspace(0, 1, min(_PLACES, len(groups))), method="nearest")
        at = np.unique(np.searchsorted(groups, chosen))
        low, high = (np.array([_with(rate, mass, group, one) for group in at]) for one in (0.0, 1.0))
        risk = high / (1 - low + high)
        noise = cls.isotonic(score, outcome, weight).std_error(groups[at])
        apart = (np.asarray(logit(np.clip(high, 1e-6, 1 - 1e-6))) - logit(np.clip(low, 1e-6, 1 - 1e-6))) / 2
        return cls(
            knots=groups[at],
            # either is rising; rounding must not undo that
            heights=np.maximum.accumulate(clip_log_odds(np.asarray(logit(np.clip(risk, 1e-6, 1 - 1e-6))))),
            errors=np.hypot(noise, np.minimum(apart, MAX_LOG_ODDS)),
        )

    def value(self, score: Floats) -> Floats:
        """Return g of each score."""
        return np.interp(score, self.knots, self.heights)

    def derivative(self, score: Floats) -> Floats:
        """Return the derivative of g at each score, the right-hand one at a knot."""
        slopes = np.concatenate([[0.0], np.diff(self.heights) / np.diff(self.knots), [0.0]])
        found: Floats = slopes[np.searchsorted(self.knots, score, side="right")]
        return found

    def std_error(self, score: Floats) -> Floats:
        """Return the standard error of g at each score: that of the rates behind the knots, `errors`, in between."""
        return np.interp(score, self.knots, self.errors)


def _grouped(score: Floats, outcome: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean scores, rates and weights of groups of neighbouring scores; of every score where they are few."""
    distinct, of_row = np.unique(score, return_inverse=True)
    if len(distinct) > _GROUPS:
        edges = np.unique(np.quantile(score, np.arange(1, _GROUPS) / _GROUPS))
        of_row = np.unique(np.searchsorted(edges, score), return_inverse=True)[1]
    mass = np.asarray(np.bincount(of_row, weight), dtype=np.float64)
    return np.bincount(of_row, weight * score) / mass, np.bincount(of_row, weight * outcome) / mass, mass


def _with(rate: Floats, mass: Floats, group: int, one: float) -> float:
    """Return the isotonic rate of a group, with one more row in it of a given outcome."""
    rate, mass = rate.copy(), mass.copy()
    rate[group] = (rate[group] * mass[group] + one) / (mass[group] + 1)
    mass[group] += 1
    return float(isotonic_regression(rate, weights=mass).x[group])
