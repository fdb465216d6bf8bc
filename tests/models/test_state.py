"""Saved and read: bit by bit the same, and refused when anything in it is not as it was saved."""

import copy
import json

import numpy as np
import pytest

from relapse_risk.errors import BundleError
from relapse_risk.models import (
    EstimatorState,
    LightGBMBaseline,
    LogisticClassifier,
    ReasonAdditiveClassifier,
    from_state,
)

KINDS = (
    "additive",
    "rule",
    "income",
    *(pytest.param(name, marks=pytest.mark.slow) for name in ("free", "scorecard", "stack", "vulnerability", "hazard")),
)


def through_json(state):
    return EstimatorState(
        kind=state.kind, values=json.loads(json.dumps(state.values, allow_nan=False)), texts=dict(state.texts)
    )


def test_a_read_model_is_the_saved_one_bit_by_bit(model, panel):
    read = from_state(through_json(model.to_state()))
    assert type(read) is type(model)
    assert str(read.get_params()) == str(model.get_params())
    for method in ("predict_proba", "decision_function", "predict", "predict_interval", "feature_terms"):
        assert np.array_equal(getattr(read, method)(panel.frame), getattr(model, method)(panel.frame))
    mine, its = model.explain(panel.frame), read.explain(panel.frame)
    assert (mine.base, mine.reasons) == (its.base, its.reasons)
    assert np.array_equal(mine.values, its.values)


def test_a_read_model_saves_as_the_same_state(model):
    state = through_json(model.to_state())
    assert through_json(from_state(state).to_state()) == state


def test_a_read_model_refuses_other_columns(model, panel):
    read = from_state(through_json(model.to_state()))
    with pytest.raises(ValueError, match="feature names"):
        read.predict_proba(panel.frame.rename({"kids": "children"}))


def test_text_classes_come_back(panel):
    labels = np.where(panel.outcome == 1, "relapsed", "at ease")
    model = LogisticClassifier().fit(panel.frame, np.where(labels == "relapsed", "relapsed", "at_ease"))
    read = from_state(through_json(model.to_state()))
    assert read.classes_.tolist() == ["at_ease", "relapsed"]
    assert set(read.predict(panel.frame)) == {"at_ease", "relapsed"}


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


@pytest.mark.parametrize("name", [*KINDS, "logistic_isotonic"])
@pytest.mark.parametrize("spoil", [None, float("nan"), "text", [[1.0]], {}])
def test_any_part_of_another_type_is_refused(fitted, name, spoil):
    state = through_json(fitted[name].to_state())
    for path in leaves(state.values):
        kept = get(state.values, path)
        if (
            path[-1] == "named"
            or kept is spoil
            or (isinstance(kept, str) and spoil == "text" and path[-1] == "classes")
        ):
            continue
        spoilt = copy.deepcopy(state.values)
        put(spoilt, path, spoil)
        with pytest.raises(BundleError):
            from_state(EstimatorState(kind=state.kind, values=spoilt, texts=state.texts))


@pytest.mark.parametrize("name", [*KINDS, "logistic_isotonic"])
def test_any_list_that_is_shorter_or_longer_is_refused(fitted, name):
    state = through_json(fitted[name].to_state())
    for path in leaves(state.values):
        whole = get(state.values, path)
        if not isinstance(whole, list) or not whole or path[-1] in ("conditions", "losses") or "levels" in path[:-1]:
            continue
        for other in (whole[:-1], [*whole, whole[-1]]):
            spoilt = copy.deepcopy(state.values)
            put(spoilt, path, other)
            with pytest.raises(BundleError):
                from_state(EstimatorState(kind=state.kind, values=spoilt, texts=state.texts))


@pytest.mark.parametrize("name", KINDS)
def test_any_part_that_is_gone_is_refused(fitted, name):
    state = through_json(fitted[name].to_state())
    for path in leaves(state.values):
        if path[-1] == "named" or "levels" in path[:-1]:
            continue
        spoilt = copy.deepcopy(state.values)
        del get(spoilt, path[:-1])[path[-1]]
        with pytest.raises(BundleError):
            from_state(EstimatorState(kind=state.kind, values=spoilt, texts=state.texts))


def test_other_kinds_parameters_and_missing_texts_are_refused(fitted):
    state = through_json(fitted["additive"].to_state())
    parameters = {**state.values, "parameters": {"command": "rm"}}
    spoilt = [
        EstimatorState(kind="os.system", values=state.values, texts=state.texts),
        EstimatorState(kind=state.kind, values=parameters, texts=state.texts),
        EstimatorState(kind=state.kind, values=state.values, texts={}),
    ]
    for one in spoilt:
        with pytest.raises(BundleError) as caught:
            from_state(one)
        assert caught.value.code == "model_damaged"


def test_a_state_holds_no_household(fitted, panel):
    for model in fitted.values():
        text = json.dumps(model.to_state().values) + "".join(model.to_state().texts.values())
        assert not any(f'"{home}"' in text for home in panel.household[:50])


@pytest.mark.parametrize("model", [LightGBMBaseline(n_rounds=3), ReasonAdditiveClassifier(n_rounds=15)])
def test_models_with_nothing_to_split_on_come_back(model):
    X, y = np.zeros((40, 2)), np.arange(40) % 4 == 0
    read = from_state(through_json(model.fit(X, y).to_state()))
    assert np.array_equal(read.predict_proba(X), model.predict_proba(X))
