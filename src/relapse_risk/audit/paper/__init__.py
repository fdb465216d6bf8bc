"""Relief on paper: what stands out in the figures of a village or file, tested against chance and all others."""

from relapse_risk.audit.paper.find import PaperResult, find_paper, paper_wording

__all__ = ["PaperResult", "find_paper", "paper_wording"]
