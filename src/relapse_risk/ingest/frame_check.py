"""Frames of record tables checked: cells in other forms read where only one value can be meant, the others told why."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time

import polars as pl

from relapse_risk.ingest.cells import Read, compact
from relapse_risk.ingest.day_forms import DayForms, day_forms
from relapse_risk.ingest.export_dictionary import ExportDictionary
from relapse_risk.ingest.identifier_forms import EXACT, IDENTIFIERS, PlainIdentifiers, plain_identifiers
from relapse_risk.records import TABLES, Checked, check_table, unread_cells

__all__ = ["CheckedFrame", "OtherForm", "check_frame"]

_CHANGES = {
    **{"cells_in_other_form": "number_form", "identifiers_as_numbers": "number_form"},
    **{"identifiers_in_signs": "signs", "cells_quoted": "equals_quoted"},
}
_QUOTED = r'^\s*=\s*"(.*)"\s*$'
_MIDNIGHT = time(0)
_BETWEEN_DIGITS = re.compile(r"\d,\d")
_THOUSANDS = re.compile(r"\D*\d{1,3}(?:,\d{3})+(?!\d|,)(?:\.\d+)?\D*")


@dataclass(frozen=True, kw_only=True)
class OtherForm:
    """Cells of a column that were read from another form than the contract's.

    Attributes
    ----------
    column : str
    code : str
        Of the note that tells it.
    cells : int
    example : str
        One of them as it stands.
    """

    column: str
    code: str
    cells: int
    example: str

    @property
    def change(self) -> str:
        """The kind of change, as the account of changes counts it."""
        return _CHANGES.get(self.code, "date_form")


@dataclass(frozen=True, kw_only=True)
class CheckedFrame:
    """A frame after its check.

    Attributes
    ----------
    checked : Checked
    forms : tuple of OtherForm
    """

    checked: Checked
    forms: tuple[OtherForm, ...]


def check_frame(table: str, frame: pl.DataFrame, dictionary: ExportDictionary) -> CheckedFrame:
    """Check a frame as `check_table`, and look closer at the columns of which cells could not be read.

    Columns of codes and flags hold words, which are looked up nowhere: their words are told as they are.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> rows = pl.DataFrame({"household_id": [1.0, 2.0], "recorded_on": ["31.12.2018", "05.06.2019"]})
    >>> found = check_frame("households", rows, ExportDictionary.of(read_policy()))
    >>> [(form.column, form.code, form.cells) for form in found.forms]
    [('household_id', 'identifiers_as_numbers', 2), ('recorded_on', 'days_day_first', 2)]
    """
    frame, forms = _unquoted(table, frame)
    plain = plain_identifiers(table, frame)
    frame = plain.frame
    checked = check_table(table, frame)
    read = {"identifiers_as_numbers": plain.plain, "identifiers_in_signs": plain.signs}
    forms += [
        OtherForm(column=name, code=code, cells=cells, example=example)
        for code, found in read.items()
        for name, (cells, example) in found.items()
    ]
    forms += _times_alike(table, frame)
    rules: dict[tuple[str, str], str] = {}
    if "unreadable" in checked.refused["rule"] or "unreadable" in checked.blanked["rule"]:
        frame, found, rules = _restated(table, frame, dictionary)
        forms += found
        checked = check_table(table, frame) if found else checked
    return CheckedFrame(checked=_with_reasons(checked, frame, plain, rules), forms=tuple(forms))


def _unquoted(table: str, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[OtherForm]]:
    """Return a frame whose cells written as ="5323" are what they stand for, and how many there were."""
    forms: list[OtherForm] = []
    for name in [name for name in TABLES[table].columns if frame.schema.get(name) == pl.String()]:
        quoted = frame[name].str.starts_with('="').fill_null(False)
        if quoted.any():
            cells = frame[name].filter(quoted)
            forms.append(OtherForm(column=name, code="cells_quoted", cells=cells.len(), example=str(cells.min())))
            inner = pl.col(name).str.replace(_QUOTED, "$1")
            frame = frame.with_columns(pl.when(inner != "").then(inner).alias(name))
    return frame, forms


def _restated(
    table: str, frame: pl.DataFrame, dictionary: ExportDictionary
) -> tuple[pl.DataFrame, list[OtherForm], dict[tuple[str, str], str]]:
    """Return a frame with other forms put in the contract's, what they were, and why other cells were not read."""
    forms: list[OtherForm] = []
    rules: dict[tuple[str, str], str] = {}
    for name, cells in unread_cells(table, frame).items():
        values, notes, why = _forms(table, name, cells["value"].to_list(), dictionary)
        rules |= {(name, text): rule for text, rule in why.items()}
        if isinstance(frame.schema[name], pl.Datetime):
            rules |= {(name, text): "utc_time" for text in cells["value"]}
        if values:
            text = pl.col(name).cast(pl.String).str.strip_chars()
            frame = frame.with_columns(text.replace(list(values), list(values.values())))
            read = cells.filter(pl.col("value").is_in(list(values))).with_columns(
                code=pl.col("value").replace_strict(notes, return_dtype=pl.String)
            )
            counted = read.group_by("code").agg(pl.col("cells").sum(), pl.col("value").min()).sort("code")
            forms += [OtherForm(column=name, code=code, cells=n, example=text) for code, n, text in counted.rows()]
    return frame, forms, rules


