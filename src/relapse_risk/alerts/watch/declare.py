"""The declaration of a watch list: its states, the columns they need, and how they are judged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from relapse_risk.alerts.watch.watch_facts import WatchFacts
from relapse_risk.policy.mechanism import WatchLists
from relapse_risk.records import Records

__all__ = ["JUDGED", "WatchList", "WatchState", "judged", "missing_of"]

JUDGED = pl.Schema(
    {
        **dict.fromkeys(("household_id", "person_id", "item"), pl.String),
        "holds": pl.Boolean,
        "since": pl.Date,
        "value": pl.Float64,
    }
)
"""What a state says of each of its base: whether it holds (null: not known), since when, and how much."""

Judge = Callable[[WatchFacts, WatchLists], pl.DataFrame]
"""From what is known and the bounds of the lists to one row (`JUDGED`) for each of the base."""


@dataclass(frozen=True, kw_only=True)
class WatchState:
    """One thing that a list says.

    Attributes
    ----------
    name : str
        Its wordings are under it in ``watch.toml``.
    per : {"households", "persons", "loans"}
        What is counted.
    needs : tuple of str
        ``table``, ``table.column`` or ``table.column=value`` (some row says so), joined by ``|`` where one of them is
        enough. Without one of these it is not judged.
    besides : tuple of str
        What it looks at where it is there; written likewise. Without it more is unknown.
    unit : str or None
        Of `value`.
    judge : callable
    """

    name: str
    per: Literal["households", "persons", "loans"]
    needs: tuple[str, ...]
    besides: tuple[str, ...] = ()
    unit: str | None = None
    judge: Judge


@dataclass(frozen=True, kw_only=True)
class WatchList:
    """A watch list: bounds, wordings, sources and approximation are under its name in ``watch.toml``."""

    name: str
    states: tuple[WatchState, ...]


def judged(
    rows: pl.DataFrame,
    holds: pl.Expr,
    *,
    base: pl.Expr | None = None,
    **columns: pl.Expr,
) -> pl.DataFrame:
    """Return what a state says of some rows (`JUDGED`).

    Whoever does not belong to the base is left out. Of whom it is not known whether he belongs to it, it is not known
    whether the state holds, unless it would hold in no case.

    Parameters
    ----------
    rows : pl.DataFrame
        household_id and what the expressions look at.
    holds, base : pl.Expr
        Booleans, null where not known.
    **columns : pl.Expr
        person_id, item, since, value.

    Examples
    --------
    >>> rows = pl.DataFrame({"household_id": ["a", "b", "c", "d"], "base": [True, False, None, None],
    ...     "holds": [True, True, True, False]})
    >>> judged(rows, pl.col("holds"), base=pl.col("base")).select("household_id", "holds").rows()
    [('a', True), ('c', None)]
    """
    marked = rows.with_columns(_base=pl.lit(True) if base is None else base, _holds=holds)
    kept = pl.col("_base") | (pl.col("_base").is_null() & pl.col("_holds").fill_null(True))
    found = marked.filter(kept).select(
        "household_id",
        holds=pl.when("_base").then("_holds"),
        **{name: columns.get(name, pl.lit(None)) for name in ("person_id", "item", "since", "value")},
    )
    return found.select(JUDGED.names()).cast(JUDGED)


def missing_of(needs: Sequence[str], known: Records) -> list[str]:
    """Return those of some needs that records do not meet.

    Examples
    --------
    >>> missing_of(["loans.status|loans.due_on"], Records({}))
    ['loans.status|loans.due_on']
    """
    return [need for need in needs if not any(_met(one, known) for one in need.split("|"))]


def _met(need: str, known: Records) -> bool:
    table, _, rest = need.partition(".")
    column, _, value = rest.partition("=")
    if not known.tells(table, *([column] if column else [])):
        return False
    return not value or bool((known.require(table)[column] == value).any())
