"""Hard rules: what lifts a household over the model, and what they list besides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from relapse_risk.alerts.assessment.household_facts import HouseholdFacts
from relapse_risk.alerts.assessment.populations import POPULATIONS
from relapse_risk.alerts.conditions import check_conditions
from relapse_risk.errors import InputError
from relapse_risk.models import conditions_met
from relapse_risk.policy import URGENT_FIRST, ColumnCondition, Policy

__all__ = ["HardRule", "apply_overrides", "evaluate_rules", "overrides", "read_rules", "rule_counts"]

_TOLD, _OFF = "none", "off"
_URGENCY = (*URGENT_FIRST, _TOLD)


@dataclass(frozen=True, kw_only=True)
class HardRule:
    """What lifts a household, to which tier, by which document.

    Attributes
    ----------
    code : str
    tier : str
        ``red``, ``orange`` or ``yellow`` lists a household; ``none`` only tells of it.
    zh, en : str
    source : tuple of str
        Documents with their sections.
    condition : Mapping
        ``column`` and one test.
    only : tuple of str
        Of `POPULATIONS`, those it keeps to; everybody if empty.
    """

    code: str
    tier: str
    zh: str
    en: str
    source: tuple[str, ...]
    condition: Mapping[str, Any]
    only: tuple[str, ...] = ()


def read_rules(policy: Policy) -> tuple[HardRule, ...]:
    """Return the hard rules that are not switched off, in the order of their file.

    Raises
    ------
    InputError
        If a rule has no tier (``hard_rule_tier``), no wordings or source (``hard_rule_words``), keeps to populations
        that there are none of (``hard_rule_only``), or has no condition.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> [rule.code for rule in read_rules(read_policy()) if rule.tier == "red"]
    ['relapsed', 'house_d']
    """
    rules = policy.mechanism["rules"]
    return tuple(_read(code, entry) for code, entry in rules.items() if _tier(code, entry) != _OFF)


def _tier(code: str, entry: Any) -> str:
    tier = entry.get("tier") if isinstance(entry, Mapping) else None
    if tier not in (*_URGENCY, _OFF):
        raise InputError("hard_rule_tier", name=code, known=", ".join((*_URGENCY, _OFF)))
    return str(tier)


def _read(code: str, entry: Mapping[str, Any]) -> HardRule:
    words, source, only = (entry.get("zh"), entry.get("en")), entry.get("source"), entry.get("only", [])
    if not all(isinstance(text, str) for text in words) or not isinstance(source, list) or not source:
        raise InputError("hard_rule_words", name=code)
    if not isinstance(only, list) or not set(only) <= set(POPULATIONS):
        raise InputError("hard_rule_only", name=code, known=", ".join(POPULATIONS))
    return HardRule(
        code=code,
        tier=entry["tier"],
        zh=entry["zh"],
        en=entry["en"],
        source=tuple(source),
        condition={key: entry[key] for key in entry if key not in ("tier", "zh", "en", "source", "only")},
        only=tuple(only),
    )


def evaluate_rules(facts: HouseholdFacts, rules: Sequence[HardRule]) -> pl.DataFrame:
    """Hold every rule against every household.

    Returns
    -------
    pl.DataFrame
        household_id and a column per rule that can be looked up: true, false, or null where it is not known of the
        household. A rule whose column the records do not have has none. A household nobody is left of meets none.

    Raises
    ------
    InputError
        If a rule asks for a column that means nothing (``condition_column``) or of another kind (``condition_kind``).
    """
    frame = facts.frame
    for rule in rules:
        check_conditions(f"rules.{rule.code}", rule.condition, frame, facts.lacking)
    met = conditions_met({rule.code: ColumnCondition(**rule.condition) for rule in rules}, frame)
    left = (frame["exclusion_reason"] != "departed").fill_null(True)
    return frame.select("household_id").with_columns(
        pl.select(pl.lit(met[rule.code]) & pl.lit(_within(frame, rule)) & pl.lit(left)).to_series().alias(rule.code)
        for rule in rules
        if rule.code in met.columns
    )


def _within(frame: pl.DataFrame, rule: HardRule) -> pl.Series:
    """Return who is of the populations a rule keeps to; null where that is not known."""
    if not rule.only:
        return frame.select(pl.repeat(True, pl.len())).to_series()
    return frame.select(pl.any_horizontal(_member(frame, population) for population in rule.only)).to_series()


def _member(frame: pl.DataFrame, population: str) -> pl.Expr:
    if population in ("at_risk", "rule_only", "not_scored"):
        return pl.col("population") == population
    if population in ("monitored", "sudden", "near_poor"):
        return pl.col(population) == 1 if population in frame.columns else pl.lit(None, dtype=pl.Boolean)
    return pl.col("household_type") == population if "household_type" in frame.columns else pl.lit(None, pl.Boolean())


def overrides(met: pl.DataFrame, rules: Sequence[HardRule]) -> pl.DataFrame:
    """Return which household meets which rule, one row each.

    Parameters
    ----------
    met : pl.DataFrame
        From `evaluate_rules`.
    rules : sequence of HardRule

    Returns
    -------
    pl.DataFrame
        household_id, rule, tier (``none`` where the rule only tells), by household and rule.
    """
    tiers = {rule.code: rule.tier for rule in rules}
    asked = [code for code in tiers if code in met.columns]
    nothing = pl.DataFrame(schema={"household_id": pl.String, "rule": pl.String, "tier": pl.String})
    if not asked:
        return nothing
    long = met.unpivot(asked, index="household_id", variable_name="rule", value_name="met").filter("met")
    return long.select("household_id", "rule", tier=pl.col("rule").replace_strict(tiers, return_dtype=pl.String)).sort(
        "household_id", "rule"
    )


def apply_overrides(risk: pl.DataFrame, overrides: pl.DataFrame) -> pl.DataFrame:
    """Lift the tiers of households to what the rules they meet demand.

    Parameters
    ----------
    risk : pl.DataFrame
        household_id and tier, by the model and the capacity alone (null outside the cohort).
    overrides : pl.DataFrame
        household_id, rule and tier.

    Returns
    -------
    pl.DataFrame
        `risk` with tier_model (what `tier` was), override (codes of the rules met, sorted, joined by ``+``; null where
        none), tier (the more urgent of the two; null outside the cohort where no rule lists the household) and
        listed_for (``model``, ``rule`` where only a rule lists it, null where it is not listed).

    Examples
    --------
    >>> risk = pl.DataFrame({"household_id": ["a", "b", "c"], "tier": ["yellow", "none", None]})
    >>> met = {"household_id": ["a", "b", "c"], "rule": ["drop_out", "monitored", "relapsed"]}
    >>> met = pl.DataFrame(met | {"tier": ["orange", "none", "red"]})
    >>> apply_overrides(risk, met).rows()  # doctest: +NORMALIZE_WHITESPACE
    [('a', 'orange', 'yellow', 'drop_out', 'model'),
     ('b', 'none', 'none', 'monitored', None),
     ('c', 'red', None, 'relapsed', 'rule')]
    """
    by_household = overrides.group_by("household_id").agg(
        override=pl.col("rule").sort().str.join("+"), lifted=_urgency(pl.col("tier")).min()
    )
    model, rule = _urgency(pl.col("tier")), pl.col("lifted")
    demanded = pl.when(rule < len(URGENT_FIRST)).then(rule)
    tiers = dict(enumerate(_URGENCY))
    found = risk.join(by_household, on="household_id", how="left", maintain_order="left")
    return found.with_columns(
        tier_model="tier",
        tier=pl.min_horizontal(model, demanded).replace_strict(tiers, return_dtype=pl.String),
        listed_for=pl.when(model < len(URGENT_FIRST))
        .then(pl.lit("model"))
        .when(demanded.is_not_null())
        .then(pl.lit("rule")),
    ).select(*risk.columns, "tier_model", "override", "listed_for")


def _urgency(tier: pl.Expr) -> pl.Expr:
    return tier.replace_strict({name: place for place, name in enumerate(_URGENCY)}, return_dtype=pl.Int8)


def rule_counts(met: pl.DataFrame, rules: Sequence[HardRule], risk: pl.DataFrame) -> pl.DataFrame:
    """Count what every rule does.

    Parameters
    ----------
    met : pl.DataFrame
        From `evaluate_rules`.
    rules : sequence of HardRule
    risk : pl.DataFrame
        From `apply_overrides`.

    Returns
    -------
    pl.DataFrame
        One row per rule: rule, tier, zh, en, met (households), listed (of these, listed only because of rules), unknown
        (households of whom it is not known). All three counts are null where the records do not have the rule's column.
    """
    by_rule = risk.filter(listed_for="rule")["household_id"]
    among = met["household_id"].is_in(by_rule.implode())
    counts = [_counted(met[rule.code], among) if rule.code in met.columns else (None, None, None) for rule in rules]
    schema = {"rule": pl.String, "tier": pl.String, "zh": pl.String, "en": pl.String}
    rows = [(rule.code, rule.tier, rule.zh, rule.en, *count) for rule, count in zip(rules, counts, strict=True)]
    return pl.DataFrame(rows, {**schema, **dict.fromkeys(("met", "listed", "unknown"), pl.Int64)}, orient="row")


def _counted(met: pl.Series, among: pl.Series) -> tuple[int, int, int]:
    return int(met.sum()), int((met & among).sum()), met.null_count()
