"""Visits that the draw leaves over: who takes them, and with which chance."""

import polars as pl
from scipy.stats import hypergeom

__all__ = ["give_rest", "rest_chances"]

_LISTING = ("model", "rule")
_WAITS = pl.col("state") == "waiting"
_VISITED = pl.col("takes") & (pl.col("state") == "visit")


def give_rest(placed: pl.DataFrame, outside: pl.DataFrame, drawn: pl.DataFrame) -> pl.DataFrame:
    """Give the visits that the draw leaves over to who waits, in their order.

    Left over are those that nobody was left to be drawn for, and one for each who was drawn and has a visit already.
    Who takes one was outside the list when the draw was made: its inclusion probability is that of `rest_chances`.

    Parameters
    ----------
    placed : pl.DataFrame
        In the order of the line: household_id, area, quota, demanded_for, state, takes, waiting_since,
        inclusion_probability.
    outside : pl.DataFrame
        Who could be drawn: household_id, area, quota, chance.
    drawn : pl.DataFrame
        household_id of those drawn.
    """
    is_drawn = pl.col("household_id").is_in(drawn["household_id"].implode())
    taken = outside.group_by("area").agg(taken=is_drawn.sum().cast(pl.Int64))
    rows = placed.join(taken, on="area", how="left", maintain_order="left")
    twice = (is_drawn & _VISITED).cast(pl.Int64).sum().over("area")
    waits = _WAITS & ~is_drawn
    rest = pl.col("quota") - pl.col("taken").fill_null(0) + twice
    visited = (waits & (waits.cast(pl.Int64).cum_sum().over("area") <= rest)).fill_null(False)
    chances = rest_chances(placed, outside).rename({"inclusion_probability": "included"})
    return rows.join(chances, on="household_id", how="left", maintain_order="left").with_columns(
        state=pl.when(visited).then(pl.lit("visit")).otherwise("state"),
        waiting_since=pl.when(~visited).then("waiting_since"),
        inclusion_probability=pl.when(visited).then("included").otherwise("inclusion_probability"),
    )


def rest_chances(placed: pl.DataFrame, outside: pl.DataFrame) -> pl.DataFrame:
    """Return the chance of a visit, by the draw or by one it leaves over, of the listed who wait and can be drawn.

    Of N who can be drawn n are. The i-th in the line of those who wait is drawn with n / N; otherwise it has a visit
    left over if among those drawn are at least i of the r who have a visit already and of the a who wait before it and
    can be drawn: each of the first frees a visit, each of the second takes none of these. Their number is
    hypergeometric, n out of N - 1 of which r + a.

    Parameters
    ----------
    placed, outside : pl.DataFrame
        As in `give_rest`.

    Returns
    -------
    pl.DataFrame
        household_id and inclusion_probability.

    Examples
    --------
    One of two is drawn: either the household itself, or the other, which has a visit already and leaves one over.

    >>> placed = pl.DataFrame({"household_id": ["a", "b"], "area": 0, "demanded_for": ["revisit", "model"],
    ...     "state": ["visit", "waiting"], "takes": True})
    >>> outside = pl.DataFrame({"household_id": ["a", "b"], "area": 0, "quota": 1, "chance": 1.0})
    >>> rest_chances(placed, outside).rows()
    [('b', 1.0)]
    """
    of = outside.select("household_id", n="quota", size=pl.len().over("area"), chance="chance")
    can = pl.col("chance").is_not_null()
    lined = placed.select(
        "household_id", "area", "demanded_for", "state", "takes"
    )  # it has chances of its own, of areas
    line = lined.join(of, on="household_id", how="left", maintain_order="left").with_columns(
        before=(_WAITS.cast(pl.Int64).cum_sum() - 1).over("area"),
        frees=((can & _VISITED).sum() + (can & _WAITS).cast(pl.Int64).cum_sum() - 1).over("area"),
    )
    listed = line.filter(can & _WAITS & pl.col("demanded_for").is_in(_LISTING))
    drawn = listed["n"].clip(upper_bound=listed["size"]) / listed["size"]
    others = listed["size"] - 1
    out_of = others.clip(lower_bound=1)  # the law is none of nobody; of the only one who can be drawn, none is drawn
    left_over = hypergeom.sf(listed["before"], out_of, listed["frees"], listed["n"].clip(upper_bound=others))
    return listed.select("household_id", inclusion_probability=pl.col("chance") * (drawn + (1 - drawn) * left_over))
