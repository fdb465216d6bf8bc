"""Saved and read: bit by bit the same, and refused when anything in it is not as it was saved."""

import copy
import json

import numpy as np
import pytest

from relapse_risk.errors import BundleError
from relapse_risk.metrics import Vector
from relapse_risk.models import LightGBMBaseline, LogisticClassifier, ReasonAdditiveClassifier, to_state
from tests.models.saved_models import read, read_part, saved

SEED = "random_state"
QUICK = ("additive", "rule", "income")
SLOW = ("free", "scorecard", "stack", "vulnerability", "hazard")
KINDS = (*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW))


def test_a_read_model_is_the_saved_one_bit_by_bit(model, panel):
    again = read(*saved(model))
    assert type(again) is type(model)
    assert to_state(again).parameters == to_state(model).parameters
    for method in ("predict_proba", "decision_function", "predict", "predict_interval", "feature_terms"):
        assert np.array_equal(getattr(again, method)(panel.frame), getattr(model, method)(panel.frame))
    mine, its = model.explain(panel.frame), again.explain(panel.frame)
    assert (mine.base, mine.reasons) == (its.base, its.reasons)
    assert np.array_equal(mine.values, its.values)


def test_a_read_model_saves_as_the_same_state(model):
    assert saved(read(*saved(model))) == saved(model)


def test_a_read_model_refuses_other_columns(model, panel):
    again = read(*saved(model))
    with pytest.raises(ValueError, match="feature names"):
        again.predict_proba(panel.frame.rename({"kids": "children"}))


def test_text_classes_come_back(panel):
    labels = np.where(panel.outcome == 1, "relapsed", "at ease")
    model = LogisticClassifier().fit(panel.frame, np.where(labels == "relapsed", "relapsed", "at_ease"))
    again = read(*saved(model))
    assert again.classes_.tolist() == ["at_ease", "relapsed"]
    assert set(again.predict(panel.frame)) == {"at_ease", "relapsed"}


def leaves(values, path=()):
    """Yield the path to every list, number and text in JSON data."""
    if isinstance(values, dict):
        for key, value in values.items():
            yield from leaves(value, (*path, key))
    elif path[0] != "parameters":
        yield path


def put(values, path, value):
    for key in path[:-1]:
        values = values[key]
    values[path[-1]] = value


def get(values, path):
    for key in path:
        values = values[key]
    return values


def spoilt_kinds():
    """Models, and what takes the place of a part; of the default one, whose trees are slow to read, a text alone."""
    for name in (*QUICK, *SLOW, "logistic_isotonic"):
        for spoil in (None, float("nan"), "text", [[1.0]], {}):
            slow = name in SLOW or (name == "additive" and spoil != "text")
            yield pytest.param(name, spoil, marks=pytest.mark.slow if slow else ())


@pytest.mark.parametrize(("name", "spoil"), spoilt_kinds())
def test_any_part_of_another_type_is_refused(fitted, name, spoil):
    data, texts = saved(fitted[name])
    for path in leaves(data):
        kept = get(data, path)
        if (
            path[-1] == "named"
            or kept is spoil
            or (isinstance(kept, str) and spoil == "text" and path[-1] == "classes")
        ):
            continue
        spoilt = copy.deepcopy(data)
        put(spoilt, path, spoil)
        with pytest.raises(BundleError):
            read(spoilt, texts)


@pytest.mark.parametrize("name", [*KINDS, "logistic_isotonic"])
def test_any_list_that_is_shorter_or_longer_is_refused(fitted, name):
    data, texts = saved(fitted[name])
    for path in leaves(data):
        whole = get(data, path)
        if not isinstance(whole, list) or not whole or path[-1] in ("conditions", "losses") or "levels" in path[:-1]:
            continue
        for other in (whole[:-1], [*whole, whole[-1]]):
            spoilt = copy.deepcopy(data)
            put(spoilt, path, other)
            with pytest.raises(BundleError):
                read(spoilt, texts)


@pytest.mark.parametrize("name", KINDS)
def test_any_part_that_is_gone_is_refused(fitted, name):
    data, texts = saved(fitted[name])
    for path in leaves(data):
        if path[-1] == "named" or "levels" in path[:-1]:
            continue
        spoilt = copy.deepcopy(data)
        del get(spoilt, path[:-1])[path[-1]]
        with pytest.raises(BundleError):
            read(spoilt, texts)


def test_other_kinds_parameters_and_missing_texts_are_refused(fitted):
    data, texts = saved(fitted["additive"])
    spoilt = [
        ({**data, "estimator": "os.system"}, texts),
        ({**data, "estimator": "LogisticClassifier"}, texts),
        ({**data, "parameters": {"command": "rm"}}, texts),
        (data, {}),
        (data, {**texts, "more": texts["trees_0"]}),
    ]
    for one in spoilt:
        with pytest.raises(BundleError) as caught:
            read(*one)
        assert caught.value.code == "model_damaged"


def test_a_parameter_that_is_no_float_any_more_is_refused(panel):
    data, texts = saved(LogisticClassifier().fit(panel.frame, panel.outcome))
    data["parameters"]["penalty"] = 10**400
    with pytest.raises(BundleError) as caught:
        read(data, texts)
    assert caught.value.code == "model_damaged"


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("nonsense", [-1, -0.5, "many", True, [2]])
def test_a_shape_that_no_fit_could_have_had_is_refused(fitted, name, nonsense):
    data, texts = saved(fitted[name])
    shape = [key for key, value in data["parameters"].items() if isinstance(value, int | float) and key != SEED]
    assert "n_folds" in shape
    for key in shape:
        with pytest.raises(BundleError) as caught:
            read({**data, "parameters": {**data["parameters"], key: nonsense}}, texts)
        assert caught.value.details["part"] == "parameters", key


def test_how_many_fits_run_at_a_time_is_no_part_of_a_model(panel):
    alone, all_at_once = (LightGBMBaseline(n_rounds=3, n_jobs=n_jobs) for n_jobs in (1, 2))
    for model in (alone, all_at_once):
        model.fit(panel.frame, panel.outcome, household=panel.household)
    assert saved(alone) == saved(all_at_once)
    assert "n_jobs" not in saved(alone)[0]["parameters"]
    assert read(*saved(alone)).n_jobs == LightGBMBaseline().n_jobs


def test_a_state_holds_no_household(fitted, panel):
    for model in fitted.values():
        data, texts = saved(model)
        text = json.dumps(data) + "".join(texts.values())
        assert not any(f'"{home}"' in text for home in panel.household[:50])


@pytest.mark.parametrize("model", [LightGBMBaseline(n_rounds=3), ReasonAdditiveClassifier(n_rounds=15)])
def test_models_with_nothing_to_split_on_come_back(model):
    X, y = np.zeros((40, 2)), np.arange(40) % 4 == 0
    again = read(*saved(model.fit(X, y)))
    assert np.array_equal(again.predict_proba(X), model.predict_proba(X))


def test_texts_in_place_of_numbers_take_no_memory():
    with pytest.raises(BundleError):
        read_part(Vector, ["x" * 100_000, *[""] * 100_000])  # as an array of texts, 40 GB
