"""The words of a day have one definition: feature, hard rule, watch list and assessment say the same of everybody."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relapse_risk.alerts import evaluate_rules, find_facts
from relapse_risk.alerts.watch import watch
from relapse_risk.features import build_features
from relapse_risk.labels import find_cohort
from relapse_risk.policy import read_policy
from relapse_risk.records import AsOfView, Records

DAY, BEGIN = date(2019, 12, 31), date(2017, 1, 1)
POLICY = read_policy()
HOMES = list("abcdef")
FEW = settings(max_examples=settings.default.max_examples // 3, suppress_health_check=[HealthCheck.too_slow])

DAYS = st.integers(0, 1094).map(lambda days: BEGIN + timedelta(days=days))
STAY = st.fixed_dictionaries(
    {"household_id": st.sampled_from(HOMES), "identified_on": DAYS, "cleared_on": st.none() | DAYS}
)
AID = st.fixed_dictionaries(
    {
        "household_id": st.sampled_from(HOMES),
        "kind": st.sampled_from(["insurance", "industry", "subsistence"]),
        "started_on": DAYS,
        "ended_on": st.none() | DAYS,
        "lasts": st.sampled_from([None, 0, 29, 30]),
    }
)
PERSON = st.fixed_dictionaries(
    {
        "household_id": st.sampled_from(HOMES),
        "labour_capacity": st.sampled_from(["ordinary", "skilled", "weak", "lost", None]),
    }
)
TYPES = st.lists(st.sampled_from(["exited", "near_poor", "general", "poor", None]), min_size=6, max_size=6)


def _aid(row):
    lasts = row.pop("lasts")
    return row if lasts is None else {**row, "ended_on": row["started_on"] + timedelta(days=lasts)}


@st.composite
def registers(draw):
    incomes = draw(st.lists(st.sampled_from([2000.0, 3500.0, 4500.0, 9000.0]), min_size=6, max_size=6))
    tables = {
        "households": [
            {"household_id": home, "household_type": kind, "size": 3}
            for home, kind in zip(HOMES, draw(TYPES), strict=True)
        ],
        "incomes": [
            {
                "household_id": home,
                "period_start": date(2019, 1, 1),
                "period_end": DAY,
                "household_size": 3,
                "net_income_per_capita": income,
            }
            for home, income in zip(HOMES, incomes, strict=True)
        ],
        "monitoring": draw(st.lists(STAY, max_size=5)),
        "assistance": [_aid(row) for row in draw(st.lists(AID, max_size=8))],
        "members": [{**row, "person_id": f"p{place}"} for place, row in enumerate(draw(st.lists(PERSON, max_size=8)))],
    }
    frames = {
        name: pl.DataFrame(rows, infer_schema_length=None).with_columns(recorded_on=pl.lit(BEGIN))
        for name, rows in tables.items()
        if rows
    }
    days = [pl.col(name).cast(pl.Date) for name in ("cleared_on", "ended_on")]
    texts = [pl.col(name).cast(pl.String) for name in ("household_type", "labour_capacity")]
    frames = {
        name: frame.with_columns(one for one in (*days, *texts) if one.meta.output_name() in frame.columns)
        for name, frame in frames.items()
    }
    return AsOfView.of(Records(frames), DAY, lines=POLICY.lines)


def by_home(frame, column):
    """What a frame says of every household; null of everybody where it has no such column."""
    if column not in frame.columns:
        return dict.fromkeys(HOMES)
    return {home: None if value is None else bool(value) for home, value in frame.select("household_id", column).rows()}


def of_list(watched, name, state):
    return set(watched.entries.filter(list=name, state=state)["household_id"])


def looked_at(view):
    table, cohort = build_features(view), find_cohort(view)
    facts = find_facts(table, cohort.select("household_id", "population", "exclusion_reason"), view, POLICY)
    return (
        table,
        facts,
        evaluate_rules(facts, POLICY.mechanism.rules_in_force(view.as_of.day)),
        watch(view, POLICY, cohort=cohort, table=table),
    )


@FEW
@given(view=registers())
def test_monitored_is_one_thing(view):
    table, facts, met, _ = looked_at(view)
    monitored = by_home(view.states, "monitored")
    assert by_home(facts.frame, "monitored") == monitored
    assert by_home(met, "monitored") == monitored
    if view.known.has("monitoring"):
        assert by_home(table.frame, "monitored") == monitored


@FEW
@given(view=registers())
def test_relapse_cover_is_one_thing(view):
    table, facts, met, watched = looked_at(view)
    covered = by_home(view.relapse_cover, "covered")
    if view.known.has("assistance"):
        assert by_home(table.frame, "relapse_insured") == by_home(facts.frame, "relapse_insured") == covered
    assert of_list(watched, "insurance", "not_covered") == {
        home for home, holds in by_home(met, "no_relapse_cover").items() if holds
    }
    assert all(covered[home] for home in of_list(watched, "insurance", "covered"))
    assert not any(covered[home] for home in of_list(watched, "insurance", "not_covered"))


@FEW
@given(view=registers())
def test_able_to_work_is_one_thing(view):
    table, facts, _, watched = looked_at(view)
    able = by_home(view.able_to_work, "has_labour")
    for home, has_labour in by_home(table.frame, "workers_able").items():
        assert has_labour == able.get(home)
    assert by_home(facts.frame, "workers_able") == by_home(table.frame, "workers_able")
    assert all(able[home] for home in of_list(watched, "idle_labour", "nobody_in_work"))


@FEW
@given(view=registers())
@pytest.mark.parametrize(("feature", "kind"), [("industry_support", "industry"), ("on_subsistence", "subsistence")])
def test_in_force_is_one_thing(view, feature, kind):
    table, facts, _, _ = looked_at(view)
    measures = view.assistance.filter(kind=kind)
    in_force, held = (set(measures.filter(column)["household_id"]) for column in ("in_force", "held"))
    assert {home for home, holds in by_home(table.frame, feature).items() if holds} == in_force <= held
    if "assistance" in facts.frame.columns:
        kinds = dict(facts.frame.select("household_id", "assistance").rows())
        assert {home for home in HOMES if kind in kinds[home]} == held
