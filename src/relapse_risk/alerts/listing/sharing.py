"""Visits shared out among areas, and where each list ends."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from relapse_risk.alerts.listing.capacity import Capacity, usual_capacity, with_tiers
from relapse_risk.alerts.listing.key_hashes import key_digest
from relapse_risk.alerts.listing.list_stability import listed_again, near_ties
from relapse_risk.alerts.listing.ranking import DECIMALS
from relapse_risk.errors import InputError
from relapse_risk.metrics import Floats
from relapse_risk.policy import URGENT_FIRST, Thresholds
from relapse_risk.records import VISIT_LEVELS, area_path

__all__ = ["Allocation", "refuse_impossible", "share_visits"]

_SHOWN = 6
_LISTED = pl.col("tier").is_in(URGENT_FIRST)
_RANKED = pl.col("rank").is_not_null()


@dataclass(frozen=True, kw_only=True, eq=False)
class Allocation:
    """The result of allocating the visits.

    Attributes
    ----------
    tier : pl.Series
        In the row order of the households: ``red``, ``orange``, ``yellow``, ``none``, null where not ranked.
    owed : pl.Series
        Row by row: whether the household is among the first of a village that has a minimum of its own.
    areas : pl.DataFrame
        One row per area with a capacity of its own (a single one where there is one for all): the columns that name
        it; at_risk; visits (that the model may fill); limit (visits there can be, null where nothing bounds them);
        listed (by the model, were nobody else to be visited); covered (of these, only because every village has its
        own least); last (the lowest probability listed by risk, null where nobody is), tied (households at risk of that
        very probability, to twelve decimals) and tied_out (those of them that are not listed); near (households that
        nearly tie with the last listed by risk, see `near_ties`) and near_out (those of them that are not listed).
    listed_again : pl.Series
        Row by row: the share of other trainings by which the household would be listed; null where it is not ranked, or
        where the model does not say how it would differ.
    capacity : Capacity
        What was asked.
    key : str
        Digest of the key of the hash that breaks full ties; it distinguishes two keys and reveals neither.
    """

    tier: pl.Series
    owed: pl.Series
    listed_again: pl.Series
    areas: pl.DataFrame
    capacity: Capacity
    key: str

    @property
    def visits(self) -> int:
        """Households that can be visited in all; where nothing bounds them, those that are worth it."""
        return int(self.areas["limit"].fill_null(self.areas["visits"]).sum())

    @property
    def bounded(self) -> bool:
        """Whether there is a number of visits, or only a risk from which they are worth it."""
        return self.areas["limit"].null_count() == 0

    @property
    def path(self) -> tuple[str, ...]:
        """The columns that name an area; none where there is one capacity for all."""
        return tuple(name for name in VISIT_LEVELS if name in self.areas.columns)

    @property
    def last(self) -> float | None:
        """The lowest probability that is listed by risk, in any area."""
        return None if (last := self.areas["last"].drop_nulls()).is_empty() else float(last.to_numpy().min())

    @property
    def threshold(self) -> float | None:
        """The risk from which a visit is worth its cost, if costs were given."""
        return None if self.capacity.costs is None else self.capacity.costs.threshold

    @property
    def unplaced(self) -> int:
        """Households at risk in no area of the table of visits, as the records do not say where they live."""
        if not isinstance(self.capacity.visits, pl.DataFrame):
            return 0
        unknown = pl.any_horizontal(pl.col(self.path).is_null() | (pl.col(self.path) == ""))
        return int(self.areas.filter(unknown)["at_risk"].sum())

    @property
    def overlap(self) -> float | None:
        """The share of the list that another training would list too; None where nobody is listed or nothing known."""
        found = self.listed_again.filter(self.tier.is_in(URGENT_FIRST)).drop_nulls()
        return None if found.is_empty() else float(found.to_numpy().mean())

    @property
    def summary(self) -> dict[str, Any]:
        """The request and where the lists end, as plain data."""
        return {
            "per": self.capacity.per,
            "areas": self.areas.height,
            "min_per_village": self.capacity.min_per_village,
            "covered": int(self.areas["covered"].sum()),
            "threshold": self.threshold,
            "last_probability": self.last,
            "tied": int(self.areas["tied"].sum()),
            "tied_not_listed": int(self.areas["tied_out"].sum()),
            "nearly_tied": int(self.areas["near"].sum()),
            "nearly_tied_not_listed": int(self.areas["near_out"].sum()),
            "key_digest": self.key,
        }


def share_visits(
    risk: pl.DataFrame,
    places: pl.DataFrame,
    capacity: Capacity,
    thresholds: Thresholds,
    key: str | bytes,
    *,
    claimed: pl.DataFrame | None = None,
    redrawn: Iterable[Floats] | None = None,
) -> Allocation:
    """Allocate the visits: who is listed in which area, and how urgent each visit is.

    In each area with a capacity of its own (or in one for all), first the `min_per_village` highest of every village,
    then the highest of the rest until the visits are used up; with costs, of the rest only those at or above their
    threshold. The tiers reach to their shares of the area's visits in the order of rank; with costs, of the visits
    that are worth it. Households of which the area is not known are an area of their own. Where a list ends, those
    that nearly tie go by how often other trainings list them, where that is known (`near_ties`).

    Parameters
    ----------
    risk : pl.DataFrame
        household_id, probability and rank (null where not at risk); where it is there, demanded (whether a hard rule
        demands a visit): areas where nobody is at risk have visits for these.
    places : pl.DataFrame
        household_id and, as far as known, county, town, village.
    capacity : Capacity
    thresholds : Thresholds
    key : str or bytes
        Of `rank_households`; only its digest is kept.
    claimed : pl.DataFrame, optional
        county, town, village, as far as known, of households that an open alert asks to visit, also of those that are
        not in `risk`: their areas have visits too, whoever else is at risk there. A table of visits cannot name an area
        where only households live that the records do not know: it has none.
    redrawn : iterable of ndarray of shape (n,), optional
        Log-odds of each row of `risk`, training by training (`RiskClassifier.redraw_log_odds`). Without it,
        listed_again of `risk` is taken as it is, where it is there.

    Returns
    -------
    Allocation

    Raises
    ------
    InputError
        If the records do not name the areas (``capacity_level``), if the areas of the table are not those of the
        records (``capacity_areas``), or if an area has fewer visits than its villages need (``capacity_below_least``).

    Examples
    --------
    >>> risk = pl.DataFrame({"household_id": list("abcd"), "probability": [0.4, 0.3, 0.2, 0.1], "rank": [1, 2, 3, 4]})
    >>> places = pl.DataFrame({"household_id": list("abcd"), "village": ["U", "U", "U", "V"]})
    >>> from relapse_risk.policy import read_policy
    >>> shared = share_visits(risk, places, Capacity(visits=3, min_per_village=1), read_policy().thresholds, "key")
    >>> shared.tier.to_list(), shared.areas["covered"].to_list()
    (['red', 'orange', 'none', 'yellow'], [1])
    """
    path = _path(places, capacity.per) if capacity.per else ()
    village = _path(places, "village") if capacity.min_per_village else ()
    demanded = pl.col("demanded") if "demanded" in risk.columns else pl.lit(False).alias("demanded")
    again = pl.lit(None, dtype=pl.Float64).alias("listed_again")
    known = "listed_again" if "listed_again" in risk.columns else again
    placed = risk.select("household_id", "probability", "rank", demanded, known).join(
        places.select("household_id", *dict.fromkeys((*path, *village))),
        on="household_id",
        how="left",
        maintain_order="left",
    )
    named = placed.with_columns(area=_named(path), in_village=_named(village))
    owing = named.with_columns(owed=_owed(village, capacity.min_per_village), worth=_worth(capacity))
    areas = _with_visits(owing, _claimed(claimed, path), path, capacity, thresholds)
    owing = owing.join(areas.select("area", "visits", "limit"), on="area", how="left", maintain_order="left")
    if redrawn is not None:
        owing = owing.with_columns(_again(owing, village, capacity, redrawn))
    filled = _filled(owing, thresholds.near_tie.odds)
    tiers = with_tiers(filled.drop("rank").rename({"place": "rank"}), pl.col("visits"), thresholds.tiers)["tier"]
    return Allocation(
        tier=tiers,
        owed=owing["owed"],
        listed_again=owing["listed_again"],
        areas=_ends(filled.with_columns(tiers), areas).drop("area"),
        capacity=capacity,
        key=key_digest(key),
    )


def refuse_impossible(shared: Allocation, households: int) -> None:
    """Refuse a capacity that nobody can have meant.

    Raises
    ------
    InputError
        If there are no visits at all (``capacity_none``), or more than the register has households
        (``capacity_beyond``, ``capacity_beyond_areas``).
    """
    if shared.capacity.visits is None:
        return
    if not shared.visits and shared.areas.height:
        raise InputError("capacity_none")
    if shared.visits > households:
        numbers = {"visits": shared.visits, "households": households}
        if shared.capacity.per is None:
            raise InputError("capacity_beyond", **numbers)
        raise InputError("capacity_beyond_areas", areas=shared.areas.height, level=shared.capacity.per, **numbers)


def _path(places: pl.DataFrame, level: str) -> tuple[str, ...]:
    path = area_path(places.columns, level)
    if not path:
        found = [one for one in VISIT_LEVELS if area_path(places.columns, one)]
        raise InputError("capacity_level", level=level, found=", ".join(found) or "-")
    return path


def _named(path: tuple[str, ...]) -> pl.Expr:
    """Return one value per area; areas are the same where all names are, unknown ones included."""
    return pl.struct(pl.col(name).cast(pl.String).fill_null("") for name in path) if path else pl.lit(0)


def _owed(village: tuple[str, ...], least: int) -> pl.Expr:
    """Return whether a household is among the first of its village; nobody is where the village is not known."""
    if not village:
        return pl.lit(False)
    return (_is_named(village) & (pl.col("rank").rank("ordinal").over("area", "in_village") <= least)).fill_null(False)


def _is_named(village: tuple[str, ...]) -> pl.Expr:
    """Return whether a household's village is known; nobody's is where nobody asks."""
    return (pl.col(village[-1]).is_not_null() & (pl.col(village[-1]) != "")) if village else pl.lit(False)


def _worth(capacity: Capacity) -> pl.Expr:
    """Return whether a visit to a household at risk is worth its cost; all are where no costs were given."""
    least = 0.0 if capacity.costs is None else capacity.costs.threshold
    return _RANKED & (pl.col("probability").round(DECIMALS) >= round(least, DECIMALS)).fill_null(False)


def _claimed(claimed: pl.DataFrame | None, path: tuple[str, ...]) -> pl.DataFrame:
    """Return the areas of claims as rows that demand a visit and are nobody's risk."""
    if claimed is None or not path:
        return pl.DataFrame()
    absent = (pl.lit(None, dtype=pl.String).alias(name) for name in path if name not in claimed.columns)
    named = claimed.with_columns(*absent).select(path).with_columns(area=_named(path))
    nobody = {"rank": pl.lit(None, dtype=pl.UInt32), "owed": pl.lit(False), "worth": pl.lit(False)}
    return named.with_columns(demanded=pl.lit(True), **nobody)


