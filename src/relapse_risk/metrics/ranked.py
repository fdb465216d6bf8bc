"""Measures that look at rows in order of probability: sorted once, then quick for any weights."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from relapse_risk.metrics.array_checks import Floats, Ints

__all__ = ["Ranked"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Ranked:
    """Rows of each part (a day, a group; or one part of all) in rising order of probability.

    Attributes
    ----------
    order : ndarray of int, shape (n,)
        Row numbers, part by part.
    place : ndarray of int, shape (n,)
        The position of each row in that order.
    outcome : ndarray of shape (n,)
        In that order.
    first, after : ndarray of int, shape (n,)
        For each place, the first place of an equal probability in the part, and the place after the last.
    part : ndarray of int, shape (n,)
        The part at each place.
    begin, end : ndarray of int, shape (n_parts,)
        The first place of each part, and the place after its last.
    events : ndarray of int
        Places with the outcome.
    """

    order: Ints
    place: Ints
    outcome: Floats
    first: Ints
    after: Ints
    part: Ints
    begin: Ints
    end: Ints
    events: Ints

    @classmethod
    def of(cls, outcome: Floats, probability: Floats, part: Ints | None = None, n_parts: int = 1) -> "Ranked":
        """Return rows ranked within their parts, which are numbered from 0."""
        n = len(outcome)
        parts = np.zeros(n, dtype=np.int64) if part is None else part
        order = np.lexsort([probability, parts])
        p, of = probability[order], parts[order]
        new = np.flatnonzero(np.append(True, (np.diff(p) > 0) | (np.diff(of) > 0))[:n])
        lengths = np.diff(np.append(new, n))
        place = np.empty(n, dtype=np.int64)
        place[order] = np.arange(n)
        return cls(
            order=order,
            place=place,
            outcome=outcome[order],
            first=np.repeat(new, lengths),
            after=np.repeat(new + lengths, lengths),
            part=of,
            begin=np.searchsorted(of, np.arange(n_parts), side="left"),
            end=np.searchsorted(of, np.arange(n_parts), side="right"),
            events=np.flatnonzero(outcome[order] == 1),
        )

    def auc(self, weight: Floats) -> Floats:
        """Return the area under the ROC curve in each part: how often a row with the outcome stands above one without.

        Ties count half (Mann and Whitney 1947). Not a number where only one outcome occurs.

        Examples
        --------
        >>> import numpy as np
        >>> Ranked.of(np.array([0.0, 1.0, 1.0]), np.array([0.1, 0.1, 0.9])).auc(np.ones(3)).tolist()
        [0.75]
        """
        w = weight[self.order]
        below = _running(w * (1 - self.outcome))
        at, part = self.events, self.part[self.events]
        lower, equal = below[self.first[at]] - below[self.begin[part]], below[self.after[at]] - below[self.first[at]]
        won, with_outcome = self._by_part(w[at] * (lower + equal / 2)), self._by_part(w[at])
        return _over(won, with_outcome * (below[self.end] - below[self.begin]))

    def average_precision(self, weight: Floats) -> Floats:
        """Return precision weighted by the gain in recall, in each part; not a number where nothing occurs.

        Examples
        --------
        >>> import numpy as np
        >>> Ranked.of(np.array([0.0, 1.0, 0.0]), np.array([0.1, 0.2, 0.9])).average_precision(np.ones(3)).tolist()
        [0.5]
        """
        w = weight[self.order]
        all_rows, hits = _running(w), _running(w * self.outcome)
        at, end = self.events, self.end[self.part[self.events]]
        precision = _over(hits[end] - hits[self.first[at]], all_rows[end] - all_rows[self.first[at]])
        # What has no weight has no precision, and adds nothing.
        return _over(self._by_part(w[at] * np.nan_to_num(precision)), self._by_part(w[at]))

    def listed(self, weight: Floats, share: float, rows: Any = slice(None)) -> Floats:
        """Return how much of each row is listed when each part lists a share of its weight, highest risks first.

        Rows that tie at the cut are listed in part, as many as there is room for on average: no order of rows matters.

        Parameters
        ----------
        weight : ndarray of shape (n,)
        share : float
        rows : index, optional
            Rows asked for; all if not given.

        Examples
        --------
        >>> import numpy as np
        >>> Ranked.of(np.zeros(4), np.array([0.1, 0.3, 0.3, 0.9])).listed(np.ones(4), 0.5).tolist()
        [0.0, 0.5, 0.5, 1.0]
        """
        running = _running(weight[self.order])
        at = self.place[rows]
        part = self.part[at]
        room = share * (running[self.end[part]] - running[self.begin[part]])
        above = running[self.end[part]] - running[self.after[at]]
        share_of_tied = _over(room - above, running[self.after[at]] - running[self.first[at]])
        return np.clip(np.nan_to_num(share_of_tied), 0, 1)

    def _by_part(self, of_events: Floats) -> Floats:
        return np.bincount(self.part[self.events], of_events, minlength=len(self.begin)).astype(float)


def _running(values: Floats) -> Floats:
    """Return the sum of all values before each place, and after the last."""
    return np.concatenate([[0.0], np.cumsum(values)])


def _over(above: Floats, below: Floats) -> Floats:
    found = np.full(len(above), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found
