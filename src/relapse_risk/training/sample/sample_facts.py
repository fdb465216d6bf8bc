"""What a sample is like, for the checks of an evaluation."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from relapse_risk.evaluation import (
    ColumnDrift,
    EvaluationFolds,
    extreme_ratio,
    halves,
    reach_beyond,
    separating_levels,
    single_auc,
)
from relapse_risk.evaluation.checks import ColumnFacts, DayFacts, SampleFacts
from relapse_risk.features import Feature
from relapse_risk.records import TABLES, Records
from relapse_risk.training.sample.dataset import TrainingData
from relapse_risk.training.sample.sample import TrainingSample

__all__ = ["sample_facts"]


def sample_facts(material: TrainingData, trials: EvaluationFolds, drifts: Mapping[str, ColumnDrift]) -> SampleFacts:
    """Return what the checks use besides predictions."""
    known, sample, records = material.sample.known(), material.sample, material.views.records
    half = halves(known.household)
    used = {feature.name for feature in sample.predictors}
    return SampleFacts(
        columns=tuple(_column(feature, known, half) for feature in sample.predictors),
        dropped=tuple({"zh": f.zh, "en": f.en} for f in material.table.predictors if f.name not in used),
        undated=_undated(records),
        extremes=_extremes(records),
        days=_days(known),
        forward=trials.forward,
        trained_events=int(min(trial.outcome.sum() for trial in trials.trials)),
        unreported_share=material.labels.unreported_share,
        reach=reach_beyond(sample.matrix(_spread(sample.predictors)), trials.trials),
        drifts=drifts,
    )


def _column(feature: Feature, known: TrainingSample, half: npt.NDArray[np.bool_]) -> ColumnFacts:
    values = known.frame[feature.name]
    return ColumnFacts(
        name=feature.name,
        zh=feature.zh,
        en=feature.en,
        table=feature.table,
        made_from=feature.columns,
        auc=single_auc(values, known.relapsed, half),
        levels=separating_levels(values, known.relapsed),
    )


def _spread(features: Sequence[Feature]) -> tuple[Feature, ...]:
    """Return the features that have a range or codes; a flag that is never set in training is no extrapolation."""
    return tuple(feature for feature in features if feature.kind != "flag")


def _undated(records: Records) -> dict[str, float]:
    """Return the share of rows without a recording day, by table of things that are known from the day they began."""
    shares = {}
    for name, frame in records.tables.items():
        if TABLES[name].begins is not None and frame.height:
            missing = frame["recorded_on"].null_count() if "recorded_on" in frame.columns else frame.height
            shares[name] = missing / frame.height
    return shares


def _extremes(records: Records) -> dict[tuple[str, str], float]:
    """Return by table and amount how far its largest is beyond the usual; features hold such values back."""
    return {
        (name, column): extreme_ratio(frame[column])
        for name, frame in records.tables.items()
        for column in frame.columns
        if column in TABLES[name].columns and TABLES[name].columns[column].unit is not None
    }


def _days(known: TrainingSample) -> tuple[DayFacts, ...]:
    return tuple(
        DayFacts(day=str(day), rows=int(of_day.sum()), events=int(known.relapsed[of_day].sum()))
        for day in np.unique(known.day)
        for of_day in [known.day == day]
    )
