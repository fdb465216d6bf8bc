"""The named reasons of each household as sentences with its own figures."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from string import Formatter

import numpy as np
import polars as pl
from numpy.typing import NDArray

from relapse_risk.explain.speakers import quoted
from relapse_risk.features import Feature
from relapse_risk.features.lower_bounds import PARTLY
from relapse_risk.policy import Texts

__all__ = ["sentences"]

_ROW, _REASON = "_row", "_reason"

_OPTIONAL = re.compile(r"\[([^\]]*)\]")

# What is told of a household of which no reason can be named.
_SITUATION = "income_over_line"


def sentences(
    frame: pl.DataFrame,
    features: Sequence[Feature],
    top: pl.DataFrame,
    speakers: pl.DataFrame,
    raised: NDArray[np.bool_],
    *,
    langs: Sequence[str] = ("zh", "en"),
) -> pl.DataFrame:
    """Return the named reasons of each household in words, each with a figure of the household's own.

    Where something raises the risk and no reason can be named, the text says that it comes from the household's
    situation as a whole, with its income against the line as far as that is known.

    Parameters
    ----------
    frame : pl.DataFrame
        ``FeatureTable.frame``.
    features : sequence of Feature
        What its columns are, predictors and figures.
    top : pl.DataFrame
        From `top_reasons`, in the row order of `frame`.
    speakers : pl.DataFrame
        For every reason a column: the name of the feature that speaks for it (`find_speakers`), row by row.
    raised : (n_rows,) boolean array
        Whether anything raises the risk of the row.
    langs : sequence of str
        Of ``zh`` and ``en``.

    Returns
    -------
    pl.DataFrame
        For every row of `frame` and every language ``sentence_1_<lang>`` and so on (null where `top` is null), and
        ``reason_text_<lang>``: all of them joined with the wordings of their reasons, or of the situation as a whole.

    Examples
    --------
    >>> cost = Feature(name="cost", table="illness", columns=(), reason="illness", unit="yuan", zh="医疗费", en="bills",
    ...                sentence={"zh": "医疗费 {cost} 元", "en": "bills {cost} yuan"})
    >>> frame = pl.DataFrame({"household_id": ["h1"], "cost": [8400.0]})
    >>> top, speakers = pl.DataFrame({"reason_1": ["illness"]}), pl.DataFrame({"illness": ["cost"]})
    >>> sentences(frame, [cost], top, speakers, np.array([True])).row(0)
    ('医疗费 8,400 元', 'bills 8,400 yuan', '因病：医疗费 8,400 元', 'Illness: bills 8,400 yuan')
    """
    by_name = {feature.name: feature for feature in features}
    pieces = [_piece(frame, at, reason, by_name[name], by_name, langs) for reason, name, at in _groups(top, speakers)]
    situations = (_situation(by_name, frame.columns, lang).alias(lang) for lang in langs)
    situation = frame.with_columns(situations).select(langs)  # what is the same for all is said in every row
    situation = situation.with_columns(pl.when(pl.Series(raised)).then(pl.col(lang)).alias(lang) for lang in langs)
    return _written(top, pieces, situation, langs)


def _groups(top: pl.DataFrame, speakers: pl.DataFrame) -> Iterator[tuple[str, str, NDArray[np.intp]]]:
    """Yield each named reason with each feature that speaks for it and the rows where it does."""
    for reason in sorted({code for column in top.iter_columns() for code in column.drop_nulls().unique()}):
        named = top.select(pl.any_horizontal(pl.all() == reason)).to_series().fill_null(False).to_numpy()
        for name in speakers.filter(named)[reason].unique().sort().to_list():
            yield reason, name, np.flatnonzero(named & (speakers[reason] == name).fill_null(False).to_numpy())


def _situation(by_name: Mapping[str, Feature], columns: Sequence[str], lang: str) -> pl.Expr:
    """Return what is said where no reason can be named: income against the line, or that it is not known."""
    unknown = pl.lit(Texts(lang)("sentences", "situation_unknown"))
    feature = by_name.get(_SITUATION)
    if feature is None or not quoted(feature.sentence) <= set(columns):
        return unknown
    template = Texts(lang).template("sentences", "situation")
    return pl.coalesce(_joined(template, lambda *_: _filled(feature.sentence, by_name, lang)), unknown)


def _piece(
    frame: pl.DataFrame,
    at: NDArray[np.intp],
    reason: str,
    lead: Feature,
    by_name: Mapping[str, Feature],
    langs: Sequence[str],
) -> pl.DataFrame:
    """Write the sentences of a reason in the rows where one feature speaks for it."""
    text = [_said(lead, by_name, lang).alias(lang) for lang in langs]
    keys = pl.DataFrame({_ROW: at}, schema={_ROW: pl.Int64}).with_columns(pl.lit(reason).alias(_REASON))
    quoting = sorted({name for one in text for name in one.meta.root_names()})
    return keys.hstack(frame.select(quoting)[at].get_columns()).select(_ROW, _REASON, *text)


def _said(feature: Feature, by_name: Mapping[str, Feature], lang: str) -> pl.Expr:
    said = _filled(feature.sentence, by_name, lang)
    if feature.absent is None:
        return said
    return pl.when(pl.col(feature.name) == 0).then(_filled(feature.absent, by_name, lang)).otherwise(said)


def _filled(sentence: Mapping[str, str] | None, by_name: Mapping[str, Feature], lang: str) -> pl.Expr:
    if sentence is None:
        return pl.lit(None, dtype=pl.String)
    return _joined(sentence[lang], lambda name, spec: _figure(by_name[name], by_name, lang, signed=spec == "+"))


def _joined(template: str, value: Callable[[str, str], pl.Expr]) -> pl.Expr:
    """Return a template with each placeholder, a name and perhaps a ``+``, filled; null where a value is.

    What stands in square brackets is left out where its figure is 0.
    """
    always, *rest = _OPTIONAL.split(template)
    parts = _parts(always, value)
    for optional, after in zip(rest[::2], rest[1::2], strict=True):
        none = pl.all_horizontal(pl.col(name) == 0 for _, name, *_ in Formatter().parse(optional) if name)
        parts.append(pl.when(none).then(pl.lit("")).otherwise(pl.concat_str(_parts(optional, value))))
        parts += _parts(after, value)
    return pl.concat_str(parts)


def _parts(template: str, value: Callable[[str, str], pl.Expr]) -> list[pl.Expr]:
    found: list[pl.Expr] = []
    for literal, name, spec, _ in Formatter().parse(template):
        found += [pl.lit(literal)] * bool(literal) + ([value(name, spec or "")] if name else [])
    return found


def _written(
    top: pl.DataFrame, pieces: Sequence[pl.DataFrame], situation: pl.DataFrame, langs: Sequence[str]
) -> pl.DataFrame:
    schema = {_ROW: pl.Int64, _REASON: pl.String, **dict.fromkeys(langs, pl.String)}
    said = pl.concat([pl.DataFrame(schema=schema), *pieces])
    ranked = top.with_columns(pl.int_range(pl.len()).alias(_ROW))
    for rank, column in enumerate(top.columns, start=1):
        named = said.rename({_REASON: column, **{lang: f"sentence_{rank}_{lang}" for lang in langs}})
        ranked = ranked.join(named, on=[_ROW, column], how="left", maintain_order="left")
    ranks = range(1, len(top.columns) + 1)
    return ranked.hstack(situation).select(
        *(f"sentence_{rank}_{lang}" for lang in langs for rank in ranks),
        *(pl.coalesce(_text(top.columns, lang), lang).alias(f"reason_text_{lang}") for lang in langs),
    )


def _text(reasons: Sequence[str], lang: str) -> pl.Expr:
    parts = [_named(column, f"sentence_{rank}_{lang}", lang) for rank, column in enumerate(reasons, start=1)]
    text = pl.concat_str(parts, separator=Texts(lang)("sentences", "separator"), ignore_nulls=True)
    return pl.when(text != "").then(text)


def _named(reason: str, sentence: str, lang: str) -> pl.Expr:
    """Return a sentence after the wording of its reason."""
    texts = Texts(lang)
    names = texts.labels("reasons")
    values = {"reason": pl.col(reason).replace(names), "sentence": pl.col(sentence)}
    return _joined(texts.template("sentences", "of_reason"), lambda name, _: values[name])


def _figure(feature: Feature, by_name: Mapping[str, Feature], lang: str, signed: bool = False) -> pl.Expr:
    """Return a feature's column as people read it (8,400, 61%, 1.3); null where it is unknown.

    A sum of which a part is unknown is at least so much, and says so.

    If `signed`, with a plus before what grew.
    Yuan are whole with thousands apart; shares are per cent, whole from 10 % on, else with one decimal; ratios have two
    decimals at most; other numbers one at most; codes are put in words where the feature has words.
    """
    value = pl.col(feature.name)
    if feature.kind == "code":
        return value if feature.words is None else value.replace(Texts(lang).labels(feature.words))
    text = _number(value, feature.unit)
    if partly := by_name.get(PARTLY.get(feature.name, "")):
        bound = Texts(lang)("sentences", "at_least", figure="")
        text = pl.when(pl.col(partly.name) == 1).then(pl.lit(bound)).otherwise(pl.lit("")) + text
    return pl.when(value > 0).then(pl.lit("+")).otherwise(pl.lit("")) + text if signed else text


def _number(value: pl.Expr, unit: str) -> pl.Expr:
    if unit == "yuan":
        return _thousands(value)
    if unit == "share":
        per_cent = value * 100
        return _decimal(pl.when(per_cent.abs() >= 10).then(per_cent.round(0)).otherwise(per_cent), 1) + "%"
    return _decimal(value, 2 if unit == "ratio" else 1)


def _thousands(value: pl.Expr) -> pl.Expr:
    whole = value.round(0).cast(pl.Int64, strict=False)  # null where it is too large: then as it stands
    # From the right: the regular expressions at hand look neither back nor ahead.
    grouped = whole.abs().cast(pl.String).str.reverse().str.replace_all(r"(\d{3})", "${1},").str.reverse()
    signed = pl.when(whole < 0).then(pl.lit("-")).otherwise(pl.lit("")) + grouped.str.strip_chars_start(",")
    return pl.coalesce(signed, value.cast(pl.String))


def _decimal(value: pl.Expr, digits: int) -> pl.Expr:
    rounded = value.round(digits) + 0.0  # so that -0.0 reads 0
    return rounded.cast(pl.String).str.replace(r"\.0+$", "")
