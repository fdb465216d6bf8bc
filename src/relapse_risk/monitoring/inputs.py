"""What a month's input held, as the ledger keeps it, and what is missing of it in a later month's input."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import polars as pl
from pydantic import TypeAdapter, ValidationError

from relapse_risk.errors import InputError
from relapse_risk.policy.mechanism import InputLimits
from relapse_risk.records import TABLES, AsOfView, SourceSheet

__all__ = ["Gap", "InputProfile", "TableProfile", "find_gaps"]

Gap = tuple[str, Mapping[str, Any]]
"""A code (``wordings.toml``, topic ``remarks``) and what its placeholders stand for."""


@dataclass(frozen=True, kw_only=True)
class TableProfile:
    """What a table held on a day.

    Attributes
    ----------
    rows : int
    newest : date or None
        The newest day of recording.
    columns : tuple of str
        Those with a value somewhere.
    """

    rows: int
    newest: date | None
    columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class InputProfile:
    """What a month's input held.

    Attributes
    ----------
    tables : Mapping of str to TableProfile
    villages : Mapping of str to tuple of str
        The households of each village; of the empty text, those whose village is not known.
    sheets : tuple of str
        The files and sheets that were read, by their keys (``SourceSheet.keys``).
    """

    tables: Mapping[str, TableProfile]
    villages: Mapping[str, tuple[str, ...]]
    sheets: tuple[str, ...] = ()

    @classmethod
    def of(cls, view: AsOfView) -> Self:
        """Return what was known on a day."""
        tables = {name: _profile(view, name) for name, frame in view.known.tables.items() if frame.height}
        homes = view.areas.select("household_id", pl.col("village").fill_null("")).unique("household_id")
        grouped = homes.sort("household_id").group_by("village").agg("household_id").sort("village")
        read = sorted({key for sheet in view.known.sheets if sheet.status == "read" for key in sheet.keys})
        villages = {village: tuple(ids) for village, ids in grouped.rows()}
        return cls(tables=tables, villages=villages, sheets=tuple(read))

    @property
    def households(self) -> frozenset[str]:
        """Every household."""
        return frozenset(home for homes in self.villages.values() for home in homes)

    def pack(self) -> bytes:
        """Return the profile in few bytes."""
        return zlib.compress(TypeAdapter(InputProfile).dump_json(self), 9)

    @staticmethod
    def unpack(packed: bytes) -> "InputProfile":
        """Return the profile given to `pack`.

        Raises
        ------
        InputError
            If `pack` did not make it (``packed_damaged``).
        """
        try:
            return TypeAdapter(InputProfile).validate_json(zlib.decompress(packed))
        except (zlib.error, ValidationError) as error:
            raise InputError("packed_damaged") from error


def _profile(view: AsOfView, name: str) -> TableProfile:
    frame, versions = view.known.require(name), view.versions(name)
    # By every version: where an undated list has the last word on a household, the days of its other rows still count.
    dated = versions is not None and "recorded_on" in versions.columns and versions["recorded_on"].count() > 0
    newest = versions["recorded_on"].max() if versions is not None and dated else None
    held = {column for column in frame.columns if column in TABLES[name].columns and frame[column].count()}
    return TableProfile(
        rows=frame.height,
        newest=newest if isinstance(newest, date) else None,
        columns=tuple(sorted(held | ({"recorded_on"} if dated else set()))),
    )


def find_gaps(
    before: InputProfile,
    now: InputProfile,
    limits: InputLimits,
    renumbered: Mapping[str, str] | None = None,
    sheets: Sequence[SourceSheet] = (),
) -> tuple[Gap, ...]:
    """Return what this month's input lacks of what last month's had: sheets, tables, columns, villages, households.

    Villages are known again by their households, not by their names. Where households are missing, tables that became
    shorter or older, or lost the values of a column, are no gaps of their own.

    Parameters
    ----------
    before, now : InputProfile
    limits : InputLimits
    renumbered : Mapping of str to str, optional
        Households that have another number now.
    sheets : sequence of SourceSheet
        Those of this month: one that is left out and was read last month is a gap.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> limits = read_policy().mechanism.ledger.inputs
    >>> table = TableProfile(rows=9, newest=None, columns=("household_id",))
    >>> before = InputProfile(tables={"households": table}, villages={"A": ("a", "b", "c"), "B": ("d", "e", "f")})
    >>> now = InputProfile(tables={"households": table}, villages={"B2": ("d", "e", "f")})
    >>> find_gaps(before, now, limits)
    (('gap_villages', {'villages': ('A',), 'count': 1, 'households': 3}),)
    """
    numbers = renumbered or {}
    there = now.households
    missing = {home for home in before.households if numbers.get(home, home) not in there}
    of_villages = tuple(_of_villages(before, missing, limits))
    lost = tuple(sheet.label for sheet in sheets if sheet.left_out and sheet.keys[-1] in before.sheets)
    of_sheets: tuple[Gap, ...] = (("gap_sheets", {"sheets": lost}),) if lost else ()
    return (*of_sheets, *_of_tables(before, now, limits, whole=not of_villages), *of_villages)


def _of_tables(before: InputProfile, now: InputProfile, limits: InputLimits, *, whole: bool) -> Iterator[Gap]:
    for name, then in before.tables.items():
        today = now.tables.get(name)
        if today is None:
            yield "gap_table", {"table": name, "rows": then.rows}
            continue
        if whole and today.rows < then.rows * (1 - limits.row_share):
            yield "gap_rows", {"table": name, "before": then.rows, "rows": today.rows}
        if whole and then.newest and _older(today, then.newest, limits):
            yield "gap_older", {"table": name, "before": then.newest, "newest": today.newest or "-"}
        lost = tuple(column for column in then.columns if column not in today.columns)
        if whole and lost:
            yield "gap_columns", {"table": name, "columns": ", ".join(lost)}


def _older(today: TableProfile, newest: date, limits: InputLimits) -> bool:
    return today.newest is None or (newest - today.newest).days > limits.older_days


def _of_villages(before: InputProfile, missing: set[str], limits: InputLimits) -> Iterator[Gap]:
    gone = {
        village: homes
        for village, homes in before.villages.items()
        if village and len(homes) >= limits.village_households and missing.issuperset(homes)
    }
    if gone:
        homes = sum(map(len, gone.values()))
        shown = tuple(sorted(gone)[: limits.most_named])
        yield "gap_villages", {"villages": shown, "count": len(gone), "households": homes}
    others = missing.difference(*gone.values())
    if len(others) > limits.household_share * len(before.households):
        yield "gap_households", {"count": len(others), "before": len(before.households)}
