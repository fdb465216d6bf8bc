"""Hard rules: what lifts a household over the model, and what they list besides."""

from collections.abc import Collection, Mapping

import polars as pl

from relapse_risk.alerts.assessment.household_facts import HouseholdFacts
from relapse_risk.features.conditions import check_conditions, is_met
from relapse_risk.policy import URGENT_FIRST
from relapse_risk.policy.mechanism import HardRule, Population
from relapse_risk.records import is_of_types

__all__ = ["apply_overrides", "evaluate_rules", "overrides", "rule_counts"]

_URGENCY = (*URGENT_FIRST, "none")


def evaluate_rules(
    facts: HouseholdFacts, rules: Mapping[str, HardRule], *, file: str = "mechanism.toml"
) -> pl.DataFrame:
    """Check every rule for every household.

    Parameters
    ----------
    facts : HouseholdFacts
    rules : Mapping of str to HardRule
        By code (``Mechanism.rules_in_force``).
    file : str
        The file they stand in (`Policy.file`).

    Returns
    -------
    pl.DataFrame
        household_id and a column per rule that can be looked up: true, false, or null where it is not known of the
        household. A rule whose column the records do not have has none. A household without any member left meets none.

    Raises
    ------
    InputError
        If a rule asks for a column that means nothing (``condition_column``), is of another kind
        (``condition_kind``) or never holds the code asked for (``condition_code``).
    """
    frame, left = facts.frame, (pl.col("exclusion_reason") != "departed").fill_null(True)
    check_conditions("rules", rules.items(), frame, facts.missing, file=file, codes=facts.codes)
    return frame.select(
        "household_id",
        **{
            code: is_met(rule, frame.columns) & _within(rule, frame.columns) & left
            for code, rule in rules.items()
            if rule.column in frame.columns
        },
    )


def _within(rule: HardRule, columns: Collection[str]) -> pl.Expr:
    """Return who is of the populations a rule keeps to; null where that is not known."""
    if not rule.only:
        return pl.lit(True)
    return pl.any_horizontal(_member(population, columns) for population in rule.only)


def _member(population: Population, columns: Collection[str]) -> pl.Expr:
    if population in ("at_risk", "rule_only", "not_scored"):
        return pl.col("population") == population
    if population in ("monitored", "sudden", "near_poor"):
        return pl.col(population) == 1 if population in columns else pl.lit(None, dtype=pl.Boolean)
    return is_of_types([population]) if "state" in columns else pl.lit(None, pl.Boolean())


def overrides(met: pl.DataFrame, rules: Mapping[str, HardRule]) -> pl.DataFrame:
    """Return which household meets which rule, one row each.

    Parameters
    ----------
    met : pl.DataFrame
        From `evaluate_rules`.
    rules : Mapping of str to HardRule
        By code.

    Returns
    -------
    pl.DataFrame
        household_id, rule, tier (``none`` where the rule informs only), by household and rule.
    """
    tiers = {code: rule.tier for code, rule in rules.items()}
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
        `risk` with tier_model (what `tier` was), tier_rule (what the rules demand, null where they list nobody),
        override (codes of the rules met, sorted, joined by ``+``; null where none), tier (the more urgent of the two;
        null outside the cohort where no rule lists the household) and demanded_for (``model``, ``rule`` where only a
        rule demands the visit, null where nothing does).

    Examples
    --------
    >>> risk = pl.DataFrame({"household_id": ["a", "b", "c"], "tier": ["yellow", "none", None]})
    >>> met = {"household_id": ["a", "b", "c"], "rule": ["drop_out", "monitored", "relapsed"]}
    >>> met = pl.DataFrame(met | {"tier": ["orange", "none", "red"]})
    >>> apply_overrides(risk, met).rows()  # doctest: +NORMALIZE_WHITESPACE
    [('a', 'orange', 'yellow', 'orange', 'drop_out', 'model'),
     ('b', 'none', 'none', None, 'monitored', None),
     ('c', 'red', None, 'red', 'relapsed', 'rule')]
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
        tier_rule=demanded.replace_strict(tiers, return_dtype=pl.String),
        tier=pl.min_horizontal(model, demanded).replace_strict(tiers, return_dtype=pl.String),
        demanded_for=pl.when(model < len(URGENT_FIRST))
        .then(pl.lit("model"))
        .when(demanded.is_not_null())
        .then(pl.lit("rule")),
    ).select(*risk.columns, "tier_model", "tier_rule", "override", "demanded_for")


def _urgency(tier: pl.Expr) -> pl.Expr:
    return tier.replace_strict({name: place for place, name in enumerate(_URGENCY)}, return_dtype=pl.Int8)


def rule_counts(met: pl.DataFrame, rules: Mapping[str, HardRule], risk: pl.DataFrame) -> pl.DataFrame:
    """Count what every rule does.

    Parameters
    ----------
    met : pl.DataFrame
        From `evaluate_rules`.
    rules : Mapping of str to HardRule
        By code.
    risk : pl.DataFrame
        household_id, listed_for and waiting_for.

    Returns
    -------
    pl.DataFrame
        One row per rule: rule, tier, zh, en, met (households), listed (of these, listed only because of rules), waiting
        (of these, those that wait only because of rules), unknown (households of whom it is not known). All counts are
        null where the records do not have the rule's column.
    """
    ids = (risk.filter(pl.col(column) == "rule")["household_id"] for column in ("listed_for", "waiting_for"))
    among = [met["household_id"].is_in(one.implode()) for one in ids]
    counts = [_counted(met[code], *among) if code in met.columns else (None,) * 4 for code in rules]
    schema = {"rule": pl.String, "tier": pl.String, "zh": pl.String, "en": pl.String}
    declared = [(code, rule.tier, rule.zh, rule.en) for code, rule in rules.items()]
    rows = [(*rule, *count) for rule, count in zip(declared, counts, strict=True)]
    return pl.DataFrame(
        rows, {**schema, **dict.fromkeys(("met", "listed", "waiting", "unknown"), pl.Int64)}, orient="row"
    )


def _counted(met: pl.Series, *among: pl.Series) -> tuple[int, ...]:
    return int(met.sum()), *(int((met & one).sum()) for one in among), met.null_count()
