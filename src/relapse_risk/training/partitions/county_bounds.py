"""The first pass: from when until when each county's records speak, and the days that all are learned from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Self

import polars as pl

from relapse_risk.ingest import Intake, read_records
from relapse_risk.labels.relapse import Label
from relapse_risk.partitions import CountySource, digest_of
from relapse_risk.policy import Policy
from relapse_risk.progress import silent
from relapse_risk.records import AsOfViews
from relapse_risk.training.sample import SamplePlan, choose_days, first_days
from relapse_risk.training.train_request import TrainRequest

__all__ = ["CountyBounds", "CountyReading", "plan_of"]


@dataclass(frozen=True, kw_only=True, eq=False)
class CountyReading:
    """How a county is read, and what is asked of it.

    Attributes
    ----------
    request : TrainRequest
    reading : Policy
        Wordings by which exports are read.
    hidden_sheets : bool
    """

    request: TrainRequest
    reading: Policy
    hidden_sheets: bool = False

    @classmethod
    def of(cls, request: TrainRequest, reading: Policy | None, hidden_sheets: bool) -> Self:
        """Return it without what is no part of the work on a county, so that it can travel."""
        asked = TrainRequest(
            as_of=request.as_of,
            horizon=request.horizon,
            label=request.label,
            cohort=request.cohort,
            known_by=request.known_by,
            builders=request.builders,
            policy=request.rules,
            controls=request.controls,
            progress=silent,
        )
        return cls(request=asked, reading=reading or request.rules, hidden_sheets=hidden_sheets)

    def views(self, county: CountySource) -> tuple[AsOfViews, Intake]:
        """Return the records of a county."""
        intake = read_records(county.path, policy=self.reading, hidden_sheets=self.hidden_sheets)
        return AsOfViews.of(county.placed(intake.records), lines=self.request.rules.lines), intake

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that what is made of a county depends on but its own files and the releases in use."""
        return digest_of(*self._parts())

    def _parts(self) -> Iterator[object]:
        request = self.request
        yield from (request.days, request.horizon, request.label, request.cohort, str(request.known_by))
        yield from (request.rules, self.reading, self.hidden_sheets, [one.name for one in request.builders])


@dataclass(frozen=True, kw_only=True, eq=False)
class CountyBounds:
    """The work on a county: from when until when its records speak; nothing is made."""

    how: CountyReading

    @property
    def digest(self) -> str:
        """See `CountyReading.digest`."""
        return self.how.digest

    def __call__(self, county: CountySource) -> tuple[Mapping[str, bytes], Mapping[str, Any]]:
        """Return no files, and what is said of the county."""
        views, _ = self.how.views(county)
        until = views.last_known(self.how.request.known_by)
        known = views.on(until)
        relapses = known.known.table("relapses")
        return {}, {
            "until": until.isoformat(),
            "first_days": {name: day.isoformat() for name, day in first_days(views.records).items()},
            "has_relapses": relapses is not None,
            "first_relapse": _text(known.relapse_entries["happened_on"].min()),
            "newest_relapse": None if relapses is None else _text(relapses["relapsed_on"].max()),
        }


def plan_of(request: TrainRequest, bounds: Sequence[Mapping[str, Any]]) -> SamplePlan:
    """Return the days to learn from, as the records of all counties together would have them.

    Parameters
    ----------
    request : TrainRequest
    bounds : sequence of Mapping
        What `CountyBounds` says of each county.

    Raises
    ------
    InputError
        As `choose_days`.
    """
    until = max(date.fromisoformat(one["until"]) for one in bounds)
    year_of = {} if request.days else _chosen(request, bounds, until)
    days = request.days or tuple(year_of)
    plan = SamplePlan(days=days, year_of=year_of, until=until, label=request.label)
    newest = _known(bounds, "newest_relapse")
    decided: Label = "recorded" if newest and max(newest) > days[0].day else "income"
    return replace(plan, label=decided) if request.label == "auto" else plan


def _chosen(request: TrainRequest, bounds: Sequence[Mapping[str, Any]], until: date) -> Mapping[Any, date]:
    first: dict[str, date] = {}
    for one in bounds:
        for name, day in one["first_days"].items():
            first[name] = min(first.get(name, date.max), date.fromisoformat(day))
    entered = _known(bounds, "first_relapse") if request.label in ("auto", "recorded") else []
    return choose_days(max(first.values()), request.horizon, until, first_relapse=min(entered, default=None))


def _known(bounds: Sequence[Mapping[str, Any]], name: str) -> list[date]:
    return [date.fromisoformat(one[name]) for one in bounds if one[name] is not None]


def _text(day: pl.Expr | Any) -> str | None:
    return day.isoformat() if isinstance(day, date) else None
