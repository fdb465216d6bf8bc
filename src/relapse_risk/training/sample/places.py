"""Where the households of a sample live."""

from typing import Any

import numpy.typing as npt

from relapse_risk.records import AsOfViews, Records
from relapse_risk.training.sample.sample import TrainingSample

__all__ = ["places_of"]


def places_of(records: Records | AsOfViews, sample: TrainingSample) -> npt.NDArray[Any]:
    """Return county and village of each row, as known on its day, shape (n, 2); the empty text where not known."""
    keys = sample.frame.select("household_id", "as_of")
    areas = AsOfViews.of(records).areas(keys["as_of"].unique())
    placed = keys.join(areas, on=["household_id", "as_of"], how="left", maintain_order="left")
    return placed.select("county", "village").fill_null("").to_numpy()
