"""Rules, populations, factors, classes and measures as tables: ``docs/assessment.md``, written from the data files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from relapse_risk.policy import ColumnCondition, LinesFile, Mechanism, Policy, read_model, read_policy
from relapse_risk.policy.mechanism import Cited, Classes, Dated, Factor, Measures, Scheme

__all__ = ["catalogue"]

_HEAD = """# Rules, factors, classes and measures

Written by `python -m relapse_risk.alerts.assessment.assessment_catalogue` from `rules.toml`, `classes.toml` and
`measures.toml` in `src/relapse_risk/policy/data/mechanism/`. Your own file (`--mechanism FILE.toml`) overrides them:
`[rules.<code>]`, `[classes.…]`, `[measures.…]`; a new test in a rule replaces the built-in one.

**Conditions.** A condition is a column and one test. Columns are features ([features.md](features.md)), columns of
`risk.parquet` ([roster.md](roster.md); `exclusion_reason` is `at_risk` for a household at risk), and, if the records
allow: `state` (what a household is, [records.md](records.md#what-a-household-is)), `monitoring_line`,
`income_over_monitoring` (income over it), `left_over_monitoring` (income left after the cost of a shock, over it),
`near_poor`, `sudden`, `in_public_post`, and the results found here, in this order:
`cause`, `depth`, `result`, `risk`, `class_three`, `class_four`.

**Not known is not no.** A condition on something unknown is neither met nor not met. A level is assigned only if no
earlier level might hold; a class that cannot be determined is null. A column that the records do not have, or that is
empty for everybody, is unknown of everybody, and `missing_inputs` says which and why. A hard rule on such a
column is not checked, and the roster says so.

**As of a day.** Everything rests on what was known at the end of the as-of day.

In Python: `assess(view, table, risk, policy)` (one row per household), `suggest` (its measures, with those in force)
and `missing_inputs`, all of `relapse_risk.alerts`; `view` is `AsOfView.of(records, as_of)`, `table` is
`build_features(view)`, `risk` is `score(...).frame`.
"""

_RULES = """## Hard rules

`red`, `orange` and `yellow` list a household whatever its risk; it is visited within the capacity, or waits
([roster.md](roster.md)); `none` only reports it;
`off` (in your own file) switches the rule off. A figure whose source is *practice* is for the county to replace. A
rule that as many households meet as can be visited is by default reported and does not list; the watch lists and the
register's own procedure follow it up. A rule, class or measure with `since` or `until` (the first and the last day) in
its table is in force between them only. `only` limits a rule to populations: at_risk, rule_only, not_scored, exited,
poor, general, near_poor, monitored, sudden.
"""

_LINE = """## The monitoring line

Yuan per person and year, from `lines.toml` (your own file: `--lines`); a year without a line takes the last before it,
and the roster says so. A line of a place (by the first characters of the name of a province, prefecture or county, or
by 2, 4 or 6 digits of its code) comes before `default`, and that of the smallest place that has one comes first. Before
the first year the line is {factor:g} times the poverty line of the year in which the income's period ends. A place of
your own file in which no household is gets a remark. Your file may say:

    [monitoring.line."大姚县".2024]
    yuan = 8500
    source = "the county's notice of that year"
"""

_POPULATIONS = """## Populations

*Near-poor*: the register says so; or it calls the household general, that is not registered as poor, and its income
is at or above the poverty line and below the monitoring line. Households that are exited, poor or relapsed are
never near-poor, whatever their income. *Sudden hardship*: one of the shocks happened within twelve months *and* the
income left after its cost ({cost}) is below the monitoring line; or the register identified the household as such
and has not cleared it. Income alone does not show it: it may have been well above the line. Households still poor or
relapsed are not counted as in sudden hardship.
"""

_FACTORS = """## The four factors

The cause is the first of {columns} that is known. The record tables do not say how many years a household has been on
the register; depth goes by the lowest known income and the number of periods below the line.
"""

_CLASSES = """## Classes

Tried in this order; the first whose conditions hold counts.
"""

_MEASURES = """## Measures

Suggestions; a person decides. A measure scores points for a need (one of *when*; {when} points), for the cause
({cause}), for the first, second and third reason of the model ({reason_1}, {reason_2}, {reason_3}) and for the class
of exited households ({class}); the sum orders the measures, ties stay in the order below. *Never*: not suggested;
what is not known of it is to be checked first, and the code of the measure ends in `?`. A measure in force (its kind
of assistance has not ended, or was given once within twelve months; or the household has it already) comes last,
marked as in force; if the records do not show it, that is said. At most {most} measures not in force are suggested.
"""


def catalogue(policy: Policy | None = None) -> str:
    """Return every rule, population, factor, class and measure of a policy (the built-in one by default), as Markdown.

    Examples
    --------
    >>> print(catalogue().splitlines()[0])
    # Rules, factors, classes and measures
    """
    policy = policy or read_policy()
    mechanism = policy.mechanism
    classes, measures = mechanism.classes, mechanism.measures
    cause = ("`cause`", "", classes.cause.en, classes.cause.zh, "", _source(classes.cause))
    points = measures.points.model_dump(by_alias=True) | measures.suggest.model_dump()
    parts = (
        [_HEAD],
        [_RULES, *_table(("Rule", "What it says", "规则", "Condition", "Only", "Tier", "Source"), _rules(mechanism))],
        [_LINE.format(factor=policy.monitoring.factor)],
        _table(("Province", "From", "Yuan", "Source"), _lines()),
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
    years = entry.years if isinstance(entry, Dated) else ""
    return ", ".join(entry.source) + (f"; in force {years}" if years else "")


def _any(conditions: Sequence[ColumnCondition]) -> str:
    return " or ".join(map(str, conditions))


def _rules(mechanism: Mechanism) -> Iterator[Sequence[str]]:
    for code, rule in mechanism.rules.items():
        yield _code(code), rule.en, rule.zh, str(rule), ", ".join(rule.only), rule.tier, _source(rule)


def _lines() -> Iterator[Sequence[str]]:
    for place, years in read_model(LinesFile, "lines").monitoring.line.items():
        for year, line in years.items():
            yield place, year, f"{line.yuan:,.0f}", line.source


def _populations(classes: Classes) -> Iterator[Sequence[str]]:
    near_poor, sudden = classes.population.near_poor, classes.population.sudden
    yield _code("near_poor"), near_poor.en, near_poor.zh, "", _source(near_poor)
    yield _code("sudden"), sudden.en, sudden.zh, _any(sudden.shock), _source(sudden)


def _levels(parts: Mapping[str, Factor] | Mapping[str, Scheme]) -> Iterator[Sequence[str]]:
    for name, part in parts.items():
        yield _code(name), "", part.en, part.zh, _whom(part), _source(part)
        for code, level in part.level.items():
            held = [*map(str, level.all_of), *([f"({_any(level.any_of)})"] if level.any_of else [])]
            yield _code(name), _code(code), level.en, level.zh, " and ".join(held) or "none of the above", ""


def _whom(part: Factor | Scheme) -> str:
    if isinstance(part, Factor):
        return ""
    return _any(part.of) + (f"; never where {_any(part.never)}" if part.never else "")


def _measures(measures: Measures) -> Iterator[Sequence[str]]:
    for code, one in measures.measure.items():
        held = [*(f"assistance of kind `{kind}`" for kind in one.kinds), *map(str, one.held)]
        yield (
            *(_code(code), one.en, one.zh, _any(one.when), ", ".join(one.reasons)),
            *(", ".join(one.classes), _any(one.never), " or ".join(held), _source(one)),
        )


def _sources(mechanism: Mechanism) -> Iterator[Sequence[str]]:
    for number, source in mechanism.sources.items():
        yield number, source.en, source.zh


if __name__ == "__main__":
    print(catalogue(), end="")
