"""One view of a day: what the register knew at its end, each word defined once, worked out once and kept."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.periods import AsOf
from relapse_risk.policy import Lines, read_policy
from relapse_risk.records.areas import areas_of
from relapse_risk.records.household_states import keeps_types, states_of
from relapse_risk.records.incomes import current_incomes, yearly_incomes
from relapse_risk.records.place_names import name_places
from relapse_risk.records.records import Records
from relapse_risk.records.residents import residents_of
from relapse_risk.records.standing import able_of, cover_of, measures_of, relapse_entries_of

__all__ = ["AsOfView"]


@dataclass(frozen=True, kw_only=True, eq=False)
class AsOfView:
    """The register as it was known at the end of one day.

    Make one with `AsOfView.of` and hand it down: what several ask of a day is worked out when first asked for, and
    kept. Nothing recorded after the day has any part in what it says.

    Attributes
    ----------
    known : Records
        The state of the day (`Records.known_by`), its households with one name for each area (`name_places`).
    as_of : AsOf
    lines : Lines
        Poverty lines by year.
    max_age : int
        How many of its own lengths before the day an income period may end and still be current.
    source : Records
        What the state was made of, later entries among it. Ask `versions`, never this.

    Examples
    --------
    >>> quarter = pl.DataFrame(
    ...     {
    ...         "household_id": ["h1"],
    ...         "period_start": [date(2019, 1, 1)],
    ...         "period_end": [date(2019, 3, 31)],
    ...         "household_size": [4],
    ...         "net_income": [4000.0],
    ...     }
    ... )
    >>> view = AsOfView.of(Records({"incomes": quarter}), "2019-12-31")
    >>> view.current_incomes.select("income", "line", "stale").row(0)
    (4000.0, 3218.0, True)
    >>> AsOfView.of(view) is view
    True
    """

    known: Records
    as_of: AsOf
    lines: Lines
    max_age: int = 1
    source: Records = field(repr=False)

    @staticmethod
    def of(
        records: "Records | AsOfView",
        as_of: str | date | AsOf | None = None,
        *,
        lines: Lines | None = None,
        max_age: int | None = None,
    ) -> "AsOfView":
        """Return the view of a day; a view is returned unchanged.

        Parameters
        ----------
        records : Records or AsOfView
            All versions of the records, or a view of the same day.
        as_of : str, date or AsOf, optional
            The as-of day; only what was known at its end counts. A view has one already.
        lines : Lines, optional
            Poverty lines by year; by default those of the view, else the built-in ones.
        max_age : int, optional
            How many of its own lengths before the day a period may end and still be current; by default that of the
            view, else 1.

        Raises
        ------
        InputError
            As `Records.known_by`; if it is a view of another day (``state_of_other_day``), or neither a view nor a day
            is given (``day_unreadable``).
        """
        if isinstance(records, AsOfView):
            return records._with(as_of, lines, max_age)
        if as_of is None:
            raise InputError("day_unreadable", day=as_of)
        day = AsOf.of(as_of)
        return AsOfView(
            known=_with_places(records.known_by(day)),
            as_of=day,
            lines=read_policy().lines if lines is None else lines,
            max_age=1 if max_age is None else max_age,
            source=records,
        )

    def _with(self, as_of: str | date | AsOf | None, lines: Lines | None, max_age: int | None) -> "AsOfView":
        """Return this view, or one of the same state by other lines."""
        if as_of is not None and AsOf.of(as_of) != self.as_of:
            raise InputError("state_of_other_day", day=AsOf.of(as_of), state=self.as_of)
        lines = self.lines if lines is None else lines
        max_age = self.max_age if max_age is None else max_age
        same = (lines, max_age) == (self.lines, self.max_age)
        return self if same else replace(self, lines=lines, max_age=max_age)

    @property
    def known_until(self) -> date:
        """The last day the records speak of, the as-of day at most: rows without a day of their own are of this one.

        Raises
        ------
        InputError
            If the records do not say (``export_day_unknown``).
        """
        return min(self.source.known_until, self.as_of.day)

    def versions(self, table: str) -> pl.DataFrame | None:
        """Return every version of a table's rows that was known by the day, in any order; None without such a table.

        The state keeps only the newest: this says when something was entered first, and who was seen where before.
        """
        return self.source.versions_by(table, self.as_of)

    def happened(self, table: str, day: str) -> pl.DataFrame:
        """Return the rows of a table with `day` reached: a register may note future events, or mistype a date.

        Raises
        ------
        InputError
            If there is no such table (``table_needed``).
        """
        return self.known.require(table).filter(pl.col(day) <= self.as_of.day)

    @cached_property
    def yearly_incomes(self) -> pl.DataFrame:
        """Every known income period, annualised, see `yearly_incomes`."""
        return yearly_incomes(self.known, self.lines)

    @cached_property
    def yearly_incomes_after_fixed_expenditure(self) -> pl.DataFrame:
        """Every known income period, annualised, less each person's share of fixed expenditure.

        Raises
        ------
        InputError
            If the records have no fixed expenditure (``no_rigid_expenditure``).
        """
        return yearly_incomes(self.known, self.lines, after_fixed_expenditure=True)

    @cached_property
    def current_incomes(self) -> pl.DataFrame:
        """The current income of every household with any, that of the last period known, with ``stale``.

        Of two periods that end together the longer one counts. It is stale where the period ended more than `max_age`
        of its own lengths before the day.
        """
        return current_incomes(self.yearly_incomes, self.as_of, self.max_age)

    @cached_property
    def current_incomes_after_fixed_expenditure(self) -> pl.DataFrame:
        """The current income of every household with any, of `yearly_incomes_after_fixed_expenditure`."""
        return current_incomes(self.yearly_incomes_after_fixed_expenditure, self.as_of, self.max_age)

    @cached_property
    def residents(self) -> pl.DataFrame:
        """The members who live in their household on the day, with `age` in full years where a birth is known.

        A birth year alone counts as born on the first of January. Nobody where no members are known, nor where only the
        head of a larger household is.
        """
        return residents_of(self.known, self.as_of)

    @cached_property
    def able_to_work(self) -> pl.DataFrame:
        """Who lives with somebody able to work: household_id, able (how many) and has_labour (whether anybody).

        Able is who has ordinary or skilled labour capacity. Of a household in which nobody is known to be able, and
        somebody's capacity is not known, both are null; a household of no known residents has no row.
        """
        return able_of(self.residents)

    @property
    def keeps_types(self) -> bool:
        """Whether the register calls any household anything; where it does not, incomes decide who is poor."""
        return keeps_types(self.known)

    @cached_property
    def relapse_entries(self) -> pl.DataFrame:
        """Every relapse known, with the day it was first entered: household_id, happened_on, entered_on.

        A correction is no new entry: what an entry says is its newest version's, the day it was entered its first
        one's.
        """
        return relapse_entries_of(self.known, self.versions("relapses"))

    @cached_property
    def states(self) -> pl.DataFrame:
        """What every household is: household_id, state, monitored, monitoring_type and cleared.

        - state: ``never_poor``, ``near_poor``, ``poor``, ``exited``, ``relapsed`` or ``exited_again``, of all versions
          of its type and exit year, relapses and monitoring together; null where the register does not say. A relapse
          lasts until the register says, after its entry, that the household left poverty again; a changed type, and an
          exit of before, do not end it (docs/records.md). Whoever left poverty and is called poor has relapsed.
        - monitored: identified and not cleared; where nobody is entered, or the household is not, its own
          monitoring_type decides. Null where the register does not say who was cleared, or keeps no monitoring at all.
        - monitoring_type: as what it is monitored (``unstable``, ``near_poor``, ``sudden``), null where not known.
        - cleared: identified before, and monitored no more.

        Raises
        ------
        InputError
            If rows of households have no day, and the records do not say when they were exported
            (``export_day_unknown``).
        """
        versions = self.versions("households")
        if versions is not None:
            day = pl.col("recorded_on") if "recorded_on" in versions.columns else pl.lit(None, dtype=pl.Date)
            versions = versions.with_columns(recorded_on=day.fill_null(self.known_until))
        incomes = None if self.keeps_types else self.current_incomes
        return states_of(self.known, versions, self.relapse_entries, incomes, self.as_of)

    @cached_property
    def assistance(self) -> pl.DataFrame:
        """The measures that have begun, with in_force, one_off and held; none where no assistance is known.

        A measure is in force where no end of it is noted, or it ends that very day. What lasts less than thirty days is
        one_off: a grant, a premium or a payment. A household has a measure (held) while it is in force, and what is one
        off for the twelve months after it was given.
        """
        return measures_of(self.known, self.as_of)

    def notes_help(self, kind: str) -> bool:
        """Return whether who has no measure of a kind is known to have none.

        Not where no measure is known, nor where all are said in passing (a list of households notes who is on
        subsistence allowance, and no more) and none is of this kind.
        """
        measures = self.assistance
        in_passing = "in_passing" in measures.columns and measures["in_passing"].fill_null(False).all()
        return not measures.is_empty() and (not in_passing or kind in measures["kind"])

    @cached_property
    def relapse_cover(self) -> pl.DataFrame:
        """Whether each household is covered by relapse insurance: household_id and covered, null where not known.

        Covered is who holds insurance, see `assistance`. Of the others it is known that they are not if any policy
        that lasts is noted of anybody; a register with payments alone, or without any, does not say who has none.
        """
        return cover_of(self.known, self.assistance)

    @cached_property
    def areas(self) -> pl.DataFrame:
        """The county and the village of each household, the empty text where not known, see `areas_of`."""
        return areas_of(self.known.require("households"))


def _with_places(known: Records) -> Records:
    """Return the state of a day with one name for each area."""
    if not known.has("households", "village_code"):
        return known
    return replace(known, tables={**known.tables, "households": name_places(known.require("households"))})
