"""Small areas counted together, so that no figure points at a household."""

from collections.abc import Sequence

import polars as pl

from relapse_risk.policy import Texts
from relapse_risk.reports.areas import area_names

__all__ = ["fold_small"]


def fold_small(
    areas: pl.DataFrame,
    path: Sequence[str],
    *,
    size: str,
    summed: Sequence[str],
    least: int,
    texts: Texts,
) -> pl.DataFrame:
    """Return areas by name, the small ones as one row.

    Parameters
    ----------
    areas : pl.DataFrame
        One row per area of one level.
    path : sequence of str
        The columns that name it, from the highest level to its own.
    size : str
        The column that says how large it is.
    summed : sequence of str
        Columns that are added up; all others of the small ones are null.
    least : int
        Areas below this size are counted together; with the next larger ones if they are fewer even together.
    texts : Texts

    Returns
    -------
    pl.DataFrame
        The columns given, area (its name) and small (whether this is the row of the small ones).

    Examples
    --------
    >>> areas = pl.DataFrame({"town": ["A", "B", "C", "D"], "at_risk": [9, 2, 1, 8]})
    >>> folded = fold_small(areas, ["town"], size="at_risk", summed=["at_risk"], least=5, texts=Texts("en"))
    >>> folded.select("area", "at_risk").rows()
    [('A', 9), ('small ones together', 11)]
    """
    named = areas.with_columns(area=pl.Series(area_names(areas.select(path), texts), dtype=pl.String))
    ordered = named.sort(size, *path)
    gathered = pl.col(size).cum_sum().shift(1, fill_value=0)
    too_small = pl.col(size) < least
    marked = ordered.with_columns(small=too_small | (too_small.any() & (gathered < least)))
    small = marked.filter("small")
    if small.is_empty():
        return marked
    together = small.select(pl.col(name).sum() for name in summed).with_columns(
        area=pl.lit(texts("bulletin.texts", "others")), small=pl.lit(True)
    )
    return pl.concat([marked.filter(~pl.col("small")), together.cast(_types(marked, together))], how="diagonal")


def _types(marked: pl.DataFrame, together: pl.DataFrame) -> pl.Schema:
    return pl.Schema([(name, marked.schema[name]) for name in together.columns])
