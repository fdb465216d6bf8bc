"""Names: what words of those of sheets and files say is listed, and what columns are called in exports."""

import re
from collections.abc import Iterable, Mapping, Sequence

from relapse_risk.policy import HeaderAlias

__all__ = ["columns_worded", "tables_by_words"]

_ASKED_FOR = {"period_start": "year", "period_end": "year"}  # no export has columns of these

_HAN = re.compile(r"[\u3400-\u9fff]+")


def tables_by_words(
    names: Sequence[str], known: Mapping[str, tuple[str, ...]], endings: Sequence[str]
) -> tuple[str, ...]:
    """Return the tables of the known name that a word of these names is, or ends in; of several words the first.

    Parameters
    ----------
    names : sequence of str
    known : Mapping of str to tuple of str
        Tables by name.
    endings : sequence of str
        What may stand behind a name, or be missing there: 信息, 名单, 台账 …

    Examples
    --------
    >>> known = {"脱贫户信息": ("households", "incomes"), "监测对象": ("monitoring",)}
    >>> tables_by_words(["1-脱贫户名单_20250902"], known, ["信息", "名单"])
    ('households', 'incomes')
    >>> tables_by_words(["6-防止返贫致贫监测对象信息"], known, ["信息"]), tables_by_words(["民政"], known, [])
    (('monitoring',), ())
    """
    ending = re.compile(f"(?:{'|'.join(map(re.escape, endings))})+$") if endings else re.compile("$^")
    cores = {core: tables for name, tables in known.items() if (core := ending.sub("", name)) and _HAN.fullmatch(core)}
    longest = sorted(cores, key=len, reverse=True)
    words = [ending.sub("", word) for name in names for word in _HAN.findall(name)]
    found = (next((core for core in longest if word.endswith(core)), None) for word in words)
    return next((cores[core] for core in found if core is not None), ())


def columns_worded(columns: Iterable[str], headers: Mapping[str, HeaderAlias]) -> str:
    """Return columns in words, each with the first header that is listed for it: what an export is to have.

    Examples
    --------
    >>> headers = {"人编号": HeaderAlias(column="person_id"), "人编码": HeaderAlias(column="person_id")}
    >>> columns_worded(["person_id", "period_start", "period_end"], headers)
    'person_id (人编号), year'
    """
    first = {alias.column: header for header, alias in reversed([*headers.items()]) if header != alias.column}
    wanted = dict.fromkeys(_ASKED_FOR.get(column, column) for column in columns)
    return ", ".join(f"{column} ({first[column]})" if column in first else column for column in wanted)
