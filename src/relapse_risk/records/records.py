"""A set of records, and the one gate to what was known of it on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.periods import AsOf, parse_day
from relapse_risk.records.known import first_known, known_on, known_state
from relapse_risk.records.source_sheets import SourceSheet, UnreadSheets
from relapse_risk.records.tables import TABLES, Table, usable_table

__all__ = ["Records"]

# What is said of a whole household or person, and has no day it began on.
_STATES = tuple(name for name, table in TABLES.items() if table.begins is None)


@dataclass(frozen=True, eq=False)
class Records:
    """The record tables of a source.

    Parameters
    ----------
    tables : Mapping of str to pl.DataFrame
        Tables by name (``TABLES``), with their declared dtypes; every table may be absent, and so may every column
        that is not required.
    exported_on : date, optional
        The day the source was exported.
    state_of : date, optional
        The day these records are the state of; set by `known_by`.
    sheets : tuple of SourceSheet
        The files and sheets they come from, and those that were not read; empty where they come from no file.

    Raises
    ------
    InputError
        If a table is unknown (``table_unknown``), misses a required column (``table_without_key``), or holds days as
        something else than dates (``days_not_dates``) or numbers as texts (``numbers_as_texts``).

    Examples
    --------
    >>> from datetime import date
    >>> versions = pl.DataFrame(
    ...     {
    ...         "household_id": ["h1", "h1"],
    ...         "recorded_on": [date(2018, 12, 1), date(2019, 12, 1)],
    ...         "household_type": ["poor", "exited"],
    ...     }
    ... )
    >>> Records({"households": versions}).known_by("2019-06-30").table("households")["household_type"].to_list()
    ['poor']
    """

    tables: Mapping[str, pl.DataFrame]
    exported_on: date | None = None
    state_of: date | None = None
    sheets: tuple[SourceSheet, ...] = ()

    def __post_init__(self) -> None:
        for name, frame in self.tables.items():
            table = usable_table(name, frame.columns)
            _refuse_other_days(table, frame)
            _refuse_texts(table, frame)
        object.__setattr__(self, "tables", MappingProxyType(dict(self.tables)))

    def __repr__(self) -> str:
        """Say how much there is; never what it says of whom."""
        sizes = ", ".join(f"{name}: {frame.height}" for name, frame in self.tables.items())
        return f"Records({{{sizes}}}, known until {self._export_day})"

    def table(self, name: str) -> pl.DataFrame | None:
        """Return a table, or None if there is none of that name."""
        return self.tables.get(name)

    def require(self, name: str) -> pl.DataFrame:
        """Return a table.

        Raises
        ------
        InputError
            If there is none of that name (``table_needed``); it names the sheets that were not read.
        """
        if name not in self.tables:
            found = ", ".join(self.tables) or "-"
            unread = UnreadSheets([sheet for sheet in self.sheets if sheet.may_hold_records])
            raise InputError("table_needed", table=name, found=found, unread=unread)
        return self.tables[name]

    def has(self, table: str, *columns: str) -> bool:
        """Return whether a table is there, with all of these columns."""
        return table in self.tables and set(columns) <= set(self.tables[table].columns)

    def tells(self, table: str, *columns: str) -> bool:
        """Return whether a table says something of somebody: it has a row, and a value in each of these columns.

        What it does not say of anybody it does not say of a household either: a sheet of headers alone, or a column
        nobody filled in, is unknown and not "no". An ending without a value says that nothing ended.

        Examples
        --------
        >>> loans = pl.DataFrame({"loan_id": ["l1"], "household_id": ["h1"], "status": [None], "due_on": [None]})
        >>> records = Records({"loans": loans, "relapses": pl.DataFrame({"household_id": [], "relapsed_on": []})})
        >>> records.tells("loans"), records.tells("loans", "status"), records.tells("relapses")
        (True, False, False)
        """
        if not self.has(table, *columns):
            return False
        frame, endings = self.tables[table], TABLES[table].endings
        return frame.height > 0 and all(name in endings or frame[name].count() > 0 for name in columns)

    @property
    def unread(self) -> tuple[SourceSheet, ...]:
        """The files and sheets that may hold records and were not read."""
        return tuple(sheet for sheet in self.sheets if sheet.status == "unread")

    @property
    def known_until(self) -> date:
        """The last day the records speak of: the export date, else the newest ``recorded_on`` of any table.

        Raises
        ------
        InputError
            If there is neither (``export_day_unknown``).
        """
        day = self._export_day
        if day is None:
            raise InputError("export_day_unknown")
        return day

    @property
    def first_day(self) -> date:
        """The first day anything is known from.

        Raises
        ------
        InputError
            If nothing is known from any day (``export_day_unknown``).
        """
        day = self._first_day(self.tables)
        return self.known_until if day is None else day

    def known_by(self, as_of: str | date | AsOf) -> "Records":
        """Return the state that was known at the end of a day: the one gate through which the past is seen.

        Only rows recorded by then, the newest version of each, endings after the day blanked with the columns that
        depend on them, identical rows of events once, persons missing in their household's newest snapshot dropped.
        Rows come in the order of their key, whatever the order they went in. Other versions are gone from the result:
        ask the records themselves, not a state of them, for another day.

        Parameters
        ----------
        as_of : str, date or AsOf
            The as-of day.

        Returns
        -------
        Records
            The same tables and columns; `known_until` is the day.

        Raises
        ------
        InputError
            If the day is before the first record (``before_first_record``); if households or members have no date and
            the day is before the export date (``undated_before_export``); if these records are themselves the state of
            another day (``state_of_other_day``).
        """
        day = parse_day(as_of)
        self._refuse(day)
        export_day = self._export_day
        tables = {name: known_state(TABLES[name], frame, day, export_day) for name, frame in self.tables.items()}
        return Records(tables, exported_on=day, state_of=day, sheets=self.sheets)

    def versions_by(self, table: str, as_of: str | date | AsOf) -> pl.DataFrame | None:
        """Return every version of a table's rows that was known by the end of a day; None without such a table."""
        frame = self.table(table)
        if frame is None:
            return None
        return frame.filter(known_on(TABLES[table], frame, self._export_day) <= parse_day(as_of))

    @property
    def _export_day(self) -> date | None:
        if self.exported_on is not None:
            return self.exported_on
        recorded = [frame["recorded_on"].max() for frame in self.tables.values() if "recorded_on" in frame.columns]
        return max((day for day in recorded if isinstance(day, date)), default=None)

    def _first_day(self, tables: Mapping[str, pl.DataFrame]) -> date | None:
        export_day = self._export_day
        days = (first_known(TABLES[name], frame, export_day) for name, frame in tables.items())
        return min((day for day in days if day is not None), default=None)

    def _refuse(self, day: date) -> None:
        """Raise if nothing can be said as of a day without guessing."""
        if self.state_of not in (None, day):
            raise InputError("state_of_other_day", day=day, state=self.state_of)
        for name in _STATES:
            undated = name in self.tables and _undated(self.tables[name])
            if undated and day < self.known_until:
                raise InputError("undated_before_export", day=day, table=name, export=self.known_until)
        # A day before the first household has nobody to speak of, however early a certificate or a loan began.
        households = {name: frame for name, frame in self.tables.items() if name == "households"}
        first = self._first_day(households or self.tables)
        if self.state_of is None and first is not None and day < first:
            raise InputError("before_first_record", day=day, first=first)


def _refuse_other_days(table: Table, frame: pl.DataFrame) -> None:
    """Raise if a day is held as a time or a text: comparing it with the as-of day would go wrong silently."""
    for name, dtype in frame.schema.items():
        declared = table.columns.get(name)
        if declared is not None and declared.dtype == pl.Date and dtype not in (pl.Date, pl.Null):
            raise InputError("days_not_dates", table=table.name, column=name, dtype=dtype)


def _refuse_texts(table: Table, frame: pl.DataFrame) -> None:
    """Raise if a number or a truth value is held as a text."""
    for name, dtype in frame.schema.items():
        declared = table.columns.get(name)
        if declared is not None and declared.dtype != pl.Date and declared.dtype != pl.String and dtype == pl.String:
            raise InputError("numbers_as_texts", table=table.name, column=name, dtype=dtype)


def _undated(frame: pl.DataFrame) -> bool:
    return frame.height > 0 and ("recorded_on" not in frame.columns or frame["recorded_on"].is_null().all())
