"""Risk and its reasons for households at risk, a slice at a time so that memory stays bounded."""

from collections.abc import Iterator
from typing import Any

import numpy.typing as npt
import polars as pl

from relapse_risk.bundle import Bundle
from relapse_risk.explain import sentences, top_reasons
from relapse_risk.features import FeatureTable
from relapse_risk.models import Contributions
from relapse_risk.models.predictor import EncodedRows
from relapse_risk.policy import REASONS
from relapse_risk.progress import Progress, silent

__all__ = ["predict_risk", "word_reasons"]

_LEVEL = 0.9
_SLICE = 50_000
_TEXTS = ("reason_1", "reason_2", "reason_3", "reason_text")
_NUMBERS = ("probability", "lower", "upper", *(f"contribution_{reason}" for reason in REASONS), "contribution_base")
_SCHEMA = {"household_id": pl.String, **dict.fromkeys(_NUMBERS, pl.Float64), **dict.fromkeys(_TEXTS, pl.String)}
_SENTENCES = [f"sentence_{place}_{lang}" for place in (1, 2, 3) for lang in ("zh", "en")]


def predict_risk(
    table: FeatureTable, bundle: Bundle, areas: pl.DataFrame, lang: str, progress: Progress = silent
) -> pl.DataFrame:
    """Return the risk of every row of a feature table of one day, and why.

    Parameters
    ----------
    table : FeatureTable
    bundle : Bundle
    areas : pl.DataFrame
        household_id, county and village, as `areas_of` returns.
    lang : {"zh", "en"}
    progress : Progress

    Returns
    -------
    pl.DataFrame
        household_id, probability, lower, upper, a ``contribution_`` of every reason (log-odds; 0 for those the model
        has no feature of), contribution_base, reason_1 to reason_3 and reason_text in `lang`.
    """
    parts = [pl.DataFrame(schema=_SCHEMA)]
    progress("score", 0.0)
    for part in _slices(table):
        parts.append(_predicted(part, bundle, areas, lang))
        progress("score", sum(done.height for done in parts) / table.frame.height)
    return pl.concat(parts)


def word_reasons(table: FeatureTable, bundle: Bundle, areas: pl.DataFrame) -> pl.DataFrame:
    """Return household_id and ``sentence_<n>_<lang>`` of the top reasons, in every language."""
    parts = [pl.DataFrame(schema=dict.fromkeys(("household_id", *_SENTENCES), pl.String))]
    for part in _slices(table):
        rows = bundle.model.encode(bundle.require(part))
        told = _reason_sentences(part, bundle, rows, bundle.model.explain(rows, _where(part, areas)), ("zh", "en"))
        parts.append(part.frame.select("household_id").hstack(told.select(_SENTENCES)))
    return pl.concat(parts)


def _where(table: FeatureTable, areas: pl.DataFrame) -> npt.NDArray[Any]:
    """Return county and village of each row, the empty text where not known, shape (n, 2)."""
    placed = table.frame.select("household_id").join(areas, on="household_id", how="left", maintain_order="left")
    return placed.select("county", "village").fill_null("").to_numpy()


def _slices(table: FeatureTable) -> Iterator[FeatureTable]:
    for frame in table.frame.iter_slices(_SLICE):
        if frame.height:
            yield FeatureTable(frame=frame, features=table.features, missing=table.missing)


def _predicted(table: FeatureTable, bundle: Bundle, areas: pl.DataFrame, lang: str) -> pl.DataFrame:
    rows, where = bundle.model.encode(bundle.require(table)), _where(table, areas)
    bounds = bundle.model.predict_interval(rows, _LEVEL, where)
    found: Contributions = bundle.model.explain(rows, where)
    values = dict(zip(found.reasons, found.values.T, strict=True))
    told = _reason_sentences(table, bundle, rows, found, (lang,))
    return (
        table.frame.select("household_id")
        .with_columns(
            pl.Series("probability", bundle.model.predict_proba(rows, where)[:, 1]),
            pl.Series("lower", bounds[:, 0]),
            pl.Series("upper", bounds[:, 1]),
            *(
                pl.Series(f"contribution_{reason}", values[reason])
                if reason in values
                else pl.lit(0.0).alias(f"contribution_{reason}")
                for reason in REASONS
            ),
            pl.lit(found.base).alias("contribution_base"),
        )
        .hstack(told.select("reason_1", "reason_2", "reason_3", reason_text=f"reason_text_{lang}"))
    )


def _reason_sentences(
    table: FeatureTable, bundle: Bundle, rows: EncodedRows, found: Contributions, langs: tuple[str, ...]
) -> pl.DataFrame:
    """Return the top reasons and their sentences, row by row beside the table."""
    top = top_reasons(found.values, found.reasons)
    terms = bundle.model.feature_terms(rows)
    return top.hstack(sentences(table.frame, table.features, top, terms, bundle.columns, langs=langs))
