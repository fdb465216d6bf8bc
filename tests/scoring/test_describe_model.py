"""The card of a model: what is in a bundle is told, in both languages and every kind of file, and nobody is named."""

import re

import docx
import numpy as np
import openpyxl
import pytest

from relapse_risk.area_effects import ClusterEffects
from relapse_risk.bundle import rule_bundle
from relapse_risk.calibration import YearEffects
from relapse_risk.errors import InputError
from relapse_risk.evaluation import Predictions, compare
from relapse_risk.reports import DOCUMENT_SUFFIXES, model_card_document, write_model_card
from relapse_risk.scoring import describe_model
from tests.scoring.scored_registers import make_bundle

LANGS = ("zh", "en")


def _evaluation():
    rng, n = np.random.default_rng(0), 400
    outcome = (rng.random(n) < 0.2).astype(float)
    women = np.where(np.arange(n) % 4 == 0, "yes", "no")
    outcome[:40] = 0
    return compare(
        Predictions(
            outcome=outcome,
            weight=np.ones(n),
            household=np.arange(n),
            day=np.repeat(np.datetime64("2018-12-31"), n),
            cluster=np.arange(n),
            risks={"reason_additive": np.full(n, 0.2), "logistic": np.full(n, 0.21)},
            groups={
                "female_headed": women,
                "relocated": np.where(np.arange(n) < 40, "yes", ""),
                "county": np.repeat(["甲县", "乙县"], n // 2),
            },
            fell_after=np.full(n, np.nan),
        ),
        scheme="time",
        n_draws=20,
    )


@pytest.fixture(scope="module")
def card():
    return describe_model(
        make_bundle(
            evaluation=_evaluation(),
            past_years=YearEffects(days=("2016-12-31", "2017-12-31"), shifts=(0.0, 0.6931471805599453)),
            shocks=ClusterEffects(village=0.5, level=0.1, villages=40, years=1),
            unreported_share=0.06,
            carried_forward_line=3,
        )
    )


@pytest.mark.parametrize("lang", LANGS)
def test_it_tells_what_the_bundle_holds(card, lang):
    said = str(model_card_document(card, lang=lang))
    bundle = make_bundle()
    names = [one.zh if lang == "zh" else one.en for one in bundle.features if one.name in bundle.columns]
    for told in (*names, f"{bundle.rows:,}", "6.0%", "2.00", "2017-12-31", card.model.digest, "LogisticClassifier"):
        assert told in said


def test_groups_are_told_with_their_noise_and_counties_are_not(card):
    document = model_card_document(card, lang="en")
    groups = next(section for section in document.sections if "group by group" in section.title).tables[0]
    assert [row[0] for row in groups.rows] == ["Female head · no", "Female head · yes", "Relocated · yes"]
    assert "甲县" not in str(document)
    nobody_fell = groups.rows[2]
    assert nobody_fell[2] == "0"
    low, high = map(float, re.search(r"\((\S+), (\S+)\)", nobody_fell[5]).groups())
    assert low < 20 < high


@pytest.mark.parametrize("suffix", DOCUMENT_SUFFIXES)
@pytest.mark.parametrize("lang", LANGS)
def test_every_kind_of_file_says_the_same_on_any_day(card, suffix, lang, tmp_path):
    one, other = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    for path in (one, other):
        write_model_card(card, path, lang=lang)
    assert one.read_bytes() == other.read_bytes()
    told = _text(one)
    assert all(section.title in told for section in model_card_document(card, lang=lang).sections)


def _text(path):
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path).worksheets[0]
        return "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row)
    if path.suffix == ".docx":
        return "\n".join(one.text for one in docx.Document(str(path)).paragraphs)
    return path.read_text(encoding="utf-8")


def test_markdown_keeps_its_tables_whole(card, tmp_path):
    write_model_card(card, tmp_path / "a.md", lang="en")
    lines = (tmp_path / "a.md").read_text(encoding="utf-8").splitlines()
    heads = [place for place, line in enumerate(lines) if re.fullmatch(r"\|( -+:? \|)+", line)]
    assert len(heads) == 3
    for place in heads:
        table = lines[place - 1 :]
        rows = table[: next((end for end, line in enumerate(table) if not line.startswith("|")), len(table))]
        assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {len(re.findall(r"\|", lines[place]))}


@pytest.mark.parametrize("lang", LANGS)
def test_the_rule_alone_says_that_nothing_was_tested(lang):
    document = model_card_document(describe_model(rule_bundle()), lang=lang)
    said = str(document)
    assert ("没有训练过模型" if lang == "zh" else "No model was trained") in said
    assert not [section for section in document.sections if section.tables and "%" in str(section.tables)]


def test_another_kind_of_file_is_refused(card, tmp_path):
    with pytest.raises(InputError) as refused:
        write_model_card(card, tmp_path / "a.pdf")
    assert refused.value.code == "document_kind"
    assert not (tmp_path / "a.pdf").exists()
