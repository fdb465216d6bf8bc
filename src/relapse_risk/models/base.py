"""The steps that every estimator shares: check, encode, order, fold, calibrate, explain, save."""

from abc import ABCMeta, abstractmethod
from collections.abc import Mapping
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any, ClassVar, Self, TypeGuard, cast

import numpy as np
from scipy.special import expit
from scipy.stats import t as student
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, check_consistent_length, check_random_state
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import assert_all_finite, check_is_fitted, column_or_1d
from threadpoolctl import threadpool_limits

from relapse_risk.area_effects import AreaOffset, RandomIntercepts, area_names, fit_random_intercepts
from relapse_risk.calibration import KINDS, fit_calibrator, level_moves, recalibrate_halfway, recalibrate_level
from relapse_risk.errors import warn
from relapse_risk.metrics import (
    Floats,
    Fold,
    Ints,
    checked_level,
    checked_weight,
    clip_log_odds,
    time_household_folds,
)
from relapse_risk.models.contributions import Contributions, scale_through
from relapse_risk.models.feature_columns import Columns, FeatureMatrix, read_table
from relapse_risk.models.feature_layout import PLACE, FeatureLayout
from relapse_risk.models.linear import (
    Rows,
    first_rows,
    have_near_copies,
    newest_rows,
    ordered,
    read_unreported,
    rows_of_household,
)
from relapse_risk.models.predictor import EncodedRows, LinearPredictor

__all__ = ["RiskClassifier"]


# The split over columns is approximate anyway.
_CENTRING_COLUMNS = 2000


