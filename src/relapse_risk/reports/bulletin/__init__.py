"""The month's bulletin: one page for the month's analysis, judgement and dispatch."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.reports.bulletin.bulletin_content import Bulletin
    from relapse_risk.reports.bulletin.curves import curve_tables
    from relapse_risk.reports.bulletin.page import render_bulletin, write_bulletin
    from relapse_risk.reports.bulletin.recall_words import recall_sentences
    from relapse_risk.reports.bulletin.section import fold_small
else:
    __getattr__ = lazy_names(__name__)

__all__ = ["Bulletin", "curve_tables", "fold_small", "recall_sentences", "render_bulletin", "write_bulletin"]
