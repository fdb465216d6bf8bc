"""What the roster says of a listed household of which no reason can be named."""

import zipfile
from dataclasses import replace

import polars as pl
import pytest

from relapse_risk.policy import Texts
from relapse_risk.reports import write_workbook
from tests.reports.invented_rosters import make_content


def texts_of(content, lang, folder):
    """Return all texts of the workbook."""
    write_workbook(content, folder / "roster.xlsx", lang=lang)
    with zipfile.ZipFile(folder / "roster.xlsx") as book:
        return book.read("xl/sharedStrings.xml").decode()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_household_without_a_named_reason_is_told_as_a_whole(lang, tmp_path):
    content = make_content(n=50, capacity=5)
    unnamed = pl.lit(None, dtype=pl.String)
    bare = replace(
        content,
        risk=content.risk.with_columns(unnamed.alias(f"reason_{place}") for place in (1, 2, 3)),
        sentences=content.sentences.with_columns(reason_text_zh=pl.lit("户情综合判断"), reason_text_en=pl.lit("whole")),
    )
    nothing, no_reason = replace(bare, sentences=content.sentences), Texts(lang)("roster", "no_reason")
    sentence = {"zh": "户情综合判断", "en": "whole"}[lang]
    assert (sentence in texts_of(bare, lang, tmp_path), no_reason in texts_of(bare, lang, tmp_path)) == (True, False)
    assert no_reason in texts_of(nothing, lang, tmp_path)
