"""What a reader must know before using a roster."""

from collections.abc import Iterator, Sequence
from math import isfinite

import polars as pl
from scipy.special import expit, logit
from scipy.stats import norm

from relapse_risk.alerts import DEMANDS, Allocation, Capacity, VisitPlan
from relapse_risk.bundle import Bundle
from relapse_risk.features import Builder
from relapse_risk.monitoring import Drift
from relapse_risk.periods import AsOf, add_months
from relapse_risk.policy import REASONS
from relapse_risk.records import AsOfView, Records, line_remarks, sheet_remarks
from relapse_risk.reports import Remark

__all__ = ["FEW_RELAPSES", "drift_remarks", "find_remarks", "plan_remarks", "rule_remarks", "share_remarks"]

FEW_RELAPSES = 50
"""The mean risk is known to a quarter of itself with so many relapses (1.96 / sqrt(50)). Fewer are remarked upon."""

# With more relapses, predicted over observed beyond these bounds is no chance any more.
_LOW, _HIGH = 0.75, 1.33
_STILL_TO_COME = 0.01


def find_remarks(
    view: AsOfView, bundle: Bundle, cohort: pl.DataFrame, builders: Sequence[Builder]
) -> tuple[Remark, ...]:
    """Return the remarks on scoring with this bundle what was known on a day, the gravest first.

    Parameters
    ----------
    view : AsOfView
    bundle : Bundle
    cohort : pl.DataFrame
        From `find_cohort`.
    builders : sequence of Builder
    """
    at_risk, as_of = cohort.filter(pl.col("population") == "at_risk"), view.as_of
    return (
        *sheet_remarks(view.known.sheets),
        *_of_origin(bundle),
        *_of_forecast(bundle, as_of),
        *_of_age(view),
        *_of_cohort(at_risk, view),
        *_of_trials(bundle),
        *_of_sources(view.known, bundle, builders),
    )


def share_remarks(shared: Allocation, asked: Capacity) -> Iterator[Remark]:
    """Yield the remarks on how visits were shared out: how many that makes, and where it is pointless."""
    if shared.unplaced:
        yield "capacity_unplaced", {"count": shared.unplaced}
    if asked.visits is None:
        return
    visits, at_risk = shared.areas["limit"], shared.areas["at_risk"]
    if asked.per is not None:
        yield "capacity_in_all", {"areas": shared.areas.height, "level": asked.per, "visits": shared.visits}
    none = shared.areas.filter(pl.col("limit") == 0, pl.col("at_risk") > 0)
    if none.height:
        yield "capacity_zero_areas", {"areas": none.height, "count": int(none["at_risk"].sum())}
    if asked.costs is None and (visits >= at_risk).all() and at_risk.sum():
        yield "capacity_everybody", {"visits": shared.visits, "count": int(at_risk.sum())}


def plan_remarks(plan: VisitPlan) -> Iterator[Remark]:
    """Tell who waits, where even the gravest do, and where nobody can be drawn."""
    if plan.beyond:
        yield "listed_beyond_capacity", {"count": plan.beyond, "capacity": plan.capacity}
    if plan.undrawn:
        yield "nobody_drawn", {"areas": plan.full_areas, "count": plan.undrawn}
    waiting = plan.frame.filter(state="waiting")
    if waiting.is_empty():
        return
    counts = plan.counts
    by_kind = {f"{kind}_count": counts[kind]["waiting"] for kind in DEMANDS if kind != "random"}
    yield (
        "waiting",
        {"count": waiting.height, "demanded": counts["all"]["demanded"], "capacity": plan.capacity, **by_kind},
    )
    if grave := waiting.filter(demanded_for="rule", tier="red").height:
        yield "grave_waiting", {"count": grave, "capacity": plan.capacity}
    if owed := waiting.filter(step="minimum").height:
        yield "minimum_waiting", {"count": owed}


def drift_remarks(drift: Drift | None) -> Iterator[Remark]:
    """Remark on scores distributed differently than in training.

    Single columns change with every year (the years since exit, for one), which `Drift` reports; what matters to a
    reader is whether it shows in the scores.
    """
    if drift is not None and drift.summary["score_state"] in ("watch", "alarm"):
        figures = {name: f"{drift.summary[f'score_{name}']:.2f}" for name in ("stability", "by_chance")}
        yield "score_drifted", figures


