"""What rules, columns and places of an audit are called."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from relapse_risk.audit.anomalies import PAPER_RULES, paper_wording
from relapse_risk.policy import AuditPolicy, word
from relapse_risk.policy.files import read_data
from relapse_risk.reports.audit.audit_content import PAPER
from relapse_risk.reports.wording import wording

__all__ = ["column_word", "family_word", "lacking_word", "rule_word", "todo_word", "unit_word"]

# What is kept of numbers that are not kept themselves: the column it was read from.
_READ_FROM: Mapping[str, str] = MappingProxyType(
    {"_head_id": "head_id_number", "_id": "id_number", "_certificate": "certificate_number"}
)


def rule_word(rule: str, policy: AuditPolicy, lang: str) -> str:
    """Return what is wrong where a rule is broken; the rule's own id where there is none of that name.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> ours = read_policy().audit
    >>> rule_word("loans_twice", ours, "en"), rule_word("carried_forward", ours, "en"), rule_word("of_old", ours, "en")
    ('The loan stands in the list twice', 'Same figures as the year before', 'of_old')
    """
    if rule in PAPER_RULES:
        return paper_wording(rule, lang)[0]
    return policy.rules[rule].in_language(lang) if rule in policy.rules else rule


def todo_word(rule: str, policy: AuditPolicy, lang: str) -> str:
    """Return what to do about a finding.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> todo_word("loan_over_ceiling", read_policy().audit, "zh")
    '核对原始材料，改正金额与单位（元、万元）'
    """
    return paper_wording(rule, lang)[1] if rule in PAPER_RULES else policy.todo_of(rule).in_language(lang)


def family_word(family: str, policy: AuditPolicy, lang: str) -> str:
    """Return what a family of rules is called.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> ours = read_policy().audit
    >>> family_word("medical", ours, "zh"), family_word("paper", ours, "zh")
    ('医疗费用', '数据异常')
    """
    return word("audit", "paper_family", lang) if family == PAPER else policy.families[family].in_language(lang)


@cache
def column_word(table: str, column: str, lang: str) -> str:
    """Return what a column of a record table is called: in Chinese the header under which exports know it.

    Examples
    --------
    >>> column_word("members", "birth_date", "zh"), column_word("members", "birth_date", "en")
    ('出生日期', 'birth_date')
    >>> column_word("members", "birth_date|_id_birth_date", "zh")
    '出生日期／证件号码'
    """
    names = (
        next((whole for start, whole in _READ_FROM.items() if one.startswith(start)), one) for one in column.split("|")
    )
    return "／".join(dict.fromkeys(_header(table, name, lang) for name in names))


def lacking_word(lacking: str, lang: str) -> str:
    """Return what a rule lacks: tables, or columns of tables.

    Examples
    --------
    >>> lacking_word("loans, incomes.period_end, members._id_check", "zh")
    '小额信贷、收入·收入期截止、家庭成员·证件号码'
    """
    named = []
    for one in lacking.split(", "):
        table, _, column = one.partition(".")
        told = wording("tables", table, lang)
        named.append(f"{told}·{column_word(table, column, lang)}" if column else told)
    return word("facts", "list_separator", lang).join(dict.fromkeys(named))


def unit_word(kind: str, unit: str, year: int | None, lang: str) -> str:
    """Return what a unit that was tested is called.

    Examples
    --------
    >>> unit_word("village", "532311101203", 2019, "en")
    '532311101203 (village) · 2019'
    """
    named = word("unit_kinds", kind, lang, unit=unit)
    return named if year is None else f"{named} · {year}"


def _header(table: str, name: str, lang: str) -> str:
    known = _headers().get(table, {}) if lang == "zh" else {}
    return known[name] if name in known else wording("columns", name, lang)


@cache
def _headers() -> Mapping[str, Mapping[str, str]]:
    """Return by table and column the first header that stands for the column as it is."""
    known = read_data("aliases")["headers"]
    tables = {table: _first(told) for table, told in known.items()}
    return {table: {**tables["any"], **told} for table, told in tables.items()}


def _first(headers: Mapping[str, object]) -> dict[str, str]:
    return {column: header for header, column in reversed([*headers.items()]) if isinstance(column, str)}
