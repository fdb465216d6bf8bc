"""Every check by its number."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from relapse_risk.evaluation.checks import calibration, columns, reach, rivals, sample, size
from relapse_risk.evaluation.checks.context import CheckContext
from relapse_risk.evaluation.checks.finding import CheckFinding
from relapse_risk.policy import CheckPolicy, read_model

__all__ = ["CHECKS", "SEVERITIES", "run_checks"]

Check = Callable[[CheckContext, CheckPolicy], Iterator[dict[str, Any]]]
"""Yields the details of each finding; the second argument is ``evaluation.toml``."""

SEVERITIES = ("error", "warn", "note")

CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "RR101": columns.leaking,
        "RR102": columns.undated,
        "RR103": columns.adjacent,
        "RR104": columns.stands_out,
        "RR201": rivals.worse_than_income,
        "RR202": rivals.worse_than_rule,
        "RR203": rivals.not_better,
        "RR204": rivals.another_better,
        "RR301": size.few_tested,
        "RR302": size.few_trained,
        "RR303": size.few_per_column,
        "RR401": calibration.level_off,
        "RR402": calibration.slope_off,
        "RR403": calibration.spiegelhalter_off,
        "RR404": calibration.group_off,
        "RR405": calibration.groups_unseen,
        "RR501": reach.outside_range,
        "RR502": reach.codes_unseen,
        "RR503": reach.missing_anew,
        "RR504": reach.drifting,
        "RR601": sample.county_dominates,
        "RR602": sample.rates_differ,
        "RR603": sample.to_come,
        "RR604": sample.not_forward,
        "RR701": columns.dropped,
        "RR702": columns.separated,
        "RR703": columns.extreme,
    }
)
"""A code, once given, is not given to another check."""


def run_checks(found: CheckContext) -> tuple[CheckFinding, ...]:
    """Return everything the checks find, the gravest first, then by code."""
    data = read_model(CheckPolicy, "evaluation")
    findings = [
        CheckFinding(code=code, severity=data.checks[code].severity, details=details)
        for code, check in CHECKS.items()
        for details in check(found, data)
    ]
    return tuple(sorted(findings, key=lambda one: (SEVERITIES.index(one.severity), one.code)))
