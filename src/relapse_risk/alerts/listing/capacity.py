"""How many households can be visited, where, and above which risk a visit is worth its cost."""

from dataclasses import dataclass
from math import ceil, isfinite
from numbers import Integral, Real
from typing import Any, Literal, get_args

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.policy import TierReach

__all__ = ["Capacity", "Costs", "Level", "given_capacity", "usual_capacity", "with_tiers"]

Level = Literal["county", "town", "village"]


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What it costs to miss a household that relapses, against a visit that was not needed.

    A visit is worth it where the risk is at or above ``waste / (waste + miss)``: there the expected loss of not going
    equals that of going (Pauker and Kassirer 1980; Vickers and Elkin 2006, whose net benefit the list then maximises).

    Attributes
    ----------
    miss : float
        Cost of not listing a household that relapses, in any unit.
    waste : float
        Cost of a visit to a household that does not, in the same unit.

    Raises
    ------
    InputError
        If one of them is no number above 0 (``costs_numbers``).

    Examples
    --------
    >>> Costs(miss=19, waste=1).threshold
    0.05
    """

    miss: float
    waste: float

    def __post_init__(self) -> None:
        if not all(_is_positive(one) for one in (self.miss, self.waste)):
            raise InputError("costs_numbers", found=f"{self.miss}:{self.waste}")

    @property
    def threshold(self) -> float:
        """The risk from which a visit is worth its cost."""
        return self.waste / (self.waste + self.miss)


@dataclass(frozen=True, kw_only=True, eq=False)
class Capacity:
    """How the visits are shared out.

    Attributes
    ----------
    visits : int, float, frame or None
        Households that can be visited: a number (in all, or with `per` in each area), a share of the households at
        risk (between 0 and 1, rounded up), or a frame of areas (the columns
        ``county``, ``town``, ``village`` as many as identify an area of `per`, and
        ``visits``). Where none is given: those whose risk is worth it by `costs`, else a share of the households at
        risk (``thresholds.toml``, ``[capacity]``).
    per : {"county", "town", "village"} or None
        The level of areas with a capacity each; by default one capacity for all.
    min_per_village : int
        So many visits in every village with households at risk, or to all of them if they are fewer; taken from the
        whole, before the rest goes by risk, and whatever the costs.
    costs : Costs or None
        If given, nobody below their threshold is listed beyond `min_per_village`; `visits` is then an upper bound.

    Raises
    ------
    InputError
        If something is no number of visits (``capacity_number``, ``capacity_least``), `per` no level
        (``capacity_per``), or the frame no table of areas and visits (``capacity_table``).

    Examples
    --------
    >>> Capacity(visits=20, per="town", min_per_village=1).per
    'town'
    """

    visits: Any = None
    per: Level | None = None
    min_per_village: int = 0
    costs: Costs | None = None

    def __post_init__(self) -> None:
        if self.per not in (None, *get_args(Level)):
            raise InputError("capacity_per", found=self.per)
        if (
            isinstance(self.min_per_village, bool)
            or not isinstance(self.min_per_village, Integral)
            or self.min_per_village < 0
        ):
            raise InputError("capacity_least", found=self.min_per_village)
        if self.visits is None or isinstance(self.visits, Real | str):
            visits = None if self.visits is None else given_capacity(self.visits)
        else:
            visits = _table_of(self.visits, self.per)
        object.__setattr__(self, "visits", visits)

    @classmethod
    def of(cls, given: "float | Capacity | None") -> "Capacity":
        """Return a capacity, one for all where a number or nothing is given."""
        return given if isinstance(given, Capacity) else cls(visits=given)

    @property
    def is_usual(self) -> bool:
        """Whether neither the number of visits nor their costs were given."""
        return self.visits is None and self.costs is None


def usual_capacity(at_risk: int, share: float) -> int:
    """Return the capacity where none is given: a share of the cohort, rounded up.

    Examples
    --------
    >>> usual_capacity(1001, 0.05)
    51
    """
    # Rounded first: 0.1 * 30 is a little more than 3 in floating point.
    return ceil(round(share * at_risk, 9))


def given_capacity(capacity: Any) -> int | float:
    """Return the requested capacity: a whole number, or a share of the households at risk.

    Raises
    ------
    InputError
        If it is neither a whole number from 1 nor a share between 0 and 1 (``capacity_number``).

    Examples
    --------
    >>> given_capacity(500), given_capacity(0.05)
    (500, 0.05)
    """
    if isinstance(capacity, float) and 0 < capacity < 1:
        return capacity
    if isinstance(capacity, bool) or not isinstance(capacity, Integral) or capacity < 1:
        raise InputError("capacity_number", found=capacity)
    return int(capacity)


def with_tiers(frame: pl.DataFrame, capacity: int | pl.Expr, tiers: TierReach) -> pl.DataFrame:
    """Add the tier of every ranked household.

    Red reaches to the first quarter of the capacity, orange to one half, yellow to the whole (``tiers``, which a user
    may change), each rounded up, so that a capacity of one is one red household. The rest of the ranked are ``none``.

    Parameters
    ----------
    frame : pl.DataFrame
        With a column ``rank``; null is not ranked.
    capacity : int or pl.Expr
        Households that can be visited, or where each row finds how many can be in its area.
    tiers : TierReach

    Examples
    --------
    >>> tiers = TierReach(red=0.25, orange=0.5, yellow=1.0)
    >>> with_tiers(pl.DataFrame({"rank": [1, 2, 3, 4, None]}), 3, tiers)["tier"].to_list()
    ['red', 'orange', 'yellow', 'none', None]
    """
    tier: pl.Expr = pl.when(pl.col("rank").is_not_null()).then(pl.lit("none"))
    visits = pl.lit(capacity) if isinstance(capacity, int) else capacity
    for name, share in reversed([*tiers.by_tier.items()]):
        reach = (share * visits).round(9).ceil()
        tier = pl.when(pl.col("rank") <= reach).then(pl.lit(name)).otherwise(tier)
    return frame.with_columns(tier.alias("tier"))


def _table_of(given: Any, per: Level | None) -> pl.DataFrame:
    """Return areas and visits; the level must be said, and every area stand there once with a number of visits."""
    try:
        table = pl.DataFrame(given)
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise InputError("capacity_number", found=type(given).__name__) from error
    if per is None or not {per, "visits"} <= set(table.columns) or not table["visits"].dtype.is_integer():
        raise InputError("capacity_table", per=per or "-", found=", ".join(table.columns))
    path = [name for name in get_args(Level) if name in table.columns]
    table = table.select(*(pl.col(name).cast(pl.String) for name in path), pl.col("visits").cast(pl.Int64))
    if table["visits"].null_count() or (table["visits"] < 0).any() or table.select(path).is_duplicated().any():
        raise InputError("capacity_table", per=per, found=", ".join(table.columns))
    return table


def _is_positive(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value) and float(value) > 0
