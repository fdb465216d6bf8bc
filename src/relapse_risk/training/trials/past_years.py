"""Past years of the trials: days whose horizons do not overlap, and how far they lay from what was predicted."""

import numpy as np
import numpy.typing as npt
from scipy.special import logit

from relapse_risk.calibration import YearEffects
from relapse_risk.periods import add_months
from relapse_risk.training.sample import TrainingSample

__all__ = ["apart_in_time", "past_years"]

Floats = npt.NDArray[np.float64]


def apart_in_time(sample: TrainingSample, tried: npt.NDArray[np.bool_], horizon: int) -> npt.NDArray[np.bool_]:
    """Return which rows that were tried lie on days whose horizons do not overlap: each year once, the newest back."""
    kept: list[np.datetime64] = []
    for time in np.unique(sample.time[tried])[::-1]:
        last = sample.day[tried & (sample.time == time)].max()
        if not kept or np.datetime64(add_months(last.item(), horizon)) <= kept[-1]:
            kept.append(time)
    return tried & np.isin(sample.time, np.array(kept, dtype=sample.time.dtype))


def past_years(sample: TrainingSample, risk: Floats, horizon: int) -> YearEffects:
    """Return how far the level of days lay from what was predicted for them by what was known before.

    Parameters
    ----------
    risk : ndarray of shape (n,)
        Of days tested forward in time; not a number elsewhere.
    """
    of = apart_in_time(sample, np.isfinite(risk) & np.isfinite(sample.relapsed), horizon)
    share = sample.unreported()["unreported_share"][of]
    return YearEffects.of(
        logit(risk[of]),
        sample.relapsed[of],
        sample.stands_for(sample.relapsed)[of],
        sample.time[of],
        unreported_share=share,
    )
