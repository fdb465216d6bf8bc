"""Risk and its reasons for households at risk, a slice at a time so that memory stays bounded."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from relapse_risk.bundle import Bundle
from relapse_risk.errors import LANGUAGES
from relapse_risk.explain import find_speakers, raises, sentences, top_reasons
from relapse_risk.features import FeatureTable, protected_features
from relapse_risk.metrics import Floats
from relapse_risk.models import Contributions
from relapse_risk.models.predictor import EncodedRows
from relapse_risk.policy import REASONS, Mechanism
from relapse_risk.progress import Progress, silent

__all__ = ["predict_risk", "without_redraws", "word_reasons"]

_LEVEL = 0.9
_REDRAWN = "redrawn"
_SLICE = 10_000
_TEXTS = ("reason_1", "reason_2", "reason_3", "reason_text")
_NUMBERS = ("probability", "lower", "upper", *(f"contribution_{reason}" for reason in REASONS), "contribution_base")
_SCHEMA = {"household_id": pl.String, **dict.fromkeys(_NUMBERS, pl.Float64), **dict.fromkeys(_TEXTS, pl.String)}
_SENTENCES = [
    f"{text}_{lang}" for text in ("sentence_1", "sentence_2", "sentence_3", "reason_text") for lang in LANGUAGES
]


def predict_risk(
    table: FeatureTable,
    bundle: Bundle,
    areas: pl.DataFrame,
    mechanism: Mechanism,
    lang: str,
    progress: Progress = silent,
) -> pl.DataFrame:
    """Return the risk of every row of a feature table of one day, and why.

    Parameters
    ----------
    table : FeatureTable
    bundle : Bundle
    areas : pl.DataFrame
        household_id, county and village, as `areas_of` returns.
    mechanism : Mechanism
        Whose floors decide which reasons are named.
    lang : {"zh", "en"}
    progress : Progress

    Returns
    -------
    pl.DataFrame
        household_id, probability, lower, upper, a ``contribution_`` of every reason (log-odds; 0 for those the model
        has no feature of), contribution_base, reason_1 to reason_3 and reason_text in `lang`; where the model says so
        redrawn (log-odds by other trainings, see `without_redraws`).
    """
    parts: list[pl.DataFrame] = []
    progress("score", 0.0)
    for part in _slices(table):
        parts.append(_predicted(part, bundle, areas, mechanism, lang))
        progress("score", sum(done.height for done in parts) / table.frame.height)
    return pl.concat(parts) if parts else pl.DataFrame(schema=_SCHEMA)


def without_redraws(risk: pl.DataFrame) -> tuple[pl.DataFrame, Floats | None]:
    """Return the rows without the log-odds by other trainings, and these, shape (n, draws); None where there are none.

    Those of rows without a prediction are no numbers.
    """
    if _REDRAWN not in risk.columns:
        return risk, None
    known = risk[_REDRAWN].is_not_null()
    drawn = risk[_REDRAWN].filter(known).to_numpy()
    found = np.full((risk.height, drawn.shape[1]), np.nan)
    found[known.to_numpy()] = drawn
    return risk.drop(_REDRAWN), found


def word_reasons(table: FeatureTable, bundle: Bundle, areas: pl.DataFrame, mechanism: Mechanism) -> pl.DataFrame:
    """Return household_id, ``sentence_<n>_<lang>`` of the named reasons and ``reason_text_<lang>`` in all languages."""
    parts = [pl.DataFrame(schema=dict.fromkeys(("household_id", *_SENTENCES), pl.String))]
    for part in _slices(table):
        rows = bundle.model.encode(bundle.require(part))
        sentences = _reason_sentences(
            part, bundle, rows, bundle.model.explain(rows, _where(part, areas)), mechanism, LANGUAGES
        )
        parts.append(part.frame.select("household_id").hstack(sentences.select(_SENTENCES)))
    return pl.concat(parts)


def _where(table: FeatureTable, areas: pl.DataFrame) -> npt.NDArray[Any]:
    """Return county and village of each row, the empty text where not known, shape (n, 2)."""
    placed = table.frame.select("household_id").join(areas, on="household_id", how="left", maintain_order="left")
    return placed.select("county", "village").fill_null("").to_numpy()


def _slices(table: FeatureTable) -> Iterator[FeatureTable]:
    for frame in table.frame.iter_slices(_SLICE):
        if frame.height:
            yield FeatureTable(frame=frame, features=table.features, missing=table.missing)


def _predicted(
    table: FeatureTable, bundle: Bundle, areas: pl.DataFrame, mechanism: Mechanism, lang: str
) -> pl.DataFrame:
    rows, where = bundle.model.encode(bundle.require(table)), _where(table, areas)
    bounds = bundle.model.predict_interval(rows, _LEVEL, where)
    found: Contributions = bundle.model.explain(rows, where)
    values = dict(zip(found.reasons, found.values.T, strict=True))
    sentences = _reason_sentences(table, bundle, rows, found, mechanism, (lang,))
    redrawn = bundle.model.redraw_log_odds(rows, where)
    drawn = () if redrawn is None else (pl.Series(_REDRAWN, redrawn, dtype=pl.Array(pl.Float64, redrawn.shape[1])),)
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
            *drawn,
        )
        .hstack(sentences.select("reason_1", "reason_2", "reason_3", reason_text=f"reason_text_{lang}"))
    )


def _reason_sentences(
    table: FeatureTable,
    bundle: Bundle,
    rows: EncodedRows,
    found: Contributions,
    mechanism: Mechanism,
    langs: Sequence[str],
) -> pl.DataFrame:
    """Return the named reasons and their sentences, row by row beside the table."""
    terms = bundle.model.feature_terms(rows)
    protected = protected_features(table.features, mechanism.protected.values())
    speakers = find_speakers(
        table.frame, table.features, terms, bundle.columns, found.reasons, mechanism.naming, protected=protected
    )
    top = top_reasons(found.values, found.reasons, speakers.select(pl.all().is_not_null()).to_numpy())
    raised = np.asarray(raises(found.values).any(axis=1))
    return top.hstack(sentences(table.frame, table.features, top, speakers, raised, langs=langs))
