"""Where the households of a sample live."""

from typing import Any

import numpy.typing as npt
import polars as pl

from relapse_risk.records import AsOfViews, Records
from relapse_risk.training.sample import TrainingSample

__all__ = ["places_of"]


def places_of(records: Records | AsOfViews, sample: TrainingSample) -> npt.NDArray[Any]:
    """Return county and village of each row, as known on its day, shape (n, 2); the empty text where not known."""
    keys = sample.frame.select("household_id", "as_of")
    views, days = AsOfViews.of(records), keys["as_of"].unique().sort()
    parts = [views.on(day).areas.with_columns(as_of=pl.lit(day)) for day in days]
    placed = keys.join(pl.concat(parts), on=["household_id", "as_of"], how="left", maintain_order="left")
    return placed.select("county", "village").fill_null("").to_numpy()
