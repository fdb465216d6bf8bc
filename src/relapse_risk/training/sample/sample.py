"""The rows a model is trained on: households at risk on a day, what was known of them, what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.features import Feature, FeatureTable
from relapse_risk.labels import Labels
from relapse_risk.metrics import hash_ids

__all__ = [
    "LEAST_RELAPSES",
    "TrainingSample",
    "drawn_rows",
    "open_days",
    "outcome_of",
    "require_every_day",
    "require_relapses",
    "sample_of",
    "sample_rows",
    "take_sample",
    "usable",
]

LEAST_RELAPSES = 10
"""Cross-fitting in five folds then leaves two relapses to test each on: with fewer, nothing can be said of the fit. Up
to fifty, scores carry a remark that the level of the probabilities is rough."""

MOST_TO_COME = 0.5
"""The level of the risk makes up for relapses still to come up to this share of them."""

_KEYS = ("as_of", "household_id")


@dataclass(frozen=True, kw_only=True)
class TrainingSample:
    """Rows to train on and to try models with, in the order of as-of day and household.

    Attributes
    ----------
    frame : pl.DataFrame
        household_id, as_of, relapsed, the features that vary; with label ``income`` outcome_ratio, as first known.
    predictors : tuple of Feature
        What a model is fitted on.
    figures : tuple of Feature
        What only fills sentences.
    year_of : Mapping of datetime64 to datetime64
        Of days that stand together for a year, the first; other days stand for themselves.
    to_come : Mapping of (datetime64 or None) to Mapping of datetime64 to (float, float)
        What share of the relapses of each as-of day was still to come by what was known on a tested day, and its error;
        under None, by what is known in the end. See `Labels.days`.
    controls : float
        What share of the rows without a relapse are there: the others were left out by chance (`drawn`).
    """

    frame: pl.DataFrame
    predictors: tuple[Feature, ...]
    figures: tuple[Feature, ...]
    year_of: Mapping[np.datetime64, np.datetime64] = field(default_factory=dict)
    to_come: Mapping[Any, Mapping[np.datetime64, tuple[float, float]]] = field(default_factory=dict)
    controls: float = 1.0

    def matrix(self, features: Sequence[Feature]) -> pl.DataFrame:
        """Return some of the features, shape (n, features)."""
        return self.frame.select(feature.name for feature in features)

    @cached_property
    def relapsed(self) -> npt.NDArray[np.float64]:
        """The outcome as known in the end, 0 or 1, not a number where it was only known for a while, shape (n,)."""
        return self.frame["relapsed"].cast(pl.Float64).fill_null(float("nan")).to_numpy()

    @cached_property
    def household(self) -> npt.NDArray[Any]:
        """Household of each row, shape (n,)."""
        return self.frame["household_id"].to_numpy()

    @cached_property
    def day(self) -> npt.NDArray[np.datetime64]:
        """As-of day of each row, shape (n,)."""
        return self.frame["as_of"].to_numpy().astype("datetime64[D]")

    @cached_property
    def time(self) -> npt.NDArray[np.datetime64]:
        """What each row is learned and tested with: its day, or the first of those that stand for a year with it."""
        days, of_row = np.unique(self.day, return_inverse=True)
        return np.array([self.year_of.get(day, day) for day in days], dtype="datetime64[D]")[of_row]

    @cached_property
    def income_later(self) -> npt.NDArray[np.float64] | None:
        """Income over line a horizon later, as known as soon as the outcome, shape (n,); none if that is recorded."""
        if "outcome_ratio" not in self.frame.columns:
            return None
        return self.frame["outcome_ratio"].fill_null(float("nan")).to_numpy()

    def unreported(self, known_by: Any = None) -> dict[str, npt.NDArray[np.float64]]:
        """Return what models are told of the relapses of each row's day still to come, as of a tested day.

        ``unreported_share`` and ``unreported_error``, each of shape (n,).
        """
        known = self.to_come.get(known_by, {})
        days, of_row = np.unique(self.day, return_inverse=True)
        share, error = np.array([known.get(day, (0.0, 0.0)) for day in days]).reshape(-1, 2).T
        # entries nearly all to come say nothing of how many there will be
        return {"unreported_share": np.minimum(share, MOST_TO_COME)[of_row], "unreported_error": error[of_row]}

    def known(self) -> Self:
        """Return the rows with a known outcome: those a model is fitted on."""
        return replace(self, frame=self.frame.filter(pl.col("relapsed").is_not_null()))

    @cached_property
    def drawn(self) -> npt.NDArray[np.bool_]:
        """Whether each row is there whatever became of it, shape (n,): these alone are rows like any others."""
        return drawn_rows(self.household, self.day, self.controls)

    def stands_for(self, outcome: npt.NDArray[np.float64], rows: Any = slice(None)) -> npt.NDArray[np.float64]:
        """Return how many rows each of some rows stands for by its outcome as it is known, shape (n,).

        A relapse is there for certain and stands for itself; any other row for those left out with it; one that is
        there for a relapse nobody knows of yet for none, so that nothing learned rests on what came later.
        """
        others = np.where(self.drawn[rows], 1 / self.controls, 0.0)
        return np.where(outcome == 1, 1.0, others)

    def worth(self, outcome: npt.NDArray[np.float64], rows: Any) -> npt.NDArray[np.float64] | None:
        """Return weights by which the rows count for no more than they tell, shape (n,); None where all are there.

        As `stands_for`, times one factor: with relapses of a share p of the whole and a share s of the others kept, the
        level is known as from 1 / (1 - p + p / s) of all rows.
        """
        if self.controls == 1:
            return None
        weight = self.stands_for(outcome, rows)
        share = float(weight[outcome == 1].sum() / weight.sum())
        return weight / (1 - share + share / self.controls)

    def is_kept(self, known_then: Mapping[Any, npt.NDArray[np.float64]]) -> npt.NDArray[np.bool_]:
        """Return which rows stay where others without a relapse are left out, shape (n,).

        Those drawn, and those that relapsed by what is known in the end or was on any tested day.
        """
        fell = [outcome == 1 for outcome in (self.relapsed, *known_then.values())]
        return np.asarray(np.logical_or.reduce([self.drawn, *fell]))

    def as_drawn(self) -> Self:
        """Return the rows that are there whatever became of them: a plain sample of all."""
        return self if self.controls == 1 else replace(self, frame=self.frame.filter(self.drawn), controls=1.0)

    def means(self) -> dict[str, float]:
        """Return the mean of each predictor that is a number or a flag, where known."""
        return {f.name: float(self.frame[f.name].mean()) for f in self.predictors if f.kind != "code"}  # type: ignore[arg-type]


def take_sample(
    labels: Labels, table: FeatureTable, known_by: date, before: Sequence[Labels] = (), *, every_day: bool = True
) -> TrainingSample:
    """Return the rows with a known outcome and a fresh income, and the features that vary among them.

    Parameters
    ----------
    labels : Labels
        As known in the end.
    table : FeatureTable
    known_by : date
        The last day that was looked at.
    before : sequence of Labels
        As known on earlier days: rows whose outcome was known then and is not any more (of a household that has since
        moved away) belong to what could be learned then.
    every_day : bool
        Whether every as-of day must have such rows.

    Raises
    ------
    InputError
        If an as-of day has no such row (``train_day_open``), or if too few households relapsed (``train_no_relapse``,
        ``train_too_few``), or if no feature varies (``train_no_features``).
    """
    known = usable(labels)
    if every_day:
        require_every_day(open_days(labels), labels.horizon, known_by)
    require_relapses(known)
    return sample_of(sample_rows(labels, table, before), table.features, missing=len(table.missing))


def sample_rows(labels: Labels, table: FeatureTable, before: Sequence[Labels] = ()) -> pl.DataFrame:
    """Return the rows of a sample with all features, see `take_sample`: household_id, as_of, relapsed, …."""
    not_in_the_end, known = pl.lit(None, dtype=pl.Boolean), usable(labels)
    known_once = [usable(one).with_columns(relapsed=not_in_the_end) for one in before]
    rows = pl.concat([known, *known_once]).unique(_KEYS, keep="first", maintain_order=True)
    rows = _with_income_later(rows, (*before, labels))
    return rows.join(table.frame, on=_KEYS, how="inner", validate="1:1").sort(_KEYS)


def sample_of(
    frame: pl.DataFrame, declared: Sequence[Feature], *, missing: int = 0, controls: float = 1.0
) -> TrainingSample:
    """Return rows with those of the declared features that vary among them.

    Parameters
    ----------
    frame : pl.DataFrame
        From `sample_rows`.
    declared : sequence of Feature
    missing : int
        How many features the records had nothing for, for the message.
    controls : float
        As in `TrainingSample`.

    Raises
    ------
    InputError
        If none does (``train_no_features``).
    """
    fitted_on = frame.filter(pl.col("relapsed").is_not_null())
    varying = {name for name in frame.columns if fitted_on[name].n_unique() > 1}
    features = [feature for feature in declared if feature.name in varying]
    predictors = tuple(feature for feature in features if feature.role == "predictor")
    if not predictors:
        raise InputError("train_no_features", missing=missing)
    figures = tuple(feature for feature in features if feature.role == "figure")
    return TrainingSample(frame=frame, predictors=predictors, figures=figures, controls=controls)


def usable(labels: Labels) -> pl.DataFrame:
    """Return as_of, household_id and relapsed of the rows at risk with a known outcome and a fresh income."""
    known = (pl.col("population") == "at_risk") & ~pl.col("stale") & pl.col("relapsed").is_not_null()
    return labels.frame.filter(known).select(*_KEYS, "relapsed")


def _with_income_later(rows: pl.DataFrame, oldest_first: Sequence[Labels]) -> pl.DataFrame:
    """Add, with label ``income``, the income over line that the outcome was first told by."""
    known = [
        one.frame.filter(pl.col("relapsed").is_not_null()).select(*_KEYS, "outcome_ratio")
        for one in oldest_first
        if "outcome_ratio" in one.frame.columns
    ]
    if not known:
        return rows
    first = pl.concat(known).unique(_KEYS, keep="first", maintain_order=True)
    return rows.join(first, on=_KEYS, how="left", validate="1:1")


def drawn_rows(household: npt.NDArray[Any], day: npt.NDArray[np.datetime64], share: float) -> npt.NDArray[np.bool_]:
    """Return which rows are drawn: by a hash of household and day alone, so that no other row has a part in it.

    Examples
    --------
    >>> homes, days = np.array(["a", "b", "c", "d"]), np.array(["2019-12-31"] * 4, dtype="datetime64[D]")
    >>> some, more = (drawn_rows(homes, days, share) for share in (0.3, 0.8))
    >>> bool((more | ~some).all()), bool(drawn_rows(homes, days, 1.0).all())
    (True, True)
    """
    found = np.ones(len(household), dtype=bool)
    if share < 1:
        for one in np.unique(day):
            # keys below zero: those of the days themselves deal households to the days of a year
            hashes = hash_ids(household[day == one], -one.item().toordinal())
            found[day == one] = hashes < np.uint64(share * 2.0**64)
    return found


def outcome_of(sample: TrainingSample, labels: Labels) -> npt.NDArray[np.float64]:
    """Return the outcome of each row as other labels have it, not a number where they do not know it."""
    known = labels.frame.select(*_KEYS, pl.col("relapsed").cast(pl.Float64).alias("then"))
    joined = sample.frame.select(_KEYS).join(known, on=_KEYS, how="left", validate="1:1", maintain_order="left")
    return joined["then"].fill_null(float("nan")).to_numpy()


def open_days(labels: Labels) -> list[date]:
    """Return the as-of days of which nothing is known yet, in their order."""
    # A day whose pairs of periods were all counted on an earlier day is not open: it has nothing to add.
    counted = labels.frame.filter((pl.col("unknown") == "pair_counted").fill_null(False))["as_of"]
    days: Sequence[date] = labels.days["as_of"].sort().to_list()
    return [day for day in days if day not in {*usable(labels)["as_of"], *counted}]


def require_every_day(still_open: Sequence[date], horizon: int, known_by: date) -> None:
    """Raise where days are still open: see `take_sample`."""
    if still_open:
        raise InputError("train_day_open", day=still_open[0], horizon=horizon, known_by=known_by)


def require_relapses(usable: pl.DataFrame) -> None:
    """Raise where too few households relapsed, or too few did not: see `take_sample`."""
    relapses = int(usable["relapsed"].sum())
    if relapses == 0:
        raise InputError("train_no_relapse", rows=usable.height)
    stable = usable.height - relapses
    if min(relapses, stable) < LEAST_RELAPSES:
        raise InputError("train_too_few", rows=usable.height, relapses=relapses, stable=stable, least=LEAST_RELAPSES)
