"""What rules, columns and places of an audit are called."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import polars as pl

from relapse_risk.ingest import columns_of
from relapse_risk.policy import AuditPolicy, CodesFile, Texts, header_word, read_model
from relapse_risk.reports.audit.audit_list import ANOMALIES

__all__ = ["cell_word", "column_word", "family_word", "missing_word", "rule_word", "todo_word", "unit_word"]

# What is kept of numbers that are not kept themselves: the column it was read from.
_READ_FROM: Mapping[str, str] = MappingProxyType(
    {"_head_id": "head_id_number", "_id": "id_number", "_certificate": "certificate_number"}
)


def rule_word(rule: str, texts: Texts) -> str:
    """Return what a broken rule means; the rule's own id if it is not a built-in rule.

    Examples
    --------
    >>> texts = Texts("en")
    >>> rule_word("loans_twice", texts), rule_word("carried_forward", texts), rule_word("of_old", texts)
    ('The loan is listed twice', 'Same figures as the year before', 'of_old')
    """
    anomalies = f"anomalies.rules.{rule}"
    return texts(anomalies, "title") if texts.has(anomalies, "title") else texts.label("audit.rules", rule)


def todo_word(rule: str, texts: Texts) -> str:
    """Return what to do about a finding.

    Examples
    --------
    >>> todo_word("loan_over_ceiling", Texts("zh"))
    '核对原始材料，改正金额与单位（元、万元）'
    """
    anomalies = f"anomalies.rules.{rule}"
    if texts.has(anomalies, "look"):
        return texts(anomalies, "look")
    audit = texts.audit or read_model(AuditPolicy, "audit")
    return texts.name_of(audit.todo_of(rule))


def family_word(family: str, texts: Texts) -> str:
    """Return what a family of rules is called.

    Examples
    --------
    >>> family_word("medical", Texts("zh")), family_word("anomalies", Texts("zh"))
    ('医疗费用', '数据异常')
    """
    return texts("audit", "anomalies_family") if family == ANOMALIES else texts("audit.families", family)


def column_word(table: str, column: str, texts: Texts) -> str:
    """Return what a column of a record table is called: in Chinese the header under which exports know it.

    Examples
    --------
    >>> column_word("members", "birth_date", Texts("zh")), column_word("members", "birth_date", Texts("en"))
    ('出生日期', 'birth_date')
    >>> column_word("members", "birth_date|_id_birth_date", Texts("zh"))
    '出生日期／证件号码'
    """
    return _column(table, column, texts.lang)


@cache
def _column(table: str, column: str, lang: str) -> str:
    names = (
        next((whole for start, whole in _READ_FROM.items() if one.startswith(start)), one) for one in column.split("|")
    )
    return "／".join(dict.fromkeys(header_word(table, name, Texts(lang)) for name in names))


def cell_word(table: str, column: str, cell: str, texts: Texts) -> str:
    """Return what a cell says: in Chinese the wording under which exports know a code, else the cell as it is.

    Examples
    --------
    >>> cell_word("members", "education", "junior", Texts("zh")), cell_word("members", "education", "12", Texts("zh"))
    ('初中', '12')
    >>> cell_word("members", "health_status", "chronic+disabled", Texts("zh"))
    '长期慢性病、残疾'
    """
    known = _wordings(table, column) if texts.lang == "zh" else {}
    said = [known.get(code) for code in cell.split("+")]
    return texts("facts", "list_separator").join(word for word in said if word) if all(said) else cell


@cache
def _wordings(table: str, column: str) -> Mapping[str, str]:
    """Return the first wording of every code of a column."""
    file = read_model(CodesFile, "codes")
    flag = columns_of(table)[column].dtype == pl.Boolean()
    topic = "flag" if flag else file.dictionary.get(f"{table}.{column}", column)
    return {str(code).lower(): word for word, code in reversed([*file.dictionaries.get(topic, {}).items()])}


def missing_word(missing: str, texts: Texts) -> str:
    """Return what a rule is missing: tables, or columns of tables.

    Examples
    --------
    >>> missing_word("loans, incomes.period_end, members._id_check", Texts("zh"))
    '小额信贷、收入·收入期截止、家庭成员·证件号码'
    """
    named = []
    for one in missing.split(", "):
        table, _, column = one.partition(".")
        word = texts.label("tables", table)
        named.append(f"{word}·{column_word(table, column, texts)}" if column else word)
    return texts("facts", "list_separator").join(dict.fromkeys(named))


def unit_word(kind: str, unit: str, year: int | None, texts: Texts) -> str:
    """Return what a unit that was tested is called.

    Examples
    --------
    >>> unit_word("village", "532311101203", 2019, Texts("en"))
    '532311101203 (village) · 2019'
    """
    named = texts("unit_kinds", kind, unit=unit)
    return named if year is None else f"{named} · {year}"
