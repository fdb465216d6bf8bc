"""Rates by interval turned into incidence: what relapses leave of a cohort, and what other exits leave of relapses."""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from relapse_risk.metrics import Floats, Vector

__all__ = ["Link", "log_odds", "log_odds_slopes"]

# Beyond these, rates or their sum leave the range of floating-point numbers.
_LEAST, _MOST = -600.0, 600.0


def log_odds(relapse: Floats, competing: Floats | None) -> Floats:
    """Return the log-odds of a relapse before the end of the last interval, shape (n,).

    With rates a and b of an interval and S the share there at its start, relapses in it are
    S (1 - exp(-(a + b))) a / (a + b): both go on at constant rates inside it (Prentice et al. 1978, Biometrics 34).

    Parameters
    ----------
    relapse, competing : ndarray of shape (n, intervals)
        Logarithms of the rates of an interval as a whole; `competing` those of competing exits.

    Examples
    --------
    >>> half = np.log(np.full((1, 2), np.log(2) / 2))
    >>> log_odds(half, None).round(12).tolist()
    [0.0]
    >>> bool(log_odds(half, half)[0] < 0)
    True
    """
    if competing is None:
        return _of_sum(logsumexp(relapse, axis=1))
    relapsed, rest = _shares(*_rates(relapse, competing))
    return np.asarray(np.log(relapsed) - np.log(rest))


def log_odds_slopes(relapse: Floats, competing: Floats | None) -> tuple[Floats, Floats]:
    """Return the derivatives of `log_odds` by each logarithm of a rate, both of shape (n, intervals)."""
    a, b = _rates(relapse, competing)
    both = a + b
    there = _there(both)
    fall, part = -np.expm1(-both), a / both
    inside = there * fall * part
    later = inside.sum(axis=1, keepdims=True) - np.cumsum(inside, axis=1)
    # by how much a rate draws relapses forward, less what it takes from later intervals
    common = there * np.exp(-both) * part - later
    by_relapse = a * (common + there * fall * (1 - part) / both)
    by_competing = b * (common - there * fall * part / both)
    relapsed, rest = _shares(a, b)
    # d logit(F) = dF / (F (1 - F))
    scale = (1 / (relapsed * rest))[:, None]
    return by_relapse * scale, by_competing * scale


@dataclass(frozen=True, kw_only=True)
class Link:
    """The log-odds of a relapse by the horizon as a map of the logarithm of its cumulative rate; it rises.

    Attributes
    ----------
    profile : ndarray of shape (intervals,)
        Logarithms of the parts of the cumulative rate that fall to each interval.
    competing : ndarray of shape (intervals,) or None
        Logarithms of the mean rates of competing exits.
    """

    profile: Vector
    competing: Vector | None

    def value(self, score: Floats) -> Floats:
        """Return the log-odds of each, shape (n,)."""
        return log_odds(*self._log_rates(score))

    def derivative(self, score: Floats) -> Floats:
        """Return the derivative at each, shape (n,)."""
        return np.asarray(log_odds_slopes(*self._log_rates(score))[0].sum(axis=1))

    def _log_rates(self, score: Floats) -> tuple[Floats, Floats | None]:
        relapse = score[:, None] + self.profile
        return relapse, None if self.competing is None else np.broadcast_to(self.competing, relapse.shape)


def _of_sum(rate: Floats) -> Floats:
    """Return log(exp(exp(rate)) - 1), the log-odds of 1 - exp(-exp(rate))."""
    total = np.exp(np.clip(rate, _LEAST, np.log(_MOST)))
    return np.asarray(np.log(-np.expm1(-total)) + total)


def _rates(relapse: Floats, competing: Floats | None) -> tuple[Floats, Floats]:
    # no interval may bring the sum beyond what floating-point numbers hold
    most = np.log(_MOST / relapse.shape[1] / 2)
    a = np.exp(np.clip(relapse, _LEAST, most))
    return a, np.zeros_like(a) if competing is None else np.exp(np.clip(competing, _LEAST, most))


def _there(both: Floats) -> Floats:
    """Return the share there at the start of each interval."""
    return np.exp(-(np.cumsum(both, axis=1) - both))


def _shares(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return the share that relapsed and the rest, each summed of positive parts, so that neither is ever zero."""
    both = a + b
    left = _there(both) * -np.expm1(-both)
    there_still = np.exp(-both.sum(axis=1))
    return (left * (a / both)).sum(axis=1), (left * (b / both)).sum(axis=1) + there_still
