"""Predictions of models for rows they were not fitted on, and the outcomes of these rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Predictions"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictions:
    """Out-of-fold probabilities and outcomes; every array has shape (n,).

    Attributes
    ----------
    outcome : ndarray of float
        0 or 1.
    weight : ndarray of float
    household : ndarray
        The household of each row.
    day : ndarray of datetime64[D]
        The as-of day of each row.
    cluster : ndarray
        What a bootstrap draws whole: the village of each row, or the household where villages are not known.
    risks : Mapping of str to ndarray of float
        Probabilities by model; the default model first.
    groups : Mapping of str to ndarray of str
        By kind of group (``ethnicity``, ``elderly``, ``county``, …) the group of each row; the empty text where it is
        not known.
    to_come : ndarray of float or None
        Share of the relapses of each row's day that are not entered yet; none of them where it is not given.
    fell_after : ndarray of float
        Months from the as-of day to the relapse; not a number where there was none or its day is not known.
    """

    outcome: Floats
    weight: Floats
    household: npt.NDArray[Any]
    day: npt.NDArray[np.datetime64]
    cluster: npt.NDArray[Any]
    risks: Mapping[str, Floats]
    groups: Mapping[str, npt.NDArray[np.str_]] = field(default_factory=dict)
    to_come: Floats | None = None
    fell_after: Floats

    @property
    def default(self) -> str:
        """Name of the model the others are compared with."""
        return next(iter(self.risks))

    @property
    def entered(self) -> Floats:
        """Share of the relapses of each row's day that are entered, shape (n,)."""
        return np.ones(len(self.outcome)) if self.to_come is None else 1 - self.to_come

    @property
    def mature(self) -> Floats:
        """Outcomes scaled to the mean that they have once all relapses are entered, shape (n,).

        Risks are those of relapses, whenever entered; a rate that is compared with them must be so too.
        """
        mature: Floats = self.outcome / self.entered
        return mature
