"""A roster says where its model is from, wherever a reader looks."""

import zipfile
from datetime import date

import pytest

from relapse_risk.bundle import Adaptation, rule_bundle
from relapse_risk.policy import Texts
from relapse_risk.records import Records
from relapse_risk.reports import remark_text
from relapse_risk.scoring import score
from tests.scoring.scored_registers import make_bundle, make_evaluation, make_records, make_tables

DAY = "2019-12-31"
MOVE = Adaptation(as_of=date(2019, 12, 31), households=345, relapses=3, before=0.1, after=0.2, shift=0.8, error=0.3)


@pytest.fixture(scope="module")
def by_rule():
    return score(make_records(), rule_bundle(), as_of=DAY, lang="en")


def _moved(origin, **changes):
    return make_bundle(origin=origin, moved=MOVE, **changes)


def test_the_rule_alone_orders_by_conditions_met(by_rule):
    ranked = by_rule.frame.filter(population="at_risk").sort("rank")
    assert ranked["probability"].is_sorted(descending=True)
    assert 1 < ranked["probability"].n_unique() <= 10
    assert (ranked["lower"] < ranked["probability"] / 2).all()
    top = ranked["reason_text"][0]
    assert "times the poverty line" in top


def test_a_table_that_is_not_there_leaves_its_conditions_unmet():
    tables = make_tables()
    bare = Records({name: tables[name] for name in ("households", "incomes")})
    whole = score(make_records(), rule_bundle(), as_of=DAY)
    found = score(bare, rule_bundle(), as_of=DAY)
    assert (found.frame["probability"] <= whole.frame["probability"]).drop_nulls().all()
    assert "illness" in dict(found.remarks)["rule_unseen_reasons"]["reasons"]
    assert "illness" not in dict(whole.remarks)["rule_unseen_reasons"]["reasons"]


def test_the_rule_alone_says_first_that_its_probabilities_are_assumed(by_rule):
    assert by_rule.remarks[0] == ("rule_alone", {"risk": 0.02})
    assert not {"few_relapses", "calibration_off", "untried_forward"} & set(dict(by_rule.remarks))
    assert by_rule.forecast
    assert (by_rule.summary["origin"], by_rule.summary["trained_through"]) == ("rule", None)
    assert by_rule.summary["remarks"][0] == {"code": "rule_alone", "risk": 0.02}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_and_workbook_of_the_rule_say_that_there_was_no_trial(by_rule, lang, tmp_path):
    said = remark_text(by_rule.remarks[0], Texts(lang))
    by_rule.write(tmp_path, lang=lang)
    page = (tmp_path / "report.html").read_text()
    for text in (said, Texts(lang)("page", "compared_nothing"), Texts(lang)("origins", "rule")):
        assert text in page
    assert Texts(lang)("page", "compared_how") not in page
    with zipfile.ZipFile(tmp_path / "roster.xlsx") as book:
        assert said in book.read("xl/sharedStrings.xml").decode()


@pytest.mark.parametrize("origin", ["prevalence", "recalibrated"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_moved_model_says_by_what_and_on_which_premise(origin, lang, tmp_path):
    roster = score(make_records(), _moved(origin), as_of=DAY, lang=lang)
    code, details = roster.remarks[0]
    assert code == f"moved_by_{origin}"
    assert details["lower"] < MOVE.after < details["upper"]
    said = remark_text(roster.remarks[0], Texts(lang))
    assert all(figure in said for figure in ("3", "10.0%", "20.0%", "2019-12-31"))
    roster.to_html(tmp_path / "page.html", lang=lang)
    page = (tmp_path / "page.html").read_text()
    assert said in page
    assert Texts(lang)("page", "compared_elsewhere") in page
    assert roster.summary["remarks"][0]["shift"] == 0.8


def test_a_level_that_was_moved_since_is_not_called_off():
    off = make_evaluation(predicted=0.35)
    assert "calibration_off" in dict(score(make_records(), make_bundle(evaluation=off), as_of=DAY).remarks)
    moved = score(make_records(), _moved("recalibrated", evaluation=off), as_of=DAY)
    assert "calibration_off" not in dict(moved.remarks)


def test_a_model_as_it_was_trained_says_nothing_of_the_kind(tmp_path):
    roster = score(make_records(), make_bundle(), as_of=DAY)
    assert not [code for code, _ in roster.remarks if code.startswith(("moved_", "rule_"))]
    roster.to_html(tmp_path / "page.html", lang="en")
    assert Texts("en")("page", "compared_elsewhere") not in (tmp_path / "page.html").read_text()
