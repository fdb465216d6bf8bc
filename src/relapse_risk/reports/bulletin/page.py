"""The month's bulletin as a page: analysis, judgement and dispatch, in totals only, in one file."""

from relapse_risk.policy import Policy
from relapse_risk.reports.bulletin.analysis import (
    STATES,
    area_sections,
    change_section,
    expected_of,
    focus_section,
    listed_section,
    totals_section,
    watch_section,
)
from relapse_risk.reports.bulletin.bulletin_content import Bulletin
from relapse_risk.reports.bulletin.bulletin_words import BulletinWords
from relapse_risk.reports.bulletin.dispatch import alert_section, clearing_section
from relapse_risk.reports.bulletin.judgement import (
    drift_section,
    honest_section,
    outcome_section,
    performance_section,
)
from relapse_risk.reports.bulletin.section import Section
from relapse_risk.reports.figures import counted, rough
from relapse_risk.reports.templates import rendered
from relapse_risk.reports.wording import Fact, remark_text

__all__ = ["render_bulletin"]


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
    words = BulletinWords.of(policy, lang)
    before = words.said("texts", "first") if bulletin.previous is None else str(bulletin.previous)
    return rendered(
        "bulletin/page.html.j2",
        lang,
        said=lambda key: words.said("texts", key),
        subtitle=words.said("texts", "subtitle", as_of=bulletin.as_of, months=bulletin.horizon, previous=before),
        remarks=[remark_text(remark, lang) for remark in bulletin.remarks],
        short=_in_short(bulletin, words, before),
        sections=[
            section for section in _sections(bulletin, words) if section.facts or section.notes or section.tables
        ],
    )


def _sections(bulletin: Bulletin, words: BulletinWords) -> list[Section]:
    return [
        totals_section(bulletin, words),
        listed_section(bulletin, words),
        change_section(bulletin, words),
        *area_sections(bulletin, words),
        watch_section(bulletin, words),
        focus_section(bulletin, words),
        outcome_section(bulletin, words),
        honest_section(bulletin, words),
        performance_section(bulletin, words),
        drift_section(bulletin, words),
        alert_section(bulletin, words),
        clearing_section(bulletin, words),
        Section(title=words.said("sections", "run"), facts=_run(bulletin, words)),
    ]


def _run(bulletin: Bulletin, words: BulletinWords) -> tuple[Fact, ...]:
    return tuple((words.said("labels", label), value) for label, value in bulletin.run)


def _in_short(bulletin: Bulletin, words: BulletinWords, before: str) -> list[str]:
    """Return what matters most, in sentences."""
    lines = bulletin.listings
    why = {one: counted(lines.filter(listed_for=one).height) for one in ("model", "rule", "random")}
    at_risk = bulletin.risk.filter(population="at_risk").height
    expected = {"expected": rough(expected_of(bulletin)), "months": bulletin.horizon}
    said = [
        words.said("short", "listed", listed=counted(lines.height), **why),
        words.said("short", "expected", at_risk=counted(at_risk), **expected),
    ]
    if bulletin.changes is not None:
        counts = {state: counted(bulletin.changes.filter(state=state).height) for state in STATES}
        said.append(words.said("short", "changes", previous=before, **counts))
    if bulletin.alerts is not None:
        opened = bulletin.alerts.filter("open")
        overdue = counted(opened.filter("overdue").height)
        said.append(words.said("short", "alerts", open=counted(opened.height), overdue=overdue))
    return said
