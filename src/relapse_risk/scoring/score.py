"""Score every household known on a day: probability, interval, reasons, rank, tier."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import polars as pl
from scipy.special import logit

from relapse_risk.alerts import (
    Allocation,
    VisitPlan,
    assess_areas,
    evaluate_rules,
    find_facts,
    find_people,
    monitoring_line_remarks,
    overrides,
    plan_visits,
    random_visits,
    rank_households,
    rule_counts,
    share_visits,
    visit_curve,
)
from relapse_risk.bundle import Bundle
from relapse_risk.errors import InputError, require_kind
from relapse_risk.features import DEFAULT_BUILDERS, FeatureTable, build_features
from relapse_risk.features.conditions import check_conditions, codes_of
from relapse_risk.labels import find_cohort
from relapse_risk.metrics import Floats, cluster_ids
from relapse_risk.monitoring import Drift, find_drift
from relapse_risk.policy import Policy
from relapse_risk.records import AREA_COLUMNS, VISIT_LEVELS, AsOfView, Records, area_path, name_places
from relapse_risk.reports import RosterReport
from relapse_risk.requests import takes
from relapse_risk.scoring.day_request import DayRequest, ScoreRequest
from relapse_risk.scoring.describe_model import model_facts_of
from relapse_risk.scoring.predict import predict_risk, without_redraws, word_reasons
from relapse_risk.scoring.remarks import drift_remarks, find_remarks, plan_remarks, rule_remarks, share_remarks
from relapse_risk.scoring.roster import Roster
from relapse_risk.scoring.shared_demand import RISK_COLUMNS, share_demand

__all__ = ["DayDemand", "Scored", "demand_day", "fit_day", "score"]

_PLACES = (*AREA_COLUMNS.values(), "household_type")


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored:
    """A roster and what it was made of, for callers who continue from there.

    Attributes
    ----------
    roster : Roster
    plan : VisitPlan
        Who is visited and who waits.
    day : DayDemand
        What was demanded.
    """

    roster: Roster
    plan: VisitPlan
    day: "DayDemand"


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
        households live at the level to split by (``split_level``), if there are incomes and
        none can be used (``incomes_unreadable``), if the key or the language is none (``key_kind``,
        ``lang_unknown``), if records or bundle are something else (``argument_kind``).
    BundleError
        If the bundle was made for other features (``bundle_other_features``, ``bundle_feature_changed``).
    """
    return fit_day(demand_day(records, bundle, request), split_by=request.split_by).roster


@dataclass(frozen=True, kw_only=True, eq=False)
class DayDemand:
    """What is demanded of a day before it is fitted into the capacity.

    Attributes
    ----------
    request : DayRequest
    bundle : Bundle
    view : AsOfView
    cohort : pl.DataFrame
    places : pl.DataFrame
        Where each household lives, as far as the records say.
    table : FeatureTable
    policy : Policy
    shared : Allocation
        How the visits are shared out.
    met : pl.DataFrame
        Which rule each household meets, see `evaluate_rules`.
    frame : pl.DataFrame
        Every household known on the day with what was predicted, its rank, tier, tier_model, listed_again, tier_rule,
        override and demanded_for (``model``, ``rule`` or null).
    redrawn : ndarray of shape (n, draws) or None
        Log-odds of each row of `frame` by other trainings, where the model says so.
    """

    request: DayRequest
    bundle: Bundle
    view: AsOfView
    cohort: pl.DataFrame
    places: pl.DataFrame
    table: FeatureTable
    policy: Policy
    shared: Allocation
    met: pl.DataFrame
    frame: pl.DataFrame
    redrawn: Floats | None

    @cached_property
    def at_risk(self) -> FeatureTable:
        """The features of the households at risk."""
        return _at_risk(self.table, self.cohort)


