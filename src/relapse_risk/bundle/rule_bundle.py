"""The rule in force as a bundle, where there are neither outcomes nor a model trained elsewhere."""

from collections.abc import Sequence

from relapse_risk.bundle.bundle import Bundle, KnownLabel
from relapse_risk.bundle.origin import versions_in_use
from relapse_risk.errors import InputError
from relapse_risk.features import DEFAULT_BUILDERS, Builder, conditions_on
from relapse_risk.labels.cohort import Cohort
from relapse_risk.models import PolicyRuleClassifier
from relapse_risk.policy import Policy, read_policy

__all__ = ["rule_bundle"]


def rule_bundle(
    *,
    horizon: int = 12,
    label: KnownLabel = "recorded",
    cohort: Cohort = "wide",
    builders: Sequence[Builder] = DEFAULT_BUILDERS,
    policy: Policy | None = None,
) -> Bundle:
    """Return the policy rule alone: nothing is trained, households are ordered by how many conditions they meet.

    The probabilities are assumed (``thresholds.toml``, ``[assumed]``): a risk for households that meet no condition,
    and what each condition met multiplies the odds by. Only the order means anything, and every roster says so. A
    condition with a missing table or column counts as not met.

    Parameters
    ----------
    horizon : int
        Months the assumed risks are of.
    label : {"recorded", "income", "after_fixed_expenditure"}
        What a relapse is called, see `label_relapse`.
    cohort : {"wide", "narrow"}
        Who is at risk, see `find_cohort`.
    builders : sequence of Builder
        What features are built with.
    policy : Policy, optional
        Poverty lines, the rule and the assumed risks; built-in by default.

    Raises
    ------
    InputError
        As `conditions_on`; if no condition is on a feature that these builders make (``rule_empty``).

    Examples
    --------
    >>> bundle = rule_bundle()
    >>> bundle.origin, bundle.rows, "income_over_line" in bundle.columns
    ('rule', 0, True)
    """
    policy = policy or read_policy()
    declared = {feature.name: feature for builder in builders for feature in builder.features}
    rule = conditions_on(policy.thresholds.rule, builders, file=policy.file("thresholds"))
    if not rule:
        raise InputError("rule_empty")
    columns = tuple(dict.fromkeys(entry.column for entry in rule.values()))
    reasons = {name: declared[name].reason for name in columns}
    assumed = policy.thresholds.assumed
    return Bundle(
        model=PolicyRuleClassifier.assumed(
            rule, reasons, risk=assumed.risk, odds_ratio=assumed.odds_ratio, factor=assumed.factor
        ),
        columns=columns,
        features=tuple(declared[name] for name in columns),
        means={},
        label=label,
        cohort=cohort,
        horizon=horizon,
        as_of=(),
        known_by=None,
        trained_through=None,
        rows=0,
        households=0,
        relapses=0,
        unreported_share=0.0,
        carried_forward_line=0,
        lines=policy.lines,
        thresholds=policy.thresholds,
        evaluation=None,
        versions=versions_in_use(),
        origin="rule",
    )
