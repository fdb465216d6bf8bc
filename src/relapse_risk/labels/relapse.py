"""What became of each household within the horizon, as far as it is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.labels.cohort import find_cohort
from relapse_risk.labels.lag import share_still_to_come
from relapse_risk.periods import AsOf, Horizon, add_months, parse_day
from relapse_risk.policy import Lines, read_policy
from relapse_risk.records import Records, yearly_incomes

__all__ = ["LABELS", "Labels", "label_relapse"]

LABELS = ("auto", "recorded", "income")
Day = str | date | AsOf


@dataclass(frozen=True, kw_only=True)
class Labels:
    """The cohort of each as-of day, and what became of it.

    Attributes
    ----------
    frame : pl.DataFrame
        The columns of `find_cohort`, relapsed (true, false, null where unknown or not at risk) and unknown (why it is
        not known, for households at risk: ``horizon_open``, ``gone``, ``no_period``, ``pair_counted``), in the order of
        day and household.
    label : str
        ``recorded`` or ``income``, as asked or as decided.
    cohort : str
    horizon : int
        Months.
    counts : Mapping of str to int
        pairs (income label: pairs of periods with both incomes known, at risk or not; otherwise households times days
        with a known outcome), at_risk (known outcomes of households at risk), relapses, unknown.
    share_to_come : float or None
        Recorded label: the share of these relapses that past recording lags say is still to be entered.
    last_outcome : date or None
        The last day a known outcome touches.
    """

    frame: pl.DataFrame
    label: str
    cohort: str
    horizon: int
    counts: Mapping[str, int]
    share_to_come: float | None
    last_outcome: date | None


def label_relapse(
    records: Records,
    as_of: Day | Sequence[Day],
    horizon: int = 12,
    *,
    label: str = "auto",
    cohort: str = "wide",
    lines: Lines | None = None,
    max_age: int = 1,
    known_by: Day | None = None,
) -> Labels:
    """Return who was at risk on each as-of day and who of them relapsed within the horizon.

    ``recorded``: an entry in ``relapses`` dated in (as_of, as_of + horizon]; known where the horizon ends at most a
    month after the last day looked at. ``income``: the income period that ends `horizon` months after the current one
    is below its line; unknown where there is none, and a pair of periods counts once, on its first as-of day. A
    household whose members all died or left before the end is unknown, unless it had relapsed by then.

    Parameters
    ----------
    records : Records
        All versions of the records.
    as_of : day or sequence of days
    horizon : int
        Months.
    label : {"auto", "recorded", "income"}
        ``auto`` is decided once for the whole input: ``recorded`` if any relapse is dated after the first as-of day.
    cohort, lines, max_age
        As in `find_cohort`.
    known_by : day, optional
        Nothing recorded later is looked at; by default, all of the records.

    Raises
    ------
    InputError
        If the label has another name (``label_unknown``), no relapses are there to be counted (``no_relapse_table``),
        or as `find_cohort` says.

    Examples
    --------
    >>> from datetime import date
    >>> year = [(date(y, 1, 1), date(y, 12, 31)) for y in (2018, 2019)]
    >>> incomes = pl.DataFrame(
    ...     {
    ...         "household_id": ["h1", "h1"],
    ...         "period_start": [start for start, _ in year],
    ...         "period_end": [end for _, end in year],
    ...         "household_size": [2, 2],
    ...         "net_income": [8000.0, 6000.0],
    ...     }
    ... )
    >>> records = Records({"incomes": incomes}, exported_on=date(2020, 1, 31))
    >>> label_relapse(records, "2018-12-31").frame["relapsed"].item()
    True
    """
    if label not in LABELS:
        raise InputError("label_unknown", label=label, known=", ".join(LABELS))
    days = sorted({AsOf.of(day) for day in ([as_of] if isinstance(as_of, str | date | AsOf) else as_of)})
    lines = lines or read_policy().lines
    until = records.known_until if known_by is None else parse_day(known_by)
    seen = records.known_by(until)
    cohorts = pl.concat(find_cohort(records, day, cohort=cohort, lines=lines, max_age=max_age) for day in days)
    decided = _decided(label, seen, days[0])
    span = Horizon(months=horizon)
    if decided == "recorded":
        frame = _with_entries(cohorts, seen, span, until)
    else:
        frame = _with_pairs(cohorts, yearly_incomes(seen, lines), span)
    frame = _finished(frame, _last_left(seen))
    at_risk = frame.filter(pl.col("relapsed").is_not_null())
    return Labels(
        frame=frame.drop("outcome", "outcome_on", "ends_on", "relapsed_on", strict=False),
        label=decided,
        cohort=cohort,
        horizon=horizon,
        counts={
            "pairs": int(frame["outcome"].is_not_null().sum()),
            "at_risk": at_risk.height,
            "relapses": int(at_risk["relapsed"].sum()),
            "unknown": int(frame["unknown"].is_not_null().sum()),
        },
        share_to_come=_share_to_come(seen, at_risk, until) if decided == "recorded" else None,
        last_outcome=_last(at_risk, until),
    )


def _decided(label: str, seen: Records, first: AsOf) -> str:
    relapses = seen.table("relapses")
    if label == "recorded" and relapses is None:
        raise InputError("no_relapse_table")
    if label != "auto":
        return label
    later = relapses is not None and relapses.filter(pl.col("relapsed_on") > first.day).height > 0
    return "recorded" if later else "income"


def _with_entries(cohorts: pl.DataFrame, seen: Records, span: Horizon, until: date) -> pl.DataFrame:
    """Add the first relapse dated in (as_of, as_of + horizon], or that there was none, where that is known."""
    relapses = seen.table("relapses")
    assert relapses is not None
    ends = {day: span.end(AsOf(day)) for day in cohorts["as_of"].unique()}
    within = cohorts.with_columns(ends_on=pl.col("as_of").replace_strict(ends, return_dtype=pl.Date))
    first = (
        within.select("household_id", "as_of", "ends_on")
        .join(relapses.select("household_id", "relapsed_on"), on="household_id")
        .filter((pl.col("relapsed_on") > pl.col("as_of")) & (pl.col("relapsed_on") <= pl.col("ends_on")))
        .group_by("household_id", "as_of")
        .agg(pl.col("relapsed_on").min())
    )
    over = pl.col("ends_on") <= add_months(until, 1)
    return (
        within.join(first, on=["household_id", "as_of"], how="left")
        .with_columns(
            outcome=pl.when(over).then(pl.col("relapsed_on").is_not_null()),
            outcome_on=pl.col("ends_on"),
            unknown=pl.when(~over).then(pl.lit("horizon_open")),
        )
        .sort("as_of", "household_id")
    )


def _with_pairs(cohorts: pl.DataFrame, incomes: pl.DataFrame, span: Horizon) -> pl.DataFrame:
    """Add whether the period that ends `span` after the current one is below its line, each pair of periods once."""
    ends = {day: add_months(day, span.months) for day in cohorts["period_end"].drop_nulls().unique()}
    closing = (
        incomes.filter(pl.col("line").is_not_null())
        .sort("household_id", "period_end", "period_start")
        .unique(["household_id", "period_end"], keep="first", maintain_order=True)
        .select("household_id", pl.col("period_end").alias("outcome_on"), (pl.col("ratio") < 1).alias("outcome"))
    )
    once = pl.col("as_of") == pl.col("as_of").min().over("household_id", "period_end")
    return (
        cohorts.with_columns(
            outcome_on=pl.col("period_end").replace_strict(ends, default=None, return_dtype=pl.Date),
            first=once.fill_null(value=False) & pl.col("ratio").is_not_null(),
        )
        .join(closing, on=["household_id", "outcome_on"], how="left")
        .with_columns(
            outcome=pl.when("first").then("outcome"),
            unknown=pl.when(pl.col("outcome").is_null())
            .then(pl.lit("no_period"))
            .when(~pl.col("first"))
            .then(pl.lit("pair_counted")),
            ends_on=pl.col("outcome_on"),
            relapsed_on=pl.lit(None, dtype=pl.Date),
        )
        .drop("first")
        .sort("as_of", "household_id")
    )


def _finished(frame: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """Censor households that were gone before the end, and say nothing of those not at risk."""
    at_risk = pl.col("population") == "at_risk"
    gone = (pl.col("gone_on") <= pl.col("ends_on")) & (pl.col("gone_on") > pl.col("as_of"))
    relapsed_first = (pl.col("relapsed_on") <= pl.col("gone_on")).fill_null(value=False)
    censored = (gone & ~relapsed_first).fill_null(value=False)
    return (
        frame.join(left, on="household_id", how="left", maintain_order="left")
        .with_columns(
            unknown=pl.when(at_risk).then(
                pl.when(censored & pl.col("unknown").is_null()).then(pl.lit("gone")).otherwise("unknown")
            )
        )
        .with_columns(relapsed=pl.when(at_risk & pl.col("unknown").is_null()).then("outcome"))
        .drop("gone_on")
    )


def _last_left(seen: Records) -> pl.DataFrame:
    """Return the day the last member of each household that is no more died or left."""
    members = seen.table("members")
    if members is None or "left_on" not in members.columns:
        return pl.DataFrame(schema={"household_id": pl.String, "gone_on": pl.Date})
    return (
        members.group_by("household_id")
        .agg(pl.col("left_on").is_not_null().all().alias("all_left"), pl.col("left_on").max().alias("gone_on"))
        .filter("all_left")
        .drop("all_left")
    )


def _last(at_risk: pl.DataFrame, until: date) -> date | None:
    touched = at_risk["outcome_on"].max()
    return min(touched, until) if isinstance(touched, date) else None


def _share_to_come(seen: Records, at_risk: pl.DataFrame, until: date) -> float | None:
    relapses = seen.table("relapses")
    if relapses is None or "recorded_on" not in relapses.columns:
        return None
    counted = at_risk.filter(pl.col("relapsed")).select("household_id", "relapsed_on").unique()
    return share_still_to_come(relapses, counted["relapsed_on"], until)
