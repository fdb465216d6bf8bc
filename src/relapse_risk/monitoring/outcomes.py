"""Realised outcomes: what became of those that were scored in earlier months, listed or not."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from relapse_risk.labels import Outcomes
from relapse_risk.metrics import Interval, recalibration_line, score_all, wilson
from relapse_risk.monitoring.design_weights import WEIGHTED, refuse_early, weighted_figures
from relapse_risk.monitoring.frame_keys import KEYS, LISTED, checked, known, schema, with_bounds
from relapse_risk.periods import parse_day

__all__ = ["Realised", "realised_outcomes"]

_MOST_TO_COME = 0.5
"""Of a month of which more is still to come, nothing is known of how much."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Realised:
    """What became of the households scored in earlier months.

    Attributes
    ----------
    rows : pl.DataFrame
        One row per household at risk and month: household_id, as_of, over (whether its horizon is), probability,
        listed_for (null: not listed, nor drawn), inclusion_probability, visited, found, endline (whether visited at
        the horizon's end), relapsed (null: not known).
    months : pl.DataFrame
        One row per month, see `realised_outcomes`.
    weighted : pl.DataFrame
        One row per month with visits drawn at random, and one for all of them (as_of null), see `realised_outcomes`.
    level : float
        Of the intervals.
    least_relapses : int
        Of those drawn: with fewer no recall is given.
    """

    rows: pl.DataFrame
    months: pl.DataFrame
    weighted: pl.DataFrame
    level: float
    least_relapses: int

    @property
    def summary(self) -> dict[str, Any] | None:
        """What the visits drawn at random say of all lists together, as JSON data; None where nobody was drawn."""
        whole = self.weighted.filter(pl.col("as_of").is_null()).drop("as_of").to_dicts()
        return whole[0] if whole else None


def realised_outcomes(
    scores: pl.DataFrame,
    listings: pl.DataFrame,
    labels: Outcomes,
    *,
    on: str | date,
    visits: pl.DataFrame | None = None,
    endline: pl.DataFrame | None = None,
    least_relapses: int = 25,
    level: float = 0.95,
) -> Realised:
    """Compare the scores and lists of earlier months with what is known now.

    Only months whose horizon is over are judged; of the others nothing is said but how many they hold. A household
    whose outcome is not known (it moved away, no income period) counts as unknown, never as one that did not relapse.

    ``months``: as_of, over, at_risk (scored), known and unknown (outcomes), relapses; predicted and observed (shares of
    the known, observed as it will be once the share to_come of the relapses is entered, with observed_lower and
    observed_upper), intercept and slope of the calibration line, auc, brier; listed
    (by model or rule) and listed_known; missed (漏评: relapsed and not listed), missed_share of the relapses with
    missed_lower and missed_upper; wrong (误报: listed, did not relapse, and no visit found it in difficulty),
    wrong_share of the listed with wrong_lower and wrong_upper; found (listed, did not relapse, but found in
    difficulty); wrong_unvisited (of the wrong, those nobody went to see). Intervals are Wilson's: they say how far the
    share may be from that of such households in such a month, taken one by one.

    ``weighted``: whoever is visited is found out more often, so relapses outside the list are recorded less completely,
    and both naive figures are off: the rate outside the list is too low, and the share of the relapses that the list
    caught too high. One visit soon after the list does not mend it, as most relapses come later; of those visited when
    the horizon is over, outcomes are complete, whether listed or drawn. Month by month, those drawn and visited then
    stand for all outside the list (`weighted_share`), the listed that were visited then for all listed, as long as
    whether a visit took place does not depend on what it would have found. months (followed to the end), outside, drawn
    (or listed by a visit that the draw left over, with an inclusion probability below 1; and visited at the end),
    drawn_relapses of them, listed, listed_visited (counts of known outcomes); outside_rate and naive_outside_rate;
    missed and naive_missed (relapses outside the list, how many); recall and naive_recall (share of the relapses that
    were listed); each weighted figure with ``_lower`` and ``_upper``: how far chance in the draw may have put it off.
    found_rate: the share of those outside the list that one visit finds in difficulty, of the drawn.
    refused: why figures are not given: ``not_visited_again`` (nobody drawn was visited at the horizon's end: there is
    only what was found at the visit), ``few_relapses`` among the drawn or ``listed_not_visited_again`` (no recall).

    Parameters
    ----------
    scores : pl.DataFrame
        household_id, as_of, probability of every month; null probabilities are left out.
    listings : pl.DataFrame
        household_id, as_of, listed_for (``model``, ``rule``, ``random``), chance. Of a month without any listing it is
        not known who was listed.
    labels : Outcomes
        Of `label_scored`, or `label_relapse`, for these months, with ``known_by=on``.
    on : day
        What is known by it.
    visits : pl.DataFrame, optional
        household_id, as_of (the month whose list or draw led there) and found (in difficulty; null: not said) of every
        visit.
    endline : pl.DataFrame, optional
        household_id, as_of and visited_on, of those drawn and those of the listed chosen by chance who were visited
        when the horizon of the month was over. Without it no weighted figure but ``found_rate`` is given.
    least_relapses : int
        Of the drawn: with fewer no recall is given, as a ratio of so few is biased.
    level : float

    Raises
    ------
    InputError
        If a column is missing (``frame_columns``) or a household has two rows in a month (``frame_twice``), or
        a visit at the horizon's end was before it (``visits_early``).
    """
    visits, endline = _visits(visits), _endline(endline, labels.days)
    listed = checked("listings", listings, ("listed_for", "inclusion_probability"))
    to_come = pl.col("unreported_share").fill_nan(None).fill_null(0.0).clip(0.0, _MOST_TO_COME)
    over = labels.days.select("as_of", over=pl.col("horizon_end") <= parse_day(on), to_come=to_come)
    rows = (
        checked("scores", scores, ("probability",))
        .filter(pl.col("probability").is_not_null())
        .join(listed.select("as_of").unique().with_columns(has_list=pl.lit(True)), on="as_of", how="left")
        .join(listed, on=KEYS, how="left")
        .join(visits, on=KEYS, how="left")
        .join(endline, on=KEYS, how="left")
        .join(labels.frame.select(*KEYS, "relapsed"), on=KEYS, how="left")
        .join(over, on="as_of", how="left")
        .with_columns(pl.col("visited", "endline", "over", "has_list").fill_null(False))
        .with_columns(relapsed=pl.when("over").then("relapsed"))
        .sort("as_of", "household_id")
    )
    by_month = rows.partition_by("as_of", maintain_order=True)
    return Realised(
        rows=rows.drop("has_list", "to_come"),
        months=pl.DataFrame([_month(part, level) for part in by_month], schema=_MONTHS),
        weighted=pl.DataFrame(list(weighted_figures(by_month, level, least_relapses)), schema=WEIGHTED),
        level=level,
        least_relapses=least_relapses,
    )


