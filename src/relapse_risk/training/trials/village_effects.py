"""What the households of a village share in a year, learned from trials."""

from dataclasses import replace
from math import log, nan
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import logit

from relapse_risk.area_effects import ClusterEffects, fit_shocks
from relapse_risk.training.sample import TrainingSample
from relapse_risk.training.trials.past_years import apart_in_time

__all__ = ["learn_shocks"]

Floats = npt.NDArray[np.float64]


def learn_shocks(
    sample: TrainingSample, risk: Floats, places: npt.NDArray[Any], scheme: str, horizon: int
) -> ClusterEffects | None:
    """Fit what the households of a village share in a year to the probabilities of the trials.

    Each is by a model that did not see the row or its day. Of days whose horizons overlap the later ones count: each
    year once. Where days were not predicted from earlier ones, nothing is known of how years differ.

    Parameters
    ----------
    sample : TrainingSample
    risk : ndarray of shape (n,)
        Not a number where a row was not tried.
    places : ndarray of shape (n, 2)
        As `places_of` returns.
    scheme : {"time", "village", "household"}
    horizon : int
        Months.

    Returns
    -------
    ClusterEffects or None
        None where the records do not name villages, or fewer than ten of them were tried.
    """
    there = np.isfinite(sample.relapsed) & (sample.stands_for(sample.relapsed) > 0)
    tried = apart_in_time(sample, np.isfinite(risk) & there & (places[:, 1] != ""), horizon)
    if not tried.any():
        return None
    _, code = np.unique(places[tried].astype(np.str_), axis=0, return_inverse=True)
    # Of rows kept by what became of them the log-odds are higher by exactly that, and each tells of itself alone.
    score, outcome = logit(risk[tried]) - log(sample.controls), sample.relapsed[tried]
    found = fit_shocks(score, outcome, np.ones(len(score)), code, sample.time[tried])
    return found if found is None or scheme == "time" else replace(found, year=nan)
