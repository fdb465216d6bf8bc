"""Every data file of ours, and what becomes of any figure of it that is of another kind."""

import re
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
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
    Mechanism,
    ReasonsFile,
    ReconcilePolicy,
    Thresholds,
    WordingPartsFile,
    WordingsFile,
    read_data,
    read_model,
    validated,
)

FILES = {
    "aliases": AliasesFile,
    "audit": AuditPolicy,
    "codes": CodesFile,
    "dialects": DialectsFile,
    "education": EducationFile,
    "evaluation": CheckPolicy,
    "lines": LinesFile,
    "anomalies": AnomalyPolicy,
    "mechanism": Mechanism,
    "parts": WordingPartsFile,
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


def lists(data, path=()):
    """Every place of a file where a list stands."""
    if isinstance(data, list):
        yield path
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from lists(value, (*path, key))


LEAVES = {name: list(leaves(read_data(name))) for name in FILES}


def test_every_data_file_has_a_model():
    data = Path(relapse_risk.policy.__file__).parent / "data"
    assert {path.stem for path in data.glob("*.toml")} == {*FILES} - {"mechanism"}
    assert {path.stem for path in (data / "mechanism").glob("*.toml")} == {*read_data("mechanism")}


@pytest.mark.parametrize("name", FILES)
def test_every_key_of_our_files_is_read(name):
    assert read_model(FILES[name], name) is read_model(FILES[name], name)  # looked at once


@given(st.sampled_from(sorted(FILES)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(LEAVES[name]))))
def test_what_is_of_another_kind_is_refused_with_its_place_and_what_is_allowed(chosen):
    name, path = chosen
    with pytest.raises(InputError) as caught:
        validated(FILES[name], replaced(read_data(name), path, time(12)), f"{name}.toml")
    key = ".".join(str(step + 1) if isinstance(step, int) else step for step in path)
    for lang, allowed in (("en", "Allowed: "), ("zh", "应为：")):
        said = caught.value.in_language(lang)
        assert "\n" not in said
        assert f"{name}.toml" in said
        assert key in said
        assert said.partition(allowed)[2]


# An empty list of these says something: nobody is left out, nothing is read as it, only those under monitoring, a
# feature never speaks, nothing speaks against one, nothing contradicts a reason.
MAY_BE_EMPTY = re.compile(
    r"reasons\.\w+\.cause|anomalies\.slips\.amounts\.\d\.kind|mechanism\.(rules\.\w+\.only"
    r"|classes\.scheme\.\w+\.never|measures\.measure\.\w+\.(when|never|reasons|classes|kinds|held)"
    r"|naming\.(supports|unless|contradicted)\.\w+|protected\.\w+\.(columns|features)|watch\.lists\.\w+\.bounds\.whom|ledger\.kinds\.\w+\.required"
    r"|visits\.findings\.\w+\.(also|acts)|visits\.columns\.\w+\.also)"
)


@pytest.mark.parametrize("name", FILES)
def test_an_empty_list_that_voids_a_setting_is_refused(name):
    for path in lists(read_data(name)):
        place, emptied = ".".join((name, *map(str, path))), replaced(read_data(name), path, [])
        if MAY_BE_EMPTY.fullmatch(place):
            validated(FILES[name], emptied, f"{name}.toml")
            continue
        with pytest.raises(InputError) as caught:
            validated(FILES[name], emptied, f"{name}.toml")
        for lang in ("zh", "en"):
            assert re.search(r"an empty list|空列表", caught.value.in_language(lang)), place


def test_the_first_thing_wrong_is_told_with_how_many_more(tmp_path):
    mine = tmp_path / "thresholds.toml"
    mine.write_text("[assumed]\nrisk = 2\nodds_ratio = 0\nfactor = 'x'\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"assumed\.risk is 2 \(and 2 more\)\. Allowed: a number below 1"):
        relapse_risk.policy.read_policy(thresholds=mine)


def test_of_very_many_keys_the_likely_ones_are_named():
    data = replaced(read_data("audit"), ("limits",), {**read_data("audit", "limits"), "head_ages": 3})
    with pytest.raises(InputError, match=r"limits\.head_ages means nothing there\. Allowed: head_age, .*…") as caught:
        validated(AuditPolicy, data, "audit.toml")
    assert len(str(caught.value)) < 160


DEEP = "is nested too deep. Nest at most 20 levels"
LARGE = "is too large a number. Allowed: a whole number of at most 18 digits"


@pytest.mark.parametrize("name", ["aliases", "audit", "codes", "lines", "mechanism", "thresholds"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"[{'.'.join(['a'] * 3000)}]\nb = 1\n", f"a.a.a.… {DEEP}"),
        (f"a = {'[' * 3000}{']' * 3000}\n", f"the file {DEEP}"),
        (f"a = {'[' * 30}{']' * 30}\n", f"a.1.1.… {DEEP}"),
        (f"[lines.2020]\nyuan = {'9' * 5000}\n", f"line 2 {LARGE}"),
        (f"[lines.2020]\nyuan = 0x{'f' * 5000}\n", f"lines.2020.yuan {LARGE}"),
        ("[lines.2020]\nyuan = [1, 9223372036854775808]\n", f"lines.2020.yuan.2 {LARGE}"),
        ("[lines.2020]\nyuan = \n", "line 2 is not TOML"),
        ("[lines.2020]\nyuan = [", "line 2 is not TOML"),
    ],
)
def test_what_no_reader_can_bear_is_refused_in_one_line_that_says_why(tmp_path, name, text, said):
    mine = tmp_path / f"{name}.toml"
    mine.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        relapse_risk.policy.read_policy(**{name: mine})
    assert said in str(caught.value)
    assert str(mine) in caught.value.in_language("zh")


@pytest.mark.parametrize("name", ["aliases", "audit", "codes", "lines", "mechanism", "thresholds"])
def test_a_folder_is_said_to_be_one(tmp_path, name):
    with pytest.raises(InputError, match="it is a folder") as caught:
        relapse_risk.policy.read_policy(**{name: tmp_path})
    assert "文件夹" in caught.value.in_language("zh")


@pytest.mark.parametrize("text", ["{age} is too old", "{", "}"])
def test_a_wording_of_the_audit_has_nothing_to_fill_in(tmp_path, text):
    mine = tmp_path / "audit.toml"
    mine.write_text(f"[rules.too_old]\nen = '{text}'\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"rules\.too_old\.en is .*no other placeholders"):
        relapse_risk.policy.read_policy(audit=mine)