def _with_visits(
    placed: pl.DataFrame,
    claimed: pl.DataFrame,
    path: tuple[str, ...],
    capacity: Capacity,
    thresholds: Thresholds,
) -> pl.DataFrame:
    """Return one row per area: area, the columns that name it, at_risk, owed (to its villages), wanted and visits."""
    counts = {
        "at_risk": _RANKED,
        "demanded": pl.col("demanded"),
        "owed": pl.col("owed"),
        "wanted": pl.col("owed") | pl.col("worth"),
    }
    areas = (
        pl.concat([placed, claimed], how="diagonal_relaxed")
        .group_by("area")
        .agg(
            *(pl.col(name).max() for name in path),  # a blank name and none are one area
            *(count.sum().cast(pl.Int64).alias(name) for name, count in counts.items()),
        )
        .filter((pl.col("at_risk") > 0) | (pl.col("demanded") > 0) | (len(path) == 0))
        .sort(*(path or ("area",)), nulls_last=True)
    )
    areas = areas.with_columns(_given(areas, placed, path, capacity, thresholds))
    short = areas.filter(pl.col("owed") > pl.col("visits"))
    if short.height:
        owed, visits = short.select(pl.col("owed", "visits").first()).row(0)
        raise InputError(
            "capacity_below_least",
            least=capacity.min_per_village,
            areas=short.height,
            owed=owed,
            visits=visits,
        )
    bounded = capacity.visits is not None or capacity.costs is None
    areas = areas.with_columns(limit=pl.col("visits") if bounded else pl.lit(None, dtype=pl.Int64))
    return areas.with_columns(visits=pl.min_horizontal("visits", "wanted")) if capacity.costs else areas


