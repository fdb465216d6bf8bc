"""The ledger: what was listed, what was done about it, and what is still open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
from sqlalchemy import Column, select

from relapse_risk.errors import InputError, require_kind
from relapse_risk.monitoring.ledger.acts import record_acts
from relapse_risk.monitoring.ledger.alert_states import read_alerts
from relapse_risk.monitoring.ledger.authorship import author, authorship
from relapse_risk.monitoring.ledger.backup import back_up, own_backups
from relapse_risk.monitoring.ledger.clearing import read_clearing, record_sign_offs
from relapse_risk.monitoring.ledger.earlier import EarlierRecords, read_earlier
from relapse_risk.monitoring.ledger.engine import Store
from relapse_risk.monitoring.ledger.live import live_months, live_run, read_listings, read_numbers
from relapse_risk.monitoring.ledger.month_entries import Month, MonthAccount, followed, foresee, is_to_add, record
from relapse_risk.monitoring.ledger.recorded_history import read_events, read_history
from relapse_risk.monitoring.ledger.schema import months
from relapse_risk.monitoring.ledger.soundness import read_faults
from relapse_risk.monitoring.ledger.upgrade import Upgrade
from relapse_risk.monitoring.ledger.withdrawal import WithdrawnMonth, correct, withdraw_entry, withdraw_month
from relapse_risk.periods import parse_day
from relapse_risk.policy.mechanism import Lifecycle

__all__ = ["Ledger"]

Day = str | date


@dataclass(frozen=True, kw_only=True, eq=False)
class Ledger:
    """An append-only account of listings, alerts and acts in a database.

    Each method is one transaction. Writers wait for each other, a minute at most; readers see one state. Household
    codes and places are all it holds of a household.

    Attributes
    ----------
    store : Store
    cycle : Lifecycle
    upgrade : Upgrade or None
        What was done to it on opening, if it had an earlier layout.
    """

    store: Store
    cycle: Lifecycle
    upgrade: Upgrade | None = None

    def record_month(self, month: Month, *, operator: str = "run") -> MonthAccount:
        """Record a month's listings and scores, and what they change in the alerts.

        Who is listed the first time gets an alert; whose alert was closed on or before that day, has it reopened; where
        the tier changed, it is escalated or eased. Who is known, has an open alert and was last listed as many months
        ago as ``ledger.toml`` says, is proposed to clear: a person clears. The same month again changes nothing. A
        ledger in a file is backed up first, see `back_up`.

        Parameters
        ----------
        month : Month
        operator : str
            Who runs it.

        Raises
        ------
        InputError
            If another run of that day counts (``ledger_month_other``), or a later one
            (``ledger_month_earlier``); if the day is still to come (``ledger_month_ahead``); if the listings miss a
            column (``listings_columns``), hold something else in it (``listings_value``) or a household twice
            (``listings_twice``); if the scores are not packed (``packed_damaged``); as `open_ledger`.
        """
        require_kind("month", month, Month)
        with self.store.reading() as connection:
            adds = is_to_add(connection, month.as_of)
        saved = self.back_up() if adds else None
        with self.store.writing() as connection:
            return replace(record(connection, month, self.cycle, author(operator)), backup=saved)

    def alerts_before(self, month: Day, renumbered: pl.DataFrame | None = None) -> pl.DataFrame:
        """Return `alerts` as the run of a day finds them: by what had happened before it, also when it is run again.

        By the numbers that the month brings, if they are given (``Month.renumbered``).
        """
        with self.store.reading() as connection:
            found = read_alerts(connection, self.cycle, parse_day(month) - timedelta(days=1))
            return followed(connection, found, renumbered)

    def foresee(
        self,
        month: Day,
        listed: pl.DataFrame,
        known: pl.Series,
        *,
        relapsed: frozenset[str] = frozenset(),
        renumbered: pl.DataFrame | None = None,
    ) -> pl.DataFrame:
        """Return what a month would change in the alerts, were these households listed in it; nothing is recorded.

        Parameters
        ----------
        month : day
        listed : pl.DataFrame
            household_id, listed_for, tier and override.
        known : pl.Series
            household_id of those the register knows.
        relapsed, renumbered
            As those of `Month`.

        Returns
        -------
        pl.DataFrame
            household_id and kind of entry.
        """
        with self.store.reading() as connection:
            return foresee(connection, parse_day(month), listed, known, relapsed, self.cycle, renumbered)

    def act(self, acts: pl.DataFrame) -> pl.DataFrame:
        """Record what people did.

        Taken by day, on one day in the order of a life; the order of rows does not matter. An act is there already
        where one of the same alert, kind, day, person, measure, assignee and note is, or one of the same source, alert,
        kind and measure.

        Parameters
        ----------
        acts : pl.DataFrame
            household_id or alert_id, kind (``found``: opens an alert of a household without one; ``acknowledged``,
            ``assigned``, ``visited``, ``wrong_record``, ``measure``, ``proposed``, the steps of clearing (``reviewed``,
            ``published``, ``checked``), ``returned``, ``refused``, ``reopened``), on (the day it happened), by (who);
            where there are, measure, assignee, note and source (digest of a file, sheet and row). Sending back,
            refusing and reopening need a note, a measure its code, assigning an assignee. Of numbers of eleven digits
            and more in a note, ``***`` is kept.

        Returns
        -------
        pl.DataFrame
            The acts, row by row, with alert_id, household_id, outcome (``done``, ``already``, ``refused``) and rule
            (why it was refused: a code of ``ledger.toml``).

        Raises
        ------
        InputError
            If a column is missing (``acts_columns``); as `open_ledger`.
        """
        with self.store.writing() as connection:
            return record_acts(connection, acts, self.cycle)

    def alerts(self, as_of: Day | None = None) -> pl.DataFrame:
        """Return the state of every alert, by what had happened by the end of a day (by default, by all there is).

        Returns
        -------
        pl.DataFrame
            By alert_id: alert_id, household_id, prefecture, county, town, village, group_name (by the newest listing),
            state, open, tier, due (``visited``, ``cleared``), deadline, overdue, assignee, opened_on, closed_on,
            proposed_on, next_step and next_from (the step of clearing it waits for, and from which day on), step_on and
            step_by (of the step taken last), listed_on, last_kind, last_on, last_by. Overdue is counted on that day (by
            default, on the last day there is an entry of).
        """
        with self.store.reading() as connection:
            return read_alerts(connection, self.cycle, None if as_of is None else parse_day(as_of))

    def numbers(self) -> dict[str, str]:
        """Return the number that a household has now, by every number it ever had."""
        with self.store.reading() as connection:
            return dict(read_numbers(connection).frame.select("number", "household_id").iter_rows())

    def history(self, alert_id: int | None = None) -> pl.DataFrame:
        """Return the entries as they were recorded, of one alert or of all.

        Returns
        -------
        pl.DataFrame
            entry_id, alert_id, household_id (the number it has now), kind, on (when it happened), by, recorded_at
            (UTC), month (of the run that made it), tier, measure, assignee, note, source, withdrawn (whether it or its
            month was).
        """
        with self.store.reading() as connection:
            return read_history(connection, alert_id)

    def wrong_records(self) -> pl.DataFrame:
        """Return household_id and on (the day) of every visit that found a record wrong, for `run_audit`."""
        wrong = self.history().filter(pl.col("kind") == "wrong_record", ~pl.col("withdrawn"))
        return wrong.select("household_id", "on").unique().sort("household_id", "on")

    def listings(self, as_of: Day | None = None) -> pl.DataFrame:
        """Return who was listed, in one month or in all, by month and household: ``Month.listings`` with as_of."""
        with self.store.reading() as connection:
            return read_listings(connection, None if as_of is None else parse_day(as_of))

    def scores(self, as_of: Day) -> bytes | None:
        """Return everybody's packed risk in a month (see `unpack`), or None where it is not recorded."""
        return self._packed(months.c.scores, as_of)

    def inputs(self, as_of: Day) -> bytes | None:
        """Return what a month's input held (see `InputProfile.unpack`), or None where that is not recorded."""
        return self._packed(months.c.inputs, as_of)

    def _packed(self, column: Column[bytes], as_of: Day) -> bytes | None:
        with self.store.reading() as connection:
            chosen = select(column).where(months.c.as_of == parse_day(as_of), live_run(months.c.run))
            return connection.execute(chosen).scalar() or None

    def months(self) -> list[date]:
        """Return the days of the months that count, the first one first."""
        with self.store.reading() as connection:
            return [day for _, day in connection.execute(live_months())]

    def clearing(self, level: str | None = None, as_of: Day | None = None) -> pl.DataFrame:
        """Return what is open and what is cleared in every area of a level that ever had an alert.

        Parameters
        ----------
        level : {"group", "village", "town", "county", "prefecture"}, optional
            By default all of them from below, with the level of each area as a column more.
        as_of : day, optional
            By what had happened by its end; by default, by all there is.

        Returns
        -------
        pl.DataFrame
            By area: area (the names from the prefecture down, joined by ``/``, ``-`` where not known), the same as
            columns, open, cleared, refused (alerts), clear (none is open), unsigned (areas of the level below that are
            not signed off), signed_by, signed_on (null again once an alert below is opened).

        Raises
        ------
        InputError
            If there is no such level (``level_unknown``).
        """
        with self.store.reading() as connection:
            return read_clearing(connection, self.cycle, level, None if as_of is None else parse_day(as_of))

    def sign_off(self, level: str, area: str, by: str, on: Day) -> bool:
        """Record that an area is cleared: no alert in it is open, and every area right below it is signed off.

        Parameters
        ----------
        level : {"group", "village", "town", "county", "prefecture"}
        area : str
            As `clearing` names it.
        by : str
            Who signs.
        on : day

        Returns
        -------
        bool
            False where it was signed off before, and nothing was opened since; nothing is recorded then.

        Raises
        ------
        InputError
            If something below is open (``area_open``), there is no such area or level (``area_unknown``,
            ``level_unknown``), or nobody signs (``ledger_by``).
        """
        row = self.sign_offs(level, [area], by, on).row(0, named=True)
        if row["outcome"] == "refused":
            raise InputError("area_open", level=level, area=area, open=row["open"], unsigned=row["unsigned"])
        return bool(row["outcome"] == "done")

    def sign_offs(self, level: str, areas: Sequence[str], by: str, on: Day) -> pl.DataFrame:
        """Sign several areas of a level off at once, as `sign_off` does one.

        Returns
        -------
        pl.DataFrame
            area, outcome (``done``, ``already``, ``refused``), open and unsigned (what bars it), in the order asked.
        """
        with self.store.writing() as connection:
            return record_sign_offs(connection, self.cycle, level, areas, author(by), parse_day(on))

    def events(self, household: str | None = None) -> pl.DataFrame:
        """Return what happened to the ledger, as it was recorded, the newest last.

        Parameters
        ----------
        household : str, optional
            By any number it ever went by: every entry of its alert, also those of months. By default months, acts,
            sign-offs, withdrawals and backups (those of this ledger as it is: none that a restored one left behind).

        Returns
        -------
        pl.DataFrame
            recorded_at (UTC), event (``month``, ``month_withdrawn``, ``entry_withdrawn``, ``sign_off``, ``backup``,
            ``upgrade``, or the kind of an entry), number (of the entry or sign-off; of a month, its run), on (the day
            it is of), household_id, by, note (of measures, their code first; of assigning, to whom; of sign-offs, level
            and area; of backups, the file; of upgrades, the layouts), withdrawn.
        """
        with self.store.reading() as connection:
            return read_events(connection, own_backups(self.store), household)

    def check(self) -> pl.DataFrame:
        """Return what is wrong with the ledger: nothing, as a rule.

        Rows are as they were sealed when they were recorded, none is missing; what keeps rows from being changed is in
        place; alerts have entries, and no month's entry contradicts the state of its alert; scores can be read.

        Returns
        -------
        pl.DataFrame
            rule (worded in ``ledger.toml`` under ``checks``), place (table and number, or day).
        """
        with self.store.reading() as connection:
            return read_faults(connection, self.cycle)

    def earlier_records(self) -> EarlierRecords | None:
        """Return how much was recorded in an earlier layout, and not sealed then; None where nothing was."""
        with self.store.reading() as connection:
            return read_earlier(connection)

    def back_up(self) -> Path | None:
        """Copy a ledger file into its own folder, with day and time in the name; keep the newest copies.

        Returns
        -------
        Path or None
            The copy; None of a ledger on a server (``pg_dump`` copies that).
        """
        return back_up(self.store, self.cycle.backup.keep)

    def withdraw_month(self, as_of: Day, *, by: str, reason: str, on: Day | None = None) -> WithdrawnMonth:
        """Withdraw a month: states, listings and later months are then as if it had not been run.

        It stays on file. Acts of persons stay, too: those on households that it alone listed move nothing until a month
        lists them; run the same day anew, and they count for it.

        Parameters
        ----------
        as_of : day
        by : str
            Who withdraws it.
        reason : str
        on : day, optional
            By default today.

        Raises
        ------
        InputError
            If there is no such month (``ledger_no_month``), later ones were run (``ledger_month_built_on``: withdraw
            them first, the newest first), or nobody (``ledger_by``) or nothing (``ledger_reason``) is named.
        """
        authored = authorship(by, reason, on)
        with self.store.writing() as connection:
            return withdraw_month(connection, self.cycle, parse_day(as_of), **authored)

    def withdraw_entry(self, entry_id: int, *, by: str, reason: str, on: Day | None = None) -> pl.DataFrame:
        """Withdraw an act of a person; it stays on file and counts no longer.

        Parameters
        ----------
        entry_id : int
            As `history` has it.
        by, reason, on
            As `withdraw_month`.

        Returns
        -------
        pl.DataFrame
            The later acts that are not possible without it and move nothing now: entry_id, kind, on, by.

        Raises
        ------
        InputError
            If there is no such act that counts (``ledger_no_entry``), or a later month's run rests on it
            (``ledger_entry_built_on``); as `withdraw_month`.
        """
        with self.store.writing() as connection:
            return withdraw_entry(connection, self.cycle, entry_id, **authorship(by, reason, on))

    def correct(
        self, entry_id: int, changes: Mapping[str, str | date], *, by: str, reason: str, on: Day | None = None
    ) -> pl.DataFrame:
        """Withdraw an act and record it otherwise, both or neither.

        Parameters
        ----------
        entry_id : int
        changes : Mapping
            What is otherwise: kind, on, by, measure, assignee, note.
        by, reason, on
            Of the withdrawal, as `withdraw_month`.

        Returns
        -------
        pl.DataFrame
            The act as it is now, as `act` returns it, and idle: the numbers of acts that are not possible any more.

        Raises
        ------
        InputError
            If something else is to be changed (``ledger_not_correctable``), or it is not possible so
            (``ledger_correction_refused``); as `withdraw_entry`.
        """
        authored = authorship(by, reason, on)
        with self.store.writing() as connection:
            return correct(connection, self.cycle, entry_id, dict(changes), **authored)
