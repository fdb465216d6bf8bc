"""Corrections that were said: held against what was asked, and against what the new export says."""

from collections.abc import Container, Mapping
from dataclasses import dataclass

import polars as pl

from relapse_risk.audit.closing import FAULT, AuditDiff, in_order
from relapse_risk.audit.locating import LOCATED
from relapse_risk.audit.once import fault_of_person, line_code
from relapse_risk.audit.returned_lines import ASKED_AT, judged_lines
from relapse_risk.audit.run_audit import FINDINGS, shown
from relapse_risk.ingest import ExportDictionary, ReturnedLines, as_text, columns_of
from relapse_risk.records import TABLES, VISIT_LEVELS

__all__ = ["ANSWERS", "CORRECTIONS", "CorrectionCheck", "check_corrections"]

ANSWERS = ("corrected", "other_value", "still_faulty", "not_sent", "explained", "not_answered")
"""How what was answered stands to the new export."""

_ASKED = pl.Schema([*FINDINGS.items(), *((name, LOCATED[name]) for name in ("year", *VISIT_LEVELS))])
CORRECTIONS = pl.Schema(
    [
        *_ASKED.items(),
        *(("answer", pl.String), ("corrected_on", pl.Date), ("corrected_value", pl.String), ("compared", pl.Boolean)),
        *(("file", pl.String), ("page", pl.String), ("line", pl.UInt32)),
    ]
)
"""Columns of what was asked and answered."""

_OWNERS = ("household_id", "person_id")
_STATED = tuple(name for name, table in TABLES.items() if table.begins is None)


@dataclass(frozen=True, kw_only=True, eq=False)
class CorrectionCheck:
    """What the county said that it corrected, finding by finding.

    Attributes
    ----------
    asked : pl.DataFrame
        ``CORRECTIONS``: every finding of the earlier audit with its answer. ``corrected``: the fault is gone, and the
        export says what was said; ``other_value``: the fault is gone, and the export says another thing;
        ``still_faulty``: said to be corrected, and the export still has it; ``not_sent``: said to be corrected, and
        what it is about was not sent or could not be checked; ``explained``: a remark alone; ``not_answered``.
        compared: whether the cell could be held against the export (names and numbers of persons are not kept there).
        corrected_value: a figure, a day or a code; of all else the shape.
    refused : pl.DataFrame
        ``REFUSED``: lines that answer nothing, each with the reason.
    open_answers : pl.DataFrame
        The answers to findings that are still open, by fault and in the order of their rows.
    lines : int
        Lines that were filled in.
    """

    asked: pl.DataFrame
    refused: pl.DataFrame
    open_answers: pl.DataFrame
    lines: int

    @property
    def by_town(self) -> pl.DataFrame:
        """How many findings were asked of each town, and how many have which answer."""
        counted = [(pl.col("answer") == name).sum().alias(name) for name in ANSWERS]
        return self.asked.group_by("town").agg(pl.len().alias("asked"), *counted).sort("town", nulls_last=True)


def check_corrections(
    returned: ReturnedLines,
    before: pl.DataFrame,
    closing: AuditDiff,
    rows: Mapping[str, pl.DataFrame],
    dictionary: ExportDictionary,
    removals: Container[str],
) -> CorrectionCheck:
    """Hold filled-in lines against the findings they answer, and against the new export. Nothing is corrected by it.

    Parameters
    ----------
    returned : ReturnedLines
    before : pl.DataFrame
        Findings of the earlier audit: what was asked (``audit.parquet``).
    closing : AuditDiff
        The new audit compared with it.
    rows : Mapping of str to pl.DataFrame
        ``Intake.rows`` of the new export.
    dictionary : ExportDictionary
        What reads a cell of a column.
    removals : container of str
        Words, in compact form, by which a line says that the row was taken out.
    """
    whole = pl.concat([_ASKED.to_frame(), before], how="diagonal_relaxed").select(_ASKED.names()).cast(_ASKED)
    asked = in_order(whole).with_row_index(ASKED_AT).with_columns(code=line_code(), _person=fault_of_person())
    lines, refused = judged_lines(returned, asked, dictionary, removals)
    placed = asked.join(lines, on=ASKED_AT, how="left", maintain_order="left")
    said = placed.with_columns(
        said=(pl.col("written").is_not_null() | pl.col("corrected_on").is_not_null()).fill_null(False),
        as_said=_as_said(placed, rows),
    )
    stood = _with_standing(said, closing)
    answered = stood.with_columns(answer=_answer(), compared=pl.col("as_said").is_not_null())
    return CorrectionCheck(
        asked=_shown(answered).sort(ASKED_AT).select(CORRECTIONS.names()).cast(CORRECTIONS),
        refused=refused,
        open_answers=_of_open(answered),
        lines=returned.frame.height,
    )


