import re
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relapse_risk.alerts import Capacity, Costs
from relapse_risk.bundle import rule_bundle
from relapse_risk.errors import BundleError, InputError
from relapse_risk.labels import find_cohort
from relapse_risk.policy import REASONS, Lines, read_policy
from relapse_risk.records import Records
from relapse_risk.scoring import score
from tests.scoring.scored_registers import make_bundle, make_records, make_tables

DAY = "2019-12-31"
COLUMNS = [
    *("household_id", "as_of", "population", "stale", "probability", "lower", "upper", "tier", "rank"),
    *("tier_model", "listed_again", "override", "listed_for", "visit_for", "waiting_for", "waiting_since"),
    *("reason_1", "reason_2", "reason_3", "reason_text"),
    *(f"contribution_{reason}" for reason in REASONS),
    *("contribution_base", "exclusion_reason"),
]


@pytest.fixture(scope="module")
def tables():
    return make_tables()


@pytest.fixture(scope="module")
def records():
    return make_records()


@pytest.fixture(scope="module")
def bundle():
    return make_bundle()


@pytest.fixture(scope="module")
def roster(records, bundle):
    return score(records, bundle, as_of=DAY, capacity=30)


def scored(roster):
    return roster.frame.filter(population="at_risk")


def test_every_household_known_on_the_day_is_there_once(roster, records):
    known = records.known_by(DAY).table("households")["household_id"]
    assert roster.frame["household_id"].to_list() == known.sort().to_list()
    assert set(roster.frame["population"]) == {"at_risk", "rule_only", "not_scored"}


def test_the_columns_are_those_of_the_contract(roster):
    assert roster.frame.columns == COLUMNS
    assert roster.frame.schema["as_of"] == pl.Date
    assert set(roster.frame["as_of"]) == {date(2019, 12, 31)}


def test_households_at_risk_have_everything_and_the_others_only_the_reason_why(roster):
    by_rule = {"tier", "override", "listed_for", "visit_for", "waiting_for", "waiting_since"}
    model = [name for name in COLUMNS[4:-1] if name not in by_rule]
    figures = [name for name in model if not name.startswith("reason_")]
    assert scored(roster).select(figures).null_count().sum_horizontal().item() == 0
    raised = scored(roster).select(
        any=pl.any_horizontal(pl.col(f"contribution_{reason}") > 0.01 for reason in REASONS)
    )["any"]
    assert (scored(roster)["reason_text"].is_not_null() == raised).all()
    assert scored(roster)["exclusion_reason"].null_count() == scored(roster).height
    others = roster.frame.filter(pl.col("population") != "at_risk")
    assert others.select(pl.all_horizontal(pl.col(model).is_null().all())).item()
    demanded = pl.coalesce("listed_for", "waiting_for")
    assert (others.select(demanded.is_null()).to_series() == others["tier"].is_null()).all()
    assert set(others.select(demanded).to_series().drop_nulls()) == {"rule"}
    assert others["exclusion_reason"].null_count() == 0


def test_probabilities_lie_in_their_intervals(roster):
    rows = scored(roster)
    assert rows.select(
        ((pl.col("lower") <= pl.col("probability")) & (pl.col("probability") <= pl.col("upper"))).all()
    ).item()
    assert rows.select(pl.col("lower").min() > 0, pl.col("upper").max() < 1).row(0) == (True, True)


def test_contributions_add_up_to_the_log_odds(roster):
    rows = scored(roster)
    total = rows.select(pl.sum_horizontal(pl.selectors.starts_with("contribution_"))).to_series().to_numpy()
    p = rows["probability"].to_numpy()
    assert np.abs(total - np.log(p / (1 - p))).max() < 1e-9
    assert rows["contribution_base"].n_unique() == 1


def test_reasons_stand_in_the_order_of_what_they_add(roster):
    named = 0
    for row in scored(roster).rows(named=True):
        reasons = [row[f"reason_{place}"] for place in (1, 2, 3) if row[f"reason_{place}"]]
        adds = [row[f"contribution_{reason}"] for reason in reasons]
        assert adds == sorted(adds, reverse=True)
        assert all(value > 0.01 for value in adds)
        assert len(set(reasons)) == len(reasons)
        named += len(reasons)
    assert named > 100


def test_exactly_the_capacity_is_demanded_by_risk_in_its_order(roster):
    assert roster.listed.height == roster.content.capacity == 30
    listed = scored(roster).filter(pl.col("tier_model") != "none").sort("rank")
    assert listed["rank"].to_list() == list(range(1, 31))
    assert listed["probability"].is_sorted(descending=True)
    assert listed["probability"].min() >= scored(roster).filter(pl.col("rank") > 30)["probability"].max()
    assert listed["tier_model"].to_list() == ["red"] * 8 + ["orange"] * 7 + ["yellow"] * 15
    assert set(scored(roster).filter(pl.col("rank") > 30)["tier_model"]) == {"none"}


