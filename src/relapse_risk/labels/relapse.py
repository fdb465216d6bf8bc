"""Which households at risk relapsed within the horizon, and for which it is unknown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal, get_args

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.labels.attrition import departures
from relapse_risk.labels.cohort import Cohort, find_cohort, first_of
from relapse_risk.labels.reporting_delay import overall_unreported, with_unreported
from relapse_risk.periods import AsOf, Horizon, add_months
from relapse_risk.policy import Lines
from relapse_risk.records import AsOfView, AsOfViews, Records

__all__ = ["Label", "Labels", "Outcomes", "label_relapse", "label_scored"]

Label = Literal["auto", "recorded", "income", "after_fixed_expenditure"]

GRACE_MONTHS = 1
"""How long before the end of a horizon the records may end and its outcomes still count as known."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcomes:
    """What became of households on as-of days.

    Attributes
    ----------
    frame : pl.DataFrame
        household_id, as_of, ``relapsed`` (null where not known) and ``unknown`` (why not, see `Labels`), by as-of day
        and household.
    days : pl.DataFrame
        One row per as-of day: as_of, horizon_end, at_risk, known, relapses, unreported_share, and unreported_error, the
        standard error of the logarithm of 1 - unreported_share (`unreported_error`).
    """

    frame: pl.DataFrame
    days: pl.DataFrame


@dataclass(frozen=True, kw_only=True, eq=False)
class Labels(Outcomes):
    """Outcomes of every household known on the as-of days.

    Attributes
    ----------
    frame : pl.DataFrame
        The columns of `find_cohort`, and ``relapsed`` (null where not known), ``unknown`` (why not, null where it is:
        ``not_at_risk``, ``horizon_open``, ``fallen_already``, ``departed``, ``period_missing``, ``line_missing``,
        ``expenditure_missing``, ``pair_counted``); with a label of incomes also ``outcome_end``, ``outcome_ratio``
        and ``outcome_line_is_own`` (end of the period a horizon later, income over line in it, and whether that line
        is the row's or its year's own), whoever is at risk. By as-of day and household.
    label : str
        ``recorded``, ``income`` or ``after_fixed_expenditure``, as decided; the last two are labels of incomes.
    cohort : str
        ``wide`` or ``narrow``.
    horizon : int
        Months.
    counts : Mapping of str to int
        ``rows``, ``at_risk``, ``rule_only``, ``not_scored``; ``known`` outcomes of households at risk, of them
        ``relapses`` and ``stale``; ``unknown_<why>`` of households at risk; with a label of incomes ``pairs`` of
        periods with income known in both, at risk or not, and ``carried_forward_line``: known outcomes judged by the
        last line before a year that has none of its own; with label ``recorded`` ``entered_late``: households at risk
        with a relapse dated on or before the as-of day that the register only learned of afterwards (what became of
        them is unknown, ``fallen_already``: they were neither at risk nor safe).
    days : pl.DataFrame
        As in `Outcomes`.
    unreported_share : float
        Estimated part of the relapses within the horizons counted that the register had not entered by the last day
        known; 0 with label ``income``.
    last_outcome : date or None
        The last day any known outcome touches; None if none is known.
    """

    label: str
    cohort: str
    horizon: int
    counts: Mapping[str, int]
    unreported_share: float
    last_outcome: date | None


