"""How likely an amount is as reported, and how likely it is if it is a power of ten off."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from relapse_risk.audit.anomalies.peers import fit_peer_spread, peer_deviation
from relapse_risk.audit.anomalies.written import PLACES, last_place, parts_of_fen, place_shares

__all__ = ["Entries", "entries_of", "likelihoods"]

_COMMON = 0.05  # of all rows of so many digits, as many may recur and yet tell something
_NEARLY = 1e-9  # what a sum may lack of the next decade for want of exactness
_CLASS = 100  # entries of a kind from which on it has a spread of its own

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Entries:
    """Amounts that one slip changes together, one entry a row.

    Attributes
    ----------
    frame : pl.DataFrame
        year, the columns of ``kind`` and ``own``, and the amounts.
    columns, kind, own : sequence of str
        Amounts, yuan; what defines peers, with the year; what identifies one household or person.
    places, decades : array of int
        Powers of ten at which the last digit of the amounts stands, and the first of their sum.
    classes : array of int
        Entries of one class share one scale: they are of one kind and have as many amounts.
    peers : array of int
        Entries of one kind and year.
    """

    frame: pl.DataFrame
    columns: Sequence[str]
    kind: Sequence[str]
    own: Sequence[str]
    places: NDArray[np.int64]
    decades: NDArray[np.int64]
    classes: NDArray[np.int64]
    peers: NDArray[np.int64]


def entries_of(frame: pl.DataFrame, columns: Sequence[str], kind: Sequence[str], own: Sequence[str]) -> Entries:
    """Make entries of rows of which at least one amount is known; all that are known are above zero."""
    known = frame.select(pl.col(columns).is_not_null()).to_numpy()
    places = np.stack([last_place(frame[name].fill_null(0.0).to_numpy()) for name in columns], axis=1)
    count = pl.Series("count", known.sum(axis=1))
    total = frame.select(pl.sum_horizontal(columns)).to_series().to_numpy()
    ids = frame.select(classes=pl.struct(*kind, count).rank("dense"), peers=pl.struct(*kind, "year").rank("dense"))
    return Entries(
        frame=frame,
        columns=columns,
        kind=kind,
        own=own,
        places=np.where(known, places, PLACES.stop).min(axis=1),
        decades=np.floor(np.log10(total) + _NEARLY).astype(int),
        classes=ids["classes"].to_numpy(),
        peers=ids["peers"].to_numpy(),
    )


def likelihoods(entries: Entries, reference: NDArray[np.bool_], powers: Sequence[int], any_form: float) -> Array:
    """Return how likely each amount is if it is off by each of some powers of ten.

    Amounts that recur among the peers count by how often they do, less one (absolute discounting), and the less the
    farther they are from what is expected; what that leaves is for amounts that were never seen, by how far they are
    from what is expected and by where their last digit stands. All are densities per decade and place of the last
    digit, so that they compare within an entry.

    Parameters
    ----------
    entries : Entries
    reference : array of bool
        Entries by which the others are judged.
    powers : sequence of int
    any_form : float
        Share of the amounts that may be rounded in any way.

    Returns
    -------
    array, shape (len(powers), n)
    """
    away, spread = _together(entries, reference)
    unseen, recurring = _recurring(entries, reference, powers)
    result = np.zeros((len(powers), len(away)))
    for members in _classes(entries.classes):
        known = members[reference[members]]
        spreads = fit_peer_spread(away[known] / spread[known])
        shares = place_shares(entries.places[known], entries.decades[known], entries.places[reference], any_form)
        peak = spreads.density(np.zeros(1)) / spread[members]
        for row, power in enumerate(powers):
            density = spreads.density((away[members] - power) / spread[members]) / spread[members]
            usual = shares[_index(entries.decades[members] - power), _index(entries.places[members] - power)]
            result[row, members] = unseen[members] * density * usual + recurring[row, members] * density / peak
    return result


def _index(places: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.clip(places - PLACES.start, 0, len(PLACES) - 1)


def _classes(ids: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Return the members of every class; the small ones combined."""
    sizes = np.bincount(ids)
    merged = np.where(sizes[ids] >= _CLASS, ids, 0)
    yield from (np.flatnonzero(merged == one) for one in np.unique(merged))


def _together(entries: Entries, reference: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return how far the amounts of an entry are from what is expected, weighed by how sure that is, and the spread."""
    levels = [["year"], *([[*entries.kind], [*entries.kind, "year"]] if entries.kind else [])]
    total, weight = np.zeros(len(reference)), np.zeros(len(reference))
    for name in entries.columns:
        frame = entries.frame.with_columns(
            y=pl.col(name).log10(), reference=pl.Series(reference) & pl.col(name).is_not_null()
        )
        stands = peer_deviation(frame, levels, entries.kind, entries.own)
        u, spread = stands["u"].fill_null(0.0).to_numpy(), stands["spread"].to_numpy()
        sure = np.where(frame["y"].is_not_null(), spread**-2.0, 0.0)
        total += u * spread * sure
        weight += sure
    return total / weight, weight**-0.5


def _recurring(entries: Entries, reference: NDArray[np.bool_], powers: Sequence[int]) -> tuple[Array, Array]:
    """Return the share of amounts never seen among the peers, and the density of those seen, for each power."""
    if len(entries.columns) > 1:
        return np.ones(len(reference)), np.zeros((len(powers), len(reference)))
    amounts = entries.frame[entries.columns[0]].to_numpy()
    digits = entries.decades - entries.places + 1
    keys = pl.DataFrame({"peers": entries.peers, "digits": digits, "parts": parts_of_fen(amounts)})
    counts = keys.filter(pl.Series(reference)).group_by(keys.columns).len("times")
    sizes = counts.group_by("peers").agg(pl.len().alias("different"), pl.col("times").sum())
    known = keys.join(sizes, on="peers", how="left", maintain_order="left")
    of = known["times"].fill_null(0).to_numpy() + 1.0
    telling = _telling(keys, counts)
    # Nine in ten of the multiples of a place have their last digit there: so many decades are for each of them.
    width = 10.0**entries.places / (0.9 * amounts * np.log(10.0))
    density = []
    for power in powers:
        sought = keys.with_columns(parts=pl.Series(parts_of_fen(amounts / 10.0**power)))
        seen = sought.join(counts, on=keys.columns, how="left", maintain_order="left")["times"].fill_null(0)
        others = seen.to_numpy().astype(np.float64) - (reference if power == 0 else 0)
        density.append(np.where(telling, np.maximum(others - 1.0, 0.0) / of / width, 0.0))
    return np.where(telling, (known["different"].fill_null(0).to_numpy() + 1.0) / of, 1.0), np.array(density)


def _telling(keys: pl.DataFrame, counts: pl.DataFrame) -> NDArray[np.bool_]:
    """Return for which amounts it tells something that the same digits recur: where few of their number do.

    Round amounts recur by chance at any size, as there are not many of them.
    """
    recurring = counts.filter(pl.col("times") > 1).group_by("peers", "digits").len("recurring")
    known = keys.join(recurring, on=["peers", "digits"], how="left", maintain_order="left")
    possible = 9.0 * 10.0 ** (known["digits"].to_numpy() - 1.0)
    return known["recurring"].fill_null(0).to_numpy() <= _COMMON * possible
