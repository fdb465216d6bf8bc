"""Shares of causes: they add up, shrink, take rare causes together, and find those of the invented register."""

import numpy as np
import polars as pl
import pytest

from relapse_risk.features import build_features
from relapse_risk.models import CauseClassifier
from relapse_risk.records import Records
from relapse_risk.synthetic import synthesise

DAYS = ("2016-12-31", "2017-12-31", "2018-12-31", "2019-12-31")


def relapses(n=400, seed=0):
    random = np.random.default_rng(seed)
    ill, hit = random.random(n) < 0.4, random.random(n) < 0.3
    weights = np.column_stack([0.2 + 2 * ill, 0.1 + 1.5 * hit, np.full(n, 0.5)])
    drawn = (random.random((n, 1)) * weights.sum(axis=1, keepdims=True) > np.cumsum(weights, axis=1)).sum(axis=1)
    frame = pl.DataFrame({"ill": ill, "hit": hit, "house": random.choice(["A", "D"], n).tolist()})
    return frame, np.array(["illness", "disaster", "industry"])[drawn], weights / weights.sum(axis=1, keepdims=True)


def test_risks_by_cause_add_up_to_the_risk():
    frame, causes, _ = relapses()
    model = CauseClassifier().fit(frame, causes)
    risk = np.linspace(0, 1, len(causes))
    found = model.split_risk(frame, risk)
    assert found.shape == (400, 3)
    assert (found >= 0).all()
    assert np.abs(found.sum(axis=1) - risk).max() < 1e-12


def test_the_shares_are_those_the_causes_were_drawn_with():
    frame, causes, shares = relapses(6000)
    model = CauseClassifier(penalty=1.0).fit(frame, causes)
    order = [model.classes_.tolist().index(cause) for cause in ("illness", "disaster", "industry")]
    assert np.abs(model.predict_proba(frame)[:, order] - shares).mean() < 0.05


def test_few_relapses_or_a_heavy_penalty_leave_the_overall_shares():
    frame, causes, _ = relapses()
    overall = [(causes == cause).mean() for cause in sorted(set(causes))]
    heavy = CauseClassifier(penalty=1e8).fit(frame, causes).predict_proba(frame)
    assert np.abs(heavy - overall).max() < 1e-3
    few = CauseClassifier(least=2).fit(frame[:12], causes[:12]).predict_proba(frame)
    assert np.ptp(few, axis=0).max() < 0.2


def test_rare_causes_are_one():
    frame, causes, _ = relapses()
    causes = np.where(np.arange(400) < 9, "flood", np.where(np.arange(400) < 12, "other", causes))
    model = CauseClassifier().fit(frame, causes)
    assert model.classes_.tolist() == ["disaster", "illness", "industry", "other"]
    assert "flood" in CauseClassifier(least=9).fit(frame, causes).classes_


def test_one_cause_has_all_of_the_risk():
    frame, _, _ = relapses(5)
    model = CauseClassifier().fit(frame, ["illness"] * 5)
    assert model.classes_.tolist() == ["other"]
    assert model.split_risk(frame, [0.3] * 5).tolist() == [[0.3]] * 5
    assert set(model.predict(frame)) == {"other"}


def test_a_cause_that_is_not_recorded_says_nothing():
    frame, causes, _ = relapses()
    blank = [None if place % 3 == 0 else cause for place, cause in enumerate(causes)]
    kept = np.arange(400) % 3 > 0
    one = CauseClassifier().fit(frame, blank).predict_proba(frame)
    other = CauseClassifier().fit(frame.filter(kept), causes[kept]).predict_proba(frame)
    weighed = CauseClassifier().fit(frame, causes, sample_weight=kept.astype(float)).predict_proba(frame)
    assert np.array_equal(one, weighed)
    assert one == pytest.approx(other, abs=1e-12)
    with pytest.raises(ValueError, match="no relapse with a recorded cause"):
        CauseClassifier().fit(frame, [None] * 400)


def test_the_order_of_rows_changes_nothing():
    frame, causes, _ = relapses()
    order = np.random.default_rng(1).permutation(400)
    again = CauseClassifier().fit(frame[order], causes[order])
    assert np.array_equal(again.predict_proba(frame), CauseClassifier().fit(frame, causes).predict_proba(frame))


@pytest.mark.parametrize("risk", [[1.2] * 400, [-0.1] * 400, [0.1] * 3, [[0.1]] * 400, [np.nan] * 400])
def test_risks_that_are_none_are_refused(risk):
    frame, causes, _ = relapses()
    with pytest.raises(ValueError, match=r"one probability|inconsistent|NaN"):
        CauseClassifier().fit(frame, causes).split_risk(frame, risk)


@pytest.fixture(scope="module")
def register():
    """Households at risk of an invented register: features, true risk, and the cause of a relapse if there was one."""
    population = synthesise(households=4000, seed=5)
    table = build_features(Records(population.tables, exported_on=population.exported_on), DAYS)
    fell = population.truth["relapses"].select(
        "household_id", "cause", as_of=pl.date(pl.col("relapsed_on").dt.year() - 1, 12, 31)
    )
    keys = ["household_id", "as_of"]
    rows = table.frame.join(population.truth["risk"], on=keys).join(fell.unique(keys), on=keys, how="left").sort(keys)
    names = [feature.name for feature in table.features if feature.role == "predictor"]
    return rows, names


def test_causes_of_an_invented_register_are_told_beforehand(register):
    rows, names = register
    learned, held = (rows.filter(pl.col("household_id").hash(7) % 2 == half) for half in (0, 1))
    fell = learned.filter(pl.col("cause").is_not_null())
    model = CauseClassifier().fit(fell.select(names), fell["cause"])
    split = pl.DataFrame(model.split_risk(held.select(names), held["risk"]), schema=model.classes_.tolist())
    # as many are expected by cause as there were, within chance
    cause = held.select(
        pl.when(pl.col("cause").is_in(model.classes_.tolist()))
        .then("cause")
        .otherwise(pl.when(pl.col("cause").is_not_null()).then(pl.lit("other")))
    ).to_series()
    for name in model.classes_:
        expected, there = split[name].sum(), int((cause == name).sum())
        assert abs(expected - there) < 4 * np.sqrt(expected + 1)
    # and of those who fell, the shares say more of the cause than the overall shares do
    seen = held.filter(pl.col("cause").is_not_null())
    place = [model.classes_.tolist().index(name) for name in cause.drop_nulls()]
    shares = model.predict_proba(seen.select(names))
    overall = CauseClassifier(penalty=1e8).fit(fell.select(names), fell["cause"]).predict_proba(seen.select(names))
    at = np.arange(len(place))
    assert np.log(shares[at, place]).mean() > np.log(overall[at, place]).mean() + 0.1


def test_risk_by_illness_follows_what_illness_adds_to_the_risk(register):
    rows, names = register
    fell = rows.filter(pl.col("cause").is_not_null())
    model = CauseClassifier().fit(fell.select(names), fell["cause"])
    share = model.predict_proba(rows.select(names))[:, model.classes_.tolist().index("illness")]
    part = rows["part_illness"].to_numpy()
    assert share[part > np.quantile(part, 0.9)].mean() > 2 * share[part <= np.quantile(part, 0.5)].mean()
