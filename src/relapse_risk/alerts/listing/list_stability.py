"""How likely a household would be listed again, had the model been trained on other households."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import logit

from relapse_risk.alerts.listing.ranking import DECIMALS
from relapse_risk.metrics import Floats, Ints

__all__ = ["listed_again", "near_ties"]

# Log-odds are clipped well inside: groups that lie so far apart never mix in one sort.
_APART = 1000.0


def listed_again(placed: pl.DataFrame, redrawn: Iterable[Floats], *, least: int, threshold: float) -> pl.Series:
    """Return the share of other trainings by which each household would be listed.

    Each draws up its lists as `share_visits` does: the first of every village, then the highest risks from `threshold`
    on, until the visits of the area are used up. Equal risks go by rank.

    Parameters
    ----------
    placed : pl.DataFrame
        area, in_village, village_named (whether it has a minimum), rank (null: not at risk) and limit (visits of the
        area, null where nothing bounds them).
    redrawn : iterable of ndarray of shape (n,)
        Training by training the log-odds of each row; of rows not at risk they are not looked at.
    least : int
        Visits every village has.
    threshold : float
        The risk from which a visit is worth its cost.

    Returns
    -------
    pl.Series
        One per row; null where the rank is.

    Examples
    --------
    >>> placed = pl.DataFrame({"area": [0, 0, 0], "in_village": [0, 0, 0], "village_named": False, "rank": [1, 2, None],
    ...     "limit": [1, 1, 1]}, schema_overrides={"rank": pl.UInt32})
    >>> listed_again(placed, np.array([[1.0, 0.5, 9.0], [0.0, 0.5, 9.0]]), least=0, threshold=0.0).to_list()
    [0.5, 0.5, None]
    """
    rows = placed.with_row_index("row").filter(pl.col("rank").is_not_null()).sort("rank")
    at = rows["row"].to_numpy()
    area, village = (_numbered(rows, name) for name in ("area", "in_village"))
    limit, named = rows["limit"].fill_null(rows.height).to_numpy(), rows["village_named"].to_numpy()
    inside, found = area * (village.max(initial=0) + 1) + village, np.zeros(rows.height)
    worth = round(float(logit(threshold)), DECIMALS) if threshold > 0 else -np.inf
    draws = 0
    for draw in redrawn:
        draws += 1
        value = draw[at].round(DECIMALS)
        owed = named & (_places(inside, value) < least) if least else np.zeros(len(value), dtype=bool)
        wanted = owed | (value >= worth)
        found += wanted & _are_first(area, value + np.where(owed, _APART / 4, 0.0), limit)
    share = np.full(placed.height, np.nan)
    share[at] = found / draws
    return pl.Series("listed_again", share, nan_to_null=True)


def near_ties(placed: pl.DataFrame, odds: float) -> pl.DataFrame:
    """Return near_tie (whether a household nearly ties with the last one listed by risk) and order, row by row.

    Nearly tied are those whose odds differ from those of the last listed by a factor of `odds` at most: by less than
    another training would move them. Among them the more often a household is listed again, the earlier it comes;
    then by rank. All others keep their place: order is rank but for these.

    Parameters
    ----------
    placed : pl.DataFrame
        household_id, area, probability, rank, listed_again, and by_risk (whether it is listed by risk, by rank alone)
        and can_be (whether it could be: at risk, worth its cost, not owed to its village).
    odds : float

    Examples
    --------
    >>> placed = pl.DataFrame({"household_id": ["a", "b", "c"], "area": 0, "probability": [0.3, 0.1, 0.0999],
    ...     "rank": [1, 2, 3], "listed_again": [1.0, 0.4, 0.6], "by_risk": [True, True, False], "can_be": True})
    >>> near_ties(placed, 1.05).rows()
    [(False, 1), (True, 3), (True, 2)]
    >>> near_ties(placed, 1.0)["order"].to_list()
    [1, 2, 3]
    """
    if placed["listed_again"].null_count() == placed.height:
        return placed.select(pl.lit(False).alias("near_tie"), pl.col("rank").alias("order"))
    score = pl.Series(logit(placed["probability"].fill_null(0.5).to_numpy()).round(DECIMALS))
    near = placed.with_columns(score=score).with_columns(
        edge=pl.when("by_risk").then("score").min().over("area"),
    )
    reach = round(float(np.log(odds)), DECIMALS)
    near = near.with_columns(
        near_tie=(pl.col("can_be") & ((pl.col("score") - pl.col("edge")).abs() <= reach)).fill_null(False)
    )
    tied = near.filter("near_tie")
    ranks = tied.sort("area", "rank")["rank"]
    order = tied.sort("area", "listed_again", "rank", descending=[False, True, False], nulls_last=True)
    moved = order.select("household_id", order=ranks)
    joined = near.join(moved, on="household_id", how="left", maintain_order="left")
    return joined.select("near_tie", pl.coalesce("order", "rank").alias("order"))


def _numbered(rows: pl.DataFrame, name: str) -> Ints:
    return rows[name].rank("dense").cast(pl.Int64).to_numpy() - 1


def _are_first(group: Ints, value: Floats, limit: Ints) -> npt.NDArray[np.bool_]:
    """Return whether each row is among so many of its group with the highest values; of equal ones the first rows."""
    if len(value) and group.max() == 0:  # one whole need not be sorted to know its first
        most = int(min(limit[0], len(value)))
        if most <= 0:
            return np.zeros(len(value), dtype=bool)
        last = np.partition(value, len(value) - most)[len(value) - most]
        first = np.asarray(value > last)
        first[np.flatnonzero(value == last)[: most - int(first.sum())]] = True
        return first
    return np.asarray(_places(group, value) < limit)


def _places(group: Ints, value: Floats) -> npt.NDArray[np.int64]:
    """Return the place of each row in its group, 0 for the highest value; of equal ones the first row comes first."""
    order = np.argsort(group * _APART - value, kind="stable")
    sorted_group = group[order]
    begins = np.flatnonzero(np.concatenate([[True], sorted_group[1:] != sorted_group[:-1]]))
    within = np.arange(len(order)) - np.repeat(begins, np.diff(begins, append=len(order)))
    found = np.empty(len(order), dtype=np.int64)
    found[order] = within
    return found