def test_rules_list_besides_the_capacity_and_move_to_more_urgent_tiers_only(roster, tables):
    urgency = {"red": 0, "orange": 1, "yellow": 2, "none": 3}
    for row in roster.frame.rows(named=True):
        lifted = {"unsafe_water": "yellow", "medical_cost": "orange", "relapsed": "red"}
        demanded = [lifted[code] for code in (row["override"] or "").split("+") if code in lifted]
        tiers = [tier for tier in (row["tier_model"], *demanded) if tier is not None]
        assert row["tier"] == min(tiers, key=urgency.get, default=None)
    unsafe = set(tables["households"].filter(~pl.col("safe_water"))["household_id"])
    flagged = roster.frame.filter(pl.col("override").str.contains("unsafe_water", literal=True))
    assert set(flagged["household_id"]) == unsafe
    assert set(roster.content.by_rule["tier_model"]) == {"none", None}


def test_the_list_goes_by_tier_then_rank_with_the_unscored_last(roster):
    listed = roster.listed
    assert listed.height == roster.content.by_risk.height + roster.content.by_rule.height
    assert listed["tier"].unique(maintain_order=True).to_list() == ["red", "orange", "yellow"]
    for (_,), part in listed.group_by("tier"):
        assert part["rank"].to_list() == part["rank"].sort(nulls_last=True).to_list()


