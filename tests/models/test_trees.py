"""Trees: inside one reason, of the right sign, read out exactly, and refused when damaged."""

import re
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from relapse_risk.errors import BundleError
from relapse_risk.models import ReasonAdditiveClassifier
from tests.models.saved_models import read, read_part, saved

REASON_OF = {"ratio": "income", "trend": "income", "illness": "illness", "house": "guarantees", "kids": "labour"}


@pytest.fixture(scope="module")
def additive(fitted):
    core = fitted["additive"].core_
    assert core.join.kind != "base"
    return core


@pytest.fixture(scope="module")
def terms(fitted, panel):
    return fitted["additive"].encode(panel.frame).terms


def features_of(node):
    if "split_feature" not in node:
        return set()
    return {node["split_feature"]} | features_of(node["left_child"]) | features_of(node["right_child"])


def test_every_tree_stays_inside_one_reason_by_lightgbms_own_dump(additive):
    group, seen = additive.layout.group, set()
    for _, forest in additive.members:
        for tree in lgb.Booster(model_str=forest.text).dump_model()["tree_info"]:
            reasons = {int(group[feature]) for feature in features_of(tree["tree_structure"])}
            assert len(reasons) <= 1
            seen |= reasons
            assert tree["num_leaves"] <= 8
    assert len(seen) >= 3


def test_parts_are_lightgbms_own_sums(additive, terms):
    for _, forest in additive.members:
        sums = forest.sums(forest.leaves(terms), additive.layout.group, len(additive.layout.reasons))
        own = lgb.Booster(model_str=forest.text).predict(terms, raw_score=True)
        assert sums.sum(axis=1) == pytest.approx(own, abs=1e-12)
        assert np.array_equal(forest.summed(forest.leaves(terms)), own)


def test_a_reason_moves_with_its_own_columns_alone(fitted, panel):
    model = fitted["additive"]
    before = model.core_.parts(model.encode(panel.frame).terms)
    shuffled = panel.frame.with_columns(panel.frame["kids"].sample(fraction=1, shuffle=True, seed=1))
    after = model.core_.parts(model.encode(shuffled).terms)
    moved = {reason for reason, column in zip(model.layout_.reasons, (before != after).T, strict=True) if column.any()}
    assert moved == {"labour"}


@pytest.mark.parametrize(("name", "sign"), [("ratio", -1), ("illness", 1)])
def test_trees_move_as_the_sign_says(additive, terms, name, sign):
    term = additive.layout.columns.term(name)
    grid = np.unique(terms[:, term])
    for _, forest in additive.members:
        for row in terms[:20]:
            rows = np.tile(row, (len(grid), 1))
            rows[:, term] = grid
            assert (np.diff(forest.total(rows)) * sign >= -1e-12).all()


def test_without_the_sign_trees_do_not(panel):
    X, y = panel.frame.select("trend").to_numpy(), panel.outcome
    core: Any = ReasonAdditiveClassifier(n_rounds=60).fit(X, y).core_
    grid = np.linspace(-2, 2, 41)[:, None]
    steps = np.diff(core.members[0][1].total(grid))
    assert steps.min() < 0 < steps.max()


def test_leaves_are_looked_up_once_for_all_that_is_said_of_rows(fitted, panel, additive, monkeypatch):
    asked, leaves = [], type(additive.members[0][1]).leaves

    def counted(forest, terms):
        asked.append(forest)
        return leaves(forest, terms)

    monkeypatch.setattr(type(additive.members[0][1]), "leaves", counted)
    model = fitted["additive"]
    rows = model.encode(panel.frame)
    for say in (model.predict_proba, model.predict_interval, model.explain, model.feature_terms):
        say(rows)
    assert len(asked) == len(additive.members)


def test_path_sums_are_the_trees_up_to_a_constant(additive, terms):
    _, forest = additive.members[0]
    rest = forest.total(terms) - forest.path_sums(forest.leaves(terms)).sum(axis=1)
    assert np.ptp(rest) < 1e-9


def damage(text, old, new):
    assert old in text
    return text.replace(old, new, 1)


def resized(text):
    """Return a text of which the sizes of the trees are right again."""
    trees = re.findall("(?s)Tree=.*?(?=Tree=|end of trees)", text)
    return re.sub("tree_sizes=.*", f"tree_sizes={' '.join(str(len(tree)) for tree in trees)}", text, count=1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: damage(text, "left_child=", "left_child=0 "),
        lambda text: damage(text, "right_child=", "right_child=9 "),
        lambda text: damage(text, "split_feature=", "split_feature=77 "),
        lambda text: damage(text, "leaf_value=", "leaf_value=nan "),
        lambda text: damage(text, "num_leaves=", "num_leaves=x"),
        lambda text: damage(text, "max_feature_idx=", "max_feature_idx=9"),
        lambda text: damage(text, "threshold=", "threshold=inf "),
        lambda text: re.sub("threshold=[^ ]+", "threshold=nan", text, count=1),
        lambda text: damage(text, "decision_type=", "decision_type=1 "),
        lambda text: damage(text, "num_cat=0", "num_cat=1"),
        lambda text: re.sub("split_feature=[0-9]+", "split_feature=" + "9" * 20, text, count=1),
        # where LightGBM reads something else than we do
        lambda text: resized(re.sub("(num_leaves=[0-9]+)", "num_leaves=999999\x0c\\1", text, count=1)),
        lambda text: resized(re.sub("(num_leaves=[0-9]+)\n", "num_leaves=999999\n\\1\n", text, count=1)),
        lambda text: resized(re.sub("(num_leaves=[0-9]+)\n", "\n\\1\n", text, count=1)),
        lambda text: resized(re.sub("num_leaves=([0-9]+)\n", "num_leaves=0_\\1\n", text, count=1)),
        lambda text: resized(damage(text, "num_cat=0\n", "num_cat=0\x00\n")),
        lambda text: damage(text, "\nversion=", "\naverage_output\nversion="),
        lambda text: damage(text, "\nversion=", "\nnum_class=2\nversion="),
    ],
)
def test_damaged_texts_are_refused_before_lightgbm_reads_them(additive, spoil, monkeypatch):
    _, forest = additive.members[0]
    monkeypatch.setattr(lgb, "Booster", None)
    assert resized(forest.text) == forest.text
    assert read_part(type(forest), {"text": "trees_0"}, {"trees_0": forest.text}) == forest
    with pytest.raises(BundleError) as caught:
        read_part(type(forest), {"text": "trees_0"}, {"trees_0": spoil(forest.text)})
    assert caught.value.code == "model_damaged"


def test_trees_are_parsed_whole(additive):
    for _, forest in additive.members:
        own = lgb.Booster(model_str=forest.text)
        assert len(forest.trees) == own.num_trees()
        assert [tree.values[0] for tree in forest.trees] == [own.get_leaf_output(t, 0) for t in range(own.num_trees())]


def test_trees_that_part_the_missing_from_the_known_are_saved_and_read():
    random = np.random.default_rng(0)
    x = np.where(random.random(2000) < 0.3, np.nan, random.integers(0, 3, 2000).astype(float))
    y = random.random(2000) < np.where(np.isnan(x), 0.4, 0.1)
    model = ReasonAdditiveClassifier(n_rounds=60).fit(x[:, None], y)
    data, texts = saved(model)
    assert re.search("threshold=([^ ]+ )*inf", "".join(texts.values()))
    again = read(data, texts)
    np.testing.assert_array_equal(again.predict_proba(x[:, None]), model.predict_proba(x[:, None]))
