"""Every watch list of a day: who is on it, how many of how many, and which tables and columns were missing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from relapse_risk.alerts.watch import (
    guarantees,
    insurance,
    key_groups,
    microcredit,
    resettlement,
    shocks,
    withdrawn,
    work,
)
from relapse_risk.alerts.watch.declare import JUDGED, WatchList, WatchState, missing_of
from relapse_risk.alerts.watch.resettlement import find_sites
from relapse_risk.alerts.watch.watch_facts import WatchFacts, find_facts
from relapse_risk.features import FeatureTable
from relapse_risk.labels import find_cohort
from relapse_risk.policy import Policy
from relapse_risk.policy.mechanism import WatchLists, in_force
from relapse_risk.records import AsOfView, Records

__all__ = ["LISTS", "Watch", "watch"]

_FAMILIES = (insurance, microcredit, resettlement, work, guarantees, withdrawn, key_groups, shocks)

LISTS: tuple[WatchList, ...] = tuple(one for family in _FAMILIES for one in family.LISTS)
"""Every list, in the order they are shown."""

_KEYS = {
    "households": ("household_id",),
    "persons": ("household_id", "person_id"),
    "loans": ("household_id", "item"),
}
_ENTRIES = pl.Schema(
    {
        **dict.fromkeys(("list", "state", "household_id", "person_id", "item"), pl.String),
        "since": pl.Date,
        "value": pl.Float64,
        "unit": pl.String,
        "tier": pl.String,
        "probability": pl.Float64,
    }
)
_NO_ENTRY = _ENTRIES.to_frame().drop("tier", "probability")
_COUNTS = pl.Schema(
    {
        **dict.fromkeys(("list", "state", "per"), pl.String),
        **dict.fromkeys(("n_on", "households", "persons", "n_known", "unknown"), pl.Int64),
        **dict.fromkeys(("share", "amount", "of_amount"), pl.Float64),
    }
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Watch:
    """The watch lists of a day.

    Attributes
    ----------
    as_of : date
    entries : pl.DataFrame
        One row for everything a list says of somebody: list, state, household_id, person_id (of states that speak of
        persons), item (the loan, the site, the kind of support or of event, the grade of the house), since, value and
        its unit, and, where risks were given, the household's tier and probability.
    counts : pl.DataFrame
        One row per list and state: per (``households``, ``persons`` or ``loans``: what is counted), n_on (how many it
        holds of), households and persons (that live in these households, of known size; of states that speak of
        persons, these persons), n_known (of how many it is known whether it holds), unknown (of how many not; null
        where even that is not known), share (n_on over n_known), and for loans amount and of_amount (yuan). Of a
        state that cannot be judged at all there is nothing but unknown.
    missing : Mapping of str to tuple of str
        By list, the tables and columns that the records do not have: without them more is unknown, or everything.
    sites : pl.DataFrame
        Every resettlement site, see `find_sites`.
    """

    as_of: date
    entries: pl.DataFrame
    counts: pl.DataFrame
    missing: Mapping[str, tuple[str, ...]]
    sites: pl.DataFrame

    def __repr__(self) -> str:
        """Say how much there is; never of whom."""
        return f"Watch(as of {self.as_of}, {self.counts['list'].n_unique()} lists, {self.entries.height} entries)"


def watch(
    view: AsOfView,
    policy: Policy,
    *,
    cohort: pl.DataFrame | None = None,
    table: FeatureTable | None = None,
    risk: pl.DataFrame | None = None,
) -> Watch:
    """Return the watch lists in force on a day, by what was known at its end.

    Parameters
    ----------
    view : AsOfView
        The view of the day; households are required, all else may be missing.
    policy : Policy
        Bounds of the lists and monitoring lines (``mechanism``, parts ``watch`` and ``classes``).
    cohort : pl.DataFrame, optional
        Who is at risk, and on what income; by default `find_cohort` of the day.
    table : FeatureTable, optional
        Features of the day, where they are built already.
    risk : pl.DataFrame, optional
        household_id, tier and probability, added to the entries.

    Returns
    -------
    Watch

    Raises
    ------
    InputError
        If there are no households (``table_needed``).

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> from relapse_risk.records import AsOfView, Records
    >>> households = pl.DataFrame({"household_id": ["a", "b", "c"], "recorded_on": [date(2019, 1, 1)] * 3,
    ...     "safe_water": [True, False, None]})
    >>> found = watch(AsOfView.of(Records({"households": households}), "2019-12-31"), read_policy())
    >>> found.counts.filter(list="water").select("state", "n_on", "n_known", "unknown").rows()
    [('unsafe', 1, 2, 1)]
    >>> found.missing["microcredit"]
    ('loans.status', 'loans.principal', 'loans.due_on')
    """
    lists = policy.mechanism.watch.lists
    facts = find_facts(view, find_cohort(view) if cohort is None else cohort, table, policy)
    of_day = [one for one in LISTS if in_force(lists.by_name[one.name], view.as_of.day)]
    found = [(one, state, _judged(state, facts, lists)) for one in of_day for state in one.states]
    return Watch(
        as_of=view.as_of.day,
        entries=_with_risk(pl.concat([_NO_ENTRY, *(_entries(*each) for each in found)]), risk),
        counts=pl.DataFrame([_counted(*each, facts) for each in found], schema=_COUNTS),
        missing={one.name: missing for one in of_day if (missing := tuple(_missing_inputs(one, view.known)))},
        sites=find_sites(facts, policy.audit.limits.persons),
    )


def _judged(state: WatchState, facts: WatchFacts, lists: WatchLists) -> pl.DataFrame | None:
    """Return what a state says; None where what it needs is lacking."""
    return None if missing_of(state.needs, facts.view.known) else state.judge(facts, lists)


def _missing_inputs(one: WatchList, known: Records) -> Iterator[str]:
    needs = dict.fromkeys(need for state in one.states for need in (*state.needs, *state.besides))
    yield from missing_of(tuple(needs), known)


def _entries(one: WatchList, state: WatchState, rows: pl.DataFrame | None) -> pl.DataFrame:
    held = JUDGED.to_frame() if rows is None else rows.filter("holds")
    named = held.with_columns(list=pl.lit(one.name), state=pl.lit(state.name), unit=pl.lit(state.unit, dtype=pl.String))
    return (
        named.select(_NO_ENTRY.columns)
        .cast(_NO_ENTRY.schema)
        .sort("household_id", "person_id", "item", "since", "value", nulls_last=True)
    )


def _with_risk(entries: pl.DataFrame, risk: pl.DataFrame | None) -> pl.DataFrame:
    shown = pl.DataFrame(schema=_ENTRIES).select("household_id", "tier", "probability") if risk is None else risk
    risks = shown.select("household_id", "tier", "probability")
    return entries.join(risks, on="household_id", how="left", maintain_order="left").cast(_ENTRIES)


def _counted(one: WatchList, state: WatchState, rows: pl.DataFrame | None, facts: WatchFacts) -> Mapping[str, Any]:
    state_of = {"list": one.name, "state": state.name, "per": state.per}
    if rows is None:
        return {**state_of, "unknown": _everybody(state, facts)}
    key = _KEYS[state.per]
    judged = rows.group_by(key).agg(pl.col("holds").any(ignore_nulls=False))
    n_on, n_known = int(judged["holds"].sum()), judged["holds"].count()
    held = rows.filter("holds")
    homes = held.select(pl.col("household_id").unique()).join(facts.households, on="household_id")
    return {
        **state_of,
        "n_on": n_on,
        "households": held["household_id"].n_unique(),
        "persons": n_on if state.per == "persons" else homes["persons"].sum(),
        "n_known": n_known,
        "unknown": judged.height - n_known,
        "share": n_on / n_known if n_known else None,
        **(_amounts(rows) if state.per == "loans" else {}),
    }


def _amounts(rows: pl.DataFrame) -> Mapping[str, Any]:
    # Sorted, so that the order of rows does not decide the last digit.
    known = rows.filter(pl.col("holds").is_not_null()).sort("value")
    return {"amount": known.filter("holds")["value"].sum(), "of_amount": known["value"].sum()}


def _everybody(state: WatchState, facts: WatchFacts) -> int | None:
    """Return of how many nothing is known where what a state needs is lacking."""
    if state.per == "households":
        return facts.households.height
    return facts.here(facts.members).height if state.per == "persons" and facts.view.known.has("members") else None
