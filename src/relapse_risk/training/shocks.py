"""What households of a village and a year have in common, from what was predicted out of training."""

from dataclasses import replace
from math import nan

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import logit

from relapse_risk.evaluation import FitPredict, Trial
from relapse_risk.models import Shocks, fit_shocks
from relapse_risk.periods import AsOf
from relapse_risk.records import Records
from relapse_risk.training.groups import village_of
from relapse_risk.training.sample import Sample

__all__ = ["keeping", "learn_shocks"]

Floats = npt.NDArray[np.float64]


def keeping(fit_predict: FitPredict, risk: Floats) -> FitPredict:
    """Return a candidate that also writes what it predicts of each tested row into `risk`."""

    def kept(trial: Trial) -> Floats:
        risk[trial.test] = fit_predict(trial)
        return risk[trial.test]

    return kept


def learn_shocks(records: Records, sample: Sample, risk: Floats, scheme: str) -> Shocks | None:
    """Fit the shocks to the probabilities of the trials, each by a model that saw neither household nor day.

    Where days were not predicted from earlier ones, nothing is known of how years differ.

    Parameters
    ----------
    records : Records
    sample : Sample
    risk : ndarray of shape (n,)
        Not a number where a row was not tried.
    scheme : {"time", "household"}

    Returns
    -------
    Shocks or None
        None where the records do not name villages, or fewer than ten of them were tried.
    """
    village = _villages(records, sample)
    tried = np.isfinite(risk) & np.isfinite(sample.relapsed) & (village != "")
    if not tried.any():
        return None
    score, outcome = logit(risk[tried]), sample.relapsed[tried]
    found = fit_shocks(score, outcome, np.ones(len(score)), village[tried], sample.day[tried])
    return found if found is None or scheme == "time" else replace(found, year=nan)


def _villages(records: Records, sample: Sample) -> npt.NDArray[np.str_]:
    """Return the village of each row's household on the day, the empty text where it is not known."""
    keys = sample.frame.select("household_id", "as_of")
    days = [AsOf.of(day) for day in keys["as_of"].unique().sort()]
    homes = pl.concat([_homes(records, day) for day in days])
    placed = keys.join(homes, on=["household_id", "as_of"], how="left", maintain_order="left")
    return placed["village"].fill_null("").to_numpy().astype(np.str_)


def _homes(records: Records, day: AsOf) -> pl.DataFrame:
    households = records.known_by(day).needed("households")
    village = village_of(set(households.columns)).alias("village")
    return households.select("household_id", pl.lit(day.day).alias("as_of"), village)
