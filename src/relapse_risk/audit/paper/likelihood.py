"""How likely an amount is as it stands, and if it were a power of ten off."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from relapse_risk.audit.paper.peers import fitted_spread, standing
from relapse_risk.audit.paper.written import PLACES, last_place, parts_of_fen, place_shares

__all__ = ["Entries", "entries_of", "likelihoods"]

_CLASS = 100  # entries of a kind from which on it has a spread of its own

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Entries:
    """Amounts that a slip strikes together, one entry a row.

    Attributes
    ----------
    frame : pl.DataFrame
        year, the columns of ``kind`` and ``own``, and the amounts.
    columns, kind, own : sequence of str
        Amounts, yuan; what makes peers, beside the year; what makes entries those of one household or person.
    places : array of int
        Power of ten at which the last digit of the amounts stands.
    classes : array of int
        Entries of one class share one spread: they are of one kind and have as many amounts.
    peers : array of int
        Entries of one kind and year.
    """

    frame: pl.DataFrame
    columns: Sequence[str]
    kind: Sequence[str]
    own: Sequence[str]
    places: NDArray[np.int64]
    classes: NDArray[np.int64]
    peers: NDArray[np.int64]


def entries_of(frame: pl.DataFrame, columns: Sequence[str], kind: Sequence[str], own: Sequence[str]) -> Entries:
    """Make entries of rows of which at least one amount is known; all that are known are above zero."""
    known = frame.select(pl.col(columns).is_not_null()).to_numpy()
    places = np.stack([last_place(frame[name].fill_null(0.0).to_numpy()) for name in columns], axis=1)
    count = pl.Series("count", known.sum(axis=1))
    ids = frame.select(classes=pl.struct(*kind, count).rank("dense"), peers=pl.struct(*kind, "year").rank("dense"))
    return Entries(
        frame=frame,
        columns=columns,
        kind=kind,
        own=own,
        places=np.where(known, places, PLACES.stop).min(axis=1),
        classes=ids["classes"].to_numpy(),
        peers=ids["peers"].to_numpy(),
    )


def likelihoods(entries: Entries, told: NDArray[np.bool_], powers: Sequence[int], any_form: float) -> Array:
    """Return how likely each amount is if it is off by each of some powers of ten.

    Amounts that recur among the peers count by how often they do, less one (absolute discounting); what that leaves is
    for amounts that were never seen, by how far they are from what is expected and by where their last digit stands.
    All are densities per decade and place of the last digit, so that they compare within an entry.

    Parameters
    ----------
    entries : Entries
    told : array of bool
        Entries by which the others are judged.
    powers : sequence of int
    any_form : float
        Share of the amounts that may be rounded in any way.

    Returns
    -------
    array, shape (len(powers), n)
    """
    away, spread = _together(entries, told)
    unseen, recurring = _recurring(entries, told, powers)
    result = np.zeros((len(powers), len(away)))
    for members in _classes(entries.classes):
        known = members[told[members]]
        spreads = fitted_spread(away[known] / spread[known])
        shares = place_shares(entries.places[known], entries.places[told], any_form)
        for row, power in enumerate(powers):
            density = spreads.density((away[members] - power) / spread[members]) / spread[members]
            place = np.clip(entries.places[members] - power - PLACES.start, 0, len(PLACES) - 1)
            result[row, members] = unseen[members] * density * shares[place] + recurring[row, members]
    return result


def _classes(ids: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Return the members of every class; the small ones together."""
    sizes = np.bincount(ids)
    merged = np.where(sizes[ids] >= _CLASS, ids, 0)
    yield from (np.flatnonzero(merged == one) for one in np.unique(merged))


def _together(entries: Entries, told: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return how far the amounts of an entry are from what is expected, weighed by how sure that is, and the spread."""
    levels = [["year"], *([[*entries.kind], [*entries.kind, "year"]] if entries.kind else [])]
    total, weight = np.zeros(len(told)), np.zeros(len(told))
    for name in entries.columns:
        frame = entries.frame.with_columns(y=pl.col(name).log10(), told=pl.Series(told) & pl.col(name).is_not_null())
        stands = standing(frame, levels, entries.kind, entries.own)
        u, spread = stands["u"].fill_null(0.0).to_numpy(), stands["spread"].to_numpy()
        sure = np.where(frame["y"].is_not_null(), spread**-2.0, 0.0)
        total += u * spread * sure
        weight += sure
    return total / weight, weight**-0.5


def _recurring(entries: Entries, told: NDArray[np.bool_], powers: Sequence[int]) -> tuple[Array, Array]:
    """Return the share of amounts never seen among the peers, and the density of those seen, for each power."""
    if len(entries.columns) > 1:
        return np.ones(len(told)), np.zeros((len(powers), len(told)))
    amounts = entries.frame[entries.columns[0]].to_numpy().astype(np.float64)
    seen = pl.DataFrame({"peers": entries.peers, "parts": parts_of_fen(amounts)}).filter(pl.Series(told))
    counts = seen.group_by("peers", "parts").len("times")
    sizes = counts.group_by("peers").agg(pl.len().alias("different"), pl.col("times").sum())
    # Nine in ten of the multiples of a place have their last digit there: so many decades are for each of them.
    width = 10.0**entries.places / (0.9 * amounts * np.log(10.0))
    size = pl.DataFrame({"peers": entries.peers}).join(sizes, on="peers", how="left", maintain_order="left")
    of = size["times"].fill_null(0).to_numpy() + 1.0
    density = []
    for power in powers:
        parts = parts_of_fen(amounts / 10.0**power)
        sought = pl.DataFrame({"peers": entries.peers, "parts": parts}).join(
            counts, on=["peers", "parts"], how="left", maintain_order="left"
        )
        others = sought["times"].fill_null(0).to_numpy().astype(np.float64) - (told if power == 0 else 0)
        density.append(np.maximum(others - 1.0, 0.0) / of / width)
    return (size["different"].fill_null(0).to_numpy() + 1.0) / of, np.array(density)
