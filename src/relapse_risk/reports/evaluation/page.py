"""The page of an evaluation: definitions first, then models side by side, in one file that needs nothing else."""

from relapse_risk.policy import Texts
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
from relapse_risk.reports.wording import model_word, remark_text

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
    texts = Texts(lang)

    def wording(key: str, **details: object) -> str:
        return texts("evaluation", key, **details)

    judgement = content.judgement
    return rendered(
        "evaluation/page.html.j2",
        texts,
        wording=wording,
        subtitle=wording("subtitle", days=listing(judgement.days, texts), months=content.horizon),
        remarks=[
            *(remark_text(remark, texts) for remark in content.remarks),
            *(f"{one.code} {one.sentence(texts)}" for one in content.findings if one.severity == "error"),
        ],
        verdict=judgement.verdict.sentences(texts),
        short=_in_short(content, texts),
        what=wording(
            "definitions",
            outcome=texts("outcomes", content.label, months=content.horizon),
            cohort=texts("cohorts", content.cohort),
            months=content.horizon,
        ),
        default=model_word(judgement.default, texts),
        definitions=definition_facts(content, texts),
        models=model_grid(content, texts),
        diagram=draw_bands(judgement.models[0].bands, judgement.models[0].curve),
        side=SIDE,
        bands=band_grid(content, texts),
        split=split_grid(content, texts),
        days=day_grid(content, texts),
        groups=group_grid(content, texts),
        worst=_worst(content, texts),
        lists=list_grid(content, texts),
        capacity=per_cent(judgement.capacity_share),
        benefit=benefit_grid(content, texts),
        findings=finding_grid(content, texts),
    )


def _in_short(content: EvaluationContent, texts: Texts) -> list[str]:
    judgement = content.judgement
    figures = judgement.models[0].figures
    level = figures["expected_observed_ratio"]
    found = texts(
        "evaluation",
        "short",
        model=model_word(judgement.default, texts),
        rows=counted(judgement.rows),
        events=counted(judgement.events),
        auc=decimal(figures["auc"].estimate, 3),
        log_loss=decimal(figures["log_loss"].estimate, 4),
        ratio=decimal(level.estimate, 2),
        lower=decimal(level.lower, 2),
        upper=decimal(level.upper, 2),
        slope=decimal(figures["calibration_slope"].estimate, 2),
    )
    same = texts("evaluation", "as_trained" if content.as_trained else "not_as_trained")
    return [found, same]


def _worst(content: EvaluationContent, texts: Texts) -> str:
    """Return how large the largest group error is against chance."""
    worst = content.judgement.models[0].largest_group_error
    if worst is None:
        return texts("evaluation", "worst_unknown")
    return texts(
        "evaluation",
        "worst",
        z=decimal(abs(worst.z), 1),
        critical=decimal(worst.critical, 1),
        groups=worst.groups,
        share=f"{1 - content.judgement.level:.0%}",
        p_value=decimal(worst.p_value, 3),
    )
