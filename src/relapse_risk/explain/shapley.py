"""What each feature adds to the calibrated log-odds of chosen households, in the form of shap's plots.

shap is imported here and nowhere else: it takes seconds.
"""

from typing import Any

import numpy as np
import shap

from relapse_risk.metrics import Floats
from relapse_risk.models import RiskClassifier
from relapse_risk.models.contributions import scale_through
from relapse_risk.models.feature_columns import Columns, FeatureMatrix, read_table

__all__ = ["explain_features"]


def explain_features(model: RiskClassifier, X: Any, rows: Any = None) -> shap.Explanation:
    """Return what each feature adds to the calibrated log-odds of some rows.

    Trees give their Shapley values along paths (TreeSHAP: Lundberg et al. 2020; LightGBM's ``pred_contrib``), a linear
    part its terms against their training means; both are joined as the model joins them, codes are summed to their
    column, and all is scaled through the calibrator as the contributions of reasons are, so that base value and values
    add up to logit(probability) exactly. Other models give the split over terms that `RiskClassifier.feature_terms`
    gives.

    Summed over the features of a reason, values are the reason's contribution but for the centre: Shapley values
    are measured against the mean along the trees' paths, contributions against the mean of the training rows. While
    the calibrator is a line, the two differ by one constant per reason; through a bent one the scale differs too, and
    they agree roughly.

    Parameters
    ----------
    model : RiskClassifier
        Fitted.
    X : array-like or frame of shape (n, columns)
    rows : array-like of int or bool, optional
        Which rows; all if not given. Trees take about a millisecond a row.

    Returns
    -------
    shap.Explanation
        values (rows, columns) and base_values (rows,) in log-odds; data (rows, columns), where a code is its place
        among the codes of its column; display_data with codes as texts; feature_names.

    Raises
    ------
    ValueError
        If there is no row, or X has other columns than were fitted.

    Examples
    --------
    >>> from relapse_risk.models import LogisticClassifier
    >>> X, y = [[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 0.0]] * 9, [0, 0, 1, 1] * 9
    >>> model = LogisticClassifier().fit(X, y)
    >>> found = explain_features(model, X, rows=[0, 3])
    >>> total = found.base_values + found.values.sum(axis=1)
    >>> found.shape, bool(np.allclose(total, model.decision_function(X)[[0, 3]]))
    ((2, 2), True)
    """
    table = read_table(model, X, fitting=False)
    chosen = np.arange(len(table.numbers))[slice(None) if rows is None else rows]
    if len(chosen) == 0:
        raise ValueError("there is no row to explain")
    columns = model.layout_.columns
    terms = np.asfortranarray(columns.terms(table)[chosen])
    split, score = _split(model, terms), model.core_.score(terms)
    centre = float(np.median(score - split.sum(axis=1)))
    values = split * scale_through(model.calibrator_, score, centre)[:, None]
    return shap.Explanation(
        values=np.ascontiguousarray(values),
        base_values=np.repeat(model.calibrator_.value(np.array([centre])), len(values)),
        data=_places(table, columns)[chosen],
        display_data=_shown(table)[chosen],
        feature_names=list(columns.names),
    )


def _split(model: RiskClassifier, terms: Floats) -> Floats:
    """Return the score over columns, against a mean; what is left of the score is the same for every row."""
    own = getattr(model.core_, "shapley", None)
    if own is None:
        return np.asarray(model.layout_.by_column(model.core_.by_term(terms)) - model.column_centre_)
    return model.layout_.by_column(own(terms))


def _places(table: FeatureMatrix, columns: Columns) -> Floats:
    found = table.numbers.copy()
    for column, levels in columns.levels.items():
        places = {level: float(place) for place, level in enumerate(levels)}
        found[:, column] = [places.get(text, np.nan) for text in table.codes.get(column, [""] * len(found))]
    return found


def _shown(table: FeatureMatrix) -> Any:
    found = table.numbers.astype(object)
    for column, texts in table.codes.items():
        found[:, column] = texts.astype(object)
    return found
