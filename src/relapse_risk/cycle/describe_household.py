"""One household: its risk over time, and what register, rules and ledger say of it on a day."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from relapse_risk.alerts import assess
from relapse_risk.bundle import Bundle
from relapse_risk.errors import InputError
from relapse_risk.features import FeatureTable
from relapse_risk.monitoring import Ledger
from relapse_risk.periods import AsOf, add_months
from relapse_risk.policy import Policy
from relapse_risk.progress import Progress, silent
from relapse_risk.records import AREA_COLUMNS, Records, sheet_remarks
from relapse_risk.reports import HouseholdReport
from relapse_risk.scoring import DayDemand, DayRequest, demand_day, word_reasons

__all__ = ["describe_household"]

_MONTHS = 12
_TOO_EARLY = {"before_first_record", "undated_before_export"}
_COURSE = {
    **{"as_of": pl.Date, "population": pl.String, "exclusion_reason": pl.String},
    **dict.fromkeys(("probability", "lower", "upper"), pl.Float64),
    **{"rank": pl.Int64, "ranked": pl.Int64, "tier": pl.String, "forecast": pl.Boolean},
}
_REASONS = {"reason": pl.String, "contribution": pl.Float64, "sentence_zh": pl.String, "sentence_en": pl.String}

Day = str | date | AsOf


def describe_household(
    records: Records,
    bundle: Bundle,
    household_id: str,
    *,
    as_of: Day | Sequence[Day],
    ledger: Ledger | None = None,
    policy: Policy | None = None,
    progress: Progress = silent,
) -> HouseholdReport:
    """Describe one household at the end of a day: what it is, its risk over time and why, its alerts, what fits it.

    Parameters
    ----------
    records : Records
        Of all households: ranks and what a village has in common need the others.
    bundle : Bundle
        What scores, as for `score`.
    household_id : str
    as_of : day or sequence of days
        The newest is the as-of day; its risk is given as of each. Of a single day, also as of the ends of the
        twelve months before, as far as the records reach back.
    ledger : Ledger, optional
        Where its alerts are.
    policy : Policy, optional
        As for `score`.
    progress : Progress

    Returns
    -------
    HouseholdReport

    Raises
    ------
    InputError
        If the records of the day do not know the household (``household_unknown``); as `score`.

    Examples
    --------
    >>> from relapse_risk.bundle import rule_bundle
    >>> from relapse_risk.ingest import read_records
    >>> from relapse_risk.synthetic import synthesise
    >>> records = read_records(synthesise(households=40, seed=1).tables).records
    >>> household = records.tables["households"]["household_id"][0]
    >>> describe_household(records, rule_bundle(), household, as_of=["2018-12-31", "2019-12-31"]).course.height
    2
    """
    days, asked = _days(as_of)
    request: dict[str, Any] = {"policy": policy, "progress": progress}
    day = demand_day(records, bundle, DayRequest(as_of=days[-1], **request))
    found = day.frame.filter(household_id=household_id)
    if found.is_empty():
        raise InputError("household_unknown", household=household_id, as_of=days[-1])
    points = [_earlier(records, bundle, household_id, DayRequest(as_of=one, **request), asked) for one in days[:-1]]
    course = [point for point in points if point is not None]
    return HouseholdReport(
        household_id=household_id,
        as_of=days[-1],
        horizon=bundle.horizon,
        assumed=bundle.origin == "rule",
        home=_only(day.places, household_id),
        state=_only(day.view.states, household_id),
        course=pl.DataFrame([*course, _point(day, household_id)], schema=_COURSE, orient="row"),
        reasons=_reasons(day, found, household_id),
        rules=tuple((found["override"][0] or "").split("+")) if found["override"][0] else (),
        measures=_only(assess(day.view, day.table, day.frame, day.policy), household_id)["measures"],
        remarks=tuple(sheet_remarks(records.sheets)),
        **_of_ledger(ledger, household_id, days[-1]),
    )


def _days(as_of: Day | Sequence[Day]) -> tuple[list[date], bool]:
    """Return the days, the first one first, and whether each of them was asked for."""
    given = [as_of] if isinstance(as_of, str | date | AsOf) else list(as_of)
    days = sorted({AsOf.of(one).day for one in given})
    if len(days) != 1:
        return days, True
    first = days[0].replace(day=1)
    ends = [add_months(first, -back) - timedelta(days=1) for back in reversed(range(_MONTHS))]
    return [*ends, days[0]], False


def _earlier(
    records: Records, bundle: Bundle, household_id: str, request: DayRequest, asked: bool
) -> tuple[Any, ...] | None:
    """Return the risk as of an earlier day; None where the records do not reach back, and nobody asked for that day."""
    try:
        return _point(demand_day(records, bundle, request), household_id)
    except InputError as error:
        if asked or error.code not in _TOO_EARLY:
            raise
        return None


def _point(day: DayDemand, household_id: str) -> tuple[Any, ...]:
    """Return a row of the course."""
    on, through = day.request.day.day, day.bundle.trained_through
    forecast = through is None or on >= through
    found = day.frame.filter(household_id=household_id)
    if found.is_empty():
        return (on, *[None] * (len(_COURSE) - 2), forecast)
    row = found.row(0, named=True) | {"as_of": on, "ranked": day.frame["rank"].count(), "forecast": forecast}
    return tuple(row[name] for name in _COURSE)


def _reasons(day: DayDemand, found: pl.DataFrame, household_id: str) -> pl.DataFrame:
    """Return the named reasons of its risk, with their figures."""
    table = FeatureTable(
        frame=day.at_risk.frame.filter(household_id=household_id),
        features=day.table.features,
        missing=day.table.missing,
    )
    said = word_reasons(table, day.bundle, day.view.areas, day.policy.mechanism)
    row = found.row(0, named=True)
    rows = [
        (code, row[f"contribution_{code}"], *(said[f"sentence_{place}_{lang}"][0] for lang in ("zh", "en")))
        for place in (1, 2, 3)
        if said.height and (code := row[f"reason_{place}"]) is not None
    ]
    return pl.DataFrame(rows, schema=_REASONS, orient="row")


def _only(frame: pl.DataFrame, household_id: str) -> dict[str, Any]:
    """Return what a frame of one row per household says of one; nothing known where it has no row."""
    found = frame.filter(household_id=household_id)
    names = [name for name in frame.columns if name in _KEPT]
    return found.select(names).row(0, named=True) if found.height else dict.fromkeys(names)


_KEPT = {*AREA_COLUMNS.values(), "household_type", "state", "monitored", "monitoring_type", "cleared", "measures"}


def _of_ledger(ledger: Ledger | None, household_id: str, on: date) -> dict[str, pl.DataFrame | None]:
    """Return its alerts and what was entered of them by the day, less what was withdrawn."""
    if ledger is None:
        return {"alerts": None, "entries": None}
    entries = ledger.history().filter((pl.col("on") <= on) & ~pl.col("withdrawn"), household_id=household_id)
    return {
        "alerts": ledger.alerts(on).filter(household_id=household_id),
        "entries": entries.drop("note").sort("on", "entry_id"),
    }
