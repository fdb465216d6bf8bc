"""Which feature speaks for each reason of a household: one whose figures support it, or none."""

from collections.abc import Collection, Mapping, Sequence
from string import Formatter

import numpy as np
import polars as pl
from numpy.typing import NDArray

from relapse_risk.features import Feature
from relapse_risk.features.conditions import all_of, any_of
from relapse_risk.policy import REASONS
from relapse_risk.policy.mechanism import NamingPolicy

__all__ = ["find_speakers", "quoted"]


def find_speakers(
    frame: pl.DataFrame,
    features: Sequence[Feature],
    terms: NDArray[np.float64],
    columns: Sequence[str],
    reasons: Sequence[str],
    naming: NamingPolicy,
    *,
    protected: Collection[str] = (),
) -> pl.DataFrame:
    """Return for every household and reason the feature that speaks for it.

    A feature may speak where its figures support the reason (``naming.supports``, all conditions known to hold; none of
    ``naming.unless``) and every figure of its sentence is known; a zero that means none is quoted only where there is a
    sentence for it. Of those that raise the risk the one with the largest term speaks. Nobody does for a reason that
    the household's own figures contradict, or that is never named (``Reason.named``).

    Parameters
    ----------
    frame : pl.DataFrame
        ``FeatureTable.frame``.
    features : sequence of Feature
        What its columns are, predictors and figures.
    terms : (n_rows, n_columns) array
        How much each predictor adds to the risk (log-odds; an approximate split will do).
    columns : sequence of str
        The predictors its columns stand for.
    reasons : sequence of str
    naming : NamingPolicy
    protected : collection of str
        Features that never speak.

    Returns
    -------
    pl.DataFrame
        A column for every reason, in the row order of `frame`: the feature's name, null where no figure supports it.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> share = Feature(name="transfer_over_line_log", table="incomes", columns=(), reason="support", unit="log1p",
    ...                 zh="转移性收入", en="transfers", sentence={"zh": "{transfer_share}", "en": "{transfer_share}"})
    >>> figure = Feature(name="transfer_share", table="incomes", columns=(), reason="support", unit="share",
    ...                  role="figure", zh="占比", en="share")
    >>> frame = pl.DataFrame({"transfer_over_line_log": [0.01, 0.9], "transfer_share": [0.007, 0.61]})
    >>> naming = read_policy().mechanism.naming
    >>> find_speakers(frame, [share, figure], np.full((2, 1), 0.4), [share.name], ["support"], naming).rows()
    [(None,), ('transfer_over_line_log',)]
    """
    by_name = {feature.name: feature for feature in features}
    leading = [by_name[name] for name in columns]
    silent = {name for name in columns if name in protected or not REASONS[by_name[name].reason].named}
    may = frame.select(
        (pl.lit(False) if one.name in silent else _supports(one, naming, by_name, frame.columns))
        .fill_null(False)
        .alias(one.name)
        for one in leading
    ).to_numpy()
    may = np.broadcast_to(may, (frame.height, len(leading))) & (terms > 0)
    weight = np.asfortranarray(np.where(may, terms, -np.inf))
    of_reason = {reason: [at for at, one in enumerate(leading) if one.reason == reason] for reason in reasons}
    return pl.DataFrame(
        {reason: _largest(weight[:, group], [columns[at] for at in group]) for reason, group in of_reason.items()},
        schema=dict.fromkeys(reasons, pl.String()),
    ).with_columns(
        pl.when(~_contradicted(naming, reason, frame)).then(pl.col(reason)).alias(reason) for reason in reasons
    )


def _largest(weight: NDArray[np.float64], names: Sequence[str]) -> pl.Series:
    """Return the name of the column with the largest weight of each row, null where none has any."""
    if not names:
        return pl.Series([None] * len(weight), dtype=pl.String)
    spoken = np.isfinite(weight.max(axis=1))
    place = pl.Series(np.where(spoken, weight.argmax(axis=1), len(names)))
    return place.replace_strict(dict(enumerate(names)), default=None, return_dtype=pl.String)


def quoted(sentence: Mapping[str, str] | None) -> frozenset[str]:
    """Return the columns whose values a sentence quotes."""
    texts = () if sentence is None else sentence.values()
    return frozenset(name for text in texts for _, name, _, _ in Formatter().parse(text) if name)


def _supports(
    feature: Feature, naming: NamingPolicy, by_name: Mapping[str, Feature], columns: Sequence[str]
) -> pl.Expr:
    conditions = naming.supports.get(feature.name, ())
    if not conditions or not {one.column for one in conditions} <= set(columns):
        return pl.lit(False)
    against = any_of(naming.unless.get(feature.name, ()), columns).fill_null(False)
    return all_of(conditions, columns) & ~against & _sayable(feature, by_name, columns)


def _sayable(feature: Feature, by_name: Mapping[str, Feature], columns: Sequence[str]) -> pl.Expr:
    said = _fillable(feature.sentence, by_name, columns)
    if feature.kind == "code":
        return said
    of_nothing = _fillable(feature.absent, by_name, columns)
    if feature.absent is None and not feature.zero_is_none:
        of_nothing = said
    value = pl.col(feature.name)
    return pl.when(value == 0).then(of_nothing).otherwise(said) & value.is_not_null()


def _fillable(sentence: Mapping[str, str] | None, by_name: Mapping[str, Feature], columns: Sequence[str]) -> pl.Expr:
    """Return whether every value in a sentence is there, one of them a figure."""
    names = quoted(sentence)
    if not names <= set(columns) or not any(by_name[name].kind != "code" for name in names if name in by_name):
        return pl.lit(False)
    return pl.all_horizontal(pl.lit(True), *(pl.col(name).is_not_null() for name in sorted(names)))


def _contradicted(naming: NamingPolicy, reason: str, frame: pl.DataFrame) -> pl.Series:
    """Return whether the household's figures are known to contradict a reason."""
    conditions = naming.contradicted.get(reason, ())
    held = frame.select(any_of(conditions, frame.columns).fill_null(False).alias("held"))["held"]
    return held if len(held) == frame.height else held.new_from_index(0, frame.height)