def _given(
    areas: pl.DataFrame, placed: pl.DataFrame, path: tuple[str, ...], capacity: Capacity, thresholds: Thresholds
) -> pl.Series:
    """Return the visits each area may have, before costs are looked at."""
    if capacity.visits is None or isinstance(capacity.visits, float):
        share, whole = thresholds.capacity.share if capacity.visits is None else capacity.visits, not path
        # An area where nobody is at risk is one for what a rule or a claim demands: it has one visit.
        all_worth = capacity.visits is None and capacity.costs
        wanted = [n if all_worth else usual_capacity(n if whole else max(n, 1), share) for n in areas["at_risk"]]
    elif isinstance(capacity.visits, int):
        wanted = [capacity.visits] * areas.height
    else:
        return _looked_up(areas, placed, path, capacity.visits)
    return pl.Series("visits", wanted, dtype=pl.Int64)


def _looked_up(areas: pl.DataFrame, placed: pl.DataFrame, path: tuple[str, ...], table: pl.DataFrame) -> pl.Series:
    """Return each area's visits of the table; none where the area of households is not known."""
    by = [name for name in path if name in table.columns]
    known = pl.all_horizontal(pl.col(path).is_not_null() & (pl.col(path) != ""))
    there = placed.filter(known).select(path).unique()
    found = areas.join(table, on=by, how="left", maintain_order="left")
    missing = found.filter(known & pl.col("visits").is_null()).select(path).join(there, on=path, how="semi")
    unheard = table.join(there, on=by, how="anti").select(by)
    if missing.height or unheard.height or there.select(by).is_duplicated().any():
        raise InputError("capacity_areas", missing=_few(missing), unknown=_few(unheard), levels=", ".join(path))
    return found["visits"].fill_null(0)


