"""How far the visits of a list have come, as a table under headers of a language."""

import polars as pl

from relapse_risk.policy import Texts
from relapse_risk.records import AREA_LEVELS
from relapse_risk.reports.areas import area_names

__all__ = ["COMPLETION_PATHS", "completion_table"]

COMPLETION_PATHS = {"town": AREA_LEVELS[:-2], "village": AREA_LEVELS[:-1]}
"""The columns that name an area, by the level that is counted by."""


def completion_table(completion: pl.DataFrame, texts: Texts) -> pl.DataFrame:
    """Return level, name of the area and counts of every town and village, the towns first.

    Parameters
    ----------
    completion : pl.DataFrame
        What `monitoring.visit_completion` says.
    texts : Texts
        Of the mechanism.
    """
    parts = []
    for level, path in COMPLETION_PATHS.items():
        areas = completion.filter(level=level)
        names = pl.Series(area_names(areas.select(path), texts), dtype=pl.String)
        counts = areas.drop("level", *COMPLETION_PATHS["village"])
        parts.append(
            counts.select(pl.lit(texts("bulletin.levels", level)).alias("level"), names.alias("area"), pl.all())
        )
    table = pl.concat(parts)
    headers = {name: texts("bulletin.headers", f"visits_{name}") for name in table.columns[2:]}
    return table.rename({name: texts("bulletin.headers", name) for name in ("level", "area")} | headers)