def label_relapse(
    records: Records | AsOfViews,
    as_of: str | date | AsOf | Sequence[str | date | AsOf],
    horizon: int = 12,
    *,
    label: Label = "auto",
    cohort: Cohort = "wide",
    lines: Lines | None = None,
    max_age: int | None = None,
    known_by: str | date | AsOf | None = None,
    keep: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
) -> Labels:
    """Label who relapsed within the horizon of one or several as-of days.

    ``recorded``: an entry in ``relapses`` dated in (as_of, as_of + horizon]; known where the horizon ends at most a
    month after the last day known. ``income``: the income period that ends ``horizon`` months after the current one
    is below its line; known where there is such a period; a pair of periods counts once, on the first as-of day on
    which the household is at risk. ``after_fixed_expenditure``: likewise, each person's share of the household's
    rigid expenditure of a period taken off first (`relapse_risk.records.rigid_expenditure`), off the current and the
    later income alike; not known where a bill without an amount could bring the later one below. Not known either way
    is what became of a household that died out or moved away before the end, unless its relapse was entered, nor of one
    that had fallen already when the day came, by an entry made later.

    Who is at risk is decided by what was known on the as-of day, the outcome by what is known in the end.

    Parameters
    ----------
    records : Records or AsOfViews
        All versions of the records, or the views of several days, of which what is there is not made again.
    as_of : str, date, AsOf or a sequence of them
        The as-of days.
    horizon : int, default 12
        Months.
    label : {"auto", "recorded", "income", "after_fixed_expenditure"}, default "auto"
        ``auto``: ``recorded`` if there is any entry dated after the first as-of day, else ``income``; decided once for
        the whole input.
    cohort, lines, max_age
        As in `find_cohort`.
    known_by : str, date or AsOf, optional
        Look at nothing recorded after this day; by default, at everything.
    keep : callable, optional
        Returns which rows of `find_cohort` are labelled, given those of all days; by default, all are.

    Returns
    -------
    Labels

    Raises
    ------
    InputError
        As `find_cohort`; if there is no such label (``label_unknown``), no as-of day is given (``label_no_day``), or
        recorded relapses are asked for and there is no such table (``no_relapse_table``), or no rigid expenditure is
        recorded that could be taken off (``no_rigid_expenditure``).
    """
    if label not in get_args(Label):
        raise InputError("label_unknown", label=label, known=", ".join(get_args(Label)))
    days = _days(as_of)
    views = AsOfViews.of(records, lines=lines, max_age=max_age)
    until = views.last_known(known_by)
    seen = views.on(until)
    kind = _decided(label, seen.known, days[0])
    net = kind == "after_fixed_expenditure"
    cohorts = [find_cohort(views.on(day), cohort=cohort, after_fixed_expenditure=net) for day in days]
    everybody = pl.concat(cohorts)
    rows, by_day = _followed(everybody if keep is None else keep(everybody), days, seen, until, horizon, kind)
    return Labels(
        frame=rows.drop("departed_on", "horizon_end", "entered_late", strict=False),
        label=kind,
        cohort=cohort,
        horizon=horizon,
        counts=MappingProxyType(_counts(rows)),
        days=by_day,
        unreported_share=overall_unreported(by_day),
        last_outcome=_last_outcome(rows, until, kind),
    )


def label_scored(
    scored: pl.DataFrame, records: Records | AsOfViews, horizon: int = 12, *, label: Label, known_by: str | date | AsOf
) -> Outcomes:
    """Label who relapsed of those scored on earlier days; who was at risk is what was said then, not found out again.

    Outcomes are those of `label_relapse`; it costs what the outcomes cost, not what the days did.

    Parameters
    ----------
    scored : pl.DataFrame
        household_id, as_of and population, as `find_cohort` said on the days.
    records : Records or AsOfViews
    horizon : int
        Months.
    label, known_by
        As in `label_relapse`.

    Raises
    ------
    InputError
        As `label_relapse`.

    Examples
    --------
    >>> day = date(2019, 12, 31)
    >>> households = pl.DataFrame({"household_id": ["h1", "h2"], "recorded_on": [day, day]})
    >>> relapses = pl.DataFrame({"household_id": ["h1"], "relapsed_on": [date(2020, 5, 1)]})
    >>> records = Records({"households": households, "relapses": relapses}, exported_on=date(2021, 1, 31))
    >>> scored = households.select("household_id", as_of="recorded_on", population=pl.lit("at_risk"))
    >>> label_scored(scored, records, label="recorded", known_by="2021-01-31").frame["relapsed"].to_list()
    [True, False]
    """
    days = _days(scored["as_of"].unique().to_list())
    views = AsOfViews.of(records)
    until = views.last_known(known_by)
    seen = views.on(until)
    kind = _decided(label, seen.known, days[0])
    if kind != "recorded":
        scored = scored.join(_current_periods(views, days, kind), on=["household_id", "as_of"], how="left")
    rows, by_day = _followed(scored, days, seen, until, horizon, kind)
    return Outcomes(frame=rows.select("household_id", "as_of", "relapsed", "unknown"), days=by_day)


