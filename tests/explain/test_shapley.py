"""Values of features: exact sums, shap's own figures, and shap's own plots."""

import subprocess
import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import polars as pl
import pytest
import shap

from relapse_risk.explain import explain_features
from relapse_risk.models import (
    IncomeOnlyClassifier,
    LightGBMBaseline,
    LogisticClassifier,
    PolicyRuleClassifier,
    ReasonAdditiveClassifier,
)
from relapse_risk.policy import ColumnCondition

pytestmark = pytest.mark.slow

mpl.use("Agg")

REASONS = {"ratio": "income", "trend": "income", "illness": "illness", "house": "guarantees", "kids": "labour"}
CONDITIONS = {
    "low": ColumnCondition(column="ratio", below=1.5),
    "house": ColumnCondition(**{"column": "house", "is": "D"}),
}
MODELS = {
    "additive": ReasonAdditiveClassifier(REASONS, n_rounds=60, n_folds=2),
    "bent": ReasonAdditiveClassifier(REASONS, n_rounds=60, n_folds=2, calibration="isotonic"),
    "logistic": LogisticClassifier(REASONS, n_folds=2),
    "free": LightGBMBaseline(REASONS, n_rounds=30, n_folds=2),
    "income": IncomeOnlyClassifier(REASONS, column="ratio", n_folds=2),
    "rule": PolicyRuleClassifier(REASONS, conditions=CONDITIONS, calibration="sigmoid", n_folds=2),
}


@pytest.fixture(scope="module")
def panel():
    random = np.random.default_rng(5)
    n = 1200
    ratio, trend = np.exp(random.normal(0.6, 0.5, n)), random.normal(size=n)
    house = random.choice(["A", "B", "D", None], n, p=[0.5, 0.3, 0.1, 0.1])
    illness = (random.random(n) < 0.2).astype(float)
    score = -1.5 - 2 * np.log(ratio) + illness + 1.5 * (house == "D") + np.sin(3 * trend) * (ratio < 2)
    frame = pl.DataFrame(
        {"ratio": ratio, "trend": trend, "illness": illness, "house": house.tolist(), "kids": random.integers(0, 4, n)}
    ).with_columns(trend=pl.when(pl.col("trend") > -1.5).then("trend"))
    return frame, (random.logistic(size=n) < score).astype(int)


@pytest.fixture(scope="module")
def fitted(panel):
    return {name: model.fit(*panel) for name, model in MODELS.items()}


@pytest.mark.parametrize("name", MODELS)
def test_values_add_up_to_the_calibrated_log_odds(fitted, panel, name):
    rows = [0, 7, 31, 500]
    found = explain_features(fitted[name], panel[0], rows)
    assert found.values.shape == (4, 5)
    assert len(set(found.base_values)) == 1
    total = found.base_values + found.values.sum(axis=1)
    assert total == pytest.approx(fitted[name].decision_function(panel[0])[rows], abs=1e-9)


@pytest.mark.parametrize("name", ["additive", "free"])
def test_trees_have_the_values_of_shaps_own_explainer(fitted, panel, name):
    model = fitted[name]
    core = model.core_
    forest = core.members[0][1] if name == "additive" else core.forest
    terms = model.encode(panel[0]).terms[:60]
    explainer = shap.TreeExplainer(forest.booster, feature_perturbation="tree_path_dependent")
    explainer.model.model_type = "internal"  # else it asks LightGBM, as we do
    ours = forest.shapley(terms)
    known = ~np.isnan(terms).any(axis=1)  # shap sends a missing value another way than LightGBM
    assert ours[known] == pytest.approx(explainer.shap_values(terms[known], check_additivity=False), abs=1e-6)
    assert np.abs(ours).max() > 0.1


def test_the_whole_is_base_and_trees_of_shap_as_they_are_joined(fitted, panel):
    model = fitted["additive"]
    core, layout = model.core_, model.layout_
    assert core.join.kind != "base"
    terms = model.encode(panel[0]).terms[:60]
    explainers = [
        shap.TreeExplainer(forest.booster, feature_perturbation="tree_path_dependent") for _, forest in core.members
    ]
    trees = np.mean([explainer.shap_values(np.ascontiguousarray(terms)) for explainer in explainers], axis=0)
    base = core.base.parts(terms, np.arange(layout.n_terms), layout.n_terms)
    expected = layout.by_column(core.join.of(base, trees)) * model.calibrator_.derivative(np.zeros(1))
    assert explain_features(model, panel[0], np.arange(60)).values == pytest.approx(expected, abs=1e-6)


def test_the_linear_part_is_measured_against_the_training_mean(fitted, panel):
    found = explain_features(fitted["logistic"], panel[0])
    assert found.values.mean(axis=0) == pytest.approx(np.zeros(5), abs=1e-9)
    assert found.values == pytest.approx(fitted["logistic"].feature_terms(panel[0]), abs=1e-9)


def _apart(model, frame):
    """Return values summed by reason minus the reason's contribution, shape (n, reasons)."""
    found, reasons = explain_features(model, frame), model.explain(frame)
    of_column = np.array(model.layout_.of_column)
    sums = [found.values[:, of_column == place].sum(axis=1) for place in range(len(reasons.reasons))]
    return np.column_stack(sums) - reasons.values


@pytest.mark.parametrize("name", ["additive", "logistic", "free"])
def test_summed_by_reason_they_are_the_contributions_but_for_the_centre(fitted, panel, name):
    apart = _apart(fitted[name], panel[0])
    assert np.ptp(apart, axis=0).max() < 1e-9
    assert np.abs(apart).max() < 0.2


def test_through_a_bent_calibrator_they_agree_roughly(fitted, panel):
    apart = _apart(fitted["bent"], panel[0])
    assert np.ptp(apart, axis=0).max() > 1e-6
    contributions = fitted["bent"].explain(panel[0]).values
    assert np.corrcoef((apart + contributions).ravel(), contributions.ravel())[0, 1] > 0.99


def test_codes_are_summed_to_their_column_and_shown_as_texts(fitted, panel):
    found = explain_features(fitted["additive"], panel[0], [0, 1, 2, 3])
    house = found.feature_names.index("house")
    assert [text or None for text in found.display_data[:, house]] == panel[0]["house"][:4].to_list()
    levels = fitted["additive"].layout_.columns.levels[house]
    assert [levels[int(place)] or None for place in found.data[:, house]] == panel[0]["house"][:4].to_list()


@pytest.mark.parametrize("plot", ["bar", "beeswarm", "waterfall"])
def test_shaps_plots_draw_them(fitted, panel, plot):
    found = explain_features(fitted["additive"], panel[0], np.arange(80))
    axes = getattr(shap.plots, plot)(found[0] if plot == "waterfall" else found, show=False)
    written = [label.get_text() for label in axes.get_yticklabels()]
    assert any("ratio" in text for text in written)
    plt.close("all")


def test_no_row_is_refused(fitted, panel):
    with pytest.raises(ValueError, match="no row"):
        explain_features(fitted["additive"], panel[0], [])


def test_shap_is_loaded_when_it_is_asked_for():
    code = "import sys, relapse_risk.explain, relapse_risk.models, relapse_risk.training, relapse_risk.scoring; "
    process = subprocess.run(
        [sys.executable, "-c", code + "print('shap' in sys.modules)"], capture_output=True, text=True
    )
    assert process.stdout.strip() == "False", process.stderr
