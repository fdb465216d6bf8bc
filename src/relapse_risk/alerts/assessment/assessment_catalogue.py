"""Rules, populations, factors, classes and measures as tables: ``docs/assessment.md``, written from the data files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from relapse_risk.policy import ColumnCondition, Mechanism, Policy, read_policy
from relapse_risk.policy.mechanism import Cited, Classes, Factor, Measures, Scheme

__all__ = ["catalogue"]

_HEAD = """# Rules, factors, classes and measures

Written by `python -m relapse_risk.alerts.assessment.assessment_catalogue` from `rules.toml`, `classes.toml` and
`measures.toml` in `src/relapse_risk/policy/data/mechanism/`. A file of your own (`--mechanism FILE.toml`) is laid
over them: `[rules.<code>]`, `[classes.…]`, `[measures.…]`; another test on a rule takes the place of ours.

**Conditions.** A condition is a column and one test. Columns are features ([features.md](features.md)), columns of
`risk.parquet` ([roster.md](roster.md); `exclusion_reason` is `at_risk` where a household is), and, as far as the
records tell: `monitoring_line`, `income_over_monitoring` (income over it), `left_over_monitoring` (what is left of
the income after the cost of a shock, over it), `near_poor`, `sudden`, `in_public_post`, and what is found here in
this order: `cause`, `depth`, `result`, `risk`, `class_three`, `class_four`.

**Not known is not no.** A condition on something not known of a household is neither met nor not met. A level is
found only where none before it might hold; a class is null where it cannot be told. A column that the records do
not have at all, or that says nothing of anybody, is left out of the conditions, and `missing_inputs` says which and
why; a hard rule on it is not checked, and the roster says so.

**As of a day.** Everything is found from what was known at the end of the as-of day.

In Python: `assess(view, table, risk, policy)` (one row per household), `suggest` (its measures, with those in force)
and `missing_inputs`, all of `relapse_risk.alerts`; `view` is `AsOfView.of(records, as_of)`, `table` is
`build_features(view)`, `risk` is `score(...).frame`.
"""

_RULES = """## Hard rules

`red`, `orange` and `yellow` list a household whatever its risk and whatever the capacity; `none` only tells; `off`
(in a file of your own) does not look. A figure whose source is *practice* is a county's own: replace it. What as
many households meet as can be visited is told and not listed by default; the watch lists and the register's own
procedure see to it. `only` keeps a rule to populations: at_risk, rule_only, not_scored, exited, poor, general,
near_poor, monitored, sudden.
"""

_LINE = """## The monitoring line

Yuan per person-year; a year without one takes the last before it. A province (as the register begins its name)
comes before `default`; before the first year the line is {factor:g} times the poverty line of the year in which the
income's period ends.
"""

_POPULATIONS = """## Populations of their own

A household that the register calls near-poor is; one that it calls general, and so not registered as poor, is where
its income lies from the poverty line to below the monitoring line; exited and poor households are not, whatever
their income. A household is in sudden hardship where one of the shocks came within twelve months *and* what is left
of its income after the cost ({cost}) is below the monitoring line; or where the register identified it so and has
not cleared it. Income alone does not tell: it may have stood well above the line. Households still poor or entered
as relapsed are not counted among them.
"""

_FACTORS = """## The four factors

The cause is the first of {columns} that is known. How many years a household has been on the register is not in the
record tables; depth goes by the lowest income known and by how many periods were below the line.
"""

_CLASSES = """## Classes

Looked at in this order; the first whose conditions hold counts.
"""

_MEASURES = """## Measures

