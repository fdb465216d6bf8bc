"""The month's bulletin as a page or ``.docx``: analysis, judgement and dispatch, in totals only, in one file."""

from pathlib import Path

from relapse_risk.policy import CHANGE_STATES, Policy, Texts
from relapse_risk.reports.bulletin.analysis import (
    area_sections,
    change_section,
    curve_section,
    expected_of,
    focus_section,
    listed_section,
    plan_section,
    totals_section,
    watch_section,
)
from relapse_risk.reports.bulletin.bulletin_content import Bulletin
from relapse_risk.reports.bulletin.dispatch import alert_section, clearing_section, completion_section
from relapse_risk.reports.bulletin.judgement import (
    drift_section,
    outcome_section,
    performance_section,
    weighted_section,
)
from relapse_risk.reports.documents import Document, Section, render_document, write_word
from relapse_risk.reports.figures import counted, rough
from relapse_risk.reports.wording import Fact, plan_text, remark_text

__all__ = ["render_bulletin", "write_bulletin"]


def render_bulletin(bulletin: Bulletin, *, policy: Policy, lang: str = "zh") -> str:
    """Return the page as HTML: one file, no scripts, nothing fetched, no household in it.

    Parameters
    ----------
    bulletin : Bulletin
        What the month's run found.
    policy : Policy
        Whose wordings are used.
    lang : {"zh", "en"}
        Of everything but the names of areas.
    """
    texts = Texts(lang, mechanism=policy.mechanism)
    return render_document(_document(bulletin, texts), texts)


def write_bulletin(bulletin: Bulletin, path: str | Path, *, policy: Policy, lang: str = "zh") -> None:
    """Write what the page says as ``.docx``, the same bytes on any day; parameters as `render_bulletin`."""
    texts = Texts(lang, mechanism=policy.mechanism)
    write_word(_document(bulletin, texts), path, texts)


def _document(bulletin: Bulletin, texts: Texts) -> Document:
    before = texts("bulletin.texts", "first") if bulletin.previous is None else str(bulletin.previous)
    return Document(
        title=texts("bulletin.texts", "title"),
        subtitle=texts("bulletin.texts", "subtitle", as_of=bulletin.as_of, months=bulletin.horizon, previous=before),
        as_of=bulletin.as_of,
        remarks=tuple(remark_text(remark, texts) for remark in bulletin.remarks),
        short=tuple(_in_short(bulletin, texts, before)),
        sections=tuple(section for section in _sections(bulletin, texts) if not section.is_empty),
        private=texts("bulletin.texts", "private"),
    )


def _sections(bulletin: Bulletin, texts: Texts) -> list[Section]:
    return [
        totals_section(bulletin, texts),
        plan_section(bulletin, texts),
        listed_section(bulletin, texts),
        curve_section(bulletin, texts),
        change_section(bulletin, texts),
        *area_sections(bulletin, texts),
        watch_section(bulletin, texts),
        focus_section(bulletin, texts),
        outcome_section(bulletin, texts),
        weighted_section(bulletin, texts),
        performance_section(bulletin, texts),
        drift_section(bulletin, texts),
        alert_section(bulletin, texts),
        completion_section(bulletin, texts),
        clearing_section(bulletin, texts),
        Section(title=texts("bulletin.sections", "run"), facts=_run(bulletin, texts)),
    ]


def _run(bulletin: Bulletin, texts: Texts) -> tuple[Fact, ...]:
    return tuple((texts.label("bulletin.labels", label), value) for label, value in bulletin.run)


def _in_short(bulletin: Bulletin, texts: Texts, before: str) -> list[str]:
    """Return what matters most, in sentences."""
    lines = bulletin.listings
    why = {one: counted(lines.filter(listed_for=one).height) for one in ("model", "rule", "random")}
    at_risk = bulletin.risk.filter(population="at_risk").height
    wording = [texts("bulletin.short", "listed", listed=counted(lines.height), **why)]
    if not bulletin.assumed:
        expected = {"expected": rough(expected_of(bulletin)), "months": bulletin.horizon}
        wording.append(texts("bulletin.short", "expected", at_risk=counted(at_risk), **expected))
    if bulletin.plan is not None:
        wording.append(plan_text(bulletin.plan, texts))
    if bulletin.changes is not None:
        counts = {state: counted(bulletin.changes.filter(state=state).height) for state in CHANGE_STATES}
        wording.append(texts("bulletin.short", "changes", previous=before, **counts))
    if bulletin.alerts is not None:
        opened = bulletin.alerts.filter("open")
        overdue = counted(opened.filter("overdue").height)
        wording.append(texts("bulletin.short", "alerts", open=counted(opened.height), overdue=overdue))
    return wording
