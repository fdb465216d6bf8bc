"""Values as people read them: 8,400, 61%, 1.3."""

import polars as pl

from relapse_risk.features import Feature
from relapse_risk.policy import Texts

__all__ = ["figure"]


def figure(feature: Feature, lang: str, signed: bool = False) -> pl.Expr:
    """Return a feature's column as text for people, with a plus before what grew if `signed`; null where it is unknown.

    Yuan are whole with thousands apart; shares are per cent, whole from 10 % on, else with one decimal; ratios have two
    decimals at most; other numbers one at most; codes are put in words where the feature has words.
    """
    value = pl.col(feature.name)
    if feature.kind == "code":
        return value if feature.words is None else value.replace(Texts(lang).labels(feature.words))
    text = _number(value, feature.unit)
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
