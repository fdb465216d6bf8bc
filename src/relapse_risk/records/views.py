"""The views of a register on several days, one a day."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from relapse_risk.periods import AsOf, parse_day
from relapse_risk.policy import Lines, read_policy
from relapse_risk.records.areas import is_village_code, village_of
from relapse_risk.records.records import Records
from relapse_risk.records.view import AsOfView

__all__ = ["AsOfViews"]


@dataclass(frozen=True, kw_only=True, eq=False)
class AsOfViews:
    """The views of a register on any days, each made once and kept.

    Attributes
    ----------
    records : Records
        All versions of the records.
    lines : Lines
        Poverty lines by year.
    max_age : int
        As in `AsOfView`.

    Examples
    --------
    >>> import polars as pl
    >>> households = pl.DataFrame({"household_id": ["h1"], "recorded_on": [date(2018, 6, 30)]})
    >>> views = AsOfViews.of(Records({"households": households}))
    >>> views.on("2019-12-31") is views.on(date(2019, 12, 31))
    True
    """

    records: Records
    lines: Lines
    max_age: int = 1
    _kept: dict[AsOf, AsOfView] = field(default_factory=dict, init=False, repr=False)

    @staticmethod
    def of(
        records: "Records | AsOfView | AsOfViews", *, lines: Lines | None = None, max_age: int | None = None
    ) -> "AsOfViews":
        """Return the views of a register; a view that is there already stays the one of its day.

        Parameters
        ----------
        records : Records, AsOfView or AsOfViews
            Views are handed on as they are; of other lines, or another age, they keep the states of their days.
        lines, max_age
            As in ``AsOfView.of``.
        """
        if isinstance(records, Records):
            return AsOfViews(
                records=records,
                lines=read_policy().lines if lines is None else lines,
                max_age=1 if max_age is None else max_age,
            )
        lines = records.lines if lines is None else lines
        max_age = records.max_age if max_age is None else max_age
        if isinstance(records, AsOfViews):
            if (lines, max_age) == (records.lines, records.max_age):
                return records
            made, source = list(records._kept.values()), records.records
        else:
            made, source = [records], records.source
        views = AsOfViews(records=source, lines=lines, max_age=max_age)
        views._kept.update({view.as_of: AsOfView.of(view, lines=lines, max_age=max_age) for view in made})
        return views

    def last_known(self, known_by: str | date | AsOf | None = None) -> date:
        """Return the last day that may be looked at: the one asked for, that of the records at most."""
        until = self.records.known_until
        return until if known_by is None else min(parse_day(known_by), until)

    def on(self, as_of: str | date | AsOf) -> AsOfView:
        """Return the view of a day.

        Raises
        ------
        InputError
            As ``AsOfView.of``.
        """
        day = AsOf.of(as_of)
        if day not in self._kept:
            self._kept[day] = AsOfView.of(self.records, day, lines=self.lines, max_age=self.max_age)
        return self._kept[day]

    def areas(self, days: Iterable[date]) -> pl.DataFrame:
        """Return the county and the village of each household on several days, a village being one on all of them.

        Where a code is known of a village's names on the last of the days, it stands for them on those before: which
        households are in one village, on each day, is what was known on that day.

        Returns
        -------
        pl.DataFrame
            as_of, household_id, county and village, the empty text where not known, see `areas_of`.

        Raises
        ------
        InputError
            As ``AsOfView.of``.
        """
        asked = sorted(set(days))
        codes = _codes_of_names(self.on(asked[-1]).known.require("households"), self.records.require("households"))
        village = pl.col("village").replace(codes["names"], codes["code"])
        return pl.concat(self.on(day).areas.with_columns(village, as_of=pl.lit(day)) for day in asked)


def _codes_of_names(homes: pl.DataFrame, source: pl.DataFrame) -> pl.DataFrame:
    """Return the code of the names, as `areas_of` writes them, that lead to one village."""
    if "village_code" not in homes.columns:
        return pl.DataFrame(schema={"names": pl.String, "code": pl.String})
    named = [name for name in source.columns if name != "village_code"]
    code = pl.col("village_code").cast(pl.String)
    pairs = homes.select(names=village_of(named), code=pl.when(is_village_code(code)).then(code))
    return pairs.drop_nulls().unique().unique("names", keep="none")