def demand_day(records: Records, bundle: Bundle, request: DayRequest) -> DayDemand:
    """Score every household known on a day, and find what is demanded by the model and by rules."""
    require_kind("records", records, Records)
    require_kind("bundle", bundle, Bundle)
    request.progress("label", 0.0)
    policy = request.rules(bundle)
    view = AsOfView.of(records, request.day, lines=policy.lines)
    _refuse_unreadable(view, records)
    net = bundle.label == "after_fixed_expenditure"
    cohort = find_cohort(view, cohort=bundle.cohort, after_fixed_expenditure=net)
    places = _places(view.known.require("households"))
    _refuse_unplaced(places, request, records)
    table = bundle.completed(build_features(view, builders=request.builders, progress=request.progress))
    bundle.require(table)
    _check_naming(policy, table)
    predicted = predict_risk(
        _at_risk(table, cohort), bundle, view.areas, policy.mechanism, request.lang, request.progress
    )
    risk, redrawn = without_redraws(_ranked(cohort, predicted, request.tie_key))
    rules = policy.mechanism.rules_in_force(request.day.day)
    state = risk.select("household_id", "population", "exclusion_reason")
    met = evaluate_rules(find_facts(table, state, view, policy), rules, file=policy.file("mechanism"))
    drawn = None if redrawn is None else redrawn.T
    shared, frame = share_demand(risk, overrides(met, rules), places, request, policy, drawn)
    return DayDemand(
        request=request,
        bundle=bundle,
        view=view,
        cohort=cohort,
        places=places,
        table=table,
        policy=policy,
        shared=shared,
        met=met,
        frame=frame,
        redrawn=redrawn,
    )


def fit_day(
    day: DayDemand,
    *,
    claims: pl.DataFrame | None = None,
    former: pl.DataFrame | None = None,
    random_share: float | None = 0.0,
    split_by: str | None = None,
) -> Scored:
    """Fit what is demanded into the capacity.

    Parameters
    ----------
    day : DayDemand
    claims : pl.DataFrame, optional
        What a ledger asks, see `plan_visits`.
    former : pl.DataFrame, optional
        Where households with a claim live that the register does not know any more.
    random_share : float, optional
        Share of the capacity drawn at random; none without a ledger that could follow them.
    split_by : str, optional
        The level the workbook is split by.
    """
    homes = day.places if former is None else pl.concat([day.places, former], how="diagonal_relaxed")
    if claims is not None and day.shared.path:
        day = replace(day, shared=_shared_with(day, claims, homes))
    request, bundle, policy, shared = day.request, day.bundle, day.policy, day.shared
    listing = policy.mechanism.listing
    plan = plan_visits(
        day.frame,
        homes,
        shared,
        listing.order.visits,
        as_of=request.day.day,
        key=request.tie_key,
        claims=claims,
        random=random_visits(shared.visits, listing, random_share),
        rules_beyond=request.rules_beyond_capacity,
    )
    listed = plan.on(day.frame).select(RISK_COLUMNS)
    counts = rule_counts(day.met, policy.mechanism.rules_in_force(request.day.day), listed)
    drift = _drift(day, listed)
    remarks = (
        *find_remarks(day.view, bundle, day.cohort, request.builders),
        *monitoring_line_remarks(day.view, policy.monitoring),
        *share_remarks(shared, request.visits),
        *plan_remarks(plan),
        *rule_remarks(counts),
        *drift_remarks(drift),
    )
    content = _report(day, plan, listed, rules=counts, remarks=remarks)
    roster = Roster(content=content, split_by=split_by, drift=drift)
    return Scored(roster=roster, plan=plan, day=day)


def _shared_with(day: DayDemand, claims: pl.DataFrame, homes: pl.DataFrame) -> Allocation:
    """Return the visits shared out so that areas have some where only claims ask for them: no tier changes by it."""
    asking = claims.filter(pl.col("claim").is_in(("overdue", "revisit")) | pl.col("endline").fill_null(False))
    return share_visits(
        day.frame.with_columns(demanded=pl.col("tier_rule").is_not_null()),
        day.places,
        day.request.visits,
        day.policy.thresholds,
        day.request.tie_key,
        claimed=homes.join(asking, on="household_id", how="semi"),
    )


