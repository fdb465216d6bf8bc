import re
from html import unescape

import pytest

from relapse_risk.policy import Texts
from relapse_risk.reports import remark_text, render_evaluation_page
from tests.reports.invented_evaluations import COUNTY, make_evaluation, without_one_outcome
from tests.reports.parsed_pages import Page

CONTENT = make_evaluation()


@pytest.fixture(scope="module", params=["zh", "en"])
def lang(request):
    return request.param


@pytest.fixture(scope="module")
def html(lang):
    return render_evaluation_page(CONTENT, lang=lang)


@pytest.fixture(scope="module")
def english():
    return Page(render_evaluation_page(CONTENT, lang="en"))


def test_it_is_one_well_formed_page_that_fetches_and_runs_nothing(html, lang):
    page = Page(html)
    assert ("html", {"lang": {"zh": "zh-CN", "en": "en"}[lang]}) in page.tags
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    assert not {name for _, attrs in page.tags for name in attrs} & {"src", "href", "action", "style", "srcset"}
    assert not re.search(r"url\(|@import|https?:", html)


def test_no_household_is_on_it_and_what_records_hold_is_escaped(html):
    assert "HOME0" not in html
    assert "<b>" not in html
    assert COUNTY in "".join(Page(html).text)


def test_in_english_only_the_records_own_words_are_chinese(english):
    text = "".join(english.text).replace(COUNTY, "").replace("乙县", "")
    assert not re.findall("[一-鿿]+", text)


def test_definitions_come_first_and_stand_with_every_number(html, lang):
    text = "".join(Page(html).text)
    words = Texts(lang)
    what = words("outcomes", "recorded")
    assert text.index(what) < text.index(words("evaluation", "models"))
    sections = ("models", "diagram", "split", "by_day", "by_group", "lists", "benefit")
    assert text.count(words("cohorts", "wide")) == len(sections) + 1
    assert [text.count(words("evaluation", key)) >= 1 for key in sections] == [True] * len(sections)


def test_it_lists_what_no_model_is_given_and_by_which_groups_all_are_judged(html, lang):
    text = "".join(Page(html).text)
    out, judged = {
        "zh": ("户主为女性、民族", "县、有60岁以上老人、户类型"),
        "en": ("the head is a woman, ethnicity", "County, Somebody of 60 or more, Household type"),
    }[lang]
    assert Texts(lang)("evaluation", "protected") + out in text
    assert Texts(lang)("evaluation", "groups") + judged in text
    nothing = "".join(Page(render_evaluation_page(make_evaluation(protected=()), lang=lang)).text)
    assert Texts(lang)("evaluation", "protected") + Texts(lang)("facts", "protected_none") in nothing


def test_the_verdict_is_the_first_thing_on_it(html, lang):
    text = "".join(Page(html).text)
    words = Texts(lang)
    places = [text.index(sentence) for sentence in CONTENT.judgement.verdict.sentences(words)]
    assert places == sorted(places)
    assert len(places) >= 3
    assert places[-1] < text.index("RR101") < text.index(words("evaluation", "as_trained"))


def test_models_stand_side_by_side_with_intervals(english):
    table = english.table_under("Model")
    assert [row[0] for row in table[1:]] == ["additive by reason", "income alone", "MyModel"]
    auc = CONTENT.judgement.models[0].figures["auc"]
    assert table[1][table[0].index("AUC")] == f"{auc.estimate:.3f}\n({auc.lower:.3f}, {auc.upper:.3f})"
    assert table[1][table[0].index("Over the first")] == ""


def test_days_and_groups_are_told_with_what_could_have_been_seen(english):
    days = english.table_under("Day")
    assert [row[0] for row in days[1:]] == ["2018-12-31", "2019-12-31"]
    assert sum(int(row[2]) for row in days[1:]) == CONTENT.judgement.events
    groups = english.table_under("Group")
    assert [row[0] for row in groups[1:]] == [
        f"County · {COUNTY}",
        "County · 乙县",
        "Somebody of 60 or more · no",
        "Somebody of 60 or more · yes",
        "Household type · exited household",
    ]
    assert "Smallest noticeable error" in groups[0]


def test_errors_are_said_at_the_top_and_every_finding_with_what_to_do(english):
    text = "".join(english.text)
    assert text.index("Please note") < text.index('RR101 "a peek" alone has an AUC of 0.991.') < text.index("In short")
    findings = english.table_under("Code")
    assert [row[0] for row in findings[1:]] == ["RR101", "RR603"]
    assert all(row[-1] for row in findings)


def test_without_findings_it_says_so(lang):
    text = "".join(Page(render_evaluation_page(make_evaluation(findings=()), lang=lang)).text)
    assert Texts(lang)("evaluation", "findings_none") in text


def test_what_is_not_a_number_is_a_dash(lang):
    html = render_evaluation_page(without_one_outcome(), lang=lang)
    Page(html)
    assert "nan" not in html.lower().replace("financ", "")
    assert "–" in html


def test_the_diagram_keeps_its_bands_inside(html):
    tags = Page(html).tags
    side = next(float(attributes["width"]) for tag, attributes in tags if tag == "rect")
    points = [attributes for tag, attributes in tags if tag == "circle"]
    reaches = [attributes for tag, attributes in tags if tag == "line" and attributes["stroke"] == points[0]["fill"]]
    assert len(points) == len(reaches) == len(CONTENT.judgement.models[0].bands)
    for point, reach in zip(points, reaches, strict=True):
        assert reach["x1"] == reach["x2"] == point["cx"]
        assert 0 <= float(point["cx"]) <= side
        assert 0 <= float(reach["y2"]) <= float(point["cy"]) <= float(reach["y1"]) <= side
    ticks = [attributes for tag, attributes in tags if tag == "text" and attributes.get("font-size") == "3.6"]
    assert 2 * 2 <= len(ticks) <= 2 * 6
    assert float(ticks[0]["x"]) == 0


def test_another_scheme_and_weights_are_said(lang):
    made = make_evaluation(scheme="county", forward=False, weighted=True, clusters="household", as_trained=False)
    text = "".join(Page(render_evaluation_page(made, lang=lang)).text)
    words = Texts(lang)
    assert words("schemes", "county") in text
    assert words("evaluation", "sideways") in text
    assert words("evaluation", "weighted") in text
    assert words("evaluation", "not_as_trained") in text


def test_whose_line_was_used_for_which_years_is_said_in_the_words_of_every_output(lang):
    remark = remark_text(CONTENT.remarks[0], Texts(lang))
    assert "4,000" in remark and "2021" in remark
    assert remark in unescape(render_evaluation_page(CONTENT, lang=lang))