def _few(areas: pl.DataFrame) -> str:
    names = sorted("/".join(row) for row in areas.rows())
    return "; ".join(names[:_SHOWN]) + (f"; … ({len(names)})" if len(names) > _SHOWN else "") or "-"


def _again(placed: pl.DataFrame, village: tuple[str, ...], capacity: Capacity, redrawn: Iterable[Floats]) -> pl.Series:
    """Return how often other trainings list each household."""
    threshold = 0.0 if capacity.costs is None else capacity.costs.threshold
    named = placed.with_columns(village_named=_is_named(village))
    return listed_again(named, redrawn, least=capacity.min_per_village, threshold=threshold)


def _filled(placed: pl.DataFrame, odds: float) -> pl.DataFrame:
    """Add each ranked household's place in the list of its area: those owed first, then by rank until it is full.

    Households that nearly tie with the last one are listed in the order of `near_ties`.
    """
    height, free = placed.height, pl.col("worth") & ~pl.col("owed")
    by_rank = _place("rank", height, last=~pl.col("owed")) <= pl.col("visits")
    found = placed.with_columns(can_be=free, by_risk=free & by_rank)
    found = found.hstack(near_ties(found, odds))
    listed = _place("order", height, last=~pl.col("owed")) <= pl.col("visits")
    return found.with_columns(place_by_risk=_place("order", height), listed=listed).with_columns(
        place=_place("rank", height, last=~pl.col("listed"))
    )


def _place(by: str, height: int, last: pl.Expr | None = None) -> pl.Expr:
    """Return the place of each ranked household within its area, 1 for the first; some after all others."""
    behind = pl.lit(0) if last is None else last.cast(pl.Int64) * height
    return (pl.col(by) + behind).rank("ordinal").over("area")


def _ends(filled: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """Add to each area how many are listed, for what, and where its list by risk ends."""
    by_risk = _LISTED & pl.col("worth") & (pl.col("place_by_risk") <= pl.col("visits"))
    risk = pl.col("probability").round(DECIMALS)
    ended = filled.with_columns(
        last=pl.when(by_risk).then(pl.col("probability")).min().over("area"),
        edge=pl.when(by_risk).then(risk).min().over("area"),
    )
    tied = _RANKED & (risk == pl.col("edge"))
    found = ended.group_by("area").agg(
        listed=_LISTED.sum().cast(pl.Int64),
        covered=(_LISTED & ~by_risk).sum().cast(pl.Int64),
        last=pl.col("last").first(),
        tied=tied.sum().cast(pl.Int64),
        tied_out=(tied & ~_LISTED).sum().cast(pl.Int64),
        near=pl.col("near_tie").sum().cast(pl.Int64),
        near_out=(pl.col("near_tie") & ~_LISTED).sum().cast(pl.Int64),
    )
    return (
        areas.drop("owed", "wanted", "demanded")
        .join(found, on="area", how="left", maintain_order="left")
        .with_columns(pl.col("listed", "covered", "tied", "tied_out", "near", "near_out").fill_null(0))
    )