def _forms(
    table: str, name: str, texts: list[str], dictionary: ExportDictionary
) -> tuple[dict[str, str], Mapping[str, str], Mapping[str, str]]:
    """Return what the texts of a column stand for, the code of the note of each, and why others are not read."""
    column = TABLES[table].columns[name]
    if column.dtype == pl.String() or dictionary.codebook.wordings(table, name, column) is not None:
        return {}, {}, {}
    read = dictionary.reader(table, name, column).read
    if column.dtype == pl.Date():
        days: DayForms = day_forms(texts, read)
        return {text: _iso(day) for text, day in days.days.items()}, days.notes, days.rules
    numbers = _number_forms(texts, read)
    return {text: repr(one) for text, one in numbers.items()}, dict.fromkeys(numbers, "cells_in_other_form"), {}


def _number_forms(texts: Iterable[str], read: Read) -> dict[str, float | int]:
    """Read the distinct texts of a column as numbers, as far as nothing is guessed.

    A comma parts thousands, unless another text of the column shows that it may be a decimal sign (12,5).

    Examples
    --------
    >>> from decimal import Decimal
    >>> from relapse_risk.ingest.cells import read_number
    >>> read = read_number({"万元": Decimal(10000)})
    >>> _number_forms(["12,000", "1.2万元", "some"], read)
    {'1.2万元': 12000.0, '12,000': 12000.0}
    >>> _number_forms(["12,000", "12,5"], read)
    {}
    """
    plain = {text: compact(text) for text in sorted(texts)}
    parted = [text for text, one in plain.items() if _BETWEEN_DIGITS.search(one)]
    doubtful = set() if all(_THOUSANDS.fullmatch(plain[text]) for text in parted) else set(parted)
    found = {text: read(text).value for text in plain if text not in doubtful}
    return {text: number for text, number in found.items() if isinstance(number, float | int)}


def _iso(day: date) -> str:
    return day.isoformat()


def _times_alike(table: str, frame: pl.DataFrame) -> list[OtherForm]:
    """Return the columns whose times without a zone are all one time of several days: midnights of another place."""
    found = []
    for name, declared in TABLES[table].columns.items():
        source = frame.schema.get(name)
        if declared.dtype != pl.Date() or not isinstance(source, pl.Datetime) or source.time_zone is not None:
            continue
        first = frame[name].drop_nulls().head(1)
        if first.is_empty() or first.dt.time().item() == _MIDNIGHT:
            continue
        times = frame[name].drop_nulls()
        if times.dt.time().n_unique() == 1 and times.n_unique() > 1:
            form = OtherForm(column=name, code="times_all_alike", cells=times.len(), example=str(times.min()))
            found.append(form)
    return found


def _with_reasons(
    checked: Checked, frame: pl.DataFrame, plain: PlainIdentifiers, rules: Mapping[tuple[str, str], str]
) -> Checked:
    """Return what was checked with the reason why, where one is known, and with the identifiers that were lost."""
    floats = [name for name in IDENTIFIERS if name in frame.columns and frame.schema[name].is_float()]
    why = pl.DataFrame(
        [(column, text, rule) for (column, text), rule in rules.items()],
        schema={"column": pl.String, "value": pl.String, "why": pl.String},
        orient="row",
    )

    def reasoned(found: pl.DataFrame) -> pl.DataFrame:
        unread = pl.col("rule") == "unreadable"
        beyond = pl.col("value").cast(pl.Float64, strict=False).abs() >= EXACT
        explained = found.join(why, on=["column", "value"], how="left", maintain_order="left").with_columns(
            rule=pl.when(unread & pl.col("column").is_in(floats) & beyond)
            .then(pl.lit("identifier_as_number"))
            .when(unread)
            .then(pl.coalesce("why", "rule"))
            .otherwise("rule")
        )
        return explained.drop("why")

    # An identifier that was lost is not missing.
    missing = reasoned(checked.refused).join(plain.lost, on=["row", "column"], how="anti", maintain_order="left")
    in_refused = plain.lost.join(checked.refused, on="row", how="semi")
    others = plain.lost.join(checked.refused, on="row", how="anti")
    return Checked(
        kept=checked.kept,
        refused=pl.concat([missing, in_refused]).sort("row", "column", "rule"),
        blanked=pl.concat([reasoned(checked.blanked), others]).sort("row", "column", "rule"),
    )
