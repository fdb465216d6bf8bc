"""What the roster says of a listed household of which no reason can be named."""

from dataclasses import replace

import polars as pl
import pytest

from relapse_risk.policy import Texts
from relapse_risk.reports.lines import written_lines
from tests.reports.invented_rosters import make_content


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_household_without_a_named_reason_is_told_as_a_whole(lang):
    content = make_content(n=50, capacity=5)
    unnamed = pl.lit(None, dtype=pl.String)
    bare = replace(
        content,
        risk=content.risk.with_columns(unnamed.alias(f"reason_{place}") for place in (1, 2, 3)),
        sentences=content.sentences.with_columns(reason_text_zh=pl.lit("户情综合判断"), reason_text_en=pl.lit("whole")),
    )
    told = {"zh": "户情综合判断", "en": "whole"}[lang]
    assert all(text.startswith(told) for text in written_lines(bare, Texts(lang))["reason_text"])
    nothing = replace(bare, sentences=content.sentences)
    texts = Texts(lang)
    assert {text.split("\n")[0] for text in written_lines(nothing, texts)["reason_text"]} == {
        texts("roster", "no_reason")
    }
