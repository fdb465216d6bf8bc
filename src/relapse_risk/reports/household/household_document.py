"""One household in words: a document to be shown on screen, as a page, a workbook or a text document."""

from collections.abc import Mapping, Sequence
from math import exp
from pathlib import Path
from typing import Any

import polars as pl

from relapse_risk.policy import Policy, Texts
from relapse_risk.reports.documents import Document, Section, write_document
from relapse_risk.reports.figures import counted, decimal, interval, listing, per_cent
from relapse_risk.reports.household.household_report import HouseholdReport
from relapse_risk.reports.visits.visit_lines import measures_text, tier_text
from relapse_risk.reports.wording import Fact, Grid, remark_text

__all__ = ["household_document", "write_household"]


def household_document(report: HouseholdReport, *, policy: Policy, lang: str = "zh") -> Document:
    """Return what is known of a household in words.

    Parameters
    ----------
    report : HouseholdReport
    policy : Policy
        Whose wordings are used.
    lang : {"zh", "en"}
        Of everything but the records' own words.
    """
    texts = Texts(lang, mechanism=policy.mechanism)
    return Document(
        title=texts("household", "title", household=report.household_id),
        subtitle=texts("household", "subtitle", as_of=report.as_of, months=report.horizon),
        as_of=report.as_of,
        sections=(
            Section(title=texts("household", "state"), facts=_state_facts(report, texts)),
            _course_section(report, texts),
            _reason_section(report, texts),
            _listed_section("rules", [texts.label("rules", code) for code in report.rules], texts),
            *_ledger_sections(report, texts),
            _listed_section("measures", measures_text(report.measures, texts).split("\n"), texts),
        ),
        private=texts("household", "private"),
        remarks=tuple(remark_text(remark, texts) for remark in report.remarks),
        kind="household",
    )


def write_household(report: HouseholdReport, path: str | Path, *, policy: Policy, lang: str = "zh") -> None:
    """Write what is known of a household, in the kind of file that its name asks for, see `write_document`.

    Parameters as `household_document`.
    """
    write_document(household_document(report, policy=policy, lang=lang), path, Texts(lang))


def _state_facts(report: HouseholdReport, texts: Texts) -> tuple[Fact, ...]:
    home, state = report.home, report.state
    nowhere = texts("facts", "not_stated")
    places = " ".join(name for level, name in home.items() if name and level != "household_type")
    last = report.course.row(-1, named=True)
    why = last["exclusion_reason"]
    facts = {
        "place": places or nowhere,
        "household_type": texts.label("household_types", home.get("household_type")),
        "standing": texts("household_states", state["state"]) if state["state"] else nowhere,
        "monitored": _monitored(state, texts),
        "population": texts("populations", last["population"]),
        **({} if why is None else {"exclusion_reason": texts.label("exclusion_reasons", why)}),
    }
    return tuple((texts("household", key), value) for key, value in facts.items())


def _monitored(state: Mapping[str, Any], texts: Texts) -> str:
    """Return whether it is monitored and as what, or was; unknown is never no."""
    if state["monitored"] is None:
        return texts("facts", "not_stated")
    if state["monitored"]:
        kind = state["monitoring_type"]
        return texts("household", "is_monitored") if kind is None else texts.label("monitoring_types", kind)
    return texts("household", "was_monitored" if state["cleared"] else "not_monitored")


def _course_section(report: HouseholdReport, texts: Texts) -> Section:
    """Return its risk as of each day."""
    notes = [texts("household", "course_note", months=report.horizon)]
    notes += [texts("household", "assumed")] if report.assumed else []
    if not report.course["forecast"].all():
        notes.append(texts("household", "no_forecast"))
    rows = [_course_row(row, texts) for row in report.course.rows(named=True)]
    headers = ("as_of", "risk", "interval", "rank", "tier", "not_scored")
    return _section("course", headers, rows, texts, notes=notes, numbers=(1, 2, 3))


def _course_row(row: Mapping[str, Any], texts: Texts) -> tuple[str, ...]:
    day = str(row["as_of"]) + ("" if row["forecast"] else " *")
    tier = tier_text(row["tier"], texts)
    if row["population"] is None:
        return day, "", "", "", tier, texts("household", "not_known_yet")
    if row["probability"] is None:
        return day, "", "", "", tier, texts.label("exclusion_reasons", row["exclusion_reason"])
    rank = texts("household", "rank_value", rank=counted(row["rank"]), count=counted(row["ranked"]))
    return day, per_cent(row["probability"]), interval(row["lower"], row["upper"]), rank, tier, ""


