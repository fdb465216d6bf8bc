"""The known law of relapse: log-odds by reason, from what is true of a household at the end of a year."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from relapse_risk.synthetic.draws import Array, logistic
from relapse_risk.synthetic.hazard_law import (
    DebtHazard,
    DisabilityHazard,
    DisasterHazard,
    EmploymentHazard,
    GuaranteesHazard,
    HistoryHazard,
    IllnessHazard,
    IncomeHazard,
    IndustryHazard,
    InteractionHazard,
    LabourHazard,
    SchoolingHazard,
    SupportHazard,
)
from relapse_risk.synthetic.parameters import parameters

__all__ = ["CAUSES", "Truth", "hazard_parts", "risk_of"]

CAUSES = (
    "income",
    "employment",
    "industry",
    "illness",
    "disability",
    "disaster",
    "labour",
    "schooling",
    "debt",
    "guarantees",
)
"""The reasons a relapse may be put down to, beside ``other``."""


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What is true of households at the end of a year; every attribute an array of shape (H,).

    ``ratio``: net income per person over the line. ``net``: net income, yuan. ``log_std_dev``: that of log income
    over the accounts so far, at most the last three. Shares and counts as their names say.
    """

    ratio: Array
    net: Array
    log_std_dev: Array
    self_paid: Array
    serious: Array
    chronic_uninsured: Array
    disability: Array
    severe_mind: Array
    disaster_loss: Array
    hit_before: Array
    lost_jobs: Array
    working: Array
    months: Array
    able: Array
    aged: Array
    living: Array
    failure: Array
    farm_share: Array
    overdue: Array
    principal: Array
    students: Array
    dangerous: Array
    unsafe_water: Array
    subsistence: Array
    industry: Array
    withdrawn: Array
    years_out: Array
    """Years since exit; infinite for who never was poor."""
    relapsed_before: Array
    type_level: Array
    village: Array
    frailty: Array


def hazard_parts(truth: Truth, *, interacting: bool) -> dict[str, Array]:
    """Return what each reason adds to the log-odds of a relapse within twelve months.

    Nothing joins two reasons, unless they are to interact: what pairs of them add together is then a part of its own.
    """
    law = parameters().hazard
    parts = {
        "income": _income(truth, law.income),
        "history": _history(truth, law.history),
        "employment": _employment(truth, law.employment),
        "industry": _industry(truth, law.industry),
        "illness": _illness(truth, law.illness),
        "disability": _disability(truth, law.disability),
        "disaster": _disaster(truth, law.disaster),
        "labour": _labour(truth, law.labour),
        "schooling": _schooling(truth, law.schooling),
        "debt": _debt(truth, law.debt),
        "guarantees": _guarantees(truth, law.guarantees),
        "support": _support(truth, law.support),
    }
    if interacting:
        parts["interaction"] = _interaction(parts, law.interaction)
    return {**parts, "place": truth.village, "other": truth.frailty + truth.type_level + law.level}


def risk_of(parts: Mapping[str, Array]) -> Array:
    """Return the probability of a relapse within twelve months."""
    return logistic(np.sum(list(parts.values()), axis=0))


def _income(truth: Truth, law: IncomeHazard) -> Array:
    close = logistic(law.steepness * (law.midpoint - truth.ratio))
    log_ratio = np.log(np.clip(truth.ratio, 0.3, 8.0))
    volatile = np.minimum(truth.log_std_dev, 0.8) * (law.volatile + law.volatile_close * close)
    return np.asarray(law.close * close - law.log_ratio * log_ratio + volatile)


def _illness(truth: Truth, law: IllnessHazard) -> Array:
    share = truth.self_paid / truth.net
    bent = law.share * share / (share + law.half)
    return np.asarray(bent + law.serious * (truth.serious > 0) + law.chronic_uninsured * (truth.chronic_uninsured > 0))


def _disability(truth: Truth, law: DisabilityHazard) -> Array:
    return np.asarray(law.root * np.sqrt(truth.disability) + law.severe_mind * (truth.severe_mind > 0))


def _disaster(truth: Truth, law: DisasterHazard) -> Array:
    bent = law.root * np.sqrt(np.minimum(truth.disaster_loss / truth.net, 1.0))
    return np.asarray(bent * (1.0 + law.again * truth.hit_before))


def _employment(truth: Truth, law: EmploymentHazard) -> Array:
    lost = truth.lost_jobs > 0
    short = (truth.able > 0) & (truth.months < 4.0)
    return np.asarray(law.lost * lost + law.lost_only * (lost & (truth.working == 0)) + law.short * short)


def _industry(truth: Truth, law: IndustryHazard) -> Array:
    return np.asarray(law.failure * truth.failure * truth.farm_share)


def _debt(truth: Truth, law: DebtHazard) -> Array:
    weight = np.minimum(truth.principal / truth.net, 1.0)
    return np.asarray(truth.overdue * (law.overdue + law.overdue_heavy * weight))


def _labour(truth: Truth, law: LabourHazard) -> Array:
    none = truth.able == 0
    dependents = np.where(none, 0.0, np.minimum((truth.living - truth.able) / np.maximum(truth.able, 1.0), 3.0))
    old = none & (truth.aged == truth.living)
    return np.asarray(law.none * none + law.none_old * old + law.dependents * dependents)


def _schooling(truth: Truth, law: SchoolingHazard) -> Array:
    return np.asarray(np.minimum(truth.students, 3.0) * (law.college + law.college_close * (truth.ratio < 2.0)))


def _guarantees(truth: Truth, law: GuaranteesHazard) -> Array:
    return np.asarray(law.house * truth.dangerous + law.water * truth.unsafe_water)


def _support(truth: Truth, law: SupportHazard) -> Array:
    withdrawn = truth.withdrawn * (law.withdrawn + law.withdrawn_idle * (truth.able == 0))
    return np.asarray(law.subsistence * truth.subsistence + law.industry * truth.industry + withdrawn)


def _history(truth: Truth, law: HistoryHazard) -> Array:
    fresh = law.fresh * np.exp(-truth.years_out / law.fade)
    return np.asarray(fresh + law.before * truth.relapsed_before)


def _interaction(parts: Mapping[str, Array], law: InteractionHazard) -> Array:
    together = [pair.weight * parts[pair.reasons[0]] * parts[pair.reasons[1]] for pair in law.pairs]
    return np.asarray(law.level + np.sum(together, axis=0))
