"""Rows of the month compared with the training rows: distribution, missing values, unseen codes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import false_discovery_control

from relapse_risk.metrics import EffectiveSize, numbered, share_p_value, stability, unseen_p_value, worth_of
from relapse_risk.models import MISSING, SCORE, UNSEEN, ColumnReference, TrainingReference
from relapse_risk.monitoring.frame_keys import known
from relapse_risk.policy.mechanism import DriftPolicy

__all__ = ["Drift", "find_drift"]

_SCHEMA: dict[str, Any] = {
    "name": pl.String,
    "measure": pl.String,
    "before": pl.Float64,
    "now": pl.Float64,
    "change": pl.Float64,
    "by_chance": pl.Float64,
    "p_value": pl.Float64,
    "q_value": pl.Float64,
    "state": pl.String,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Drift:
    """How a month's households differ from those a model was fitted on.

    Attributes
    ----------
    frame : pl.DataFrame
        One row per column of the model (and for its score, ``probability``) and measure: name; measure (``stability``,
        ``missing``, ``unseen``); before and now (shares of ``missing`` and ``unseen``, null of ``stability``); change
        (the index of ``stability``, else the difference of the shares); by_chance (what ``stability`` is expected to be
        where nothing has changed); p_value; q_value (smallest false discovery rate at which it would be flagged); state
        (``steady``, ``watch``, ``alarm``, ``unknown`` where there are too few rows).
    rows, reference_rows : int
    """

    frame: pl.DataFrame
    rows: int
    reference_rows: int

    @property
    def flagged(self) -> pl.DataFrame:
        """The rows of `frame` to look at, the largest stability index first."""
        return self.frame.filter(pl.col("state").is_in(["watch", "alarm"])).sort(
            pl.col("state") == "alarm", "measure", "change", descending=[True, False, True]
        )

    @property
    def summary(self) -> dict[str, Any]:
        """How many columns are flagged, for what, and the state of the score, as plain data."""
        columns = self.flagged.filter(pl.col("name") != SCORE)
        score = self.frame.filter(name=SCORE, measure="stability").row(0, named=True)
        return {
            "rows": self.rows,
            "columns": self.frame["name"].n_unique() - 1,
            **{state: columns.filter(state=state)["name"].n_unique() for state in ("watch", "alarm")},
            "score_stability": score["change"],
            "score_by_chance": score["by_chance"],
            "score_state": score["state"],
        }


def find_drift(
    rows: pl.DataFrame,
    probability: npt.NDArray[Any],
    cluster: npt.NDArray[Any],
    reference: TrainingReference,
    settings: DriftPolicy,
) -> Drift:
    """Compare the rows of a month with those a model was fitted on.

    Of every column: how the known values are distributed (`stability`), the share without a value, the share of codes
    that were never there before. A change is flagged where it reaches a bound (``drift.toml``) and is more than
    chance: all p values together are adjusted to a false discovery rate (Benjamini and Hochberg 1995, which holds for
    tests that depend on each other positively, as columns of one register do: Benjamini and Yekutieli 2001). Rows of
    a village are alike, and so are the days of a household: they count for as many independent rows as they are worth
    (`worth_of`). Villages and households that are in both samples make the tests milder than they say.

    Parameters
    ----------
    rows : pl.DataFrame of shape (n, columns)
        The model's columns (``bundle.require(table)``) of households as those trained on: at risk, with fresh income.
    probability : ndarray of shape (n,)
    cluster : ndarray of shape (n,)
        The village of each row, or the household where it is not known.
    reference : TrainingReference
        ``bundle.reference``.
    settings : DriftPolicy

    Returns
    -------
    Drift

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> rows = pl.DataFrame({"flag": [0.0, 1.0] * 200})
    >>> risk, homes, settings = np.full(400, 0.1), np.arange(400), read_policy().mechanism.drift
    >>> then = find_drift(rows.with_columns(flag=1.0), risk, homes, TrainingReference.of(rows, risk, homes), settings)
    >>> then.frame.select("name", "measure", "state").row(0)
    ('flag', 'stability', 'alarm')
    """
    _, of_cluster = numbered(cluster, "cluster")  # once for all columns: numbers sort faster than names
    references = (*reference.columns, reference.score)
    values = (*rows.iter_columns(), pl.Series(SCORE, probability, dtype=pl.Float64))
    compared = [row for pair in zip(references, values, strict=True) for row in _compared(*pair, of_cluster, settings)]
    return Drift(
        frame=_judged(pl.DataFrame(compared, schema={k: v for k, v in _SCHEMA.items() if k != "state"}), settings),
        rows=rows.height,
        reference_rows=reference.score.rows,
    )


def _compared(
    column: ColumnReference, values: pl.Series, cluster: npt.NDArray[Any], settings: DriftPolicy
) -> Iterator[dict[str, Any]]:
    bins = column.bins(values)
    missing, unseen = int((bins == MISSING).sum()), int((bins == UNSEEN).sum())
    alpha, worth = settings.test.false_discovery_rate, (column.worth, worth_of(bins, cluster))
    found = stability(column.counts, column.counted(bins), worth=worth, ordered=not column.codes, alpha=alpha)
    measures = {"change": found.index, "by_chance": found.by_chance, "p_value": found.p_value}
    yield {"name": column.name, "measure": "stability", **known(measures)}
    before, now = (column.missing, column.rows), (missing, len(bins) - missing)
    yield _shares(column.name, "missing", before, now, share_p_value(*_worth(before, worth[0]), *_worth(now, worth[1])))
    if column.codes:
        before, now = (0, column.rows), (unseen, len(bins) - missing - unseen)
        chance = unseen_p_value(_worth(now, worth[1])[0], _worth(before, worth[0])[1], _worth(now, worth[1])[1])
        yield _shares(column.name, "unseen", before, now, chance)


def _worth(counts: tuple[int, int], worth: EffectiveSize) -> tuple[int, int]:
    """Return how many there are, and of how many, in independent rows."""
    return round(counts[0] * worth.each), round(sum(counts) * worth.each)


def _shares(name: str, measure: str, before: tuple[int, int], now: tuple[int, int], chance: float) -> dict[str, Any]:
    earlier, later = (count / (count + rest) if count + rest else float("nan") for count, rest in (before, now))
    measures = {"before": earlier, "now": later, "change": later - earlier, "p_value": chance}
    return {"name": name, "measure": measure, **known(measures)}


def _judged(compared: pl.DataFrame, settings: DriftPolicy) -> pl.DataFrame:
    """Add q_value and state; where a measure cannot be taken it is no test either."""
    tested = compared["change"].is_not_null().to_numpy()
    q_value = np.full(compared.height, np.nan)
    if tested.any():
        q_value[tested] = false_discovery_control(compared.filter(tested)["p_value"].to_numpy())
    frame = compared.with_columns(pl.Series("q_value", q_value).fill_nan(None))
    states = [_state(row, settings) for row in frame.iter_rows(named=True)]
    return frame.with_columns(pl.Series("state", states, dtype=pl.String))


def _state(row: Mapping[str, Any], settings: DriftPolicy) -> str:
    if row["change"] is None:
        return "unknown"
    bounds, size = settings.bounds[row["measure"]], abs(row["change"])
    if row["q_value"] > settings.test.false_discovery_rate or size < bounds.watch:
        return "steady"
    return "alarm" if size >= bounds.alarm else "watch"
