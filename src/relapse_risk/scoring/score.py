"""Score every household known on a day: probability, interval, reasons, rank, tier."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl
from scipy.special import logit

from relapse_risk.alerts import (
    Allocation,
    apply_overrides,
    assess_areas,
    evaluate_rules,
    find_facts,
    find_people,
    overrides,
    rank_households,
    rule_counts,
    share_visits,
)
from relapse_risk.bundle import Bundle
from relapse_risk.errors import InputError, require_kind
from relapse_risk.features import DEFAULT_BUILDERS, FeatureTable, build_features
from relapse_risk.features.conditions import check_conditions
from relapse_risk.labels import find_cohort
from relapse_risk.policy import REASONS, Policy
from relapse_risk.policy.mechanism import NamingPolicy
from relapse_risk.records import AREA_COLUMNS, VISIT_LEVELS, AsOfView, Records, area_path
from relapse_risk.reports import ModelFacts, RosterReport
from relapse_risk.requests import takes
from relapse_risk.scoring.day_request import DayRequest, ScoreRequest
from relapse_risk.scoring.drift import drift_of
from relapse_risk.scoring.predict import predict_risk, word_reasons
from relapse_risk.scoring.remarks import drift_remarks, find_remarks, rule_remarks, share_remarks
from relapse_risk.scoring.roster import Roster

__all__ = ["Scored", "score", "score_day"]

_LEAST_YEARS = 2
_PLACES = (*AREA_COLUMNS.values(), "household_type")
_COLUMNS = (
    *("household_id", "as_of", "population", "stale", "probability", "lower", "upper", "tier", "rank"),
    *("tier_model", "override", "listed_for"),
    *("reason_1", "reason_2", "reason_3", "reason_text"),
    *(f"contribution_{reason}" for reason in REASONS),
    *("contribution_base", "exclusion_reason"),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored:
    """A roster and what it was made of, for callers who continue from there.

    Attributes
    ----------
    roster : Roster
    view : AsOfView
        Of the day.
    cohort : pl.DataFrame
        Who is at risk, from `find_cohort`, by the bundle's cohort and label.
    table : FeatureTable
        The features of every household known on the day.
    policy : Policy
        That of the scores: the bundle's lines and thresholds, unless others were given.
    """

    roster: Roster
    view: AsOfView
    cohort: pl.DataFrame
    table: FeatureTable
    policy: Policy


@takes(ScoreRequest)
def score(records: Records, bundle: Bundle, request: ScoreRequest) -> Roster:
    """Score every household known on a day and list those that can be visited.

    Parameters
    ----------
    records : Records
        All versions of the records; only what was known at the end of `as_of` counts.
    bundle : Bundle
        What `train`, `adapt` or `rule_bundle` returned or `read_bundle` read.
    %(options)s

    Returns
    -------
    Roster

    Raises
    ------
    InputError
        If the day is before the first record, if the capacity is none (``capacity_number``) or cannot be shared out
        here (``capacity_level``, ``capacity_areas``, ``capacity_below_least``), if the records do not say where
        households live at the level to split by (``split_level``), if the key or the language is none (``key_kind``,
        ``lang_unknown``), if records or bundle are something else (``argument_kind``).
    BundleError
        If the bundle was made for other features (``bundle_other_features``, ``bundle_feature_changed``).
    """
    return score_day(records, bundle, request, split_by=request.split_by).roster


def score_day(records: Records, bundle: Bundle, request: DayRequest, *, split_by: str | None = None) -> Scored:
    """Do what `score` does, and return the roster with what it was made of."""
    require_kind("records", records, Records)
    require_kind("bundle", bundle, Bundle)
    request.progress("label", 0.0)
    policy = request.rules(bundle)
    view = AsOfView.of(records, request.day, lines=policy.lines)
    net = bundle.label == "after_fixed_expenditure"
    cohort = find_cohort(view, cohort=bundle.cohort, after_fixed_expenditure=net)
    places = _places(view.known.require("households"))
    _refuse_split(places, split_by)
    table = bundle.completed(build_features(view, builders=request.builders, progress=request.progress))
    bundle.require(table)
    _check_naming(policy.mechanism.naming, table)
    scene = _Scene(view=view, cohort=cohort, places=places, table=table, policy=policy)
    shared, listed, counts = _list(scene, bundle, request)
    drift = drift_of(scene.at_risk, listed, scene.view.areas, bundle, policy.mechanism.drift)
    remarks = (
        *find_remarks(view, bundle, cohort, request.builders),
        *share_remarks(shared),
        *rule_remarks(counts, listed, shared.visits),
        *drift_remarks(drift),
    )
    content = _report(scene, bundle, request, shared, listed, rules=counts, remarks=remarks)
    roster = Roster(content=content, split_by=split_by, drift=drift)
    return Scored(roster=roster, view=view, cohort=cohort, table=table, policy=policy)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Scene:
    """What is known of the households of the day before any is scored."""

    view: AsOfView
    cohort: pl.DataFrame
    places: pl.DataFrame
    table: FeatureTable
    policy: Policy

    @cached_property
    def at_risk(self) -> FeatureTable:
        return _at_risk(self.table, self.cohort)


def _list(scene: _Scene, bundle: Bundle, request: DayRequest) -> tuple[Allocation, pl.DataFrame, pl.DataFrame]:
    """Return how the visits are shared out, the risk of every household, and the counts of the rules."""
    policy, key, rules = scene.policy, request.tie_key, scene.policy.mechanism.rules_in_force
    predicted = predict_risk(scene.at_risk, bundle, scene.view.areas, policy.mechanism, request.lang, request.progress)
    risk = _ranked(scene.cohort, predicted, key)
    shared = share_visits(risk, scene.places, request.visits, policy.thresholds, key)
    risk = risk.with_columns(shared.tier)
    state = risk.select("household_id", "population", "exclusion_reason")
    met = evaluate_rules(find_facts(scene.table, state, scene.view, policy), rules)
    listed = apply_overrides(risk, overrides(met, rules)).select(_COLUMNS)
    return shared, listed, rule_counts(met, rules, listed)


def _report(
    scene: _Scene,
    bundle: Bundle,
    request: DayRequest,
    shared: Allocation,
    risk: pl.DataFrame,
    **more: Any,
) -> RosterReport:
    """Return what the roster says."""
    policy, thresholds = scene.policy, scene.policy.thresholds
    people = find_people(scene.view, scene.cohort)
    listed = _only(scene.at_risk, risk.filter(pl.col("listed_for").is_not_null()))
    return RosterReport(
        as_of=request.day.day,
        risk=risk,
        places=scene.places,
        areas=assess_areas(risk, scene.places, people, bundle.shocks, largest=policy.audit.limits.persons),
        sentences=word_reasons(listed, bundle, scene.view.areas, policy.mechanism),
        shared=shared,
        capacity_share=thresholds.capacity.share if request.visits.is_usual else None,
        tiers=thresholds.tiers.by_tier,
        model=_model_facts(bundle),
        past_range=_past_range(risk, bundle),
        **more,
    )


def _check_naming(naming: NamingPolicy, table: FeatureTable) -> None:
    """Raise where a condition of the naming is on something that no feature is."""
    ours = {feature.name for builder in DEFAULT_BUILDERS for feature in builder.features}
    check_conditions("naming", naming.conditions(), table.frame, ours | set(table.missing))


def _refuse_split(places: pl.DataFrame, split_by: str | None) -> None:
    """Raise where the records do not say where households live at the level to split by."""
    levels = [level for level in VISIT_LEVELS if area_path(places.columns, level)]
    if split_by is not None and split_by not in levels:
        raise InputError("split_level", level=split_by, found=", ".join(levels) or "-")


def _places(households: pl.DataFrame) -> pl.DataFrame:
    """Return where each household lives, as far as the records say."""
    return households.select("household_id", *(name for name in _PLACES if name in households.columns))


def _at_risk(table: FeatureTable, cohort: pl.DataFrame) -> FeatureTable:
    return _only(table, cohort.filter(pl.col("population") == "at_risk"))


def _only(table: FeatureTable, households: pl.DataFrame) -> FeatureTable:
    """Return the rows of some households, in the order of their codes."""
    frame = table.frame.join(households, on="household_id", how="semi", maintain_order="left")
    return FeatureTable(frame=frame, features=table.features, missing=table.missing)


def _ranked(cohort: pl.DataFrame, predicted: pl.DataFrame, key: str | bytes) -> pl.DataFrame:
    """Return every household of the cohort's frame with what was predicted and its rank; nobody else, nobody twice."""
    risk = cohort.join(predicted, on="household_id", how="left", maintain_order="left", validate="1:1")
    return risk.with_columns(rank=rank_households(risk, key.encode() if isinstance(key, str) else key))


def _past_range(risk: pl.DataFrame, bundle: Bundle) -> tuple[float, float] | None:
    """Return the relapses to expect in the best and the worst of the past years, from two of them on."""
    probability = risk["probability"].drop_nulls().to_numpy()
    past = bundle.past_years
    if past is None or len(past.days) < _LEAST_YEARS or len(probability) == 0:
        return None
    return past.range_of(logit(probability))


def _model_facts(bundle: Bundle) -> ModelFacts:
    return ModelFacts(
        digest=bundle.digest,
        origin=bundle.origin,
        label=bundle.label,
        cohort=bundle.cohort,
        horizon=bundle.horizon,
        as_of=bundle.as_of,
        trained_through=bundle.trained_through,
        rows=bundle.rows,
        households=bundle.households,
        relapses=bundle.relapses,
        features=len(bundle.columns),
        evaluation=bundle.evaluation,
        release=bundle.versions.get("relapse-risk", "-"),
    )
