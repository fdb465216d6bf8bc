"""Where the households of a sample live."""

from typing import Any

import numpy.typing as npt
import polars as pl

from relapse_risk.periods import AsOf
from relapse_risk.records import Records, areas_of
from relapse_risk.training.sample import TrainingSample

__all__ = ["places_of"]


def places_of(records: Records, sample: TrainingSample) -> npt.NDArray[Any]:
    """Return county and village of each row, as known on its day, shape (n, 2); the empty text where not known."""
    keys = sample.frame.select("household_id", "as_of")
    days = [AsOf.of(day) for day in keys["as_of"].unique().sort()]
    parts = [areas_of(records.known_by(day).require("households")).with_columns(as_of=pl.lit(day.day)) for day in days]
    placed = keys.join(pl.concat(parts), on=["household_id", "as_of"], how="left", maintain_order="left")
    return placed.select("county", "village").fill_null("").to_numpy()
