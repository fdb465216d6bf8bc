"""One month from end to end: who is at risk, what changed, the ledger's entries, whom to visit."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import polars as pl

from relapse_risk.alerts import Focus, assess, find_focus, missing_inputs
from relapse_risk.alerts.watch import Watch, watch
from relapse_risk.bundle import Bundle
from relapse_risk.cycle.bulletin import open_unknown, tell_month
from relapse_risk.cycle.claims import find_claims
from relapse_risk.cycle.earlier_months import earlier_outcomes, gaps_since
from relapse_risk.cycle.earlier_numbers import renamed_households
from relapse_risk.cycle.endline import endline_due
from relapse_risk.cycle.lists import former_places, list_visits, make_month
from relapse_risk.cycle.visiting import completion_of
from relapse_risk.errors import require_kind
from relapse_risk.monitoring import (
    Gap,
    InputProfile,
    Ledger,
    MonthAccount,
    Realised,
    compare,
    expected_performance,
    unpack,
    waiting,
)
from relapse_risk.policy import CHANGE_STATES, URGENT_FIRST, Policy
from relapse_risk.records import Records, sheet_remarks
from relapse_risk.reports import (
    Bulletin,
    RosterReport,
    VisitList,
    render_bulletin,
    render_page,
    write_bulletin,
    write_split_visits,
    write_visit_workbook,
)
from relapse_risk.requests import on_command_line, takes
from relapse_risk.scoring import DayDemand, DayRequest, Roster, Scored, demand_day, fit_day

__all__ = ["MonitorRequest", "MonthRun", "monitor"]


@dataclass(frozen=True, kw_only=True, eq=False)
class MonthRun:
    """What a month's run found and did.

    Attributes
    ----------
    roster : Roster
    assessment : pl.DataFrame
        Every household by the four factors and in both schemes of classes, with measures, see `assess`.
    missing : Mapping of str to Mapping
        Of the ``assessment``, by factor, class, population and measure, and of the ``watch`` lists, by list: the
        columns the records do not have, without which conditions were left out or more is unknown.
    watch : Watch
    focus : Focus
    previous : date or None
        The month it is compared with: the newest one before it in the ledger.
    gaps : tuple of (str, Mapping)
        What that month's input had and this month's has not; accepted by whoever ran it.
    changes : pl.DataFrame
        Who is new, worse, better or gone, see `compare`.
    account : MonthAccount
        What it changed in the ledger.
    alerts : pl.DataFrame
        Every alert as it is on the day, see ``Ledger.alerts``.
    clearing : pl.DataFrame
        What is open and cleared in every area, by level, see ``Ledger.clearing``.
    completion : pl.DataFrame or None
        What became of the visits of the month before until the day before this one, see `visit_completion`.
    listings : pl.DataFrame
        Who is listed this month, for what, and by which chance, see `Month`.
    realised : Realised or None
        Outcomes of earlier months with a finished horizon; None if there is none.
    expected : pl.DataFrame or None
        What this month's list is expected to achieve before outcomes are known, see `expected_performance`; None where
        the rule alone scores, since its probabilities are assumed.
    visits : VisitList
        The alerts to be visited this month, as far as the capacity reaches.
    bulletin : Bulletin
        The month in figures.
    policy : Policy
    lang : str
    split_by : {"village", "town"} or None
        The level whose areas each have a visit workbook of their own, besides that of the whole.
    """

    roster: Roster
    assessment: pl.DataFrame
    missing: Mapping[str, Mapping[str, tuple[str, ...]]]
    watch: Watch
    focus: Focus
    previous: date | None
    gaps: tuple[Gap, ...]
    changes: pl.DataFrame
    account: MonthAccount
    alerts: pl.DataFrame
    clearing: pl.DataFrame
    completion: pl.DataFrame | None
    listings: pl.DataFrame
    realised: Realised | None
    expected: pl.DataFrame | None
    visits: VisitList
    bulletin: Bulletin
    policy: Policy
    lang: str
    split_by: Literal["village", "town"] | None = None

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The counts of this month, as JSON data (for ``run.json``).

        Of alerts: those open, and of these overdue and of households that the register does not know (unknown); and
        households listed whose alert was closed recently and stays so (resting).
        """
        account = self.account
        states = dict(self.changes.group_by("state").len().rows())
        return {
            "scores": self.roster.summary,
            "previous": self.previous and str(self.previous),
            "gaps": [{"code": code, **details} for code, details in self.gaps],
            "changes": {state: states.get(state, 0) for state in CHANGE_STATES},
            "ledger": {
                name: getattr(account, name)
                for name in (
                    *("listed", "opened", "reopened", "escalated", "eased", "proposed"),
                    *("renumbered", "carried", "not_carried", "already"),
                )
            },
            "alerts": {
                "open": int(self.alerts["open"].sum()),
                "overdue": int(self.alerts["overdue"].sum()),
                "unknown": open_unknown(self.alerts, self.roster.frame).height,
                "resting": self.listings.join(
                    self.alerts.filter(~pl.col("open")), on="household_id", how="semi"
                ).height,
            },
            "recall": None if self.realised is None else self.realised.summary,
            "visits": self.visits.lines.height,
            "waiting": self.roster.content.plan.waiting,
            "missing": {
                part: {name: list(columns) for name, columns in found.items()} for part, found in self.missing.items()
            },
        }

    def write(
        self, folder: str | Path, *, carried: pl.DataFrame | None = None, accounts: pl.DataFrame | None = None
    ) -> None:
        """Write the month into a folder: ``visits.xlsx``, ``bulletin.html`` and ``.docx``, ``report.html``, the tables.

        Where the visits are split, there is a folder ``visits`` too, with a workbook for each place.

        The tables (Parquet): risk, areas, assessment, changes, alerts, clearing, watch, watch_counts, sites, focus,
        plan; and where there are such: capacity, expected, drift, completion, outcomes,
        outcomes_weighted.

        Parameters
        ----------
        folder : str or Path
        carried : pl.DataFrame, optional
            household_id and identifying columns to print in the visit workbook; they go nowhere else.
        accounts : pl.DataFrame, optional
            What became of every row that was read (``Intake.accounts``).
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name, frame in self._tables().items():
            frame.write_parquet(folder / f"{name}.parquet")
        options: dict[str, Any] = {"policy": self.policy, "lang": self.lang, "carried": carried}
        write_visit_workbook(self.visits, folder / "visits.xlsx", accounts=accounts, **options)
        if self.split_by is not None:
            write_split_visits(self.visits, folder / "visits", level=self.split_by, **options)
        pages = {
            "bulletin.html": render_bulletin(self.bulletin, policy=self.policy, lang=self.lang),
            "report.html": render_page(self.roster.content, lang=self.lang, accounts=accounts),
        }
        write_bulletin(self.bulletin, folder / "bulletin.docx", policy=self.policy, lang=self.lang)
        for name, page in pages.items():
            (folder / name).write_text(page, encoding="utf-8")

    def _tables(self) -> dict[str, pl.DataFrame]:
        now = self.roster.frame.select("household_id", "listed_for", "waiting_for")
        changes = self.changes.join(now, on="household_id", how="left", maintain_order="left")
        tables = {"risk": self.roster.frame, "areas": self.roster.areas, "assessment": self.assessment}
        tables |= {"changes": changes, "alerts": self.alerts, "clearing": self.clearing}
        tables |= {"watch": self.watch.entries, "watch_counts": self.watch.counts, "sites": self.watch.sites}
        tables |= {"focus": self.focus.entries, "plan": self.roster.content.plan.frame}
        if self.roster.curve is not None:
            tables["capacity"] = self.roster.curve
        if self.expected is not None:
            tables["expected"] = self.expected
        if self.roster.drift is not None:
            tables["drift"] = self.roster.drift.frame
        if self.completion is not None:
            tables["completion"] = self.completion
        if self.realised is not None:
            tables |= {"outcomes": self.realised.months, "outcomes_weighted": self.realised.weighted}
        return tables


@dataclass(frozen=True, kw_only=True, eq=False)
class MonitorRequest(DayRequest):
    """Which month to run, and who runs it.

    Attributes
    ----------
    random_share : float, optional
        Share of the capacity drawn at random outside the list, 0 for none; by default that of
        ``mechanism/listing.toml`` (5 %).
    operator : str
        Who runs it, for the ledger.
    renumbered : pl.DataFrame, optional
        household_id and became, of households that have another number than before (those ``renumbered`` of
        ``Intake.continuity.changes``): they keep their alerts, and are compared with themselves.
    accept_gaps : bool
        Whether it runs although something of the month before is missing in the input, see `find_gaps`.
    split_by : {"village", "town"}, optional
        Each place of that level then has a visit workbook of its own, with its own households alone.
    """

    random_share: float | None = field(default=None, metadata=on_command_line("SHARE"))
    operator: str = field(default="run", metadata=on_command_line("NAME"))
    renumbered: pl.DataFrame | None = None
    accept_gaps: bool = False
    split_by: Literal["village", "town"] | None = field(default=None, metadata=on_command_line("village|town"))


@takes(MonitorRequest)
def monitor(records: Records, bundle: Bundle, ledger: Ledger, request: MonitorRequest) -> MonthRun:
    """Run a month: score, compare with the month before, enter it in the ledger, find whom to visit.

    Running it again with the same records, bundle and options changes nothing and gives the same month, as long as
    nobody acted in between. The day must be later than every month in the ledger, or the last one again.

    Parameters
    ----------
    records : Records
        All versions of the records; only what was known at the end of `as_of` counts.
    bundle : Bundle
    ledger : Ledger
        From `open_ledger`.
    %(options)s

    Returns
    -------
    MonthRun

    Raises
    ------
    InputError, BundleError
        If something of the month before is missing in the input (``input_gaps``); as `score` and
        ``Ledger.record_month``.
    """
    require_kind("ledger", ledger, Ledger)
    demand = demand_day(records, bundle, request)
    day, progress, policy, renumbered = request.day.day, request.progress, demand.policy, request.renumbered
    progress("monitor", 0.0)
    previous = max((one for one in ledger.months() if one < day), default=None)
    profile = InputProfile.of(demand.view)
    gaps = gaps_since(ledger, previous, profile, request, demand.view.known.sheets)
    before, waited = _earlier(ledger, previous, renumbered)
    changes = compare(before, _with_demanded(demand.frame), policy=policy)
    scored = _fitted(demand, ledger, changes, waited, request)
    content, plan = scored.roster.content, scored.plan
    known = (demand.view, demand.table, content.risk, policy)
    assessment = assess(*known)
    month = make_month(content.risk, plan, assessment, content.places)
    month = replace(month, renumbered=renumbered, inputs=profile.pack())
    progress("monitor", 0.2)
    watched = watch(demand.view, policy, cohort=demand.cohort, table=demand.table, risk=content.risk)
    progress("monitor", 0.5)
    account = ledger.record_month(month, operator=request.operator)
    progress("monitor", 0.7)
    found: dict[str, Any] = {
        "previous": previous,
        "gaps": gaps,
        "changes": changes,
        "realised": earlier_outcomes(demand.view, bundle, ledger, renumbered, policy),
        "listings": month.listings,
        "watch": watched,
        "focus": find_focus(content.areas, watched.sites, policy, watched.as_of),
        "expected": _expected(content, policy),
        "alerts": ledger.alerts(day),
        "clearing": ledger.clearing(as_of=day),
        "completion": _completed(ledger, day),
    }
    so_far = ledger.listings().filter(pl.col("as_of") <= day)
    to_visit = list_visits(plan, found["alerts"], so_far, changes, content.risk, assessment, content.places, day)
    progress("monitor", 1.0)
    return MonthRun(
        roster=scored.roster,
        assessment=assessment,
        missing={"assessment": missing_inputs(*known).left_out, "watch": watched.missing},
        account=account,
        visits=_with_unread(to_visit, demand.view.known),
        bulletin=tell_month(content, drift=scored.roster.drift, **found),
        policy=policy,
        lang=request.lang,
        split_by=request.split_by,
        **found,
    )


def _fitted(
    demand: DayDemand, ledger: Ledger, changes: pl.DataFrame, waited: pl.DataFrame, request: MonitorRequest
) -> Scored:
    """Return what is demanded fitted into the capacity, with what the ledger asks."""
    day, renumbered = request.day.day, request.renumbered
    due = endline_due(ledger, day, demand.bundle.horizon, demand.policy.mechanism.listing.endline, renumbered)
    claims = find_claims(ledger, day, demand.frame, changes, waited, renumbered, due)
    former = former_places(demand.places, ledger.alerts_before(day, renumbered))
    return fit_day(demand, claims=claims, former=former, random_share=request.random_share)


def _earlier(
    ledger: Ledger, month: date | None, renumbered: pl.DataFrame | None
) -> tuple[pl.DataFrame | None, pl.DataFrame]:
    """Return last month's scores, and who waited then since when."""
    packed = None if month is None else ledger.scores(month)
    if packed is None:
        return None, pl.DataFrame(schema={"household_id": pl.String, "waiting_since": pl.Date})
    risk, waited = (renamed_households(one, renumbered) for one in (unpack(packed), waiting(packed)))
    return _with_demanded(risk), waited


def _with_unread(due: VisitList, known: Records) -> VisitList:
    """Say first, on the list of visits too, which sheets were not read."""
    return replace(due, remarks=(*sheet_remarks(known.sheets), *due.remarks))


def _with_demanded(risk: pl.DataFrame) -> pl.DataFrame:
    """Say who is demanded, listed or waiting: what changed in a household does not depend on the capacity."""
    return risk.with_columns(demanded=pl.col("tier").is_in(URGENT_FIRST).fill_null(False))


def _expected(content: RosterReport, policy: Policy) -> pl.DataFrame | None:
    if content.model.origin == "rule":
        return None
    listed = content.at_risk["listed_for"].is_not_null().to_numpy()
    return expected_performance(content.at_risk["probability"].to_numpy(), listed, policy.mechanism.drift)


def _completed(ledger: Ledger, day: date) -> pl.DataFrame | None:
    found = completion_of(ledger, day - timedelta(days=1))
    return None if found is None else found[1]
