"""Conditions of the status-quo rule checked against the declared features, before anything is built or fitted."""

from collections.abc import Mapping, Sequence

from relapse_risk.errors import InputError
from relapse_risk.features.builders import DEFAULT_BUILDERS
from relapse_risk.features.conditions import check_code, codes_of
from relapse_risk.features.declare import Builder, Feature
from relapse_risk.policy import ColumnCondition, near_names

__all__ = ["conditions_on"]


def conditions_on(
    rule: Mapping[str, ColumnCondition],
    builders: Sequence[Builder] = DEFAULT_BUILDERS,
    *,
    file: str = "thresholds.toml",
) -> dict[str, ColumnCondition]:
    """Return the conditions of a rule whose features are built; a misspelt one is refused, never left out.

    Parameters
    ----------
    rule : Mapping of str to ColumnCondition
        ``thresholds.toml``, ``[rule]``.
    builders : sequence of Builder
        What features are built with. A condition on a built-in feature that these do not build is left out.
    file : str
        The file it stands in (`Policy.file`).

    Raises
    ------
    InputError
        If a condition is on no feature (``condition_column``, with the names most like it), or asks a number of a code
        or a code of a number (``condition_kind``), or for a code that there is none of (``condition_code``).

    Examples
    --------
    >>> misspelt = {"low_income": ColumnCondition(column="income_over_lines", below=1.5)}
    >>> try:
    ...     conditions_on(misspelt)
    ... except InputError as error:
    ...     error.details["like"]
    'income_over_line, income_over_line_log, illness_over_line_36m'
    """
    built = _declared(builders)
    declared = _declared(DEFAULT_BUILDERS) | built
    codes = codes_of((*DEFAULT_BUILDERS, *builders))
    for name, condition in rule.items():
        feature = declared.get(condition.column)
        if feature is None:
            like = near_names(condition.column, declared)
            raise InputError("condition_column", path=file, name=f"rule.{name}", column=condition.column, like=like)
        if (feature.kind == "code") != (condition.code is not None):
            raise InputError("condition_kind", path=file, name=f"rule.{name}", column=condition.column)
        check_code(f"rule.{name}", condition, codes, file=file)
    return {name: condition for name, condition in rule.items() if condition.column in built}


def _declared(builders: Sequence[Builder]) -> dict[str, Feature]:
    return {feature.name: feature for builder in builders for feature in builder.features}
