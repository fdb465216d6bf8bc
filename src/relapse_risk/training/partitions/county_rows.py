"""The second pass: one county's rows, of those without a relapse only those drawn."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from io import BytesIO
from typing import Any

import numpy as np
import polars as pl

from relapse_risk.ingest import Intake
from relapse_risk.labels import Labels
from relapse_risk.partitions import CountySource, digest_of
from relapse_risk.periods import AsOf
from relapse_risk.records import AsOfViews, Records, line_remarks
from relapse_risk.training.partitions.county_bounds import CountyReading
from relapse_risk.training.sample import (
    LabelledDays,
    SamplePlan,
    TrainingSample,
    describe_rows,
    first_days,
    label_days,
    open_days,
    outcome_of,
    places_of,
    sample_rows,
)

__all__ = ["ENTRIES", "IN_THE_END", "PLACE", "ROWS", "THEN", "WHO", "CountyRows", "labels_from"]

ROWS, ENTRIES = "rows.parquet", "entries.parquet"
IN_THE_END = "end"
THEN, PLACE, WHO = "_then_", "_place_", "_who_"  # no feature begins with a low line

_DAYS = ("as_of", "horizon_end", "at_risk", "known", "relapses")


@dataclass(frozen=True, kw_only=True, eq=False)
class CountyRows:
    """The work on a county: its labelled rows with their features.

    Attributes
    ----------
    how : CountyReading
    plan : SamplePlan
        Of all counties.
    """

    how: CountyReading
    plan: SamplePlan

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that the rows depend on but the county's files and the releases in use."""
        return digest_of(*self._parts())

    def _parts(self) -> Iterator[object]:
        plan = self.plan
        yield from (self.how.digest, self.how.request.controls, plan.days, sorted(plan.year_of.values()))
        yield from (plan.until, plan.label)

    def __call__(self, county: CountySource) -> tuple[Mapping[str, bytes], Mapping[str, Any]]:
        """Return the rows and the entries of relapses, and what is said of them."""
        views, intake = self.how.views(county)
        begins = _begins(views.records)
        plan = replace(
            self.plan,
            # days before a register began are those on which nobody was at risk; of none at all it is refused
            days=tuple(day for day in self.plan.days if day.day >= begins) or self.plan.days,
            until=views.last_known(self.plan.until),
        )
        found = label_days(views, self.how.request, plan)
        rows, labelled = self._rows(views, found)
        days = [None, *(day for day in self.plan.tested if day.day >= begins)]
        entries = [_entries(views, plan.until if day is None else day, day) for day in days]
        return {ROWS: _as_bytes(rows), ENTRIES: _as_bytes(pl.concat(entries))}, {
            "labels": {_name(day): _said(labels) for day, labels in {None: found.labels, **found.then}.items()},
            "still_open": [day.isoformat() for day in open_days(found.labels)],
            "features": [feature.name for feature in found.table.features],
            "labelled": labelled,
            "rows": rows["relapsed"].count(),
            "relapses": int(rows["relapsed"].sum()),
            **self._account(views, intake),
        }

    def _rows(self, views: AsOfViews, found: LabelledDays) -> tuple[pl.DataFrame, int]:
        """Return the rows that are kept, and how many there are in all."""
        frame = sample_rows(found.labels, found.table, tuple(found.then.values()))
        every = TrainingSample(frame=frame, predictors=(), figures=(), controls=self.how.request.controls)
        known_then = {day: outcome_of(every, then) for day, then in found.then.items()}
        places = places_of(views, every) if frame.height else np.empty((0, 2), dtype=str)
        who = describe_rows(views, found.labels, every)
        needed = [one.name for one in found.table.features if one.role in ("predictor", "figure")]
        keys = [name for name in ("household_id", "as_of", "relapsed", "outcome_ratio") if name in frame.columns]
        whole = frame.select(
            *keys,
            *needed,
            *(pl.Series(f"{THEN}{day}", outcome) for day, outcome in known_then.items()),
            *(pl.Series(f"{PLACE}{level}", places[:, level], pl.String) for level in range(2)),
            *(who[name].alias(f"{WHO}{name}") for name in who.columns if name not in keys),
        )
        return whole.filter(every.is_kept(known_then)), frame["relapsed"].count()

    def _account(self, views: AsOfViews, intake: Intake) -> dict[str, Any]:
        remarks = line_remarks(intake.records.table("incomes"), views.lines)
        return {
            **{name: int(intake.accounts[name].sum()) for name in ("read", "kept", "refused")},
            "remarks": [{"code": code, **details} for code, details in remarks],
            "notes": [{"code": code, **details} for code, details in intake.notes],
        }


def labels_from(said: Mapping[str, Any]) -> Labels:
    """Return labels without their rows from what an account says of them."""
    days = pl.DataFrame(said["days"], schema=_DAYS_SCHEMA, orient="row", strict=False)
    last = said["last_outcome"]
    return Labels(
        frame=pl.DataFrame(),
        label=said["label"],
        cohort=said["cohort"],
        horizon=said["horizon"],
        counts=said["counts"],
        days=days.with_columns(pl.col("as_of", "horizon_end").str.to_date()),
        unreported_share=0.0,
        last_outcome=None if last is None else date.fromisoformat(last),
    )


_DAYS_SCHEMA = {name: pl.String if name in ("as_of", "horizon_end") else pl.Int64 for name in _DAYS}


def _said(labels: Labels) -> dict[str, Any]:
    """Return what is said of labels, as JSON data; what is still to come is estimated over all counties."""
    days = labels.days.select(_DAYS).with_columns(pl.col("as_of", "horizon_end").cast(pl.String))
    return {
        "label": labels.label,
        "cohort": labels.cohort,
        "horizon": labels.horizon,
        "counts": dict(labels.counts),
        "days": [list(row) for row in days.rows()],
        "last_outcome": None if labels.last_outcome is None else labels.last_outcome.isoformat(),
    }


def _name(day: Any) -> str:
    return IN_THE_END if day is None else str(day)


def _begins(records: Records) -> date:
    return first_days(records).get("households", records.first_day)


def _entries(views: AsOfViews, on: AsOf | date, day: AsOf | None) -> pl.DataFrame:
    """Return the relapses that were entered by a day, under the name of the labels they are for."""
    return views.on(on).relapse_entries.select(
        "happened_on", "entered_on", known_by=pl.lit(IN_THE_END if day is None else str(day.day))
    )


def _as_bytes(frame: pl.DataFrame) -> bytes:
    into = BytesIO()
    frame.write_parquet(into)
    return into.getvalue()