Suggestions for a person to decide. A measure fits by a need (one of *when*; {when} points), by the cause ({cause}),
by the first, second and third reason of the model ({reason_1}, {reason_2}, {reason_3}) and by the class of exited
households ({class}); the sum orders them, equal ones stand in the order below. *Never*: not suggested. A measure in
force (its kind of assistance has not ended, or was given once within twelve months; or the household holds it)
comes last and is called in force; where the records do not tell, that is said. Of those not in force {most} at most
are named.
"""

_TESTS = {"at_least": "≥", "at_most": "≤", "above": ">", "below": "<", "is": "="}


def catalogue(policy: Policy | None = None) -> str:
    """Return every rule, population, factor, class and measure of a policy (ours by default), as Markdown.

    Examples
    --------
    >>> print(catalogue().splitlines()[0])
    # Rules, factors, classes and measures
    """
    mechanism = (policy or read_policy()).mechanism
    classes, measures = mechanism.classes, mechanism.measures
    cause = ("`cause`", "", classes.cause.en, classes.cause.zh, "", _source(classes.cause))
    points = measures.points.model_dump(by_alias=True) | measures.suggest.model_dump()
    parts = (
        [_HEAD],
        [_RULES, *_table(("Rule", "What it says", "规则", "Condition", "Only", "Tier", "Source"), _rules(mechanism))],
        [_LINE.format(factor=classes.fallback.factor)],
        _table(("Province", "From", "Yuan", "Source"), _lines(classes)),
        [_POPULATIONS.format(cost=" and ".join(map(_code, classes.population.sudden.cost)))],
        _table(("Population", "What it is", "名称", "Shocks", "Source"), _populations(classes)),
        [_FACTORS.format(columns=", ".join(map(_code, classes.cause.columns)))],
        _table(_LEVELS, [cause]),
        _table(_LEVELS, _levels(classes.factor)),
        [_CLASSES, *_table(_LEVELS, _levels(classes.scheme))],
        [_MEASURES.format(**points)],
        _table(
            ("Measure", "What it is", "措施", "When", "Reasons", "Classes", "Never", "In force", "Source"),
            _measures(measures),
        ),
        ["## Sources", "", *_table(("Number", "Document", "文件"), _sources(mechanism))],
    )
    return "\n".join(line for part in parts for line in part)


_LEVELS = ("Which", "Level", "What it says", "名称", "Conditions", "Source")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [_row(heads), _row(["---"] * len(heads)), *map(_row, rows), ""]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _code(name: str) -> str:
    return f"`{name}`"


def _source(entry: Cited) -> str:
    return ", ".join(entry.source)


def _condition(condition: ColumnCondition) -> str:
    bound = condition.code if condition.bound is None else format(condition.bound, "g")
    return f"`{condition.column}` {_TESTS[condition.test]} {bound}"


def _any(conditions: Sequence[ColumnCondition]) -> str:
    return " or ".join(map(_condition, conditions))


def _rules(mechanism: Mechanism) -> Iterator[Sequence[str]]:
    for code, rule in mechanism.rules.items():
        yield _code(code), rule.en, rule.zh, _condition(rule), ", ".join(rule.only), rule.tier, _source(rule)


def _lines(classes: Classes) -> Iterator[Sequence[str]]:
    for province, years in classes.line.items():
        for year, line in years.items():
            yield province, year, f"{line.yuan:,.0f}", line.source


def _populations(classes: Classes) -> Iterator[Sequence[str]]:
    near_poor, sudden = classes.population.near_poor, classes.population.sudden
    yield _code("near_poor"), near_poor.en, near_poor.zh, "", _source(near_poor)
    yield _code("sudden"), sudden.en, sudden.zh, _any(sudden.shock), _source(sudden)


def _levels(parts: Mapping[str, Factor] | Mapping[str, Scheme]) -> Iterator[Sequence[str]]:
    for name, part in parts.items():
        yield _code(name), "", part.en, part.zh, _whom(part), _source(part)
        for code, level in part.level.items():
            held = [*map(_condition, level.all_of), *([f"({_any(level.any_of)})"] if level.any_of else [])]
            yield _code(name), _code(code), level.en, level.zh, " and ".join(held) or "none before it", ""


def _whom(part: Factor | Scheme) -> str:
    if isinstance(part, Factor):
        return ""
    return _any(part.of) + (f"; never where {_any(part.never)}" if part.never else "")


def _measures(measures: Measures) -> Iterator[Sequence[str]]:
    for code, one in measures.measure.items():
        held = [*(f"assistance of kind `{kind}`" for kind in one.kinds), *map(_condition, one.held)]
        yield (
            *(_code(code), one.en, one.zh, _any(one.when), ", ".join(one.reasons)),
            *(", ".join(one.classes), _any(one.never), " or ".join(held), _source(one)),
        )


def _sources(mechanism: Mechanism) -> Iterator[Sequence[str]]:
    for number, source in mechanism.sources.items():
        yield number, source.en, source.zh


if __name__ == "__main__":
    print(catalogue(), end="")
