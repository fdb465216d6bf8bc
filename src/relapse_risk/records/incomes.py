"""Annualised incomes compared with the line: every known period, and the current one of a day."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from relapse_risk.periods import AsOf, parse_day
from relapse_risk.policy import Lines
from relapse_risk.records.records import Records
from relapse_risk.records.rigid import rigid_expenditure
from relapse_risk.records.tables import TABLES

__all__ = ["current_incomes", "line_remarks", "yearly_incomes"]

_PARTS = ("wage", "business", "property", "transfer")
_AMOUNTS = (*_PARTS, "production_cost")
_OPTIONAL = (*_AMOUNTS, "net_income", "net_income_per_capita", "poverty_line")

_DAY_AFTER_END = pl.col("period_end").dt.offset_by("1d")
_WHOLE_MONTHS = (_DAY_AFTER_END.dt.year() - pl.col("period_start").dt.year()) * 12 + (
    _DAY_AFTER_END.dt.month().cast(pl.Int32) - pl.col("period_start").dt.month().cast(pl.Int32)
)
_IS_WHOLE = _DAY_AFTER_END.dt.day() == pl.col("period_start").dt.day()
_DAYS = (_DAY_AFTER_END - pl.col("period_start")).dt.total_days()


def yearly_incomes(known: Records, lines: Lines, *, after_fixed_expenditure: bool = False) -> pl.DataFrame:
    """Return every known income, annualised and compared with its line.

    Incomes are annualised by calendar months: times 12 / months in the period; a period that is not whole months
    counts 12 / 365 of a month for each of its days. Income per person is the one on the row, else net income by
    household size, else (wage + business + property + transfer - production cost) by household size, where all four
    incomes are known (a blank production cost counts as none). Rows with an unknown income are left out.

    Parameters
    ----------
    known : Records
        The state of a day (`Records.known_by`).
    lines : Lines
        Poverty lines by year.
    after_fixed_expenditure : bool, default False
        Take each person's share of the household's rigid expenditure of the period (`rigid_expenditure`) off income
        first, and with it off the ratio.

    Returns
    -------
    pl.DataFrame
        One row per household and period, household by household in time; of two periods that end together the longer
        comes last, as it is the one that counts: household_id, period_start, period_end, months, household_size,
        income (yuan per person-year), line (yuan per person-year: the row's own ``poverty_line``, else the line of the
        year in which the period ends; null before the first), line_is_own (whether the row or the year has one of its
        own), ratio (income over line), net_income (yuan a year for the household) and, where the source has them, wage,
        business, property, transfer and production_cost (likewise); with `after_fixed_expenditure` also
        rigid_is_whole (whether all of that expenditure is known).

    Raises
    ------
    InputError
        With `after_fixed_expenditure`, if the records have no fixed expenditure (``no_rigid_expenditure``).

    Examples
    --------
    >>> from datetime import date
    >>> quarter = pl.DataFrame(
    ...     {
    ...         "household_id": ["h1"],
    ...         "period_start": [date(2019, 1, 1)],
    ...         "period_end": [date(2019, 3, 31)],
    ...         "household_size": [4],
    ...         "net_income": [4000.0],
    ...     }
    ... )
    >>> known = Records({"incomes": quarter}, exported_on=date(2019, 12, 31)).known_by("2019-12-31")
    >>> yearly_incomes(known, Lines(by_year={2019: 3218.0})).select("months", "income", "line").row(0)
    (3.0, 4000.0, 3218.0)
    """
    incomes = known.table("incomes")
    if incomes is None:
        incomes = pl.DataFrame(
            schema={name: TABLES["incomes"].columns[name].dtype for name in TABLES["incomes"].required}
        )
    amounts = [name for name in _AMOUNTS if name in incomes.columns]
    yearly = 12 / pl.col("months")
    left = _per_capita() - _rigid_share() if after_fixed_expenditure else _per_capita()
    whole = ["rigid_is_whole"] if after_fixed_expenditure else []
    return (
        (_with_rigid(_with_optional(incomes), known) if after_fixed_expenditure else _with_optional(incomes))
        .with_columns(months=pl.when(_IS_WHOLE).then(_WHOLE_MONTHS.cast(pl.Float64)).otherwise(_DAYS * 12 / 365))
        .with_columns(income=left * yearly, line=_line(lines), line_is_own=_line_is_own(lines))
        .filter((pl.col("months") > 0) & pl.col("income").is_not_null())
        .select(
            "household_id",
            "period_start",
            "period_end",
            "months",
            "household_size",
            "income",
            "line",
            "line_is_own",
            (pl.col("income") / pl.col("line")).alias("ratio"),
            _net_income() * yearly,
            *(pl.col(name) * yearly for name in amounts),
            *whole,
        )
        .sort("household_id", "period_end", "period_start", descending=[False, False, True])
    )


def current_incomes(yearly: pl.DataFrame, as_of: str | date | AsOf, max_age: int = 1) -> pl.DataFrame:
    """Return the current income of every household with any: that of the last period known.

    Of two periods that end together the longer one counts.

    Parameters
    ----------
    yearly : pl.DataFrame
        From `yearly_incomes`, of the as-of day.
    as_of : str, date or AsOf
        The as-of day.
    max_age : int, default 1
        How many of its own lengths before the day a period may end and still be current.

    Returns
    -------
    pl.DataFrame
        One row per household, in order: the columns of `yearly_incomes` and ``stale`` (whether the period ended earlier
        than that).
    """
    last = yearly.unique("household_id", keep="last", maintain_order=True)
    return last.with_columns(stale=_current_until(max_age) < parse_day(as_of))


def line_remarks(incomes: pl.DataFrame | None, lines: Lines) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield a remark for each line that is used for years without one of their own: which, of what year, how often.

    Parameters
    ----------
    incomes : pl.DataFrame or None
        household_id, period_start and period_end of incomes that are compared with a line; a row with a
        ``poverty_line`` brings its own. Versions of one income count once.
    lines : Lines

    Examples
    --------
    >>> from datetime import date
    >>> years = [2019, 2021, 2022]
    >>> incomes = pl.DataFrame({"household_id": ["h1"] * 3, "period_start": [date(year, 1, 1) for year in years],
    ...     "period_end": [date(year, 12, 31) for year in years]})
    >>> list(line_remarks(incomes, Lines(by_year={2019: 3218.0, 2020: 4000.0})))
    [('line_of_other_year', {'years': (2021, 2022), 'of_year': '2020', 'yuan': '4,000', 'count': 2})]
    """
    if incomes is None:
        return
    brought = pl.col("poverty_line").is_not_null() if "poverty_line" in incomes.columns else pl.lit(False)
    year = pl.col("period_end").dt.year()
    found = incomes.filter(~brought & year.is_not_null() & ~year.is_in(list(lines.by_year)))
    counted = found.unique(["household_id", "period_start", "period_end"]).group_by(year=year).len().sort("year")
    used: dict[int, dict[int, int]] = {}
    for one, count in counted.rows():
        if (of_year := lines.year_of(one)) is not None:
            used.setdefault(of_year, {})[one] = count
    for of_year, counts in used.items():
        yuan = f"{lines.by_year[of_year]:,g}"
        details = {"years": tuple(counts), "of_year": str(of_year), "yuan": yuan, "count": sum(counts.values())}
        yield "line_of_other_year", details