def _answer() -> pl.Expr:
    standing, said = pl.col("standing"), pl.col("said")
    return (
        pl.when(~said & pl.col("remark").is_not_null())
        .then(pl.lit("explained"))
        .when(~said)
        .then(pl.lit("not_answered"))
        .when(standing == "open")
        .then(pl.lit("still_faulty"))
        .when(standing == "not_sent")
        .then(pl.lit("not_sent"))
        .when(pl.col("as_said").fill_null(True))
        .then(pl.lit("corrected"))
        .otherwise(pl.lit("other_value"))
    )


def _with_standing(said: pl.DataFrame, closing: AuditDiff) -> pl.DataFrame:
    """Return how each finding stands; of several of one fault, those are gone first that the export has as said."""
    counts = [getattr(closing, name).group_by(FAULT).len(name) for name in ("closed", "not_sent")]
    for count in counts:
        said = said.join(count, on=list(FAULT), how="left", nulls_equal=True)
    rank = pl.struct(~pl.col("as_said").fill_null(False), ~pl.col("said"), ASKED_AT).rank("ordinal").over(FAULT)
    closed, gone = pl.col("closed").fill_null(0), pl.sum_horizontal("closed", "not_sent")
    standing = (
        pl.when(rank <= closed)
        .then(pl.lit("closed"))
        .when(rank <= gone)
        .then(pl.lit("not_sent"))
        .otherwise(pl.lit("open"))
    )
    return said.with_columns(standing=standing).drop("closed", "not_sent")


def _of_open(answered: pl.DataFrame) -> pl.DataFrame:
    still = answered.filter(standing="open").sort(ASKED_AT)
    return still.select(*FAULT, pl.int_range(pl.len()).over(FAULT).alias("_place"), "answer")


def _as_said(placed: pl.DataFrame, rows: Mapping[str, pl.DataFrame]) -> pl.Series:
    """Return whether the export says what was said; null where nothing can be compared."""
    found: list[bool | None] = [None] * placed.height
    columns = placed.drop_nulls("value").select("table", "column").unique()
    cells = {(table, column): _cells_of(table, column, rows) for table, column in columns.rows()}
    for place, row in enumerate(placed.select("table", "column", *_OWNERS, "year", "value").rows(named=True)):
        known = cells.get((row["table"], row["column"]))
        if row["value"] is not None and known is not None:
            found[place] = _key(row, row["table"], row["column"]) in known
    return pl.Series("as_said", found, dtype=pl.Boolean)


def _key(row: Mapping[str, object], table: str, column: str) -> tuple[object, ...]:
    year = row["year"] if table in _STATED and column != "year" else None
    owners = () if column in _OWNERS else (row["household_id"], row["person_id"])
    return (*owners, year, row["value"])


def _cells_of(table: str, column: str, rows: Mapping[str, pl.DataFrame]) -> set[tuple[object, ...]] | None:
    """Return what the export says in a column, with whose it is; None where it does not keep such a column."""
    frame = rows.get(table)
    if frame is None or column not in frame.columns:
        return None
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in _OWNERS if name not in frame.columns]
    years = [pl.col(name) for name in ("year",) if name in frame.columns]
    years += [pl.col("recorded_on").dt.year()] if "recorded_on" in frame.columns else []
    year = pl.coalesce(*years, pl.lit(None)).cast(pl.Int64) if years else pl.lit(None, dtype=pl.Int64)
    stated = frame.with_columns(*absent).select(*_OWNERS, year.alias("_year"), value=as_text(table, column))
    named = stated.rename({"_year": "year"}).drop_nulls("value").unique()
    return {_key(row, table, column) for row in named.rows(named=True)}


def _shown(answered: pl.DataFrame) -> pl.DataFrame:
    """Return what a cell was said to be corrected to as far as it may be shown."""
    by_column = answered.partition_by("table", "column", as_dict=True, maintain_order=True)
    parts = [
        part.with_columns(corrected_value=shown(part["written"], columns_of(str(table)).get(str(column))))
        for (table, column), part in by_column.items()
    ]
    return pl.concat(parts) if parts else answered.with_columns(corrected_value=pl.lit(None, dtype=pl.String))