def _visits(visits: pl.DataFrame | None) -> pl.DataFrame:
    if visits is None:
        visits = pl.DataFrame(schema={"household_id": pl.String, "as_of": pl.Date, "found": pl.Boolean})
    return checked("visits", visits, ("found",)).with_columns(visited=pl.lit(True))


def _endline(endline: pl.DataFrame | None, days: pl.DataFrame) -> pl.DataFrame:
    if endline is None:
        endline = pl.DataFrame(schema={"household_id": pl.String, "as_of": pl.Date, "visited_on": pl.Date})
    endline = checked("endline", endline, ("visited_on",))
    refuse_early(endline, days)
    return endline.select(*KEYS, endline=pl.lit(True))


def _month(rows: pl.DataFrame, level: float) -> dict[str, Any]:
    judged = rows.filter(pl.col("relapsed").is_not_null())
    return {
        "as_of": rows["as_of"][0],
        "over": rows["over"][0],
        "at_risk": rows.height,
        "known": judged.height,
        "unknown": rows.height - judged.height,
        **_calibration(judged, level),
        **(_errors(rows, judged, level) if rows["has_list"][0] else {}),
    }


def _calibration(judged: pl.DataFrame, level: float) -> dict[str, Any]:
    if judged.is_empty():
        return {}
    entered = 1 - judged["to_come"][0]
    found = score_all(judged["relapsed"].cast(pl.Float64), judged["probability"])
    line = recalibration_line(judged["relapsed"].cast(pl.Float64), judged["probability"] * entered)
    observed = _mature(wilson(found.observed, judged.height, level), entered)
    fitted = {"intercept": line.intercept, "slope": line.slope, "to_come": 1 - entered}
    ranked = {"predicted": found.predicted, "auc": found.auc, "brier": found.brier}
    return {"relapses": found.events, **with_bounds("observed", observed), **known(fitted | ranked)}


def _mature(share: Interval, entered: float) -> Interval:
    """Return a share of relapses as it will be once all are entered."""
    estimate, lower, upper = (min(one / entered, 1.0) for one in (share.estimate, share.lower, share.upper))
    return Interval(estimate=estimate, lower=lower, upper=upper)


def _errors(rows: pl.DataFrame, judged: pl.DataFrame, level: float) -> dict[str, Any]:
    """Return whom the list missed and whom it listed in vain."""
    listed = {"listed": rows.filter(LISTED).height}
    if judged.is_empty():
        return listed
    on_list = judged.filter(LISTED)
    relapses = judged.filter("relapsed").height
    quiet = on_list.filter(~pl.col("relapsed"))
    wrong = quiet.filter(~pl.col("found").fill_null(False))
    missed = relapses - on_list.filter("relapsed").height
    return {
        **listed,
        "listed_known": on_list.height,
        "missed": missed,
        **_share("missed", missed, relapses, level),
        "wrong": wrong.height,
        **_share("wrong", wrong.height, on_list.height, level),
        "found": quiet.height - wrong.height,
        "wrong_unvisited": wrong.filter(~pl.col("visited")).height,
    }


def _share(name: str, count: int, of: int, level: float) -> dict[str, float | None]:
    found = wilson(count / of if of else float("nan"), of, level)
    figures = {f"{name}_share": found.estimate, f"{name}_lower": found.lower, f"{name}_upper": found.upper}
    return known(figures) if of else dict.fromkeys(figures)


_MONTHS = {
    "as_of": pl.Date,
    "over": pl.Boolean,
    **schema(("at_risk", "known", "unknown", "relapses"), ("to_come", "predicted", "observed", "observed_lower")),
    **schema((), ("observed_upper", "intercept", "slope", "auc", "brier")),
    **schema(("listed", "listed_known", "missed"), ("missed_share", "missed_lower", "missed_upper")),
    **schema(("wrong",), ("wrong_share", "wrong_lower", "wrong_upper")),
    **schema(("found", "wrong_unvisited"), ()),
}
