"""Names of areas, no two of them the same."""

import polars as pl

from relapse_risk.policy import Texts

__all__ = ["area_names"]


def area_names(areas: pl.DataFrame, texts: Texts) -> list[str]:
    """Return the name of each area: its own, after those above it as far as these differ among the areas.

    Parameters
    ----------
    areas : pl.DataFrame
        One row per area, a column per level from the highest to its own.
    texts : Texts

    Examples
    --------
    >>> area_names(pl.DataFrame({"county": ["K", "K"], "town": ["A", None]}), Texts("en"))
    ['A', 'not stated']
    >>> area_names(pl.DataFrame({"county": ["K", "L"], "town": ["A", "A"]}), Texts("en"))
    ['K A', 'L A']
    """
    *above, own = areas.columns
    needed = [name for name in above if areas[name].n_unique() > 1]
    nowhere = texts("facts", "not_stated")
    named = areas.select(*needed, pl.col(own).fill_null(nowhere))
    return [" ".join(part for part in row if part is not None) for row in named.iter_rows()]
