"""The top reasons of each household as sentences with its own figures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from string import Formatter

import numpy as np
import polars as pl
from numpy.typing import NDArray

from relapse_risk.explain.figures import figure
from relapse_risk.features import Feature
from relapse_risk.policy import Texts

__all__ = ["sentences"]

_ROW, _REASON = "_row", "_reason"


def sentences(
    frame: pl.DataFrame,
    features: Sequence[Feature],
    top: pl.DataFrame,
    terms: NDArray[np.float64],
    columns: Sequence[str],
    *,
    rows: NDArray[np.bool_] | None = None,
    langs: Sequence[str] = ("zh", "en"),
) -> pl.DataFrame:
    """Return the top reasons of each household in words, each with a figure of the household's own.

    A reason quotes the feature of its group with the largest risk-raising term that has something to say: every value
    in its sentence known, and itself not a zero that means none. Where no feature has, the sentence gives no figure.

    Parameters
    ----------
    frame : pl.DataFrame
        ``FeatureTable.frame``.
    features : sequence of Feature
        What its columns are, predictors and figures.
    top : pl.DataFrame
        From `top_reasons`, one for each row of `frame`.
    terms : (n_asked, n_columns) array
        How much each predictor adds to the risk of each asked row (log-odds; an approximate split will do).
    columns : sequence of str
        The predictors its columns stand for.
    rows : (n_rows,) boolean array, optional
        The rows asked for; by default all. `terms` has a row for each of them only.
    langs : sequence of str
        Of ``zh`` and ``en``.

    Returns
    -------
    pl.DataFrame
        For every row of `frame` and every language ``sentence_1_<lang>`` and so on (null where `top` is null or the row
        was not asked for), and ``reason_text_<lang>``, all of them joined with the wordings of their reasons.

    Examples
    --------
    >>> cost = Feature(name="cost", table="illness", columns=(), reason="illness", unit="yuan", zh="医疗费", en="bills",
    ...                sentence={"zh": "医疗费 {cost} 元", "en": "bills {cost} yuan"})
    >>> frame = pl.DataFrame({"household_id": ["h1"], "cost": [8400.0]})
    >>> top = pl.DataFrame({"reason_1": ["illness"]})
    >>> sentences(frame, [cost], top, np.array([[0.7]]), ["cost"]).row(0)
    ('医疗费 8,400 元', 'bills 8,400 yuan', '因病：医疗费 8,400 元', 'Illness: bills 8,400 yuan')
    """
    asked = np.ones(frame.height, dtype=np.bool_) if rows is None else rows
    frame, top = frame.filter(asked), top.filter(asked)
    by_name = {feature.name: feature for feature in features}
    leading = [by_name[name] for name in columns]
    pieces = [
        _piece(frame, at, reason, lead, by_name, langs) for reason, lead, at in _groups(frame, top, terms, leading)
    ]
    return _in_all_rows(_written(top, pieces, langs), asked)


def _groups(
    frame: pl.DataFrame, top: pl.DataFrame, terms: NDArray[np.float64], leading: Sequence[Feature]
) -> Iterator[tuple[str, Feature | None, NDArray[np.intp]]]:
    """Yield each top reason with each feature that speaks for it (or None) and the rows where it does."""
    of_reason = np.array([feature.reason for feature in leading], dtype=object)
    for reason in sorted({code for column in top.iter_columns() for code in column.drop_nulls().unique()}):
        at = np.flatnonzero(top.select(pl.any_horizontal(pl.all() == reason)).to_series().fill_null(False).to_numpy())
        group = np.flatnonzero(of_reason == reason)
        speaker = _speakers(frame[at], terms[np.ix_(at, group)], [leading[index] for index in group.tolist()])
        for index in np.unique(speaker).tolist():
            yield reason, None if index < 0 else leading[int(group[index])], at[speaker == index]


def _speakers(frame: pl.DataFrame, terms: NDArray[np.float64], features: Sequence[Feature]) -> NDArray[np.intp]:
    """Return for each row the feature with the largest risk-raising term that has something to say, -1 if none has."""
    if not features:
        return np.full(frame.height, -1, dtype=np.intp)
    sayable = frame.select(_sayable(feature, frame.columns).alias(feature.name) for feature in features).to_numpy()
    weight = np.where(sayable & (terms > 0), terms, -np.inf)
    return np.where(np.isfinite(weight.max(axis=1)), weight.argmax(axis=1), -1)


def _sayable(feature: Feature, columns: Sequence[str]) -> pl.Expr:
    said = _fillable(feature.sentence, columns)
    if feature.kind == "code":
        return said
    of_nothing = _fillable(feature.absent, columns)
    if feature.absent is None and not feature.zero_is_none:
        of_nothing = said
    value = pl.col(feature.name)
    return pl.when(value == 0).then(of_nothing).otherwise(said) & value.is_not_null()


def _fillable(sentence: Mapping[str, str] | None, columns: Sequence[str]) -> pl.Expr:
    """Return whether every value in a sentence is there."""
    if sentence is None:
        return pl.lit(False)
    names = {name for template in sentence.values() for _, name, _, _ in Formatter().parse(template) if name}
    if not names <= set(columns):
        return pl.lit(False)
    return pl.all_horizontal(pl.lit(True), *(pl.col(name).is_not_null() for name in sorted(names)))


def _piece(
    frame: pl.DataFrame,
    at: NDArray[np.intp],
    reason: str,
    lead: Feature | None,
    by_name: Mapping[str, Feature],
    langs: Sequence[str],
) -> pl.DataFrame:
    """Write the sentences of a reason in the rows where one feature speaks for it."""
    if lead is None:
        text = {lang: pl.lit(Texts(lang)("sentences", "no_figure")) for lang in langs}
    else:
        text = {lang: _said(lead, by_name, lang) for lang in langs}
    keys = pl.DataFrame({_ROW: at}, schema={_ROW: pl.Int64}).with_columns(pl.lit(reason).alias(_REASON))
    return pl.concat([keys, frame[at].with_columns(**text).select(langs)], how="horizontal")


def _said(feature: Feature, by_name: Mapping[str, Feature], lang: str) -> pl.Expr:
    said = _filled(feature.sentence, by_name, lang)
    if feature.absent is None:
        return said
    return pl.when(pl.col(feature.name) == 0).then(_filled(feature.absent, by_name, lang)).otherwise(said)


def _filled(sentence: Mapping[str, str] | None, by_name: Mapping[str, Feature], lang: str) -> pl.Expr:
    if sentence is None:
        return pl.lit(None, dtype=pl.String)
    return _joined(sentence[lang], lambda name, spec: figure(by_name[name], lang, signed=spec == "+"))


def _joined(template: str, value: Callable[[str, str], pl.Expr]) -> pl.Expr:
    """Return a template with each placeholder, a name and perhaps a ``+``, filled; null where a value is."""
    parts: list[pl.Expr] = []
    for literal, name, spec, _ in Formatter().parse(template):
        parts += [pl.lit(literal)] * bool(literal) + ([value(name, spec or "")] if name else [])
    return pl.concat_str(parts)


def _written(top: pl.DataFrame, pieces: Sequence[pl.DataFrame], langs: Sequence[str]) -> pl.DataFrame:
    schema = {_ROW: pl.Int64, _REASON: pl.String, **dict.fromkeys(langs, pl.String)}
    said = pl.concat([pl.DataFrame(schema=schema), *pieces])
    ranked = top.with_columns(pl.int_range(pl.len()).alias(_ROW))
    for rank, column in enumerate(top.columns, start=1):
        named = said.rename({_REASON: column, **{lang: f"sentence_{rank}_{lang}" for lang in langs}})
        ranked = ranked.join(named, on=[_ROW, column], how="left", maintain_order="left")
    ranks = range(1, len(top.columns) + 1)
    return ranked.select(
        *(f"sentence_{rank}_{lang}" for lang in langs for rank in ranks),
        *(_text(top.columns, lang).alias(f"reason_text_{lang}") for lang in langs),
    )


def _text(reasons: Sequence[str], lang: str) -> pl.Expr:
    told = [_named(column, f"sentence_{rank}_{lang}", lang) for rank, column in enumerate(reasons, start=1)]
    text = pl.concat_str(told, separator=Texts(lang)("sentences", "separator"), ignore_nulls=True)
    return pl.when(text != "").then(text)


def _named(reason: str, sentence: str, lang: str) -> pl.Expr:
    """Return a sentence after the wording of its reason."""
    texts = Texts(lang)
    names = texts.labels("reasons")
    values = {"reason": pl.col(reason).replace(names), "sentence": pl.col(sentence)}
    return _joined(texts.template("sentences", "of_reason"), lambda name, _: values[name])


def _in_all_rows(written: pl.DataFrame, asked: NDArray[np.bool_]) -> pl.DataFrame:
    """Spread the rows asked for over all rows, null elsewhere."""
    every = pl.DataFrame({_ROW: np.arange(len(asked))})
    of_asked = written.with_columns(pl.Series(_ROW, np.flatnonzero(asked)))
    return every.join(of_asked, on=_ROW, how="left", maintain_order="left").drop(_ROW)
