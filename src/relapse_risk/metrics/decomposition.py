"""The parts of a score: miscalibration, discrimination and uncertainty."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import entr

from relapse_risk.metrics.array_checks import Floats, checked
from relapse_risk.metrics.ranked import Ranked
from relapse_risk.metrics.scores import brier, log_loss

__all__ = ["ScoreDecomposition", "ScoreDecompositions", "corp_splits", "optimism", "split_scores"]


@dataclass(frozen=True, kw_only=True)
class ScoreDecomposition:
    """A mean score as ``miscalibration - discrimination + uncertainty``.

    Attributes
    ----------
    score : float
    miscalibration : float
        What recalibration would save; never below 0.
    discrimination : float
        What the recalibrated probabilities save against the overall frequency; never below 0.
    uncertainty : float
        The score of the overall frequency.
    """

    score: float
    miscalibration: float
    discrimination: float
    uncertainty: float


@dataclass(frozen=True, kw_only=True)
class ScoreDecompositions:
    """Brier score and log loss of the same probabilities, each split."""

    brier: ScoreDecomposition
    log_loss: ScoreDecomposition


def corp_splits(outcome: Any, probability: Any, weight: Any = None) -> ScoreDecompositions:
    """Return the CORP split of the Brier score and of the log loss (Dimitriadis, Gneiting and Jordan 2021).

    Probabilities are recalibrated by isotonic regression of the outcome on them (pool adjacent violators), which needs
    no bands; the same recalibration is best for both scores. It follows chance a little as well, the more the fewer
    rows: right probabilities too have a miscalibration somewhat above 0.

    Raises
    ------
    ValueError
        As `checked` says.

    Examples
    --------
    >>> split = corp_splits([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.8]).brier
    >>> round(split.score, 4), round(split.miscalibration, 4), split.discrimination, split.uncertainty
    (0.2125, 0.0875, 0.125, 0.25)
    """
    y, p, w = checked(outcome, probability, weight)
    scores = np.array([brier(y, p, w), log_loss(y, p, w)])
    return ScoreDecompositions(
        **{name: ScoreDecomposition(**parts) for name, parts in split_scores(Ranked.of(y, p), w, scores).items()}
    )


def split_scores(ranked: Ranked, weight: Floats, scores: Floats) -> dict[str, dict[str, float]]:
    """Return the parts of a Brier score and of a log loss by name, for rows that are ranked already.

    Parameters
    ----------
    ranked : Ranked
        All rows in one part.
    weight : ndarray of shape (n,)
    scores : ndarray of shape (2,)
        Brier score and log loss.
    """
    mass, frequency = _recalibrated(ranked, weight)
    share = mass / mass.sum()
    recalibrated = share @ _own_scores(frequency)
    uncertain = _own_scores(share @ frequency[:, None])[0]
    return {
        name: {
            "score": float(scores[i]),
            "miscalibration": max(0.0, float(scores[i] - recalibrated[i])),
            "discrimination": max(0.0, float(uncertain[i] - recalibrated[i])),
            "uncertainty": float(uncertain[i]),
        }
        for i, name in enumerate(("brier", "log_loss"))
    }


def optimism(ranked: Ranked, risk: Floats, weight: Floats, *, n_worlds: int = 20, seed: int = 0) -> Floats:
    """Return by how much isotonic regression beats the true risks, only by following chance: Brier score and log loss.

    Outcomes are drawn anew from the risks (parametric bootstrap). Miscalibration and discrimination are both raised by
    that much on average.

    Parameters
    ----------
    ranked : Ranked
        All rows in one part.
    risk, weight : ndarray of shape (n,)
        The risks, rising with the probability that was ranked.

    Returns
    -------
    ndarray of shape (2,)

    Examples
    --------
    >>> risk = np.linspace(0.01, 0.3, 2000)
    >>> optimism(Ranked.of(np.zeros(2000), risk), risk, np.ones(2000)).round(3).tolist()
    [0.002, 0.006]
    """
    random = np.random.default_rng(seed)
    found = []
    for _ in range(n_worlds):
        y = (random.random(len(risk)) < risk).astype(float)
        mass, frequency = _recalibrated(replace(ranked, outcome=y[ranked.order]), weight)
        scores = np.array([brier(y, risk, weight), log_loss(y, risk, weight)])
        found.append(scores - mass @ _own_scores(frequency) / mass.sum())
    mean: Floats = np.mean(found, axis=0)
    return mean


def _recalibrated(ranked: Ranked, weight: Floats) -> tuple[Floats, Floats]:
    """Return weight and frequency of the blocks that isotonic regression makes of the ranked rows."""
    w = weight[ranked.order]
    runs = np.flatnonzero(ranked.first == np.arange(len(w)))
    mass, events = np.add.reduceat(w, runs), np.add.reduceat(w * ranked.outcome, runs)
    used = mass > 0
    found = isotonic_regression(events[used] / mass[used], weights=mass[used])
    return found.weights, np.clip(found.x[found.blocks[:-1]], 0, 1)


def _own_scores(frequency: Floats) -> Floats:
    """Return Brier score and log loss of rows whose probability is the frequency among them, shape (k, 2)."""
    return np.column_stack([frequency * (1 - frequency), entr(frequency) + entr(1 - frequency)])
