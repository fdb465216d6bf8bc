"""What a check may look at."""

from collections.abc import Mapping
from dataclasses import dataclass

from relapse_risk.evaluation.column_drift import ColumnDrift
from relapse_risk.evaluation.column_reach import ColumnLevel, TrainingReach
from relapse_risk.evaluation.model_report import ModelReports
from relapse_risk.evaluation.predictions import Predictions

__all__ = ["CheckContext", "ColumnFacts", "DayFacts", "SampleFacts"]


@dataclass(frozen=True, kw_only=True)
class ColumnFacts:
    """What is known of a column that models learn from.

    Attributes
    ----------
    name, zh, en : str
    table : str
        The record table it is made from.
    made_from : tuple of str
        The columns it needs.
    auc : float
        Of this column alone, see `single_auc`.
    levels : tuple of ColumnLevel
        Values of which all rows or none relapsed.
    """

    name: str
    zh: str
    en: str
    table: str
    made_from: tuple[str, ...] = ()
    auc: float = 0.5
    levels: tuple[ColumnLevel, ...] = ()

    @property
    def words(self) -> Mapping[str, str]:
        """What it is called, by language."""
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True, kw_only=True)
class DayFacts:
    """An as-of day: rows with a known outcome, and relapses among them."""

    day: str
    rows: int
    events: int


@dataclass(frozen=True, kw_only=True)
class SampleFacts:
    """What the sample is like.

    Attributes
    ----------
    columns : tuple of ColumnFacts
    dropped : tuple of Mapping
        What the columns are called, by language, that do not vary or are missing throughout.
    undated : Mapping of str to float
        By table, the share of its rows without the day they were recorded on.
    extremes : Mapping of (str, str) to float
        By table and column of the records, see `extreme_ratio`.
    days : tuple of DayFacts
        Every as-of day, tested or only learned from.
    forward : bool
        Whether every trial goes forward in time.
    trained_events : int
        Relapses in the training of the trial that has fewest.
    unreported_share : float
    reach : TrainingReach
    drifts : Mapping of str to ColumnDrift
        By column, from training to the newest day tested; none where no day was predicted from earlier ones.
    """

    columns: tuple[ColumnFacts, ...]
    dropped: tuple[Mapping[str, str], ...]
    undated: Mapping[str, float]
    extremes: Mapping[tuple[str, str], float]
    days: tuple[DayFacts, ...]
    forward: bool
    trained_events: int
    unreported_share: float
    reach: TrainingReach
    drifts: Mapping[str, ColumnDrift]


@dataclass(frozen=True, kw_only=True, eq=False)
class CheckContext:
    """Everything a check may look at; nothing it may change."""

    predictions: Predictions
    judgement: ModelReports
    facts: SampleFacts
