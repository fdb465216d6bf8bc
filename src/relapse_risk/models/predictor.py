"""What a fitted model offers before calibration."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from os import cpu_count
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np

from relapse_risk.metrics import Floats, Fold, Ints
from relapse_risk.models.linear import Rows

__all__ = ["N_REDRAWS", "EncodedRows", "LinearPredictor", "Redrawable", "each", "jackknife", "out_of_fold"]

N_REDRAWS = 100
"""Other trainings that a model keeps: a chance of one half is then known to 0.05, the overlap of a list far better."""

Item = TypeVar("Item")
Found = TypeVar("Found")
One = TypeVar("One", bound="LinearPredictor")


class LinearPredictor(Protocol):
    """A fitted model over terms: log-odds = intercept + parts.sum(axis=1)."""

    @property
    def intercept(self) -> float:
        """Log-odds that belong to no reason."""

    @property
    def df(self) -> float:
        """Degrees of freedom behind `std_error`."""

    def score(self, terms: Floats) -> Floats:
        """Return the log-odds, shape (n,)."""

    def parts(self, terms: Floats) -> Floats:
        """Return each reason's log-odds, not centred, shape (n, reasons)."""

    def std_error(self, terms: Floats) -> Floats:
        """Return the standard deviation of the log-odds over samples of training households, shape (n,)."""

    def by_term(self, terms: Floats) -> Floats:
        """Return an approximate split of the log-odds over terms, shape (n, terms)."""


@runtime_checkable
class Redrawable(Protocol):
    """A fitted model that knows how it would differ had other households been drawn for training."""

    def redrawn(self, terms: Floats) -> Floats:
        """Return by how much the log-odds would differ in each of `N_REDRAWS` other trainings, shape (n, draws)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class EncodedRows:
    """Rows as terms of one fitted model, and what it says of them: each worked out when first asked for, and kept.

    Attributes
    ----------
    core : LinearPredictor
        The model that they are terms of.
    terms : ndarray of shape (n, terms)
    """

    core: LinearPredictor
    terms: Floats

    @staticmethod
    def of(core: LinearPredictor, terms: Floats) -> "EncodedRows":
        """Return the rows as the model itself reads them, where it reads them in one way for all that it says."""
        return core.read(terms) if isinstance(core, ReadsOnce) else EncodedRows(core=core, terms=terms)

    @cached_property
    def score(self) -> Floats:
        """The log-odds before calibration, shape (n,)."""
        return self.core.score(self.terms)

    @cached_property
    def parts(self) -> Floats:
        """Each reason's log-odds, not centred, shape (n, reasons)."""
        return self.core.parts(self.terms)

    @cached_property
    def by_term(self) -> Floats:
        """The approximate split of the log-odds over terms, shape (n, terms)."""
        return self.core.by_term(self.terms)

    @cached_property
    def std_error(self) -> Floats:
        """The standard deviation of the log-odds over samples of training households, shape (n,)."""
        return self.core.std_error(self.terms)

    @cached_property
    def redrawn(self) -> Floats | None:
        """By how much the log-odds would differ in other trainings, shape (n, draws); None where it is silent."""
        return self.core.redrawn(self.terms) if isinstance(self.core, Redrawable) else None


@runtime_checkable
class ReadsOnce(Protocol):
    """A fitted model that reads rows once for score, parts, terms and standard errors together."""

    def read(self, terms: Floats) -> EncodedRows:
        """Return the rows with what the model reads of them."""


def out_of_fold(
    learn: Callable[[Ints], One], rows: Rows, folds: tuple[Fold, ...], n_jobs: int
) -> tuple[Floats, list[One]]:
    """Return the log-odds each row gets from a model that saw neither its household nor its time, and those models.

    `learn` is given the numbers of the rows to learn from. Both empty where there are no folds.
    """
    scores = np.zeros(len(rows.outcome) if folds else 0)

    def test(fold: Fold) -> One:
        core = learn(fold.train)
        scores[fold.test] = core.score(rows.terms[fold.test])
        return core

    return scores, each(test, folds, n_jobs)


def each(function: Callable[[Item], Found], over: Iterable[Item], n_jobs: int) -> list[Found]:
    """Return the function of each, `n_jobs` at a time (-1: as many as there are processors), in order.

    Threads suffice: LightGBM leaves the interpreter free while it works.
    """
    workers = (cpu_count() or 1) if n_jobs < 0 else max(n_jobs, 1)
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(function, over))


def jackknife(scores: Sequence[Floats] | Floats) -> Floats:
    """Return the standard deviation of an estimate from m estimates, each without one of m groups of households.

    (m - 1) / sqrt(m) times their standard deviation (the delete-a-group jackknife; Shao and Tu 1995, section 2.3).
    """
    m = len(scores)
    return np.asarray(np.std(scores, axis=0, ddof=1) * (m - 1) / np.sqrt(m))
