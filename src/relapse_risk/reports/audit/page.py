"""The audit's page: what was read and found, in totals only, in one file that needs nothing else."""

from relapse_risk.policy import Texts
from relapse_risk.reports.audit.audit_content import AuditContent
from relapse_risk.reports.audit.totals import (
    anomalies_grid,
    anomalies_text,
    change_grid,
    closing_grid,
    closing_text,
    family_grid,
    flagged_grid,
    form_notes,
    in_short,
    left_out,
    missing_grid,
    reading_notes,
    reconciliation_grid,
    row_grid,
    rule_grid,
    severity_grid,
    sheet_grid,
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
    texts = Texts(lang, audit=content.policy)
    return rendered(
        "audit/page.html.j2",
        texts,
        wording=lambda key: texts("audit", key),
        subtitle=subtitle(content.exported_on, texts),
        remarks=reading_notes(content, texts),
        short=in_short(content, texts),
        severities=severity_grid(content.listing, texts),
        families=family_grid(content, texts),
        failed=rule_grid(content.listing, texts),
        closing=closing_grid(content, texts),
        closing_text=closing_text(content, texts),
        sheets=sheet_grid(content, texts),
        rows=row_grid(content, texts),
        changes=change_grid(content, texts),
        forms=form_notes(content, texts),
        missing=missing_grid(content, texts),
        reconciliation=reconciliation_grid(content, texts),
        left_out=left_out(content, texts),
        tested=content.anomalies is not None,
        anomalies_text=anomalies_text(content, texts),
        anomalies=anomalies_grid(content, texts),
        flagged=flagged_grid(content, texts),
    )
