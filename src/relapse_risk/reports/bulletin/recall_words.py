"""What the visits drawn at random say of the lists, in sentences, and why they say no more."""

from collections.abc import Iterator

import polars as pl

from relapse_risk.policy import Texts
from relapse_risk.reports.figures import counted, interval, per_cent

__all__ = ["recall_refusals", "recall_sentences"]


def recall_sentences(weighted: pl.DataFrame, least: int, texts: Texts) -> Iterator[str]:
    """Yield what all lists together caught, or what was only found at the visit, and why no more is told.

    Parameters
    ----------
    weighted : pl.DataFrame
        ``Realised.weighted``.
    least : int
        Relapses among the drawn, with fewer of which no share is estimated.
    texts : Texts
    """
    for row in weighted.filter(pl.col("as_of").is_null()).rows(named=True):
        for name in ("recall", "outside_rate", "found_rate"):
            if row[name] is not None and (name != "found_rate" or row["outside_rate"] is None):
                bounds = interval(row[f"{name}_lower"], row[f"{name}_upper"])
                drawn, months = counted(row["drawn"]), counted(row["months"])
                share = per_cent(row[name])
                yield texts("bulletin.sentences", name, share=share, bounds=bounds, drawn=drawn, months=months)
    yield from recall_refusals(weighted, least, texts)


def recall_refusals(weighted: pl.DataFrame, least: int, texts: Texts) -> Iterator[str]:
    """Yield why figures are not given: of lists that were not followed to the end, and of all lists together."""
    lists, whole = weighted.filter(pl.col("as_of").is_not_null()), weighted.filter(pl.col("as_of").is_null())
    if count := lists.filter(refused="not_visited_again").height:
        yield texts("bulletin.notes", "not_visited_again", count=count)
    for refused in whole["refused"].drop_nulls():
        if refused != "not_visited_again":
            yield texts("bulletin.notes", refused, least=least)
