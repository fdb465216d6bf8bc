"""Every data file of ours, and what becomes of any figure of it that is of another kind."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import relapse_risk.policy
from relapse_risk.errors import InputError
from relapse_risk.policy import (
    AliasesFile,
    AnomalyPolicy,
    AuditPolicy,
    CheckPolicy,
    CodesFile,
    DialectsFile,
    EducationFile,
    LinesFile,
    ReasonsFile,
    ReconcilePolicy,
    Thresholds,
    WordingsFile,
    read_model,
    validated,
)
from relapse_risk.policy.files import read_data

FILES = {
    "aliases": AliasesFile,
    "audit": AuditPolicy,
    "codes": CodesFile,
    "dialects": DialectsFile,
    "education": EducationFile,
    "evaluation": CheckPolicy,
    "lines": LinesFile,
    "anomalies": AnomalyPolicy,
    "reasons": ReasonsFile,
    "reconcile": ReconcilePolicy,
    "thresholds": Thresholds,
    "wordings": WordingsFile,
}


def leaves(data, path=()):
    """Every place of a file where a figure or a text stands."""
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(value, (*path, key))
    else:
        yield path


def replaced(data, path, value):
    """A file with another value at a place."""
    if not path:
        return value
    first, *rest = path
    if isinstance(data, list):
        return [replaced(one, rest, value) if place == first else one for place, one in enumerate(data)]
    return {key: replaced(one, rest, value) if key == first else one for key, one in data.items()}


LEAVES = {name: list(leaves(read_data(name))) for name in FILES}


def test_every_data_file_has_a_model():
    assert {path.stem for path in (Path(relapse_risk.policy.__file__).parent / "data").glob("*.toml")} == {*FILES}


@pytest.mark.parametrize("name", FILES)
def test_every_key_of_our_files_is_read(name):
    assert read_model(FILES[name], name) is read_model(FILES[name], name)  # looked at once


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(FILES)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(LEAVES[name]))))
def test_what_is_of_another_kind_is_refused_with_its_place_and_what_is_allowed(chosen):
    name, path = chosen
    with pytest.raises(InputError) as caught:
        validated(FILES[name], replaced(read_data(name), path, date(2020, 1, 1)), f"{name}.toml")
    key = ".".join(str(step + 1) if isinstance(step, int) else step for step in path)
    for lang, allowed in (("en", "Allowed: "), ("zh", "应为：")):
        said = caught.value.in_language(lang)
        assert "\n" not in said
        assert f"{name}.toml" in said
        assert key in said
        assert said.partition(allowed)[2]


def test_the_first_thing_wrong_is_told_with_how_many_more(tmp_path):
    mine = tmp_path / "thresholds.toml"
    mine.write_text("[assumed]\nrisk = 2\nodds_ratio = 0\nfactor = 'x'\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"assumed\.risk is 2 \(and 2 more\)\. Allowed: a number below 1"):
        relapse_risk.policy.read_policy(thresholds=mine)


def test_of_very_many_keys_the_likely_ones_are_named():
    data = replaced(read_data("audit"), ("limits",), {**read_data("audit")["limits"], "head_ages": 3})
    with pytest.raises(InputError, match=r"limits\.head_ages means nothing there\. Allowed: head_age, .*…") as caught:
        validated(AuditPolicy, data, "audit.toml")
    assert len(str(caught.value)) < 160


@pytest.mark.parametrize(
    "text",
    [
        f"[{'.'.join(['a'] * 3000)}]\nb = 1\n",
        f"a = {'[' * 3000}{']' * 3000}\n",
        f"[lines.2020]\nyuan = {'9' * 5000}\n",
        f"[lines.2020]\nyuan = 0x{'f' * 5000}\n",
        "[lines.2020]\nyuan = 9223372036854775808\n",
    ],
)
def test_what_no_reader_can_bear_is_refused_in_one_line(tmp_path, text):
    mine = tmp_path / "lines.toml"
    mine.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        relapse_risk.policy.read_policy(lines=mine)
    assert caught.value.code == "data_file_not_toml"


@pytest.mark.parametrize("text", ["{age} is too old", "{", "}"])
def test_a_wording_of_the_audit_has_nothing_to_fill_in(tmp_path, text):
    mine = tmp_path / "audit.toml"
    mine.write_text(f"[rules.too_old]\nen = '{text}'\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"rules\.too_old\.en is .*no other placeholders"):
        relapse_risk.policy.read_policy(audit=mine)
