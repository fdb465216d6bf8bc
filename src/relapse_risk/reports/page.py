"""The page: what was scored and found, in totals only, in one file that needs nothing else."""

import polars as pl

from relapse_risk.policy import Texts
from relapse_risk.reports.charts import LEAST_AT_RISK, area_tables, curve_bars, evaluation_grid, reason_bars, risk_bars
from relapse_risk.reports.figures import counted, listing, per_cent, rough
from relapse_risk.reports.roster_report import RosterReport
from relapse_risk.reports.templates import rendered
from relapse_risk.reports.wording import (
    account_grid,
    compared_sentences,
    guide,
    list_facts,
    model_facts,
    plan_grid,
    plan_text,
    population_grid,
    remark_text,
    rule_grid,
    tier_grid,
)

__all__ = ["render_page"]

_LEADING = 3


def render_page(content: RosterReport, *, lang: str = "zh", accounts: pl.DataFrame | None = None) -> str:
    """Return the page as HTML: one file, no scripts, nothing fetched, no household in it.

    Parameters
    ----------
    content : RosterReport
        What the roster says.
    lang : {"zh", "en"}
        Of everything but the names of areas and files.
    accounts : pl.DataFrame, optional
        What became of every row that was read (``Intake.accounts``).
    """
    texts = Texts(lang)

    def wording(key: str, **details: object) -> str:
        return texts("page", key, **details)

    evaluation = content.model.evaluation
    return rendered(
        "page.html.j2",
        texts,
        wording=wording,
        level_word=lambda level: texts("levels", level),
        subtitle=wording("subtitle", as_of=content.as_of, months=content.model.horizon, end=content.end),
        remarks=[remark_text(remark, texts) for remark in content.remarks],
        short=_in_short(content, texts),
        list_facts=list_facts(content, texts),
        plan=plan_grid(content.plan, texts),
        plan_title=texts("plan", "title"),
        plan_note=texts("plan", "note", capacity=counted(content.capacity)),
        tiers=tier_grid(content, texts),
        rules=rule_grid(content.rules, texts),
        populations=population_grid(content, texts),
        reasons=reason_bars(content, texts),
        risk=risk_bars(content),
        curve=() if content.curve is None else curve_bars(content.curve),
        areas=area_tables(content, texts),
        least=LEAST_AT_RISK,
        listed=counted(content.by_risk.height),
        at_risk=counted(content.at_risk.height),
        compared=compared_sentences(content.model, texts),
        evaluation=evaluation and evaluation_grid(evaluation, texts),
        model_facts=model_facts(content.model, texts),
        accounts=None if accounts is None or accounts.is_empty() else account_grid(accounts, texts),
        guide=guide(content, texts),
    )


def _in_short(content: RosterReport, texts: Texts) -> list[str]:
    """Return what matters most, in sentences."""
    at_risk, listed, by_rule = (rows.height for rows in (content.at_risk, content.by_risk, content.by_rule))
    whole = counted(content.listed.height)
    rules = texts("page", "short_rules", risk=counted(listed), rule=counted(by_rule), whole=whole)
    plan = [plan_text(content.plan, texts)] if content.plan.frame.height else []
    if not at_risk:
        return [rules, *plan] if plan else []
    cohort = _short_cohort(content, texts)
    if not listed:
        return [cohort, rules, *plan]
    roster = [] if content.assumed else [_short_list(content, texts)]
    leading = [bar for bar in reason_bars(content, texts) if bar.length][:_LEADING]
    reasons = listing((f"{bar.label} {bar.figures[1]}" for bar in leading), texts)
    return [cohort, rules, *plan, *roster, texts("page", "short_reasons", reasons=reasons)]


def _short_cohort(content: RosterReport, texts: Texts) -> str:
    """Return how many are at risk, and how many relapses are expected of them unless probabilities are assumed."""
    at_risk = content.at_risk.height
    counts = {"known": counted(content.risk.height), "at_risk": counted(at_risk)}
    if content.assumed:
        return texts("page", "short_cohort_assumed", **counts)
    expected = {"expected": rough(content.expected), "per_hundred": f"{100 * content.expected / at_risk:.1f}"}
    return texts("page", "short_cohort", **counts, **expected, months=content.model.horizon)


def _short_list(content: RosterReport, texts: Texts) -> str:
    """Return what the list by risk is expected to hold, beside as many visits at random."""
    at_risk, listed = content.at_risk.height, content.by_risk.height
    return texts(
        "page",
        "short_list",
        listed=counted(listed),
        share=per_cent(listed / at_risk),
        caught=rough(content.expected_listed),
        caught_share=per_cent(content.expected_listed / content.expected),
        chance=rough(content.expected * listed / at_risk),
    )