def test_rules_of_a_user_s_own_list_move_and_switch_off(records, bundle, tmp_path):
    def with_rules(text):
        path = tmp_path / "own.toml"
        path.write_text(text, encoding="utf-8")
        return score(records, bundle, as_of=DAY, capacity=30, policy=read_policy(mechanism=path))

    off = with_rules('[rules.unsafe_water]\ntier = "off"')
    assert "unsafe_water" not in off.content.rules["rule"]
    assert not off.frame["override"].str.contains("unsafe_water", literal=True).any()
    moved = with_rules('[rules.unsafe_water]\ntier = "red"').frame
    assert set(moved.filter(pl.col("override").str.contains("unsafe_water", literal=True))["tier"]) == {"red"}
    untiered = with_rules('[rules.unsafe_water]\ntier = "none"')
    assert untiered.content.by_rule.height == off.content.by_rule.height
    cost = "[rules.medical_cost]\ncolumn = 'illness_self_paid_income_share_12m'\nabove = 0.3"
    assert with_rules(cost).summary["rules"][4]["met"] > 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[rules.unsafe_water]\ntier = "purple"', "data_value"),
        ('[rules.own]\ncolumn = "unsafe_water"\nat_least = 1\ntier = "red"', "data_key_missing"),
        ('[rules.unsafe_water]\nonly = ["everybody"]', "data_value"),
        ('[rules.unsafe_water]\ncolumn = "no_such_thing"', "condition_column"),
        ("[rules.relapsed]\nat_least = 1", "condition_kind"),
        ('[rules.relapsed]\nis = "relapse"', "condition_code"),
        ('[rules.unsafe_water]\nat_least = "one"', "data_value"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(records, bundle, tmp_path, text, code):
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        score(records, bundle, as_of=DAY, policy=read_policy(mechanism=path))
    assert refused.value.code == code
    assert str(path) in refused.value.in_language("zh") and str(path) in refused.value.in_language("en")


def test_visits_can_be_shared_out_by_area_and_the_roster_says_where_each_list_ends(records, bundle):
    roster = score(
        records, bundle, as_of=DAY, capacity=Capacity(visits=10, per="town", min_per_village=1), key="secret"
    )
    listed = roster.listed
    towns = listed.join(roster.content.places, on="household_id").group_by("town").len()
    assert dict(towns.iter_rows()) == {"东镇": 10, "西镇": 10}
    summary = roster.summary
    assert (summary["capacity"], summary["sharing"]["per"], summary["sharing"]["areas"]) == (20, "town", 2)
    assert summary["sharing"]["last_probability"] <= listed["probability"].max()
    assert "secret" not in str(summary)


def test_costs_list_everybody_whose_visit_is_worth_it(records, bundle):
    roster = score(records, bundle, as_of=DAY, capacity=Capacity(costs=Costs(miss=3, waste=1)))
    worth = scored(roster).filter(pl.col("probability") >= 0.25)["household_id"]
    assert set(roster.listed.filter(listed_for="model")["household_id"]) == set(worth)
    assert roster.content.capacity_share is None
    assert roster.summary["sharing"]["threshold"] == 0.25


def test_those_the_table_of_visits_cannot_place_are_remarked_upon(tables, bundle):
    lost = pl.when(pl.int_range(pl.len()) % 4 > 0).then("town")
    records = Records(tables | {"households": tables["households"].with_columns(town=lost)})
    table = pl.DataFrame({"town": ["东镇", "西镇"], "visits": [5, 7]})
    roster = score(records, bundle, as_of=DAY, capacity=Capacity(visits=table, per="town"))
    assert roster.listed.height == 12
    assert 60 < dict(roster.remarks)["capacity_unplaced"]["count"] < 100


def test_households_are_compared_with_those_the_model_was_trained_on(records, bundle, roster):
    assert roster.drift.rows == scored(roster).filter(~pl.col("stale")).height
    assert roster.drift.frame["name"].unique().sort().to_list() == sorted([*bundle.columns, "probability"])
    assert roster.summary["drift"]["columns"] == len(bundle.columns)
    assert score(records, replace(bundle, reference=None), as_of=DAY).drift is None


def test_scores_spread_otherwise_than_in_training_are_remarked_upon(tables, bundle):
    poorer = tables["incomes"].with_columns(net_income_per_capita=pl.col("net_income_per_capita") / 1.5)
    found = score(Records(tables | {"incomes": poorer}), bundle, as_of=DAY)
    assert found.drift.summary["score_state"] == "alarm"
    assert float(dict(found.remarks)["score_drifted"]["stability"]) > 0.25
    assert "score_drifted" not in dict(score(Records(tables), bundle, as_of="2018-12-31").remarks)


def test_a_capacity_of_one_lists_one(records, bundle):
    roster = score(records, bundle, as_of=DAY, capacity=1)
    assert roster.listed.height == roster.content.capacity == 1


@pytest.mark.parametrize(
    ("capacity", "code"),
    [
        (401, "capacity_beyond"),
        (Capacity(visits=201, per="town"), "capacity_beyond_areas"),
        (Capacity(visits=pl.DataFrame({"town": ["东镇", "西镇"], "visits": [0, 0]}), per="town"), "capacity_none"),
    ],
)
def test_a_capacity_that_nobody_can_mean_is_refused(records, bundle, capacity, code):
    with pytest.raises(InputError) as refused:
        score(records, bundle, as_of=DAY, capacity=capacity)
    assert refused.value.code == code


def test_without_a_capacity_it_is_five_per_cent_of_the_cohort(records, bundle):
    roster = score(records, bundle, as_of=DAY)
    assert roster.content.capacity == -(-scored(roster).height // 20)
    assert roster.content.capacity_share == 0.05


@pytest.mark.parametrize("capacity", [-1, 0, 2.5])
def test_a_capacity_that_is_no_number_is_refused(records, bundle, capacity):
    with pytest.raises(InputError) as refused:
        score(records, bundle, as_of=DAY, capacity=capacity)
    assert refused.value.code == "capacity_number"


@pytest.mark.slow
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_order_of_rows_never_matters(tables, bundle, roster, seed):
    shuffled = Records({name: frame.sample(fraction=1, shuffle=True, seed=seed) for name, frame in tables.items()})
    assert score(shuffled, bundle, as_of=DAY, capacity=30).frame.equals(roster.frame)


def test_nothing_recorded_after_the_day_has_a_part(tables, bundle):
    before = score(Records(tables), bundle, as_of="2018-12-31", capacity=30)
    only = {
        name: frame.filter(
            pl.col("recorded_on" if "recorded_on" in frame.columns else "relapsed_on") <= date(2018, 12, 31)
        )
        for name, frame in tables.items()
    }
    then = score(Records(only, exported_on=date(2018, 12, 31)), bundle, as_of="2018-12-31", capacity=30)
    assert then.frame.equals(before.frame)


@pytest.mark.slow
def test_full_ties_go_by_the_key(tables, bundle):
    """Twins of a household tie with it; whom the key prefers comes first, on any day and in any order of rows."""
    first = tables["households"]["household_id"][20]
    twins = {
        name: [f.filter(household_id=first).with_columns(household_id=pl.lit(f"twin{i}")) for i in range(6)]
        for name, f in tables.items()
    }
    records = Records({name: pl.concat([frame, *twins[name]]) for name, frame in tables.items()})

    def order(key):
        frame = score(records, bundle, as_of=DAY, key=key).frame.sort("rank")
        return frame.filter(pl.col("household_id").str.starts_with("twin"))["household_id"].to_list()

    assert order("one") == order(b"one")
    assert len({tuple(order(key)) for key in ("one", "two", "three", "four")}) > 1


def test_reason_texts_are_in_the_language_asked_for(records, bundle):
    texts = {lang: score(records, bundle, as_of=DAY, lang=lang).content.by_risk["reason_text"] for lang in ("zh", "en")}
    assert all(re.search("[一-鿿]", text) for text in texts["zh"])
    assert not any(re.search("[一-鿿]", text) for text in texts["en"])


def test_a_line_of_the_users_own_counts(records, bundle):
    policy = read_policy()
    higher = replace(policy, lines=Lines(by_year={2016: 3000.0, 2019: 6000.0}))
    ours, theirs = (score(records, bundle, as_of=DAY, policy=p).content.expected for p in (None, higher))
    assert theirs > ours


def test_records_without_what_the_model_needs_are_refused(tables, bundle):
    without = Records({name: frame for name, frame in tables.items() if name != "illness"})
    with pytest.raises(BundleError) as refused:
        score(without, bundle, as_of=DAY)
    assert refused.value.code == "bundle_other_features"


def test_nobody_at_risk_is_an_empty_list_and_a_remark(tables, bundle):
    poor = tables | {"households": tables["households"].with_columns(household_type=pl.lit("poor"))}
    roster = score(Records(poor), bundle, as_of=DAY)
    assert roster.content.by_risk.is_empty()
    assert roster.frame.height == 400
    assert "nobody_at_risk" in dict(roster.remarks)


@pytest.mark.parametrize("level", ["county", "town", "village"])
def test_a_level_to_split_by_that_the_records_do_not_have_is_refused(tables, bundle, level):
    without = tables | {"households": tables["households"].drop(level)}
    with pytest.raises(InputError) as refused:
        score(Records(without), bundle, as_of=DAY, split_by=level)
    assert refused.value.code == "split_level"


def test_slices_make_no_difference(records, bundle, roster, monkeypatch):
    monkeypatch.setattr("relapse_risk.scoring.predict._SLICE", 37)
    sliced = score(records, bundle, as_of=DAY, capacity=30)
    assert sliced.frame["rank"].to_list() == roster.frame["rank"].to_list()
    assert sliced.frame["reason_text"].to_list() == roster.frame["reason_text"].to_list()
    assert np.allclose(
        sliced.frame["probability"].to_numpy(), roster.frame["probability"].to_numpy(), rtol=1e-12, equal_nan=True
    )


def test_progress_ends_at_the_whole(records, bundle):
    reports = []
    score(records, bundle, as_of=DAY, progress=lambda stage, share: reports.append((stage, share)))
    assert reports[-1] == ("score", 1.0)


def test_the_populations_are_those_of_the_cohort(roster, records, bundle):
    cohort = find_cohort(records, DAY, cohort=bundle.cohort, lines=bundle.lines)
    assert roster.frame.select("household_id", "population", "exclusion_reason").equals(
        cohort.select("household_id", "population", "exclusion_reason")
    )


@pytest.mark.parametrize(("settings", "code"), [({"key": 5}, "key_kind"), ({"lang": "fr"}, "lang_unknown")])
def test_a_key_or_a_language_that_is_none_is_refused(records, bundle, settings, code):
    with pytest.raises(InputError) as refused:
        score(records, bundle, as_of=DAY, **settings)
    assert refused.value.code == code


@pytest.mark.parametrize("amount", [1e300, -1e300, 1e18, 9.3e18])
def test_amounts_beyond_all_measure_are_scored_and_written(tables, bundle, amount, tmp_path):
    absurd = pl.when(pl.int_range(pl.len()) % 3 == 0).then(amount)
    changed = tables | {
        "incomes": tables["incomes"].with_columns(net_income_per_capita=absurd.otherwise("net_income_per_capita")),
        "illness": tables["illness"].with_columns(self_paid=absurd.otherwise("self_paid")),
    }
    roster = score(Records(changed), bundle, as_of=DAY, capacity=400)
    assert scored(roster)["probability"].is_between(0, 1).all()
    roster.write(tmp_path)


@pytest.mark.parametrize("rows", [1600, 0])
def test_incomes_of_which_none_can_be_used_are_refused(tables, bundle, rows):
    incomes = tables["incomes"].with_columns(net_income_per_capita=pl.lit(None, pl.Float64)).head(rows)
    with pytest.raises(InputError) as refused:
        score(Records(tables | {"incomes": incomes}), bundle, as_of=DAY)
    assert (refused.value.code, refused.value.details["rows"]) == ("incomes_unreadable", incomes.height)


def test_where_no_incomes_were_sent_the_rule_still_scores(tables):
    bare = Records({name: table for name, table in tables.items() if name != "incomes"})
    roster = score(bare, rule_bundle(), as_of=DAY, capacity=30, lang="en")
    at_risk = scored(roster)
    assert at_risk["stale"].all()
    assert at_risk["probability"].null_count() == 0
