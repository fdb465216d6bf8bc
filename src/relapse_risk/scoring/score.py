"""Score every household known on a day: probability, interval, reasons, rank, tier."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl
from scipy.special import logit

from relapse_risk.alerts import (
    Capacity,
    apply_overrides,
    assess_areas,
    evaluate_rules,
    find_facts,
    find_people,
    overrides,
    rank_households,
    read_rules,
    rule_counts,
    share_visits,
)
from relapse_risk.bundle import Bundle
from relapse_risk.errors import LANGUAGES, InputError, require_kind
from relapse_risk.features import DEFAULT_BUILDERS, Builder, FeatureTable, build_features
from relapse_risk.labels import find_cohort
from relapse_risk.periods import AsOf
from relapse_risk.policy import REASONS, Policy, read_policy
from relapse_risk.progress import Progress, silent
from relapse_risk.records import AREA_COLUMNS, VISIT_LEVELS, Records, area_path, areas_of
from relapse_risk.reports import ModelFacts, RosterReport
from relapse_risk.scoring.drift import drift_of
from relapse_risk.scoring.predict import predict_risk, word_reasons
from relapse_risk.scoring.remarks import drift_remarks, find_remarks, rule_remarks, share_remarks
from relapse_risk.scoring.roster import Roster

__all__ = ["Scored", "score", "score_day"]

Day = str | date | AsOf
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
    """A roster, and what it was made of: for whoever goes on from there and would make it again.

    Attributes
    ----------
    roster : Roster
    table : FeatureTable
        The features of every household known on the day.
    policy : Policy
        That of the scores: the bundle's lines and thresholds, unless others were given.
    """

    roster: Roster
    table: FeatureTable
    policy: Policy


def score(
    records: Records,
    bundle: Bundle,
    *,
    as_of: Day,
    capacity: int | Capacity | None = None,
    key: str | bytes | None = None,
    split_by: str | None = None,
    builders: Sequence[Builder] = DEFAULT_BUILDERS,
    policy: Policy | None = None,
    lang: str = "zh",
    progress: Progress = silent,
) -> Roster:
    """Score every household known on a day and list those that can be visited.

    Parameters
    ----------
    records : Records
        All versions of the records; only what was known at the end of `as_of` counts.
    bundle : Bundle
        What `train`, `adapt` or `rule_bundle` returned or `read_bundle` read.
    as_of : day
        The day to stand on. Before ``bundle.trained_through`` the scores are no forecast, and the roster says so.
    capacity : int or Capacity, optional
        How many households can be visited, and where; by default a share of the cohort (``thresholds.toml``, 5 %).
    key : str or bytes, optional
        Of the hash that breaks full ties; by default the as-of day, so that no household always comes last.
    split_by : {"village", "town", "county"}, optional
        The workbook then has a list for each area of that level. It does not share out the capacity (``Capacity.per``
        does), and ranks are those of the whole.
    builders : sequence of Builder
        Those the bundle was trained with.
    policy : Policy, optional
        Poverty lines and thresholds, by default those the bundle was trained with; and the hard rules, by default ours.
    lang : {"zh", "en"}
        Of ``reason_text``.
    progress : Progress
        Told the stages ``label``, ``features`` and ``score``.

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
    return score_day(
        records,
        bundle,
        as_of=as_of,
        capacity=capacity,
        key=key,
        split_by=split_by,
        builders=builders,
        policy=policy,
        lang=lang,
        progress=progress,
    ).roster


def score_day(
    records: Records,
    bundle: Bundle,
    *,
    as_of: Day,
    capacity: int | Capacity | None = None,
    key: str | bytes | None = None,
    split_by: str | None = None,
    builders: Sequence[Builder] = DEFAULT_BUILDERS,
    policy: Policy | None = None,
    lang: str = "zh",
    progress: Progress = silent,
) -> Scored:
    """Do what `score` does, and return with the roster what it was made of."""
    _refuse_other(records, bundle, key, lang)
    day, asked = AsOf.of(as_of), Capacity.of(capacity)
    policy = policy or replace(read_policy(), lines=bundle.lines, thresholds=bundle.thresholds)
    lines, thresholds, rules = policy.lines, policy.thresholds, read_rules(policy)
    progress("label", 0.0)
    cohort = find_cohort(
        records,
        day,
        cohort=bundle.cohort,
        lines=lines,
        after_fixed_expenditure=bundle.label == "after_fixed_expenditure",
    )
    known = records.known_by(day)
    households = known.require("households")
    places, areas = _places(households), areas_of(households)
    levels = [level for level in VISIT_LEVELS if area_path(places.columns, level)]
    if split_by is not None and split_by not in levels:
        raise InputError("split_level", level=split_by, found=", ".join(levels) or "-")
    table = bundle.completed(build_features(records, day, builders=builders, lines=lines, progress=progress))
    bundle.require(table)
    at_risk = _at_risk(table, cohort)
    risk = _ranked(cohort, predict_risk(at_risk, bundle, areas, lang, progress), key or str(day))
    shared = share_visits(risk, places, asked, thresholds, key or str(day))
    risk = risk.with_columns(shared.tier)
    met = evaluate_rules(
        find_facts(table, risk.select("household_id", "population", "exclusion_reason"), known, day, policy), rules
    )
    risk = apply_overrides(risk, overrides(met, rules)).select(_COLUMNS)
    counts = rule_counts(met, rules, risk)
    drift = drift_of(at_risk, risk, areas, bundle, policy.mechanism["drift"])
    roster = Roster(
        content=RosterReport(
            as_of=day.day,
            risk=risk,
            places=places,
            areas=assess_areas(
                risk,
                places,
                find_people(known, day, lines, cohort),
                bundle.shocks,
                largest=policy.audit["limits"]["persons"],
            ),
            sentences=word_reasons(_only(at_risk, risk.filter(pl.col("listed_for").is_not_null())), bundle, areas),
            shared=shared,
            capacity_share=thresholds.capacity.share if asked.is_usual else None,
            tiers=thresholds.tiers.by_tier,
            rules=counts,
            remarks=(
                *find_remarks(records, bundle, day, cohort, builders),
                *share_remarks(shared),
                *rule_remarks(counts, risk, shared.visits),
                *drift_remarks(drift),
            ),
            model=_model_facts(bundle),
            past_range=_past_range(risk, bundle),
        ),
        split_by=split_by,
        drift=drift,
    )
    return Scored(roster=roster, table=table, policy=policy)


def _refuse_other(records: object, bundle: object, key: object, lang: str) -> None:
    require_kind("records", records, Records)
    require_kind("bundle", bundle, Bundle)
    if not isinstance(key, str | bytes | None):
        raise InputError("key_kind", found=type(key).__name__)
    if lang not in LANGUAGES:
        raise InputError("lang_unknown", lang=lang, known=", ".join(LANGUAGES))


def _places(households: pl.DataFrame) -> pl.DataFrame:
    """Return where each household lives, as far as the records say."""
    return households.select("household_id", *(name for name in _PLACES if name in households.columns))


def _at_risk(table: FeatureTable, cohort: pl.DataFrame) -> FeatureTable:
    return _only(table, cohort.filter(pl.col("population") == "at_risk"))


def _only(table: FeatureTable, households: pl.DataFrame) -> FeatureTable:
    """Return the rows of some households, in the order of their codes."""
    frame = table.frame.join(households, on="household_id", how="semi", maintain_order="left")
    return FeatureTable(frame=frame, features=table.features, lacking=table.lacking)


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
