"""Every wording of every data file stands in both languages, and takes the same details in both."""

import tomllib
from importlib.resources import files
from string import Formatter

import pytest

from relapse_risk.errors import LANGUAGES, InputError
from relapse_risk.policy import Texts, read_policy

DATA = files("relapse_risk.policy").joinpath("data")
FILES = [
    path for folder in (DATA, DATA.joinpath("mechanism")) for path in folder.iterdir() if path.name.endswith(".toml")
]


def wordings(found, place=""):
    """Yield every table that has a text in a language, with where it stands."""
    if isinstance(found, dict):
        if any(isinstance(found.get(lang), str) for lang in LANGUAGES):
            yield place, found
        for key, one in found.items():
            yield from wordings(one, f"{place}.{key}")
    elif isinstance(found, list):
        for number, one in enumerate(found):
            yield from wordings(one, f"{place}.{number}")


def placeholders(text):
    return {(name, form) for _, name, form, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_wording_stands_in_both_languages_with_the_same_placeholders(path):
    for place, found in wordings(tomllib.loads(path.read_text(encoding="utf-8"))):
        assert set(LANGUAGES) <= set(found), place
        assert placeholders(found["zh"]) == placeholders(found["en"]), place


@pytest.mark.parametrize("lang", LANGUAGES)
def test_topics_of_every_data_file_are_found(lang):
    texts = Texts(lang)
    for topic, key in (("tiers", "red"), ("reasons", "illness"), ("rules", "house_d"), ("audit.families", "medical")):
        assert texts.has(topic, key)
        assert texts(topic, key) == texts.label(topic, key) == texts.labels(topic)[key]
    assert texts("anomalies.rules.carried_forward", "title") != texts("anomalies.rules.carried_forward", "look")
    assert texts("evaluation.checks.RR101", "name")


def test_an_offices_own_wordings_win_over_ours(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('[bulletin.texts.title]\nzh = "预警简报"\nen = "early warning"\n', encoding="utf-8")
    texts = Texts("zh", mechanism=read_policy(mechanism=path).mechanism)
    assert texts("bulletin.texts", "title") == "预警简报"
    assert texts("bulletin.texts", "nothing") == Texts("zh")("bulletin.texts", "nothing")


def test_an_offices_own_wordings_of_the_audit_win_over_ours(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('[families.medical]\nzh = "看病费用"\nen = "bills"\n', encoding="utf-8")
    assert Texts("zh", audit=read_policy(audit=path).audit)("audit.families", "medical") == "看病费用"


def test_a_text_that_is_missing_is_named():
    with pytest.raises(LookupError, match=r"no text tiers\.mauve"):
        Texts("zh")("tiers", "mauve")
    with pytest.raises(LookupError, match=r"no text nowhere\.red"):
        Texts("zh")("nowhere", "red")


def test_a_detail_that_is_missing_is_named():
    with pytest.raises(LookupError, match=r"\{count\} in the text facts\.households_value"):
        Texts("zh")("facts", "households_value", counts=3)


def test_another_language_is_refused():
    with pytest.raises(InputError) as caught:
        Texts("fr")
    assert caught.value.code == "lang_unknown"
