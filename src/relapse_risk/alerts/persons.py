"""How many persons live in each household, from the first source that says so."""

import polars as pl

from relapse_risk.records import AsOfView

__all__ = ["count_persons"]


def count_persons(view: AsOfView) -> pl.DataFrame:
    """Return household_id and persons of every known household, null if no source says so.

    The register's own number, else the members who live there, else the size its last income was shared by.

    Examples
    --------
    >>> from datetime import date
    >>> from relapse_risk.records import Records
    >>> days = [date(2019, 1, 1)] * 2
    >>> households = pl.DataFrame({"household_id": ["a", "b"], "recorded_on": days, "size": [3, None]})
    >>> count_persons(AsOfView.of(Records({"households": households}), "2019-12-31")).rows()
    [('a', 3), ('b', None)]
    """
    households = view.known.require("households")
    sizes = households.select("household_id").sort("household_id")
    counts = []
    if "size" in households.columns:
        counts.append(households.select("household_id", number=pl.col("size")))
    counts.append(view.residents.group_by("household_id").agg(number=pl.len()))
    counts.append(view.current_incomes.select("household_id", number="household_size"))
    for place, one in enumerate(counts):
        number = one.select("household_id", pl.col("number").cast(pl.Int64).alias(f"number_{place}"))
        sizes = sizes.join(number, on="household_id", how="left", maintain_order="left")
    return sizes.select("household_id", persons=pl.coalesce(pl.col(f"number_{place}") for place in range(len(counts))))