def _report(day: DayDemand, plan: VisitPlan, risk: pl.DataFrame, **more: Any) -> RosterReport:
    """Return what the roster says."""
    policy, bundle, thresholds = day.policy, day.bundle, day.policy.thresholds
    people = find_people(day.view, day.cohort)
    named = _only(day.at_risk, risk.filter(pl.any_horizontal(pl.col("listed_for", "waiting_for").is_not_null())))
    return RosterReport(
        as_of=day.request.day.day,
        risk=risk,
        places=day.places,
        areas=assess_areas(risk, day.places, people, bundle.shocks, largest=policy.audit.limits.persons),
        sentences=word_reasons(named, bundle, day.view.areas, policy.mechanism),
        shared=day.shared,
        plan=plan,
        capacity_share=thresholds.capacity.share if day.request.visits.is_usual else None,
        tiers=thresholds.tiers.by_tier,
        interval_width=thresholds.interval_width,
        model=model_facts_of(bundle),
        past_range=_past_range(risk, bundle),
        curve=_curve(day, risk),
        **more,
    )


def _drift(day: DayDemand, risk: pl.DataFrame) -> Drift | None:
    """Return how households at risk with fresh incomes differ from those trained on; None where nothing was trained."""
    reference = day.bundle.reference
    if reference is None:
        return None
    fresh = risk.filter(~pl.col("stale")).select("household_id", "probability")
    table = _only(day.at_risk, fresh)
    predicted = table.frame.select("household_id").join(fresh, on="household_id", how="left", maintain_order="left")
    predicted = predicted.join(day.view.areas, on="household_id", how="left", maintain_order="left")
    clusters = cluster_ids(predicted["village"].fill_null(""), predicted["household_id"])
    probability = predicted["probability"].to_numpy()
    return find_drift(day.bundle.require(table), probability, clusters, reference, day.policy.mechanism.drift)


def _check_naming(policy: Policy, table: FeatureTable) -> None:
    """Raise where a condition of the naming is on something that no feature is."""
    features = {feature.name for builder in DEFAULT_BUILDERS for feature in builder.features}
    conditions, known = policy.mechanism.naming.conditions(), features | set(table.missing)
    check_conditions(
        "naming", conditions, table.frame, known, file=policy.file("mechanism"), codes=codes_of(DEFAULT_BUILDERS)
    )


def _curve(day: DayDemand, risk: pl.DataFrame) -> pl.DataFrame | None:
    """Return the relapses expected by visits; none where the rule alone scores, since its probabilities are assumed."""
    if day.bundle.origin == "rule":
        return None
    shares = day.policy.mechanism.listing.curve.shares
    return visit_curve(risk, day.places, day.bundle.shocks, shares=shares, capacity=day.shared.visits)


def _refuse_unplaced(places: pl.DataFrame, request: DayRequest, records: Records) -> None:
    """Raise where the records do not say, or on that day did not yet, where households live at a level asked for."""
    levels, split_by = _levels(places), getattr(request, "split_by", None)
    of_village = "village" if request.visits.min_per_village else None
    unknown = [level for level in (split_by, request.visits.per, of_village) if level and level not in levels]
    known_later = _levels(_places(name_places(records.require("households")))) if unknown else []
    for level in unknown:
        if level in known_later:
            raise InputError("places_not_yet", level=level, day=request.day.day)
    if split_by is not None and split_by not in levels:
        raise InputError("split_level", level=split_by, found=", ".join(levels) or "-")


def _refuse_unreadable(view: AsOfView, records: Records) -> None:
    """Raise where incomes were sent and not one of them is known: nobody's rank would mean anything."""
    sent, known = (one.tables.get("incomes") for one in (records, view.known))
    if sent is None or known is None or not view.yearly_incomes.is_empty():
        return
    if sent.is_empty() or known.height:  # of a day before the first income nothing is wrong
        raise InputError("incomes_unreadable", rows=known.height)


def _levels(places: pl.DataFrame) -> list[str]:
    """Return the levels of areas of which anything is said."""
    said = [name for name in places.columns if places[name].count()]
    return [level for level in VISIT_LEVELS if area_path(said, level)]


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
    """Return between how many relapses a year like the past ones would bring; None where these are too few to say."""
    probability = risk["probability"].drop_nulls().to_numpy()
    past = bundle.past_years
    if past is None or not past.enough or len(probability) == 0:
        return None
    return past.interval_of(logit(probability))
