"""What record tables and their columns are called, and what reading a source told of them, in words."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from relapse_risk.policy.exports import AliasesFile, HeaderAlias
from relapse_risk.policy.files import read_model
from relapse_risk.policy.texts import Texts

__all__ = ["columns_worded", "header_word", "note_text", "tables_worded"]

_TABLES, _COLUMNS = ("table", "tables"), ("column", "columns", "missing")


def header_word(table: str | None, column: str, texts: Texts) -> str:
    """Return what a column of a record table is called: in Chinese the header under which exports know it.

    Where no table is given, any that has such a column; what is no column stays as it is.

    Examples
    --------
    >>> texts = Texts("zh")
    >>> header_word("members", "birth_date", texts), header_word("incomes", "period_end", texts)
    ('出生日期', '收入期截止')
    >>> header_word(None, "health_status", texts), header_word(None, "health_status", Texts("en"))
    ('健康状况', 'health_status')
    """
    known: Mapping[str, Mapping[str, str]] = _headers() if texts.lang == "zh" else {}
    places = [known[table]] if table is not None and table in known else [*known.values()]
    return next((words[column] for words in places if column in words), texts.label("columns", column))


def note_text(code: str, details: Mapping[str, Any], texts: Texts, *, topic: str = "intake_notes") -> str:
    """Return a note on what was read, tables and columns under the names that an office knows.

    Examples
    --------
    >>> found = {"table": "members", "column": "health_status", "cells": 3, "share": "<1%", "words": "好好 (3)"}
    >>> note_text("words_unknown", found, Texts("zh"))[:30]
    '家庭成员的健康状况（health_status）有 3 格（'
    >>> note_text("words_unknown", found, Texts("en"))[:30]
    'table members, health_status: '
    """
    table = details.get("table")
    tables = {key: tables_worded(str(details[key]), texts) for key in _TABLES if details.get(key)}
    columns = {key: columns_worded(table, str(details[key]), texts) for key in _COLUMNS if details.get(key)}
    return texts(topic, code, **{**details, **tables, **columns})


def tables_worded(names: str, texts: Texts) -> str:
    """Return what tables are called, whose names are joined by commas; English texts keep the names.

    Examples
    --------
    >>> tables_worded("loans, relapses", Texts("zh")), tables_worded("loans, relapses", Texts("en"))
    ('小额信贷、返贫', 'loans, relapses')
    """
    return texts("facts", "list_separator").join(texts.label("tables", name) for name in names.split(", "))


def columns_worded(table: str | None, names: str, texts: Texts) -> str:
    """Return what columns of a table are called, in Chinese with the name that frames and data files know them by.

    Examples
    --------
    >>> columns_worded("incomes", "household_id, Z", Texts("zh")), columns_worded("incomes", "year", Texts("en"))
    ('户编号（household_id）、Z', 'year')
    """
    words = ((header_word(table, name, texts), name) for name in names.split(", "))
    worded = (code if word == code else texts("facts", "word_and_code", word=word, code=code) for word, code in words)
    return texts("facts", "list_separator").join(worded)


@cache
def _headers() -> Mapping[str, Mapping[str, str]]:
    """Return by table and column the first header that stands for the column as it is."""
    known = read_model(AliasesFile, "aliases").headers
    tables = {table: _first(words) for table, words in known.items()}
    return {table: {**tables["any"], **words} for table, words in tables.items()}


def _first(headers: Mapping[str, HeaderAlias]) -> dict[str, str]:
    return {alias.column: header for header, alias in reversed([*headers.items()]) if alias.is_plain}
