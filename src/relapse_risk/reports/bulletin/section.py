"""Sections of the bulletin by their keys, and small areas counted together."""

from collections.abc import Sequence

import polars as pl

from relapse_risk.policy import Texts
from relapse_risk.reports.areas import area_names
from relapse_risk.reports.documents import Section
from relapse_risk.reports.wording import Grid

__all__ = ["absent_note", "fold_small", "headed_grid", "section_of"]


def section_of(texts: Texts, key: str, tables: tuple[Grid, ...] | None, *, notes: tuple[str, ...] = ()) -> Section:
    """Return a section of tables; that there was nothing to say, or that nothing is known, where there are none."""
    title = texts("bulletin.sections", key)
    if tables is None:
        return Section(title=title, notes=(absent_note(texts, key),))
    filled = tuple(table for table in tables if table.rows)
    return Section(title=title, notes=notes if filled else (texts("bulletin.texts", "nothing"),), tables=filled)


def absent_note(texts: Texts, key: str) -> str:
    """Return why a section has nothing to say."""
    known = texts.has("bulletin.absent", key)
    return texts("bulletin.absent", key) if known else texts("bulletin.texts", "not_available")


def headed_grid(headers: Sequence[str], rows: Sequence[tuple[str, ...]], texts: Texts, *, n_texts: int = 1) -> Grid:
    """Return a table under headers by their keys, of which all but the first so many are numbers."""
    return Grid(
        headers=tuple(texts("bulletin.headers", header) for header in headers),
        rows=tuple(rows),
        numbers=frozenset(range(n_texts, len(headers))),
    )


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
    [('A', 9), ('small ones combined', 11)]
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
