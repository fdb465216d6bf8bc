"""The first pass: one county scored by itself, and what the second pass must know of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any

import polars as pl

from relapse_risk.alerts import find_people, overrides
from relapse_risk.bundle import Bundle
from relapse_risk.ingest import Intake, read_records
from relapse_risk.partitions import CountySource, digest_of
from relapse_risk.policy import Policy
from relapse_risk.records import AREA_COLUMNS, VISIT_LEVELS
from relapse_risk.scoring.day_request import DayRequest
from relapse_risk.scoring.remarks import find_remarks
from relapse_risk.scoring.score import DayDemand, demand_day
from relapse_risk.scoring.shared_demand import RISK_COLUMNS

__all__ = [
    "LISTING",
    "MET",
    "PEOPLE",
    "PLACES",
    "REDRAWN",
    "REJECTED",
    "RULES",
    "SCORED",
    "CountyScoring",
    "pooled_columns",
]

SCORED, LISTING, RULES, MET = "scored.parquet", "listing.parquet", "rules.parquet", "met.parquet"
PLACES, PEOPLE, REJECTED = "places.parquet", "people.parquet", "rejected.parquet"
REDRAWN = "redrawn.parquet"

_POOLED = (
    *("tier", "rank", "tier_model", "listed_again", "override", "listed_for"),
    *("visit_for", "waiting_for", "waiting_since"),
)
_FOR_LISTING = ("household_id", "population", "probability", "ratio")


def pooled_columns() -> tuple[str, ...]:
    """Return the columns of ``risk.parquet`` that only all counties together decide."""
    return _POOLED


@dataclass(frozen=True, kw_only=True, eq=False)
class CountyScoring:
    """The work on one county: reads its records, scores its households, shares out no visits.

    Attributes
    ----------
    bundle : Bundle
    request : DayRequest
        Its capacity has no part in this.
    reading : Policy
        Wordings by which exports are read.
    hidden_sheets : bool
    """

    bundle: Bundle
    request: DayRequest
    reading: Policy
    hidden_sheets: bool = False

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that a county's scores depend on but its own files and the libraries' releases."""
        request, policies = self.request, (self.reading, self.request.rules(self.bundle))
        named = [builder.name for builder in request.builders]
        asked = (str(request.day), request.lang, named, self.hidden_sheets, self._key or b"")
        return digest_of(self.bundle.digest, *policies, *asked)

    def __call__(self, county: CountySource) -> tuple[Mapping[str, bytes], Mapping[str, Any]]:
        """Return the files of a county and what is said of it."""
        intake = read_records(county.path, policy=self.reading, key=self._key, hidden_sheets=self.hidden_sheets)
        day = demand_day(county.placed(intake.records), self.bundle, self.request)
        rules = day.policy.mechanism.rules_in_force(self.request.day.day)
        frames = {
            SCORED: day.frame.select(name for name in RISK_COLUMNS if name not in _POOLED),
            LISTING: _for_listing(day),
            REDRAWN: pl.DataFrame() if day.redrawn is None else pl.DataFrame(day.redrawn),  # a column a training
            RULES: overrides(day.met, rules),
            MET: day.met,
            PLACES: day.places.select("household_id", *(one for one in AREA_COLUMNS.values() if one in day.places)),
            PEOPLE: find_people(day.view, day.cohort),
            REJECTED: intake.rejected,
        }
        return {name: _as_bytes(frame) for name, frame in frames.items()}, self._account(day, intake)

    @property
    def _key(self) -> bytes | None:
        key = self.request.key
        return key.encode() if isinstance(key, str) else key

    def _account(self, day: DayDemand, intake: Intake) -> dict[str, Any]:
        populations = dict(day.frame.group_by("population").len().rows())
        at_risk = day.frame.filter(pl.col("population") == "at_risk")
        remarks = find_remarks(day.view, self.bundle, day.cohort, self.request.builders)
        named = day.places["prefecture"].drop_nulls().unique().sort().to_list() if "prefecture" in day.places else []
        return {
            "households": day.frame.height,
            **{name: populations.get(name, 0) for name in ("at_risk", "rule_only", "not_scored")},
            "stale": int(at_risk["stale"].sum()),
            "expected": float(at_risk["probability"].sum()),
            **{name: int(intake.accounts[name].sum()) for name in ("read", "kept", "refused")},
            "prefectures": named,
            "remarks": [{"code": code, **details} for code, details in remarks],
            "notes": [{"code": code, **details} for code, details in intake.notes],
        }


def _for_listing(day: DayDemand) -> pl.DataFrame:
    """Return what ranks and tiers rest on, row by row as `SCORED`."""
    levels = [name for name in VISIT_LEVELS if name in day.places]
    return day.frame.select(_FOR_LISTING).join(
        day.places.select("household_id", *levels), on="household_id", how="left", maintain_order="left"
    )


def _as_bytes(frame: pl.DataFrame) -> bytes:
    into = BytesIO()
    frame.write_parquet(into)
    return into.getvalue()
