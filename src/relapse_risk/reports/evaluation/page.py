"""The page of an evaluation: definitions first, then models side by side, in one file that needs nothing else."""

from relapse_risk.policy import word
from relapse_risk.reports.evaluation.diagram import SIDE, draw_bands
from relapse_risk.reports.evaluation.evaluation_content import EvaluationContent
from relapse_risk.reports.evaluation.grids import (
    band_grid,
    benefit_grid,
    day_grid,
    definition_facts,
    finding_grid,
    group_grid,
    list_grid,
    model_grid,
    split_grid,
)
from relapse_risk.reports.figures import counted, decimal, listing, per_cent
from relapse_risk.reports.templates import rendered
from relapse_risk.reports.wording import model_word

__all__ = ["render_evaluation_page"]


def render_evaluation_page(content: EvaluationContent, *, lang: str = "zh") -> str:
    """Return the page as HTML: one file, no scripts, nothing fetched, no household in it.

    Parameters
    ----------
    content : EvaluationContent
        What was found.
    lang : {"zh", "en"}
        Of everything but the names of counties and recorded wordings.
    """

    def said(key: str, **details: object) -> str:
        return word("evaluation", key, lang, **details)

    judgement = content.judgement
    return rendered(
        "evaluation/page.html.j2",
        lang,
        said=said,
        subtitle=said("subtitle", days=listing(judgement.days, lang), months=content.horizon),
        remarks=[f"{one.code} {one.said(lang)}" for one in content.findings if one.severity == "error"],
        short=_in_short(content, lang),
        what=said(
            "definitions",
            outcome=word("outcomes", content.label, lang, months=content.horizon),
            cohort=word("cohorts", content.cohort, lang),
            months=content.horizon,
        ),
        default=model_word(judgement.default, lang),
        definitions=definition_facts(content, lang),
        models=model_grid(content, lang),
        diagram=draw_bands(judgement.models[0].bands),
        side=SIDE,
        bands=band_grid(content, lang),
        split=split_grid(content, lang),
        days=day_grid(content, lang),
        groups=group_grid(content, lang),
        worst=_worst(content, lang),
        lists=list_grid(content, lang),
        capacity=per_cent(judgement.capacity_share),
        benefit=benefit_grid(content, lang),
        findings=finding_grid(content, lang),
    )


def _in_short(content: EvaluationContent, lang: str) -> list[str]:
    judgement = content.judgement
    figures = judgement.models[0].figures
    level = figures["expected_observed_ratio"]
    found = word(
        "evaluation",
        "short",
        lang,
        model=model_word(judgement.default, lang),
        rows=counted(judgement.rows),
        events=counted(judgement.events),
        auc=decimal(figures["auc"].estimate, 3),
        log_loss=decimal(figures["log_loss"].estimate, 4),
        ratio=decimal(level.estimate, 2),
        lower=decimal(level.lower, 2),
        upper=decimal(level.upper, 2),
        slope=decimal(figures["calibration_slope"].estimate, 2),
    )
    better = judgement.better
    named = listing((model_word(name, lang) for name in better), lang)
    standing = word("evaluation", "short_better" if better else "short_best", lang, models=named)
    return [found, standing]


def _worst(content: EvaluationContent, lang: str) -> str:
    """Return how large the largest group error is against chance."""
    worst = content.judgement.models[0].largest_group_error
    if worst is None:
        return word("evaluation", "worst_unknown", lang)
    return word(
        "evaluation",
        "worst",
        lang,
        z=decimal(abs(worst.z), 1),
        critical=decimal(worst.critical, 1),
        groups=worst.groups,
        share=f"{1 - content.judgement.level:.0%}",
        p_value=decimal(worst.p_value, 3),
    )
