"""Frames of earlier months by the numbers that households have now."""

import polars as pl

__all__ = ["renamed_households"]


def renamed_households(frame: pl.DataFrame, renumbered: pl.DataFrame | None) -> pl.DataFrame:
    """Return an earlier month's frame by the numbers that households have now; where two became one, the first."""
    if renumbered is None or renumbered.is_empty():
        return frame
    number = pl.col("household_id").replace(renumbered["household_id"], renumbered["became"])
    keys = [name for name in ("household_id", "as_of") if name in frame.columns]
    return frame.with_columns(number).unique(keys, keep="first", maintain_order=True)
