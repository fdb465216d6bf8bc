"""Every entry of the data files can be meant, cites a document that there is, and stands in the docs."""

import re
from datetime import date

from relapse_risk.alerts import assess, evaluate_rules, find_facts
from relapse_risk.policy import LinesFile, read_model
from tests.alerts.assessment.assessed_registers import POLICY, arguments

MECHANISM = POLICY.mechanism
CLASSES = MECHANISM.classes
CITED = {
    **dict(MECHANISM.citations()),
    **{
        f"line.{place}.{year}": [line.source]
        for place, years in read_model(LinesFile, "lines").monitoring.line.items()
        for year, line in years.items()
    },
}


def test_every_entry_cites_documents_with_their_sections():
    for name, sources in CITED.items():
        assert sources, name
        for source in sources:
            number, _, section = source.partition(" ")
            assert practised(source) or (number in MECHANISM.sources and section), name


def practised(source):
    """Return whether a source is what offices do, or what is public, and no document."""
    return re.fullmatch(r"practice|(practice|public): \S.*", source) is not None


def test_every_section_cited_is_in_the_document(shared):
    cited = {source for sources in CITED.values() for source in sources}
    for source in sorted(source for source in cited if not practised(source)):
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
    rules = policy.mechanism.rules_in_force(date(2020, 12, 31))
    met = evaluate_rules(find_facts(table, risk, view, policy), rules)
    assert met.columns == ["household_id", *rules]


def test_every_condition_can_be_meant():
    assess(*arguments())  # refuses those that cannot


def test_every_measure_fits_somebody():
    for code, measure in MECHANISM.measures.measure.items():
        assert measure.when or measure.reasons or measure.classes, code


def test_every_entry_has_wordings_in_both_languages():
    parts = (*CLASSES.factor.values(), *CLASSES.scheme.values())
    levels = [level for levels in CLASSES.levels.values() for level in levels.values()]
    populations = [CLASSES.population.near_poor, CLASSES.population.sudden]
    entries = (*levels, *parts, *populations, *MECHANISM.rules.values(), *MECHANISM.measures.measure.values())
    for entry in entries:
        assert re.search("[一-鿿]", entry.zh)
        assert not re.search("[一-鿿]", entry.en)
