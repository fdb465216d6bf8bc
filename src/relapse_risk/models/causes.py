"""Causes of relapses: their shares, which split a risk into risks that add up to it."""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from relapse_risk.metrics import Floats, checked_weight
from relapse_risk.models.feature_columns import Columns, read_table
from relapse_risk.models.linear import Basis, Rows, ordered

__all__ = ["CauseClassifier"]


class CauseClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Share of each cause among relapses, given the same columns as the risk.

    Multinomial logistic regression of the recorded cause among households that relapsed (scikit-learn), with a ridge
    penalty on standardised columns and none on the levels: with few relapses everybody has about the overall shares.
    The risk of a relapse put down to a cause is the risk times its share (cause-specific risk where one cause ends the
    spell; Kalbfleisch and Prentice 2002, section 8.2).

    Parameters
    ----------
    least : int
        Causes with fewer relapses than this are one, `other`.
    other : str
        What that one is called; also the cause of relapses that the register calls so.
    penalty : float
        Ridge penalty.

    Attributes
    ----------
    classes_ : ndarray of str, shape (causes,)
        In the order of the columns of the shares.

    Examples
    --------
    >>> X = [[float(i % 2)] for i in range(60)]
    >>> causes = ["illness" if i % 2 else "disaster" for i in range(59)] + ["flood"]
    >>> model = CauseClassifier(penalty=1.0).fit(X, causes)
    >>> model.classes_.tolist()
    ['disaster', 'illness', 'other']
    >>> model.split_risk([[1.0]], [0.2]).sum(axis=1).round(12).tolist()
    [0.2]
    """

    def __init__(self, *, least: int = 10, other: str = "other", penalty: float = 100.0) -> None:
        self.least = least
        self.other = other
        self.penalty = penalty

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn the shares from households that relapsed.

        Parameters
        ----------
        X : array-like or frame of shape (n, columns)
            As known before the relapse, one row for each.
        y : array-like of str, shape (n,)
            The cause each was put down to. Missing (None or the empty text): not recorded, and left out.
        sample_weight : array-like of shape (n,), optional

        Raises
        ------
        ValueError
            If no cause is recorded at all.
        """
        table = read_table(self, X, fitting=True)
        causes = np.array(["" if one is None else str(one) for one in np.asarray(y, dtype=object)])
        check_consistent_length(table.numbers, causes)
        weight = checked_weight(sample_weight, table.numbers)
        recorded = (causes != "") & (weight > 0)
        if not recorded.any():
            raise ValueError("cannot fit causes: there is no relapse with a recorded cause; record causes first")
        self.classes_, place = np.unique(self._merged(causes[recorded]), return_inverse=True)
        self.columns_ = Columns.of(table)
        terms = self.columns_.terms(table)[recorded]
        rows = ordered(terms, place.astype(np.float64), weight[recorded], None, None)
        self.basis_ = Basis.of(rows.terms, rows.weight, n_knots=0)
        self.model_ = self._learned(rows) if len(self.classes_) > 1 else None
        return self

    def _learned(self, rows: Rows) -> LogisticRegression:
        with threadpool_limits(1, user_api="blas"):
            model = LogisticRegression(C=1 / self.penalty, tol=1e-8, max_iter=1000)
            return model.fit(self.basis_.design(rows.terms), rows.outcome, sample_weight=rows.weight)

    def predict_proba(self, X: Any) -> Floats:
        """Return the share of each cause, shape (n, causes); each row adds up to one."""
        check_is_fitted(self)
        terms = self.columns_.terms(read_table(self, X, fitting=False))
        if self.model_ is None:
            return np.ones((len(terms), 1))
        return np.asarray(self.model_.predict_proba(self.basis_.design(terms)))

    def predict(self, X: Any) -> npt.NDArray[np.str_]:
        """Return the likeliest cause, shape (n,)."""
        likeliest: npt.NDArray[np.str_] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return likeliest

    def split_risk(self, X: Any, risk: Any) -> Floats:
        """Return the probability of a relapse by each cause, shape (n, causes).

        Parameters
        ----------
        X : array-like or frame of shape (n, columns)
        risk : array-like of shape (n,)
            The probability of a relapse within the horizon, of any fitted model. Each row adds up to it.

        Raises
        ------
        ValueError
            For risks that are no probabilities, or not one for each row.
        """
        whole = check_array(risk, ensure_2d=False, dtype=np.float64, input_name="risk")
        shares = self.predict_proba(X)
        check_consistent_length(shares, whole)
        if whole.ndim != 1 or ((whole < 0) | (whole > 1)).any():
            raise ValueError("risk must be one probability in [0, 1] for each row")
        return np.asarray(whole[:, None] * shares)

    def _merged(self, causes: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
        """Return the causes with the rare ones taken together."""
        named, counts = np.unique(causes, return_counts=True)
        return np.where(np.isin(causes, named[counts >= self.least]), causes, self.other)
