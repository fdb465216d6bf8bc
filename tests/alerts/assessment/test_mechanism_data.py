"""Every entry of the data files can be meant, cites a document that there is, and stands in the docs."""

import re

from relapse_risk.alerts import assess, evaluate_rules, find_facts, read_rules
from relapse_risk.policy import REASONS
from tests.alerts.assessment.assessed_registers import POLICY, arguments

MECHANISM = POLICY.mechanism
CLASSES = MECHANISM["classes"]
CITED = {
    **{f"rules.{code}": rule["source"] for code, rule in MECHANISM["rules"].items()},
    **{f"measure.{code}": measure["source"] for code, measure in MECHANISM["measures"]["measure"].items()},
    **{
        f"{kind}.{name}": part["source"]
        for kind in ("factor", "scheme", "population")
        for name, part in CLASSES[kind].items()
    },
    "cause": CLASSES["cause"]["source"],
    **{
        f"{part}.{name}": one["source"] for part in ("watch", "focus") for name, one in MECHANISM[part]["lists"].items()
    },
    **{f"line.{p}.{year}": [line["source"]] for p, years in CLASSES["line"].items() for year, line in years.items()},
}


def test_every_entry_cites_documents_with_their_sections():
    for name, sources in CITED.items():
        assert sources, name
        for number, _, section in (source.partition(" ") for source in sources):
            assert number in MECHANISM["sources"], name
            assert bool(section) == (number != "practice"), name


def test_every_section_cited_is_in_the_document(shared):
    for source in sorted({source for sources in CITED.values() for source in sources} - {"practice"}):
        number, _, section = source.partition(" ")
        text = next((shared / "seeds").glob(f"{number}_*.txt")).read_text(encoding="utf-8")
        parts = re.fullmatch(r"([一二三四五六七八九十])（([一二三四五六七八九十])）(\d?)", section)
        at = 0
        for heading in [section] if parts is None else _headings(*parts.groups()):
            found = re.compile(heading).search(text, at)
            assert found, f"{heading} of {source}"
            at = found.end()


def _headings(part, point, item):
    """Return how a document may write its headings, from the part down."""
    numbered = rf"(?:^|\n)[# ]*{part}、"
    pointed = rf"[（(]{point}[)）]|{point}是"
    return [numbered, pointed, *([rf"\n{item}[、.]"] if item else [])]


def test_every_rule_can_be_held_against_a_full_register():
    view, table, risk, policy = arguments()
    rules = read_rules(policy)
    met = evaluate_rules(find_facts(table, risk, view, policy), rules)
    assert met.columns == ["household_id", *(rule.code for rule in rules)]


def test_every_condition_can_be_meant():
    assess(*arguments())  # refuses those that cannot


def test_reasons_and_classes_of_measures_are_ones_there_are():
    three = set(CLASSES["scheme"]["class_three"]["level"])
    for code, measure in MECHANISM["measures"]["measure"].items():
        assert set(measure.get("reasons", ())) <= set(REASONS), code
        assert set(measure.get("classes", ())) <= three, code
        assert {"when", "reasons", "classes"} & set(measure), code


def test_every_entry_has_wordings_in_both_languages():
    levels = [
        level for kind in ("factor", "scheme") for part in CLASSES[kind].values() for level in part["level"].values()
    ]
    parts = [part for kind in ("factor", "scheme", "population") for part in CLASSES[kind].values()]
    for entry in (*levels, *parts, *MECHANISM["rules"].values(), *MECHANISM["measures"]["measure"].values()):
        assert re.search("[一-鿿]", entry["zh"])
        assert not re.search("[一-鿿]", entry["en"])