class RiskClassifier(ClassifierMixin, BaseEstimator, metaclass=ABCMeta):  # type: ignore[misc]
    """The road every estimator takes; a concrete one says only how its core is learned and saved."""

    reasons: Mapping[str, str] | None
    signs: Mapping[str, int] | None
    calibration: str | None
    n_folds: int
    random_state: Any
    poor_alone: ClassVar[bool] = False
    level_of_its_own: ClassVar[bool] = True
    """Whether the level is that of scores of training rows, which only a model that hardly overfits should go by."""
    positive: ClassVar[tuple[str, ...]] = ()
    """Parameters that are numbers above 0, or None."""
    not_negative: ClassVar[tuple[str, ...]] = ()
    """Those that are numbers from 0."""
    shares: ClassVar[tuple[str, ...]] = ()
    """Those that are numbers above 0 and up to 1."""
    whole_from: ClassVar[Mapping[str, int]] = MappingProxyType({"n_folds": 2})
    """Those that are whole numbers, and from which on."""

    @abstractmethod
    def _learn(
        self, rows: Rows, layout: FeatureLayout, folds: tuple[Fold, ...], seed: int
    ) -> tuple[LinearPredictor, Floats]:
        """Return the fitted core, and each row's score (log-odds) out of fold; no scores where there are no folds."""

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        time: Any = None,
        household: Any = None,
        place: Any = None,
        recalibrate_latest: bool = False,
        unreported_share: Any = None,
        unreported_error: Any = None,
    ) -> Self:
        """Fit the model and, out of fold, its calibrator and what areas add.

        Parameters
        ----------
        X : array-like or frame of shape (n, columns)
            Numbers may be missing; frames may hold texts (codes).
        y : array-like of shape (n,)
            Two classes; the greater one is the relapse.
        sample_weight : array-like of shape (n,), optional
            Rows of weight zero count as absent. As elsewhere in scikit-learn, a weight of 2 is a row given twice.
        time : array-like of shape (n,), optional
            Anything that sorts: the as-of day of each row.
        household : array-like of shape (n,), optional
            Rows of one household are never split between training and test, and are left out together. Without it, each
            distinct row is one household.
        place : array-like of shape (n, levels), optional
            Areas of each row (county, village), the widest level first: what they add to the log-odds is then learned,
            shrunken (see `fit_random_intercepts`), and counted under the reason ``place``.
        recalibrate_latest : bool
            Whether level and slope are half way between those of all times and those of the newest `time`, out of fold;
            of its level as much counts as times differ by more than chance.
        unreported_share : array-like of shape (n,), optional
            What share of the relapses among rows of its time is not entered yet and counts as none in `y`, from 0 to
            below 1 (`Labels.days`). Model and calibrator then make up for them: a relapse counts 1 / (1 - share) times.
        unreported_error : array-like of shape (n,), optional
            Standard error of the logarithm of 1 - `unreported_share`, which goes into the intervals.

        Raises
        ------
        ValueError
            For one class only or more than two, infinite numbers, lengths that differ, parameters out of range, weights
            that add up to next to nothing.

        Warns
        -----
        RelapseRiskWarning
            ``weights_scale``, if the mean weight is far from one; ``near_copies``, if most rows have others that hardly
            differ, like households given several times, and no `household` is given.
        """
        return self._fit(
            X,
            y,
            sample_weight,
            time,
            household,
            recalibrate_latest,
            place=place,
            **read_unreported(unreported_share, unreported_error),
        )

    def _fit(
        self, X: Any, y: Any, sample_weight: Any, time: Any, household: Any, recalibrate_latest: bool, **fit_params: Any
    ) -> Self:
        self.check_parameters()
        table = read_table(self, X, fitting=True)
        if fit_params.get("place") is not None:
            fit_params["place"] = area_names(fit_params["place"])
        classes, outcome = _classes(self, y)
        check_consistent_length(table.numbers, outcome, time, household, *fit_params.values())
        weight = checked_weight(sample_weight, table.numbers)
        _require_both(outcome[weight > 0])
        self.classes_ = classes
        self.layout_ = FeatureLayout.of(Columns.of(_weighed(table, weight)), self.reasons, self.signs)
        rows = ordered(self.layout_.columns.terms(table), outcome, weight, time, household, fit_params)
        with threadpool_limits(1, user_api="blas"):
            if household is None and have_near_copies(rows):
                warn("near_copies", rows=len(rows.outcome))
            self._fit_rows(rows, recalibrate_latest)
        return self

    def _fit_rows(self, rows: Rows, recalibrate_latest: bool) -> None:
        seed = _seed(self.random_state)
        folds = time_household_folds(
            rows.household, rows.time, n_folds=self.n_folds, outcome=rows.fell, weight=rows.weight, seed=seed
        )
        self.core_, scores = self._learn(rows, self.layout_, folds, seed)
        scores, seen = self._settled(scores, first_rows(rows, len(scores)))
        g = fit_calibrator(self.calibration, scores, seen.outcome, seen.weight, seen.household, seen.time)
        itself = self.core_.score(seen.terms) if self.level_of_its_own else scores
        newest = newest_rows(seen) if recalibrate_latest and len(scores) else None
        if self.calibration is not None and len(scores):
            # the line below moves half way to the newest level, and with it to what is not known of that
            error = seen.level_error if newest is None else (seen.level_error + seen.take(newest).level_error) / 2
            g = recalibrate_level(g, itself, seen.outcome, seen.weight, error=error)
        if newest is not None:
            of = seen.take(newest)
            moves = level_moves(g.value(scores), seen.outcome, seen.weight, cast(Ints, seen.time))
            g = recalibrate_halfway(g, itself[newest], scores[newest], of.outcome, of.weight, of.household, moves=moves)
        self.calibrator_ = g
        self.local_ = AreaOffset(random_intercepts=_shifts(self.calibrator_.value(scores), seen))
        known = seen.take(newest) if newest is not None else rows
        self.prevalence_ = float(np.average(known.outcome, weights=known.weight))
        mean = self._centring(rows)
        self.centre_ = np.average(self.core_.parts(mean.terms), axis=0, weights=mean.weight)
        some = first_rows(mean, _CENTRING_COLUMNS)
        by_column = self.layout_.by_column(self.core_.by_term(some.terms))
        self.column_centre_ = np.average(by_column, axis=0, weights=some.weight)

    def _settled(self, scores: Floats, rows: Rows) -> tuple[Floats, Rows]:
        """Return the scores and rows the calibrator is fitted on: those whose outcome at the horizon is known."""
        return scores, rows

    def _centring(self, rows: Rows) -> Rows:
        """Return the rows whose mean contributions are measured against."""
        return rows

    def decision_function(self, X: Any, place: Any = None) -> Floats:
        """Return calibrated log-odds, shape (n,).

        Parameters
        ----------
        X : array-like or frame of shape (n, columns), or EncodedRows
        place : array-like of shape (n, levels), optional
            Areas of each row as in `fit`; without it, as for areas never seen.
        """
        rows = self.encode(X)  # which refuses a model that is not fitted
        calibrated = self.calibrator_.value(rows.score)
        return clip_log_odds(calibrated + self.local_.added(calibrated, place))

    def predict_proba(self, X: Any, place: Any = None) -> Floats:
        """Return the probability of either class, shape (n, 2). Parameters as `decision_function`."""
        risk = expit(self.decision_function(X, place))
        return np.column_stack([1 - risk, risk])

    def predict(self, X: Any, place: Any = None) -> Any:
        """Return the likelier class, shape (n,). Parameters as `decision_function`."""
        likelier = (self.decision_function(X, place) > 0).astype(np.int64)
        return self.classes_[likelier]

    def explain(self, X: Any, place: Any = None) -> Contributions:
        """Return each reason's contribution to the calibrated log-odds, exact for every row.

        Through the calibrator g, contributions to the score s against the training mean s0 are scaled by
        (g(s) - g(s0)) / (s - s0), and by the derivative of g at s0. What the place adds goes to the reason ``place``.
        """
        rows = self.encode(X)
        values = (rows.parts - self.centre_) * self._scale(rows)[:, None]
        reasons = self.layout_.reasons
        if self.local_.moves:
            added = self.local_.added(self.calibrator_.value(rows.score), place)
            if PLACE not in reasons:
                values, reasons = np.column_stack([values, np.zeros(len(values))]), (*reasons, PLACE)
            values[:, reasons.index(PLACE)] += added
        return Contributions(base=self._base, values=np.ascontiguousarray(values), reasons=reasons)

    def feature_terms(self, X: Any) -> Floats:
        """Return an approximate split of the contributions over columns, shape (n, columns).

        It serves to choose which of a reason's figures a sentence quotes; it adds up to the contributions roughly.
        """
        rows = self.encode(X)
        by_column = self.layout_.by_column(rows.by_term) - self.column_centre_
        return np.ascontiguousarray(by_column * self._scale(rows)[:, None])

    def predict_interval(self, X: Any, level: float = 0.9, place: Any = None) -> Floats:
        """Return lower and upper bounds of the probability given the same features, shape (n, 2).

        With s the score, d its standard error over training samples, t a quantile of Student's t and g the
        calibrator with standard error e, the bounds are, in log-odds, g(s) minus and plus the root of the squares of
        g(s) - g(s - t d) (or g(s + t d) - g(s)) and t e; what the place adds comes with an error of its own. It says
        how far training on other households of the same population would move the probability; not what the outcome
        will be, nor what other features would show.
        """
        rows, g = self.encode(X), self.calibrator_
        score = rows.score
        quantile = student.ppf((1 + checked_level(level)) / 2, self.core_.df)
        with threadpool_limits(1, user_api="blas"):
            half_width = quantile * rows.std_error
        middle = g.value(score)
        error = quantile * np.hypot(g.std_error(score), self.local_.std_error(middle, place))
        reach = [np.hypot(g.value(score + side * half_width) - middle, error) for side in (-1, 1)]
        middle = middle + self.local_.added(middle, place)
        return np.asarray(expit(clip_log_odds(np.column_stack([middle - reach[0], middle + reach[1]]))))

    def redraw_log_odds(self, X: Any, place: Any = None) -> Floats | None:
        """Return calibrated log-odds as equally good trainings on other households would give them, shape (n, draws).

        Around those of this training they vary as two trainings do around each other. The calibrator stays: it is
        monotone and moves nobody past another. None for a model that does not say how it would differ.
        """
        rows = self.encode(X)
        with threadpool_limits(1, user_api="blas"):
            redrawn = rows.redrawn
        if redrawn is None:
            return None
        score = rows.score[:, None] + np.sqrt(2) * redrawn
        calibrated = self.calibrator_.value(score.ravel()).reshape(score.shape)
        middle = self.calibrator_.value(rows.score)
        added = self.local_.added(middle, place)[:, None] + self.local_.redrawn(len(middle), place, score.shape[1])
        return np.asarray(clip_log_odds(calibrated + added))

    def encode(self, X: Any) -> EncodedRows:
        """Return rows as the model reads them, to be handed to several methods in place of `X`.

        Their score is then worked out once, and so is what it is made of.
        """
        check_is_fitted(self)
        if isinstance(X, EncodedRows) and X.core is self.core_:
            return X
        return EncodedRows.of(self.core_, self.layout_.columns.terms(read_table(self, X, fitting=False)))

    def _scale(self, rows: EncodedRows) -> Floats:
        return scale_through(self.calibrator_, rows.score, self._score_centre)

    @property
    def _score_centre(self) -> float:
        return float(self.core_.intercept + self.centre_.sum())

    @property
    def _base(self) -> float:
        return float(self.calibrator_.value(np.array([self._score_centre]))[0])

    def check_parameters(self) -> None:
        """Raise a ValueError where a parameter is out of its range."""
        if self.calibration is not None and self.calibration not in KINDS:
            raise ValueError(f"calibration must be one of {', '.join(KINDS)} or None, not {self.calibration!r}")
        for name, least in self.whole_from.items():
            value = getattr(self, name)
            if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
                raise ValueError(f"{name} must be a whole number from {least}, not {value!r}")
        for name in self.positive:
            value = getattr(self, name)
            if value is not None and not (_is_number(value) and 0 < float(value) < np.inf):
                raise ValueError(f"{name} must be a number above 0 or None, not {value!r}")
        for name in self.not_negative:
            value = getattr(self, name)
            if not (_is_number(value) and 0 <= float(value) < np.inf):
                raise ValueError(f"{name} must be a number from 0, not {value!r}")
        for name in self.shares:
            value = getattr(self, name)
            if not (_is_number(value) and 0 < float(value) <= 1):
                raise ValueError(f"{name} must be a number above 0 and up to 1, not {value!r}")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.poor_score = self.poor_alone
        tags.input_tags.allow_nan = True
        return tags