def _current_periods(views: AsOfViews, days: Sequence[AsOf], kind: str) -> pl.DataFrame:
    """Return the end of everybody's current income period on several days; of one day at a time is kept."""
    net, of_days = kind == "after_fixed_expenditure", []
    for day in days:
        view = AsOfView.of(views.records, day, lines=views.lines, max_age=views.max_age)
        current = view.current_incomes_after_fixed_expenditure if net else view.current_incomes
        of_days.append(current.select("household_id", "period_end", as_of=pl.lit(day.day)))
    return pl.concat(of_days)


def _followed(
    rows: pl.DataFrame, days: Sequence[AsOf], seen: AsOfView, until: date, horizon: int, kind: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows of households on days with what became of them, and the counts of each day."""
    span = Horizon(months=horizon)
    ends = pl.DataFrame({"as_of": [day.day for day in days], "horizon_end": [span.end(day) for day in days]})
    rows = rows.join(departures(seen), on="household_id", how="left").join(ends, on="as_of")
    entered = seen.relapse_entries
    net = kind == "after_fixed_expenditure"
    rows = _recorded(rows, entered, until) if kind == "recorded" else _income(rows, seen, horizon, net)
    rows = rows.sort("as_of", "household_id")
    return rows, _by_day(rows, ends, entered, until, kind)


def _days(as_of: str | date | AsOf | Sequence[str | date | AsOf]) -> list[AsOf]:
    several = [as_of] if isinstance(as_of, str | date | AsOf) else as_of
    days = sorted({AsOf.of(day) for day in several})
    if not days:
        raise InputError("label_no_day")
    return days


def _decided(label: Label, seen: Records, first: AsOf) -> str:
    """Return what a relapse is, for the whole input."""
    relapses = seen.table("relapses")
    if label == "recorded" and relapses is None:
        raise InputError("no_relapse_table")
    if label != "auto":
        return label
    later = relapses is not None and relapses.filter(pl.col("relapsed_on") > first.day).height > 0
    return "recorded" if later else "income"


_AT_RISK = pl.col("population") == "at_risk"
_LATE = pl.col("entered_late")


def _recorded(rows: pl.DataFrame, entered: pl.DataFrame, until: date) -> pl.DataFrame:
    """Add ``relapsed`` and ``unknown`` by the entries of relapses."""
    dated = rows.select("household_id", "as_of", "horizon_end").join(entered, on="household_id")
    inside = (pl.col("happened_on") > pl.col("as_of")) & (pl.col("happened_on") <= pl.col("horizon_end"))
    late = (pl.col("happened_on") <= pl.col("as_of")) & (pl.col("entered_on") > pl.col("as_of"))
    found = dated.group_by("household_id", "as_of").agg(entered=inside.any(), entered_late=late.any())
    found = rows.join(found, on=["household_id", "as_of"], how="left").with_columns(
        pl.col("entered", "entered_late").fill_null(False)
    )
    open_still = pl.col("horizon_end") > add_months(until, GRACE_MONTHS)
    gone = (pl.col("departed_on") < pl.col("horizon_end")).fill_null(False) & ~pl.col("entered")
    reasons = {"not_at_risk": ~_AT_RISK, "horizon_open": open_still, "fallen_already": _LATE, "departed": gone}
    unknown = first_of(reasons)
    return found.with_columns(unknown=unknown).with_columns(relapsed=_where_known("entered")).drop("entered")


def _income(rows: pl.DataFrame, seen: AsOfView, horizon: int, after_fixed_expenditure: bool) -> pl.DataFrame:
    """Add ``relapsed`` and ``unknown`` by the income period a horizon after the current one."""
    # From the day after the end, so that a period that ends with a month leads to one that ends with a month.
    later = pl.col("period_end").dt.offset_by("1d").dt.offset_by(f"{horizon}mo").dt.offset_by("-1d")
    yearly = seen.yearly_incomes_after_fixed_expenditure if after_fixed_expenditure else seen.yearly_incomes
    outcomes = (
        # Of two periods that end together the longer one counts, which comes last.
        yearly.unique(["household_id", "period_end"], keep="last", maintain_order=True).select(
            "household_id",
            outcome_end="period_end",
            outcome_ratio="ratio",
            outcome_line_is_own="line_is_own",
            met=pl.lit(True),
            whole="rigid_is_whole" if after_fixed_expenditure else pl.lit(True),
        )
    )
    found = rows.with_columns(outcome_end=later).join(outcomes, on=["household_id", "outcome_end"], how="left")
    found = found.with_columns(outcome_end=pl.when("met").then("outcome_end"))
    end = pl.coalesce("outcome_end", "horizon_end")
    unknown = first_of(
        {
            "not_at_risk": ~_AT_RISK,
            "departed": (pl.col("departed_on") < end).fill_null(False),
            "period_missing": pl.col("met").is_null(),
            "line_missing": pl.col("outcome_ratio").is_null(),
            # Below the line without the rest of the bills is below it with them.
            "expenditure_missing": ~pl.col("whole") & (pl.col("outcome_ratio") >= 1),
        }
    )
    found = found.with_columns(unknown=unknown).with_columns(unknown=_without_repeats())
    below = found.with_columns(below=pl.col("outcome_ratio") < 1)
    return below.with_columns(relapsed=_where_known("below")).drop("below", "met", "whole")


def _without_repeats() -> pl.Expr:
    """Return why an outcome is not known, counting each pair of periods on the first day it is: the freshest."""
    first = pl.when(pl.col("unknown").is_null()).then("as_of").min().over("household_id", "period_end")
    again = pl.col("unknown").is_null() & (pl.col("as_of") > first)
    return pl.when(again).then(pl.lit("pair_counted")).otherwise("unknown")


def _where_known(outcome: str) -> pl.Expr:
    return pl.when(pl.col("unknown").is_null()).then(outcome)


def _by_day(rows: pl.DataFrame, ends: pl.DataFrame, entered: pl.DataFrame, until: date, kind: str) -> pl.DataFrame:
    """Return the counts of each as-of day, and what part of its relapses is still to come."""
    counted = rows.group_by("as_of").agg(
        at_risk=_AT_RISK.sum(), known=pl.col("relapsed").count(), relapses=pl.col("relapsed").sum()
    )
    days = ends.join(counted, on="as_of", how="left").with_columns(pl.col("at_risk", "known", "relapses").fill_null(0))
    return with_unreported(days, entered if kind == "recorded" else None, until)


def _counts(rows: pl.DataFrame) -> dict[str, int]:
    known = pl.col("relapsed").is_not_null()
    counts = {population: pl.col("population") == population for population in ("at_risk", "rule_only", "not_scored")}
    counts |= {"known": known, "relapses": pl.col("relapsed"), "stale": known & pl.col("stale")}
    if "entered_late" in rows.columns:
        counts["entered_late"] = _AT_RISK & _LATE
    found = rows.select(**{name: flag.sum() for name, flag in counts.items()}).row(0, named=True)
    if "outcome_ratio" in rows.columns:
        met = rows.filter(pl.col("outcome_ratio").is_not_null())
        found["pairs"] = met.select("household_id", "period_end").n_unique()
        found["carried_forward_line"] = rows.filter(known & ~pl.col("outcome_line_is_own")).height
    unknown = rows.filter(_AT_RISK & ~known).group_by("unknown").len().sort("unknown")
    return {"rows": rows.height, **found, **{f"unknown_{why}": count for why, count in unknown.iter_rows()}}


def _last_outcome(rows: pl.DataFrame, until: date, kind: str) -> date | None:
    """Return the last day a known outcome touches: the end of its horizon, as far as known, or of its period."""
    known = rows.filter(pl.col("relapsed").is_not_null())
    end = pl.min_horizontal("horizon_end", pl.lit(until)) if kind == "recorded" else pl.col("outcome_end")
    last: date | None = known.select(end.max()).item()
    return last