def rule_remarks(rules: pl.DataFrame) -> Iterator[Remark]:
    """Tell of hard rules that the records cannot answer; `rules` from `rule_counts`."""
    unseen = rules.filter(pl.col("met").is_null())
    if unseen.height:
        yield "rules_unseen", {"rules": {"zh": tuple(unseen["zh"]), "en": tuple(unseen["en"])}}


def _of_origin(bundle: Bundle) -> Iterator[Remark]:
    """Tell how a model came here that was not trained on outcomes of this place."""
    if bundle.origin == "rule":
        yield "rule_alone", {"risk": float(bundle.model.prevalence_)}
    if bundle.moved is not None:
        after, reach = logit(bundle.moved.after), norm.ppf(0.95) * bundle.moved.error
        yield (
            f"moved_by_{bundle.origin}",
            {
                "as_of": bundle.moved.as_of,
                "count": bundle.moved.relapses,
                "before": bundle.moved.before,
                "after": bundle.moved.after,
                "lower": float(expit(after - reach)),
                "upper": float(expit(after + reach)),
                "shift": bundle.moved.shift,
                "error": bundle.moved.error,
            },
        )


def _of_forecast(bundle: Bundle, as_of: AsOf) -> Iterator[Remark]:
    if not bundle.forecasts(as_of):
        yield "not_forecast", {"through": bundle.trained_through, "as_of": as_of.day}


def _of_age(view: AsOfView) -> Iterator[Remark]:
    """Tell that the day is one long after the records end: nobody can know then what happened meanwhile."""
    until, as_of = view.known_until, view.as_of
    months = (as_of.day.year - until.year) * 12 + as_of.day.month - until.month
    if as_of.day > add_months(until, 1):
        yield "long_after_records", {"until": until, "as_of": as_of.day, "months": months}


def _of_cohort(at_risk: pl.DataFrame, view: AsOfView) -> Iterator[Remark]:
    if at_risk.is_empty():
        yield "nobody_at_risk", {"as_of": view.as_of.day}
    if stale := int(at_risk["stale"].sum()):
        yield "stale", {"count": stale, "share": stale / at_risk.height}
    borrowed = at_risk.filter(~pl.col("line_is_own") & pl.col("ratio").is_not_null()).select("household_id")
    yield from line_remarks(view.current_incomes.join(borrowed, on="household_id", how="semi"), view.lines)


def _of_trials(bundle: Bundle) -> Iterator[Remark]:
    evaluation = bundle.evaluation
    if evaluation is None:
        return
    if bundle.relapses < FEW_RELAPSES:
        yield "few_relapses", {"count": bundle.relapses}
    reference = evaluation.comparisons[0]
    if evaluation.better:
        yield "better_models", {"models": evaluation.better}
    if bundle.moved is None and not _LOW <= reference.expected_observed_ratio <= _HIGH:
        yield "calibration_off", {"predicted": reference.scores.predicted, "observed": reference.scores.observed}
    if evaluation.scheme != "time":
        yield "untried_forward", {}
    if bundle.label == "recorded" and isfinite(bundle.unreported_share) and bundle.unreported_share > _STILL_TO_COME:
        yield "still_to_come", {"share": bundle.unreported_share}
    if bundle.carried_forward_line:
        yield "outcomes_by_other_line", {"count": bundle.carried_forward_line}


def _of_sources(known: Records, bundle: Bundle, builders: Sequence[Builder]) -> Iterator[Remark]:
    """Tell of reasons that the model, or the rule, cannot see, and of tables that are not there at all."""
    declared = [feature for builder in builders for feature in builder.features]
    looked_at = [feature for feature in bundle.features if feature.name in bundle.columns]
    seen = {feature.reason for feature in looked_at if feature.lack(known) is None}
    unseen = tuple(reason for reason in REASONS if reason in {f.reason for f in declared} - seen)
    if unseen:
        yield "rule_unseen_reasons" if bundle.origin == "rule" else "unseen_reasons", {"reasons": unseen}
    missing = tuple(dict.fromkeys(feature.table for feature in declared if not known.has(feature.table)))
    if missing:
        yield "missing_tables", {"tables": missing}
