"""One view of a day: what the register knew at its end, each word defined once, worked out once and kept."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.periods import AsOf
from relapse_risk.policy import Lines, read_policy
from relapse_risk.records.areas import areas_of
from relapse_risk.records.incomes import current_incomes, yearly_incomes
from relapse_risk.records.records import Records
from relapse_risk.records.residents import residents_of
from relapse_risk.records.standing import able_of, cover_of, measures_of, monitored_of

__all__ = ["AsOfView"]


@dataclass(frozen=True, kw_only=True, eq=False)
class AsOfView:
    """The register as it was known at the end of one day.

    Make one with `AsOfView.of` and hand it down: what several ask of a day is worked out when first asked for, and
    kept. Nothing recorded after the day has any part in what it says.

    Attributes
    ----------
    known : Records
        The state of the day (`Records.known_by`).
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
            Poverty lines by year; by default those of the view, else ours.
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
            known=records.known_by(day),
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

        The state keeps only the newest: this tells when something was entered first, and who was seen where before.
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
            If the records tell of no rigid expenditure (``no_rigid_expenditure``).
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

        A birth year alone counts as born on the first of January. Nobody where no members are known.
        """
        return residents_of(self.known, self.as_of)

    @cached_property
    def able_to_work(self) -> pl.DataFrame:
        """Who lives with somebody able to work: household_id, able (how many) and has_labour (whether anybody).

        Able is who has ordinary or skilled labour capacity. Of a household in which nobody is known to be able, and
        somebody's capacity is not known, both are null; a household of no known residents has no row.
        """
        return able_of(self.residents)

    @cached_property
    def monitored(self) -> pl.DataFrame:
        """Whether each household is under monitoring: household_id and monitored, null where it is not known.

        Monitored is who was identified by the day and has not been cleared. Where the register does not say who was
        cleared, nobody knows it of whoever was identified; where it keeps no such table, a household's own
        monitoring_type tells, if it tells of anybody.
        """
        return monitored_of(self.known, self.as_of)

    @cached_property
    def assistance(self) -> pl.DataFrame:
        """The measures that have begun, with in_force, one_off and held; none where no assistance is known.

        A measure is in force where no end of it is noted, or it ends that very day. What lasts less than thirty days is
        one_off: a grant, a premium or a payment. A household has a measure (held) while it is in force, and what is one
        off for the twelve months after it was given.
        """
        return measures_of(self.known, self.as_of)

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