def _with_optional(incomes: pl.DataFrame) -> pl.DataFrame:
    """Add what a source does not have, as unknown."""
    missing = [name for name in _OPTIONAL if name not in incomes.columns]
    return incomes.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in missing)


def _net_income() -> pl.Expr:
    """Return the net income of the household in the period."""
    parts = sum((pl.col(name) for name in _PARTS), -pl.col("production_cost").fill_null(0))
    of_all = pl.col("net_income_per_capita") * pl.col("household_size")
    return pl.coalesce("net_income", parts, of_all).alias("net_income")


def _per_capita() -> pl.Expr:
    """Return the net income per person in the period; unknown for a household of nobody."""
    shared = pl.when(pl.col("household_size") > 0).then(_net_income() / pl.col("household_size"))
    return pl.coalesce("net_income_per_capita", shared)


def _with_rigid(incomes: pl.DataFrame, known: Records) -> pl.DataFrame:
    """Add the rigid expenditure of each period."""
    period = ["household_id", "period_start", "period_end"]
    return incomes.join(rigid_expenditure(known), on=period, how="left", maintain_order="left")


def _rigid_share() -> pl.Expr:
    """Return each person's share of the rigid expenditure; unknown where there is some and nobody to share it."""
    shared = pl.when(pl.col("household_size") > 0).then(pl.col("rigid") / pl.col("household_size"))
    return pl.when(pl.col("rigid") > 0).then(shared).otherwise(0.0)


def _line(lines: Lines) -> pl.Expr:
    return pl.coalesce("poverty_line", lines.of_years(pl.col("period_end").dt.year()))


def _line_is_own(lines: Lines) -> pl.Expr:
    of_year = pl.col("period_end").dt.year().is_in(list(lines.by_year))
    return pl.col("poverty_line").is_not_null() | of_year


def _current_until(max_age: int) -> pl.Expr:
    """Return the last day a period is current."""
    # From the day after the end, so that a period that ends with a month stays current to the end of a month.
    months_later = _DAY_AFTER_END.dt.offset_by(pl.format("{}mo", _WHOLE_MONTHS * max_age)).dt.offset_by("-1d")
    days_later = pl.col("period_end") + pl.duration(days=_DAYS * max_age)
    return pl.when(_IS_WHOLE).then(months_later).otherwise(days_later)
