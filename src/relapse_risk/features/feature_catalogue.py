"""The catalogue of features, ``docs/features.md``, written from their declarations."""

from collections.abc import Iterator, Sequence

from relapse_risk.features.builders import DEFAULT_BUILDERS
from relapse_risk.features.declare import Builder, Feature
from relapse_risk.features.protect import protected_features
from relapse_risk.policy import REASONS, read_policy
from relapse_risk.records import TABLES, Column, Table

__all__ = ["catalogue"]

_HEAD = """# Features

Written by `python -m relapse_risk.features.feature_catalogue` from the declarations in `src/relapse_risk/features/`.

Every feature is built only from what was known at the end of the as-of day. *Predictors* enter models; *figures* only
fill sentences, so that models do not get one quantity twice, once in yuan; *facts* serve only rules and classes;
*protected* ones neither enter models nor are ever a reason ([why](decisions/0021-protected-columns.md)).
**Sign**: + a higher value raises the risk, - lowers it, blank: nothing assumed. **Without records**: the value for a
household without any row in the table: 0 for what did not happen, blank for unknown. A missing table or column gives no
feature; [all tables and columns](#record-tables) are at the end.

**Speaks where**: a reason is named of a household only where one of its features speaks for it: all these conditions
are known to hold, and none of those after *unless* (`naming.toml` in `policy/data/mechanism`), its term raises the
risk, and every figure of its sentence is known; what stands in square brackets is left out where its figure is 0. A
feature without any never speaks. Contributions are what the model adds, whatever is named.

CONTRADICTED

To add your own features write a `Builder`. Its `build` gets the view of the as-of day (`AsOfView`: its `known` tables,
`residents`, `yearly_incomes`, `current_incomes` and so on) and never the records: `build_features(records, as_of,
builders=(*DEFAULT_BUILDERS, mine))`, and likewise in `train` and `score`.
"""
_TABLES = """## Record tables

As declared in `src/relapse_risk/records/tables.py`. **Key**: rows that share it are versions of one another. **Known
from**: the day from which a row without `recorded_on` counts as known. In brackets: the codes (…: others are allowed
too; +: several are allowed) or the unit. *: every row needs a value; †: every row needs one of these.
"""
_COLUMNS = (
    "Name",
    "What it is",
    "名称",
    "Unit",
    "Reason",
    "Sign",
    "Needs",
    "Without records",
    "Role",
    "Sentence",
    "Speaks where",
)

_PROTECTED = protected_features(
    (feature for builder in DEFAULT_BUILDERS for feature in builder.features),
    read_policy().mechanism.protected.values(),
)


def catalogue(builders: Sequence[Builder] = DEFAULT_BUILDERS) -> str:
    """Return the catalogue of every feature of some builders, as Markdown.

    Examples
    --------
    >>> print(catalogue(DEFAULT_BUILDERS[:1]).splitlines()[0])
    # Features
    """
    head = _HEAD.replace("CONTRADICTED", "\n".join(_contradicted()))
    return "\n".join((head, *(line for builder in builders for line in _section(builder)), *_tables()))


def _contradicted() -> Iterator[str]:
    for reason, conditions in read_policy().mechanism.naming.contradicted.items():
        yield f"- *{REASONS[reason].en}* is not named where {' or '.join(map(str, conditions))}"
    unnamed = ", ".join(f"*{reason.en}*" for reason in REASONS.values() if not reason.named)
    yield f"- {unnamed} is never named"


def _speaks_where(feature: str) -> str:
    naming = read_policy().mechanism.naming
    unless = " or ".join(map(str, naming.unless.get(feature, ())))
    return " and ".join(map(str, naming.supports.get(feature, ()))) + (f", unless {unless}" if unless else "")


def _section(builder: Builder) -> Iterator[str]:
    yield f"## {builder.name.capitalize()}\n"
    yield _row(_COLUMNS)
    yield _row(["---"] * len(_COLUMNS))
    yield from (_row(_cells(feature)) for feature in builder.features)
    yield ""


def _tables() -> Iterator[str]:
    yield _TABLES
    yield _row(("Table", "Key", "Known from", "Columns"))
    yield _row(["---"] * 4)
    for table in TABLES.values():
        key = ", ".join(f"`{name}`" for name in table.key or ("event_id",))
        columns = ", ".join(_column(table, name, column) for name, column in table.columns.items())
        yield _row((f"`{table.name}`", key, f"`{table.begins}`" if table.begins else "the export", columns))
    yield ""


def _column(table: Table, name: str, column: Column) -> str:
    mark = "*" if column.required else "†" if name in table.either else ""
    codes = (" + " if column.many else " ").join((*column.codes, *(["…"] if column.open else [])))
    unit = codes or column.unit
    return f"`{name}`{mark}" + (f" ({unit})" if unit else "")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', ' or ') for cell in cells)} |"


def _cells(feature: Feature) -> tuple[str, ...]:
    sentence = feature.sentence or feature.absent or {"zh": ""}
    return (
        f"`{feature.name}`",
        feature.en,
        feature.zh,
        feature.unit if feature.kind == "number" else feature.kind,
        REASONS[feature.reason].en,
        {1: "+", -1: "-", 0: ""}[feature.sign],
        ", ".join(f"`{need}`" for need in (feature.table, *feature.columns)),
        "" if feature.empty is None else f"{feature.empty:g}",
        "protected" if feature.name in _PROTECTED else feature.role,
        sentence["zh"],
        _speaks_where(feature.name),
    )


if __name__ == "__main__":
    print(catalogue(), end="")
