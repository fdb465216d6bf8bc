"""The card by pencil: what is filled in by hand is what the model says."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.metrics import log_loss
from relapse_risk.models import LogisticClassifier, ScorecardClassifier
from relapse_risk.models.scorecard import Bins


def by_hand(card, row):
    """Add up the points of a household as a person with a pencil would."""
    total = 0
    for (column,), lines in card.group_by("column", maintain_order=True):
        figure = row[column]
        if lines["code"].is_not_null().any():
            for code, points, other in zip(
                lines["code"][::2], lines["points"][::2], lines["points"][1::2], strict=True
            ):
                total += points if (figure or "") == code else other
            continue
        for low, high, missing, points in lines.select("from", "to", "missing", "points").iter_rows():
            if figure is None or missing:
                holds = figure is None and missing
            else:
                holds = (low is None or figure >= low) and (high is None or figure < high)
            total += points * holds
    return total


def test_what_is_filled_in_by_hand_is_what_the_model_says(fitted, panel):
    model = fitted["scorecard"]
    card, risks = model.card(), model.risks()
    risk = dict(risks.iter_rows())
    found = [risk[by_hand(card, row)] for row in panel.frame[:300].iter_rows(named=True)]
    assert np.array_equal(found, model.predict_proba(panel.frame[:300])[:, 1])


def test_the_card_is_short_and_its_points_small_and_rising_with_risk(fitted):
    model = fitted["scorecard"]
    card, risks = model.card(), model.risks()
    assert 2 <= card["column"].n_unique() <= 10
    assert card["points"].min() == 0
    assert card["points"].max() < 40
    assert (np.diff(risks["risk"]) > 0).all()
    assert risks["points"].to_list() == list(range(len(risks)))
    known = card.filter(~pl.col("missing") & pl.col("code").is_null())
    ratio = known.filter(column="ratio")["points"].to_numpy()
    assert len(ratio) <= 4
    assert (np.diff(ratio) <= 0).all()
    assert known.filter(column="illness")["points"].to_list()[0] == 0
    for (_,), lines in card.filter(pl.col("code").is_null()).group_by("column"):
        assert lines["missing"].sum() in (0, 1)


def test_a_reasons_contribution_is_its_points_times_one_unit(panel):
    model = ScorecardClassifier(calibration=None).fit(panel.frame, panel.outcome, household=panel.household)
    found = model.explain(panel.frame)
    points = (found.values - found.values[0]) / (np.log(2) / 4)
    assert points == pytest.approx(np.round(points), abs=1e-9)


def test_columns_of_noise_are_left_off():
    random = np.random.default_rng(3)
    X = random.normal(size=(3000, 12))
    y = random.logistic(size=3000) < 1.5 * X[:, 0] - X[:, 1] - 2
    found = ScorecardClassifier().fit(X, y).card()["column"].unique().to_list()
    assert {"x0", "x1"} <= set(found)
    assert len(found) <= 6
    assert ScorecardClassifier(n_columns=1).fit(X, y).card()["column"].unique().to_list() == ["x0"]


def test_it_costs_little_beside_the_logistic_model_where_risks_are_linear(panel):
    random = np.random.default_rng(4)
    X = random.normal(size=(6000, 6))
    y = random.logistic(size=6000) < X @ [1, -0.7, 0.5, 0, 0, 0] - 2
    risks = [
        model.fit(X[:3000], y[:3000]).predict_proba(X[3000:])[:, 1]
        for model in (ScorecardClassifier(), LogisticClassifier())
    ]
    card, logistic, none = *(log_loss(y[3000:], risk) for risk in risks), log_loss(y[3000:], np.full(3000, y.mean()))
    assert card - logistic < 0.25 * (none - logistic)


def test_missing_figures_have_points_of_their_own():
    random = np.random.default_rng(5)
    x = random.normal(size=4000)
    y = random.logistic(size=4000) < np.where(np.arange(4000) % 4 == 0, 1.5, x - 2)
    x[::4] = np.nan
    lines = ScorecardClassifier().fit(x[:, None], y).card()
    missing = lines.filter("missing")["points"].item()
    assert missing > lines.filter(~pl.col("missing"))["points"].max() - 3


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(2, 300),
    sign=st.sampled_from([-1, 0, 1]),
    most=st.integers(2, 5),
    kind=st.sampled_from(["many", "few", "huge", "gaps", "empty"]),
)
def test_bins_rise_or_fall_throughout_and_cover_everything(seed, n, sign, most, kind):
    random = np.random.default_rng(seed)
    column = {
        "many": random.normal(size=n),
        "few": random.integers(0, 3, n).astype(float),
        "huge": np.where(random.random(n) < 0.1, 1e308, random.normal(size=n) * 1e-300),
        "gaps": np.where(random.random(n) < 0.5, np.nan, random.normal(size=n)),
        "empty": np.full(n, np.nan),
    }[kind]
    outcome, weight = (random.random(n) < 0.3).astype(float), random.choice([0.5, 2.0], n)
    outcome[:2] = [0, 1]
    bins = Bins.of(column, outcome, weight, sign=sign, most=most)
    assert len(bins.edges) < most
    assert (np.diff(bins.edges) > 0).all()
    assert np.isfinite(bins.evidence).all()
    rising = np.diff(bins.evidence[:-1])
    if weight.sum() > 200:  # the one event all are drawn by may turn tiny bins round
        assert (rising * (sign or np.sign(rising.sum())) >= -0.2).all()
    assert np.isfinite(bins.of_rows(np.array([np.nan, -1e308, 0.0, 1e308]))).all()


def test_edges_are_the_shortest_numbers_that_part_the_same_rows():
    column = np.array([1.23456, 2.3456789] * 500)
    bins = Bins.of(column, (column > 2).astype(float), np.ones(1000), sign=1, most=4)
    assert bins.edges.tolist() == [2.0]
