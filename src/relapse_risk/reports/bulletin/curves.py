"""What a capacity is worth: how many relapses so many visits are expected to find, in all and by town."""

import polars as pl

from relapse_risk.policy import Texts
from relapse_risk.reports.bulletin.section import fold_small
from relapse_risk.reports.charts import MOST_AREAS, curve_bars
from relapse_risk.reports.figures import counted, rough
from relapse_risk.reports.wording import Grid, grid_of

__all__ = ["curve_tables"]


def curve_tables(curve: pl.DataFrame, least: int, texts: Texts) -> tuple[Grid, ...]:
    """Return the curve of relapses found by visits as tables: in all and, where the records name them, by town.

    Parameters
    ----------
    curve : pl.DataFrame
        From `alerts.visit_curve`.
    least : int
        Towns with fewer households at risk are told together.
    texts : Texts

    Examples
    --------
    >>> from relapse_risk.alerts import visit_curve
    >>> risk = pl.DataFrame({"household_id": list("abcd"), "population": "at_risk", "rank": [1, 2, 3, 4],
    ...     "probability": [0.5, 0.25, 0.125, 0.125]})
    >>> places = risk.select("household_id", town=pl.Series(["U", "U", "V", "V"]))
    >>> curve = visit_curve(risk, places, None, shares=[0.25], capacity=2)
    >>> _, towns = curve_tables(curve, 1, Texts("en"))
    >>> towns.rows
    (('U', '2', '0.8', '1 → 0.5', '2 → 0.8'), ('V', '2', '0.2', '1 → 0.1', '0 → 0.0'))
    """
    rows = [(bar.label, *bar.figures) for bar in curve_bars(curve)]
    whole = grid_of(("visits", "expected", "expected_range", "share"), rows, texts, numbers=3)
    towns = curve.filter(level="town")
    return (whole,) if towns.is_empty() else (whole, _town_curves(towns, least, texts))


def _town_curves(towns: pl.DataFrame, least: int, texts: Texts) -> Grid:
    """Return town by town what so many visits are expected to find; the highest risks first, small ones together."""
    points = towns.unique("share", keep="first", maintain_order=True).sort("share", nulls_last=True)["share"].to_list()
    path = [name for name in ("county", "town") if name in towns.columns]
    whole = towns.select(*path, "at_risk", "expected").unique(maintain_order=True)
    for place, share in enumerate(points):
        at = towns.filter(pl.col("share").eq_missing(pl.lit(share, dtype=pl.Float64)))
        point = at.select(*path, pl.col("visits").alias(f"visits_{place}"), pl.col("found").alias(f"found_{place}"))
        whole = whole.join(point, on=path, how="left", nulls_equal=True, maintain_order="left")
    summed = [name for name in whole.columns if name not in path]
    folded = fold_small(whole, path, size="at_risk", summed=summed, least=least, texts=texts)
    named = folded.filter(~pl.col("small")).sort("expected", "area", descending=[True, False])
    shown = pl.concat([named.head(MOST_AREAS), folded.filter("small")]).rows(named=True)
    labels = [texts("bulletin.headers", "within_capacity") if share is None else f"{share:.0%}" for share in points]
    cells = [
        [f"{counted(row[f'visits_{place}'])} → {rough(row[f'found_{place}'])}" for place in range(len(points))]
        for row in shown
    ]
    headers = (*(texts("bulletin.headers", name) for name in ("area", "at_risk", "expected")), *labels)
    rows = [
        (row["area"], counted(row["at_risk"]), rough(row["expected"]), *own)
        for row, own in zip(shown, cells, strict=True)
    ]
    return Grid(headers=headers, rows=tuple(rows), numbers=frozenset(range(1, len(headers))))
