"""The catalogue of rules, ``docs/audit.md``, written from their declarations and wordings."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from relapse_risk.audit.audit_rule import AuditRule
from relapse_risk.audit.reported import REPORTED
from relapse_risk.audit.rules import RULES
from relapse_risk.audit.run_audit import CELL_RULES
from relapse_risk.policy import AuditPolicy, read_policy

__all__ = ["catalogue"]

_HEAD = """# Audit

Written by `python -m relapse_risk.audit.audit_catalogue` from the declarations in `src/relapse_risk/audit/rules/`;
severities, limits and wordings stand in `src/relapse_risk/policy/data/audit.toml`.

An office overrides it with its own file, `--audit FILE.toml` (in Python: `run_audit(intake,
read_policy(audit="FILE.toml"))`), which holds only what differs: its limits judge the rows, and findings, workbook and
page use its severities and wordings.

```toml
[limits]
persons = 15                  # of one household, at most

[rules.too_old]
severity = "note"
en = "Very old: ask once more"
todo = "ask"                  # a key of [todo], built in or its own

[todo.ask]
zh = "入户核实"
en = "Ask the household"
```

Every rule is checked on every row that was read, refused rows too. A rule judges a row only where all it looks at is
known. It is not run where a table or column it **needs** is missing (`a|b`: one of them is enough). Severity:
*refuse*: the row is left out of the records; *warn*: it is kept, and something in it is wrong; *note*: it may be right
as it is. What reading finds cell by cell is listed under the same names, as *refuse* where the row is left out for it.

Figures, days and codes are shown as they were read; of what may say who somebody is only the shape is. Of a row that
repeats another, `first_row` is the one repeated. In the workbook one person's fault over several years is one line.
There a rule of nothing but notes, with 300 lines or more, is one line a village (how many lines and households); all of
them are in `audit.parquet`, and each place's own lines in the workbooks of `--split-by`.

The round trip with the county: `audit INPUT --out DIR --split-by town` (or `village`) writes a workbook of its own
findings for each place, with a column for the corrected value, its day and a remark. When they come back with a new
export, `audit NEW --since DIR --corrected FILE|FOLDER` matches every line by file, sheet, row and number, and says of
each whether it is corrected as said, has another value, is still faulty, was not sent or not answered
(`corrections.parquet`; lines that could not be taken go into a workbook to send back). Nothing is written into the
records: the register is the county's to correct.
"""
_COLUMNS = ("Rule", "What is wrong", "问题", "What to do", "怎么办", "Severity", "Flags", "Needs")


def catalogue(rules: Sequence[AuditRule] = RULES) -> str:
    """Return the catalogue of rules as Markdown, by family.

    Examples
    --------
    >>> print(catalogue(RULES[:1]).splitlines()[0])
    # Audit
    """
    audit = read_policy().audit
    families = groupby(rules, key=lambda rule: rule.family)
    lines = [
        line for family, own in families for line in _section(family, [_cells(rule, audit) for rule in own], audit)
    ]
    cells = [(*_worded(rule, audit), "any cell", "") for rule in CELL_RULES]
    cells.append((*_worded(REPORTED, audit), "`households`", "the ledger's visits"))
    lines += _section("cells", cells, audit)
    return "\n".join((_HEAD, *lines))


def _section(family: str, rows: Sequence[Sequence[str]], audit: AuditPolicy) -> Iterator[str]:
    yield f"## {audit.families[family].en} {audit.families[family].zh}\n"
    yield _row(_COLUMNS)
    yield _row(["---"] * len(_COLUMNS))
    yield from (_row(cells) for cells in rows)
    yield ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', ' or ') for cell in cells)} |"


def _worded(rule: str, audit: AuditPolicy) -> tuple[str, ...]:
    wording, todo = audit.rules[rule], audit.todo_of(rule)
    return (f"`{rule}`", wording.en, wording.zh, todo.en, todo.zh, wording.severity)


def _cells(rule: AuditRule, audit: AuditPolicy) -> tuple[str, ...]:
    needs = rule.needs(audit.limits)
    wanted = (f"`{table}.{column}`" for table, columns in needs.items() for column in columns)
    return (*_worded(rule.id, audit), f"`{rule.table}.{rule.column}`", ", ".join(wanted))


if __name__ == "__main__":
    print(catalogue(), end="")
