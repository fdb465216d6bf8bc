"""The month's judgement: what became of earlier lists, what this one is expected to achieve, and what drifts."""

from relapse_risk.reports.bulletin.analysis import figure
from relapse_risk.reports.bulletin.content import Bulletin
from relapse_risk.reports.bulletin.section import Section, section_of
from relapse_risk.reports.bulletin.words import BulletinWords
from relapse_risk.reports.figures import counted, decimal, rough

__all__ = ["drift_section", "outcome_section", "performance_section"]


def outcome_section(bulletin: Bulletin, words: BulletinWords) -> Section:
    """Return, by earlier list, how many relapses were expected and came, and whom the list missed and named in vain."""
    if bulletin.outcomes is None:
        return section_of(words, "outcomes", None)
    rows = [
        (
            str(row["as_of"]),
            counted(row["at_risk"]),
            rough(row["expected"]),
            *(counted(row[name]) for name in ("observed", "found", "missed", "wrong")),
            _yes(row["complete"], words),
        )
        for row in bulletin.outcomes.rows(named=True)
    ]
    headers = ("as_of", "at_risk", "expected", "observed", "found", "missed", "wrong", "complete")
    return section_of(words, "outcomes", (words.grid(headers, rows),), notes=(words.said("notes", "outcomes"),))


def performance_section(bulletin: Bulletin, words: BulletinWords) -> Section:
    """Return what is expected of this month's list."""
    if bulletin.performance is None:
        return section_of(words, "performance", None)
    rows = [
        (
            row[words.lang],
            figure(row["value"], row["unit"]),
            "" if row["lower"] is None else " – ".join(figure(row[end], row["unit"]) for end in ("lower", "upper")),
        )
        for row in bulletin.performance.rows(named=True)
    ]
    table = words.grid(("measure", "value", "range"), rows)
    return section_of(words, "performance", (table,), notes=(words.said("notes", "performance"),))


def drift_section(bulletin: Bulletin, words: BulletinWords) -> Section:
    """Return what was looked at, the flagged first."""
    if bulletin.drift is None:
        return section_of(words, "drift", None)
    rows = [
        (
            row[words.lang],
            row[f"measure_{words.lang}"],
            decimal(row["value"], 3),
            decimal(row["limit"], 3),
            _yes(row["flagged"], words),
        )
        for row in bulletin.drift.sort("flagged", descending=True, maintain_order=True).rows(named=True)
    ]
    table = words.grid(("item", "measure", "value", "limit", "flag"), rows, texts=2)
    return section_of(words, "drift", (table,), notes=(words.said("notes", "drift"),))


def _yes(flag: bool, words: BulletinWords) -> str:
    return words.said("labels", "yes" if flag else "no")
