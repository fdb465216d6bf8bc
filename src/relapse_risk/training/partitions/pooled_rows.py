"""The rows of all counties as those of one register."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from relapse_risk.features import Builder, FeatureTable, without_protected
from relapse_risk.labels import Labels, pool_labels
from relapse_risk.partitions import CountyDone, FinishedCounties
from relapse_risk.training.partitions.county_rows import ENTRIES, IN_THE_END, PLACE, ROWS, THEN, WHO, labels_from
from relapse_risk.training.sample import (
    SamplePlan,
    TrainingRows,
    require_every_day,
    require_relapses,
    sample_of,
    shares_to_come,
)
from relapse_risk.training.train_request import TrainRequest

__all__ = ["pool_rows"]


def pool_rows(
    done: Sequence[CountyDone], finished: FinishedCounties, request: TrainRequest, plan: SamplePlan
) -> TrainingRows:
    """Put the rows of all counties together, and what is estimated over all of them.

    Parameters
    ----------
    done : sequence of CountyDone
        Made by `CountyRows`.
    finished : FinishedCounties
        Where their rows are.
    request : TrainRequest
    plan : SamplePlan

    Raises
    ------
    InputError
        As `take_sample`.
    """
    entries = pl.concat(pl.read_parquet(finished.file(one.county, ENTRIES)) for one in done)
    by_trial = {
        name: _labels(name, done, entries, plan)
        for name in (IN_THE_END, *(str(day.day) for day in plan.tested))
        if any(name in one.account["labels"] for one in done)
    }
    labels = by_trial[IN_THE_END]
    if not plan.year_of:
        _require_days(done, labels, plan)
    rows = pl.concat((pl.read_parquet(finished.file(one.county, ROWS)) for one in done), how="diagonal_relaxed")
    rows = rows.sort("as_of", "household_id")
    require_relapses(rows.filter(pl.col("relapsed").is_not_null()))
    built = _table(done, request.builders)
    table = without_protected(built, request.rules.mechanism.protected)
    beside = [name for name in rows.columns if name.startswith("_")]
    to_come = {_day(name): shares_to_come(then) for name, then in by_trial.items()}
    sample = sample_of(rows.drop(beside), table.features, missing=len(table.missing), controls=request.controls)
    return TrainingRows(
        labels=labels,
        protected=tuple(one for one in built.predictors if one not in table.predictors),
        sample=replace(sample, year_of=plan.learned_with, to_come=to_come),
        until=plan.until,
        known_then={
            _day(name): rows[f"{THEN}{name}"].fill_null(float("nan")).to_numpy()
            for name in by_trial
            if name != IN_THE_END
        },
        places=rows.select(f"{PLACE}{level}" for level in range(2)).to_numpy(),
        who=rows.select(
            "as_of", "household_id", *(pl.col(name).alias(name.removeprefix(WHO)) for name in _of(rows, WHO))
        ),
    )


def _of(rows: pl.DataFrame, prefix: str) -> list[str]:
    return [name for name in rows.columns if name.startswith(prefix)]


def _day(name: str) -> Any:
    return None if name == IN_THE_END else np.datetime64(name)


def _labels(name: str, done: Sequence[CountyDone], entries: pl.DataFrame, plan: SamplePlan) -> Labels:
    """Return the labels as known on a tested day, or in the end."""
    known = entries.filter(known_by=name).select("happened_on", "entered_on")
    parts = [labels_from(one.account["labels"][name]) for one in done if name in one.account["labels"]]
    return pool_labels(parts, known, plan.until if name == IN_THE_END else date.fromisoformat(name))


def _require_days(done: Sequence[CountyDone], labels: Labels, plan: SamplePlan) -> None:
    """Raise where a day is open in every county that knows it."""
    known = {
        day
        for one in done
        for day, *_ in one.account["labels"][IN_THE_END]["days"]
        if day not in one.account["still_open"]
    }
    still_open = [day.day for day in plan.days if str(day.day) not in known]
    require_every_day(still_open, labels.horizon, plan.until)


def _table(done: Sequence[CountyDone], builders: Sequence[Builder]) -> FeatureTable:
    """Return what the columns are that any county has, in their order; without rows."""
    made = {name for one in done for name in one.account["features"]}
    declared = [feature for builder in builders for feature in builder.features]
    return FeatureTable(
        frame=pl.DataFrame(),
        features=tuple(one for one in declared if one.name in made),
        missing={one.name: one.name for one in declared if one.name not in made},
    )