def _reason_section(report: HouseholdReport, texts: Texts) -> Section:
    """Return why its risk is above the average, each reason with its figures."""
    rows = [
        (texts("reasons", row["reason"]), row[f"sentence_{texts.lang}"] or "", _effect(row["contribution"]))
        for row in report.reasons.rows(named=True)
    ]
    notes = [texts("household", "reasons_note")]
    return _section("reasons", ("reason", "figures", "effect"), rows, texts, notes=notes, numbers=(2,))


def _effect(contribution: float) -> str:
    """Return what a contribution does to the odds."""
    return "× " + decimal(exp(contribution), 2)


def _listed_section(key: str, lines: list[str], texts: Texts) -> Section:
    """Return a section of texts, one a line."""
    said = tuple(line for line in lines if line)
    return Section(title=texts("household", key), notes=said or (texts("household", "nothing"),))


def _ledger_sections(report: HouseholdReport, texts: Texts) -> list[Section]:
    """Return its alerts, their steps and its visits; that no ledger was given, where none was."""
    if report.alerts is None or report.entries is None:
        return [Section(title=texts("household", "alerts"), notes=(texts("household", "no_ledger"),))]
    alerts = [_alert_row(row, texts) for row in report.alerts.rows(named=True)]
    entries = report.entries.rows(named=True)
    steps = [_step_row(row, texts) for row in entries]
    visits = report.entries.filter(kind="visited").select("alert_id", "on", "by").unique(maintain_order=True)
    met = [_visit_row(row, report.entries, texts) for row in visits.rows(named=True)]
    return [
        _section("alerts", ("alert_id", "alert_state", "tier", "opened_on", "deadline"), alerts, texts),
        _section("steps", ("on", "alert_id", "step", "by"), steps, texts),
        _section("visits", ("on", "by", "followed"), met, texts),
    ]


def _alert_row(row: Mapping[str, Any], texts: Texts) -> tuple[str, ...]:
    deadline = _day(row["deadline"]) + (texts("household", "overdue") if row["overdue"] else "")
    state = texts.label("ledger.states", row["state"])
    return str(row["alert_id"]), state, tier_text(row["tier"], texts), _day(row["opened_on"]), deadline


def _step_row(row: Mapping[str, Any], texts: Texts) -> tuple[str, ...]:
    return _day(row["on"]), str(row["alert_id"]), _step(row, texts), _by(row["by"], texts)


def _by(name: str | None, texts: Texts) -> str:
    """Return who entered something: a person by name, the monthly run as what it is."""
    return texts.labels("ledger_operators").get(name or "", name or "")


def _step(row: Mapping[str, Any], texts: Texts) -> str:
    """Return what an entry is, with the tier it led to or the measure that was taken."""
    more = [tier_text(row["tier"], texts), measures_text(row["measure"], texts)]
    return listing([texts.label("ledger.kinds", row["kind"]), *(one for one in more if one)], texts)


def _visit_row(visit: Mapping[str, Any], entries: pl.DataFrame, texts: Texts) -> tuple[str, ...]:
    """Return a visit with what else was entered of that alert on that day by a person."""
    same = entries.filter(alert_id=visit["alert_id"], on=visit["on"], by=visit["by"])
    others = same.filter((pl.col("kind") != "visited") & pl.col("month").is_null())
    followed = [_step(row, texts) for row in others.rows(named=True)]
    return _day(visit["on"]), visit["by"] or "", listing(followed, texts)


def _day(day: object) -> str:
    return "" if day is None else str(day)


def _section(
    key: str,
    headers: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    texts: Texts,
    *,
    notes: list[str] | None = None,
    numbers: tuple[int, ...] = (),
) -> Section:
    """Return a section of one table, or that there is nothing."""
    title = texts("household", key)
    if not rows:
        return Section(title=title, notes=(texts("household", "nothing"),))
    heads = tuple(texts("household_headers", header) for header in headers)
    grid = Grid(headers=heads, rows=tuple(rows), numbers=frozenset(numbers))
    return Section(title=title, notes=tuple(notes or ()), tables=(grid,))