def _is_number(value: object) -> TypeGuard[Real]:
    return isinstance(value, Real) and not isinstance(value, bool)


def _classes(estimator: Any, y: Any) -> tuple[Any, Floats]:
    if y is None:
        raise ValueError(f"{type(estimator).__name__} requires y to be passed, but the target y is None")
    values = column_or_1d(y, warn=True)
    assert_all_finite(values, input_name="y")
    check_classification_targets(values)
    if type_of_target(values) not in ("binary", "unknown") or len(np.unique(values)) > 2:
        found = type_of_target(values)
        raise ValueError(f"Only binary classification is supported. The type of the target is {found}.")
    classes, position = np.unique(values, return_inverse=True)
    return classes, position.astype(np.float64) if len(classes) == 2 else np.zeros(len(values))


def _require_both(outcome: Floats) -> None:
    if len(np.unique(outcome)) < 2:
        raise ValueError("a classifier needs rows of two classes, y has one class only")


def _shifts(calibrated: Floats, rows: Rows) -> RandomIntercepts | None:
    """Return what areas add to log-odds out of fold; none without areas or folds, or where areas do not differ."""
    if "place" not in rows.fit_params or len(calibrated) == 0:
        return None
    # a household in several rows is one household of its village
    weight = rows.weight / rows_of_household(rows)
    found = fit_random_intercepts(calibrated, rows.fell, weight, rows.fit_params["place"])
    return found if any(found.std_devs) else None


def _weighed(table: FeatureMatrix, weight: Floats) -> FeatureMatrix:
    """Return the rows of positive weight: codes of the others are as good as unseen."""
    if (weight > 0).all():
        return table
    codes = {column: texts[weight > 0] for column, texts in table.codes.items()}
    return FeatureMatrix(names=table.names, numbers=table.numbers[weight > 0], codes=codes)


def _seed(random_state: Any) -> int:
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))
