"""The audit's page: what was read and found, in totals only, in one file that needs nothing else."""

from relapse_risk.policy import word
from relapse_risk.reports.audit.audit_content import AuditContent
from relapse_risk.reports.audit.totals import (
    change_grid,
    closing_grid,
    family_grid,
    flagged_grid,
    form_notes,
    in_short,
    lacking_grid,
    left_out,
    paper_grid,
    paper_text,
    reading_notes,
    reconciliation_grid,
    row_grid,
    rule_grid,
    severity_grid,
    subtitle,
)
from relapse_risk.reports.templates import rendered

__all__ = ["render_audit_page"]


def render_audit_page(content: AuditContent, *, lang: str = "zh") -> str:
    """Return the page as HTML: one file, no scripts, nothing fetched, no household or person in it.

    Parameters
    ----------
    content : AuditContent
        What the audit found.
    lang : {"zh", "en"}
        Of everything but the names of files, sheets and villages.
    """
    return rendered(
        "audit/page.html.j2",
        lang,
        said=lambda key: word("audit", key, lang),
        subtitle=subtitle(content, lang),
        remarks=reading_notes(content, lang),
        short=in_short(content, lang),
        severities=severity_grid(content, lang),
        families=family_grid(content, lang),
        failed=rule_grid(content, lang),
        closing=closing_grid(content, lang),
        rows=row_grid(content, lang),
        changes=change_grid(content, lang),
        forms=form_notes(content, lang),
        lacking=lacking_grid(content, lang),
        reconciliation=reconciliation_grid(content, lang),
        left_out=left_out(content, lang),
        tested=content.paper is not None,
        paper_text=paper_text(content, lang),
        paper=paper_grid(content, lang),
        flagged=flagged_grid(content, lang),
    )
