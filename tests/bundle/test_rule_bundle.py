"""The rule in force as a bundle: nothing trained, levels assumed, said so."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from relapse_risk.bundle import Adaptation, read_archive, read_bundle, rule_bundle, write_archive
from relapse_risk.errors import BundleError, InputError
from relapse_risk.features import Builder, Feature, FeatureTable
from relapse_risk.policy import ColumnCondition, read_policy
from tests.models.saved_models import as_content


@pytest.fixture(scope="module")
def bundle():
    return rule_bundle()


def _rows(bundle, **met):
    """Return one row in which conditions are met where named, and cannot be looked up elsewhere."""
    return pl.DataFrame(
        {name: [met.get(name)] for name in bundle.columns}, schema=dict.fromkeys(bundle.columns, pl.Float64)
    )


def _risk(bundle, **met):
    return float(bundle.model.predict_proba(_rows(bundle, **met))[0, 1])


def test_every_condition_of_our_rule_is_on_a_feature_there_is(bundle):
    rule = read_policy().thresholds.rule
    assert bundle.columns == tuple(entry.column for entry in rule.values())


def test_every_condition_met_multiplies_the_odds(bundle):
    assumed = read_policy().thresholds.assumed
    odds = [
        p / (1 - p) for p in (_risk(bundle), _risk(bundle, monitored=1), _risk(bundle, monitored=1, disasters_12m=2))
    ]
    assert odds[0] == pytest.approx(assumed.risk / (1 - assumed.risk))
    assert odds[1] / odds[0] == pytest.approx(assumed.odds_ratio)
    assert odds[2] / odds[1] == pytest.approx(assumed.odds_ratio)


def test_its_intervals_reach_as_far_as_the_odds_may_be_off(bundle):
    rows = _rows(bundle, monitored=1)
    p = bundle.model.predict_proba(rows)[0, 1]
    lower, upper = bundle.model.predict_interval(rows)[0]
    for bound in (lower, upper):
        assert abs(np.log(bound / (1 - bound) / (p / (1 - p)))) == pytest.approx(np.log(4.0))


def test_its_reasons_add_up(bundle):
    rows = _rows(bundle, monitored=1, income_over_line=1.2)
    contributions, p = bundle.model.explain(rows), bundle.model.predict_proba(rows)[0, 1]
    values = dict(zip(contributions.reasons, contributions.values[0], strict=True))
    assert contributions.base + sum(values.values()) == pytest.approx(np.log(p / (1 - p)), abs=1e-12)
    assert values["income"] == pytest.approx(np.log(2))
    assert values["disaster"] == 0


def test_it_says_that_nothing_was_trained(bundle):
    assert (bundle.origin, bundle.rows, bundle.relapses, bundle.as_of) == ("rule", 0, 0, ())
    assert bundle.evaluation is bundle.trained_through is bundle.known_by is None
    assert bundle.forecasts("1990-01-01")


def test_it_comes_back_as_it_was_saved(bundle, tmp_path):
    bundle.save(tmp_path / "rule.rrb")
    again = read_bundle(tmp_path / "rule.rrb")
    assert again.digest == bundle.digest
    assert _risk(again, monitored=1) == _risk(bundle, monitored=1)
    again.save(tmp_path / "again.rrb")
    assert (tmp_path / "again.rrb").read_bytes() == (tmp_path / "rule.rrb").read_bytes()


def test_columns_the_records_lack_are_empty_in_its_table_alone(bundle):
    known = tuple(feature for feature in bundle.features if feature.name == "monitored")
    frame = pl.DataFrame({"household_id": ["h"], "as_of": [date(2019, 12, 31)], "monitored": [1.0]})
    table = FeatureTable(frame=frame, features=known, missing={})
    assert bundle.require(bundle.completed(table)).null_count().sum_horizontal().item() == len(bundle.columns) - 1
    with pytest.raises(BundleError):
        replace(bundle, origin="own").require(replace(bundle, origin="own").completed(table))


def test_a_users_rule_may_ask_for_codes():
    kind = Feature(name="kind", table="t", columns=(), reason="place", unit="none", kind="code", zh="类", en="kind")
    builder = Builder(name="kinds", features=(kind,), build=lambda *_: pl.DataFrame())
    policy = read_policy()
    rule = {"hills": ColumnCondition(**{"column": "kind", "is": "hill"})}
    found = rule_bundle(builders=(builder,), policy=_with_rule(policy, rule))
    assert found.columns == ("kind",)
    risk = found.model.predict_proba(pl.DataFrame({"kind": ["hill", "plain", None]}))[:, 1]
    assert risk[0] > risk[1] == risk[2]


def _with_rule(policy, rule):
    return replace(policy, thresholds=policy.thresholds.model_copy(update={"rule": rule}))


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ({"column": "income_over_lines", "below": 1}, "condition_column"),
        ({"column": "income_over_line", "is": "low"}, "condition_kind"),
        ({"column": "household_type", "is": "relapsed"}, "condition_code"),
    ],
)
def test_a_condition_that_cannot_be_met_is_refused_with_its_key(condition, code):
    policy = read_policy()
    rule = {**policy.thresholds.rule, "low_income": ColumnCondition(**condition)}
    with pytest.raises(InputError, match=r"rule\.low_income") as caught:
        rule_bundle(policy=_with_rule(policy, rule))
    assert caught.value.code == code


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_misspelt_condition_is_refused_with_the_offices_own_file_and_near_names(tmp_path, lang):
    path = tmp_path / "own.toml"
    path.write_text('[rule.low_income]\ncolumn = "income_over_lines"\nbelow = 1', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        rule_bundle(policy=read_policy(thresholds=path))
    line = caught.value.in_language(lang)
    assert str(path) in line and "rule.low_income" in line and "income_over_line," in line


def test_a_rule_on_nothing_is_refused():
    with pytest.raises(InputError) as caught:
        rule_bundle(builders=())
    assert caught.value.code == "rule_empty"


MOVE = Adaptation(as_of=date(2019, 12, 31), households=9, relapses=3, before=0.02, after=0.04, shift=0.7, error=0.2)


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "own"},
        {"origin": "prevalence"},
        {"origin": "borrowed"},
        {"rows": 10, "households": 10},
        {"households": 1},
        {"as_of": ["2018-12-31"]},
        {"known_by": "2019-12-31"},
        {"trained_through": "2019-12-31"},
        {
            "moved": {
                "as_of": "2019-12-31",
                "households": 9,
                "relapses": 3,
                "before": 0.02,
                "after": 0.04,
                "shift": 0.7,
                "error": 0.2,
                "own_over": None,
            }
        },
    ],
)
def test_a_rule_that_claims_to_be_trained_is_refused(bundle, tmp_path, change):
    bundle.save(tmp_path / "rule.rrb")
    members = read_archive(tmp_path / "rule.rrb")
    about = json.loads(members["bundle.json"]) | change
    write_archive(tmp_path / "changed.rrb", members | {"bundle.json": as_content(about)})
    with pytest.raises(BundleError) as caught:
        read_bundle(tmp_path / "changed.rrb")
    assert caught.value.code == "bundle_content"


@pytest.mark.parametrize(
    "change",
    [
        {"households": 0},
        {"relapses": -1},
        {"before": 0.0},
        {"after": 1.0},
        {"shift": np.inf},
        {"error": -0.1},
        {"error": np.inf},
    ],
)
def test_a_move_from_nowhere_is_none(change):
    with pytest.raises(ValueError, match="a "):
        replace(MOVE, **change)
