"""Lines that came back: which finding each answers, and why others answer nothing."""

from collections.abc import Container

import polars as pl

from relapse_risk.ingest import RETURNED, ExportDictionary, ReturnedLines, columns_of, read_cell_as
from relapse_risk.ingest.cells import compact

__all__ = ["ASKED_AT", "LINES", "REFUSED", "judged_lines"]

ASKED_AT = "_asked"
REFUSED = pl.Schema({"file": pl.String, "page": pl.String, "line": pl.UInt32, "rule": pl.String})
"""Columns of lines that answer nothing."""
LINES = pl.Schema(
    [
        (ASKED_AT, pl.UInt32),
        *((name, RETURNED[name]) for name in ("file", "page", "line", "corrected_on", "remark")),
        *(("written", pl.String), ("value", pl.String)),
    ]
)
"""Columns of answers: written is what a cell was said to be corrected to, value what that says, to be compared."""

_NAMES = ("source", "sheet")
_KEY = ("_source", "_sheet", "row", "code")
_LINE = ("file", "page", "line")
_OWNERS = ("household_id", "person_id")


def judged_lines(
    returned: ReturnedLines, asked: pl.DataFrame, dictionary: ExportDictionary, removals: Container[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the answer to each finding that has one (``LINES``), and the lines that answer nothing (``REFUSED``).

    A line answers the finding of its file, sheet, row and code if it bears the same numbers of household and person;
    and with it the same fault of the person in other years, which have no line of their own.
    """
    lines = _keyed(returned.frame.with_row_index("_at"))
    keyed = _keyed(asked.with_columns(pl.col("row").cast(pl.Int64)))
    asked_keys = keyed.select(*_KEY, ASKED_AT, *(pl.col(name).alias(f"asked_{name}") for name in _OWNERS), "_person")
    paired = lines.join(asked_keys, on=[*_KEY], how="left", maintain_order="left")
    valued = paired.hstack(_values(paired, asked, returned, dictionary, removals))
    same = [_owner(name) == _owner(f"asked_{name}") for name in _OWNERS]
    rule = (
        pl.when(pl.col("code").is_null()).then(pl.lit("code_missing"))
        .when(pl.col(ASKED_AT).is_null()).then(pl.lit("not_asked"))
        .when(~pl.all_horizontal(same)).then(pl.lit("key_differs"))
        .when("day_lost").then(pl.lit("day_unreadable"))
        .when("value_lost").then(pl.lit("value_unreadable"))
    )  # fmt: skip
    judged = valued.with_columns(rule=rule)
    answers = _spread(judged.filter(pl.col("rule").is_null()), asked)
    twice = _twice(answers)
    wrong = judged.drop_nulls("rule").select(*_LINE, "rule")
    refused = pl.concat([wrong, twice.select(*_LINE, rule=pl.lit("answered_twice"))]).unique(maintain_order=True)
    kept = answers.join(twice, on=[*_LINE], how="anti", maintain_order="left").unique(ASKED_AT, maintain_order=True)
    return kept.select(LINES.names()).cast(LINES), refused.select(REFUSED.names()).cast(REFUSED).sort(*_LINE)


def _keyed(frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the names of their file and sheet as they are compared: in plain form, without spaces."""
    names = [pl.Series(f"_{name}", [compact(cell) for cell in frame[name]], dtype=pl.String) for name in _NAMES]
    return frame.with_columns(names)


def _owner(name: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.strip_chars()


def _values(
    paired: pl.DataFrame,
    asked: pl.DataFrame,
    returned: ReturnedLines,
    dictionary: ExportDictionary,
    removals: Container[str],
) -> pl.DataFrame:
    """Return of every line what it says: written, value (as text to be compared) and whether that is lost."""
    of = dict(asked.select(ASKED_AT, pl.struct("table", "column")).rows())
    values: list[tuple[str | None, str | None, bool]] = []
    for at, asked_at in paired.select("_at", ASKED_AT).rows():
        place = of.get(asked_at)
        if place is None or place["column"] not in columns_of(place["table"]):
            values.append((None, None, False))
        else:
            values.append(read_cell_as(returned.values[at], place["table"], place["column"], dictionary, removals))
    schema = {"written": pl.String, "value": pl.String, "value_lost": pl.Boolean}
    return pl.DataFrame(values, schema=schema, orient="row")


def _spread(lines: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Return the answers to findings: those of their own lines, else of the line of the same fault of the person."""
    persons = lines.drop_nulls("_person").drop(ASKED_AT)
    others = asked.drop_nulls("_person").select(ASKED_AT, "_person").join(persons, on="_person")
    alone = others.join(lines, on=ASKED_AT, how="anti")
    return pl.concat([lines.select(*LINES), alone.select(*LINES)])


def _twice(answers: pl.DataFrame) -> pl.DataFrame:
    """Return the lines that answer one finding in different ways."""
    said = pl.struct("corrected_on", "remark", pl.coalesce("value", "written"))
    return answers.filter(said.n_unique().over(ASKED_AT) > 1).select(_LINE).unique(maintain_order=True)
