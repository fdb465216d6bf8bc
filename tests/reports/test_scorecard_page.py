"""The printed scorecard says what the model's card says, in words, in both languages."""

import numpy as np
import polars as pl
import pytest

from relapse_risk.features import Feature
from relapse_risk.models import ScorecardClassifier
from relapse_risk.reports import render_scorecard
from tests.reports.parsed_pages import Page

PLAIN = {"columns": (), "unit": "none"}
FEATURES = (
    Feature(name="ratio", table="incomes", reason="income", zh="收入比", en="income", **{**PLAIN, "unit": "log"}),
    Feature(name="ill", table="members", reason="illness", kind="flag", zh="大病", en="serious illness", **PLAIN),
)


@pytest.fixture(scope="module")
def model():
    random = np.random.default_rng(0)
    n = 4000
    ratio, ill = random.normal(0.6, 0.5, n), (random.random(n) < 0.2).astype(float)
    house = random.choice(["A", "D"], n, p=[0.8, 0.2])
    score = -1.5 - 2 * ratio + 1.2 * ill + 1.5 * (house == "D")
    ratio[::10] = np.nan
    frame = pl.DataFrame({"ratio": ratio, "ill": ill, "house": house}).with_columns(pl.col("ratio").fill_nan(None))
    return ScorecardClassifier(signs={"ratio": -1}).fit(frame, random.logistic(size=n) < score)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_line_of_the_card_is_on_the_page(model, lang):
    card, risks = model.card(), model.risks()
    page = Page(render_scorecard(card, risks, FEATURES, lang=lang))
    assert len(page.tables) == card["column"].n_unique() + 1
    printed = [int(row[1]) for table in page.tables[:-1] for row in table[1:]]
    assert printed == card["points"].to_list()
    totals = [row[0] for row in page.tables[-1][1:]]
    assert totals[0].startswith("0")
    assert totals[-1].endswith(str(risks["points"].max()))
    assert len(totals) <= 16
    assert not any(tag == "script" for tag, _ in page.tags)


def test_logarithms_are_turned_back_and_flags_and_codes_put_in_words(model):
    card = model.card()
    page = Page(render_scorecard(card, model.risks(), FEATURES, lang="en"))
    text = " ".join(page.text)
    first = card.filter(column="ratio")["to"][0]
    assert f"below {np.exp(first):.3g}" in text
    assert "serious illness" in text
    lines = {row[0] for table in page.tables for row in table}
    assert {"yes", "no", "not known"} <= lines
    assert {"A", "D"} & lines


def test_names_that_could_be_markup_are_escaped():
    card = pl.DataFrame(
        {"column": ["<b>"], "code": ["<i>"], "from": [None], "to": [None], "missing": [False], "points": [1]},
        schema_overrides={"from": pl.Float64, "to": pl.Float64},
    )
    page = render_scorecard(card, pl.DataFrame({"points": [0, 1], "risk": [0.1, 0.2]}))
    assert "<b>" not in page
    assert "<i>" not in page
