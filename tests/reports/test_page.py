import re
from dataclasses import replace

import pytest

from relapse_risk.reports import render_page
from tests.reports.invented_rosters import ACCOUNTS, make_assumed, make_content
from tests.reports.parsed_pages import Page


@pytest.fixture(scope="module")
def content():
    return make_content()


@pytest.fixture(scope="module", params=["zh", "en"])
def lang(request):
    return request.param


@pytest.fixture(scope="module")
def html(content, lang):
    return render_page(content, lang=lang, accounts=ACCOUNTS)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


@pytest.fixture(scope="module")
def chinese(content):
    return Page(render_page(content, lang="zh", accounts=ACCOUNTS))


def test_it_is_one_well_formed_page_in_its_language(page, html, lang):
    assert html.lstrip().startswith("<!DOCTYPE html>")
    assert ("html", {"lang": {"zh": "zh-CN", "en": "en"}[lang]}) in page.tags
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert any(attrs.get("name") == "viewport" for _, attrs in page.tags)


def test_it_fetches_nothing_and_runs_nothing(page, html):
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    names = {name for _, attrs in page.tags for name in attrs}
    assert not names & {"src", "href", "action", "style", "srcset"}
    assert not [name for name in names if name.startswith("on")]
    assert not re.search(r"url\(|@import|https?:", html)
    policy = next(attrs["content"] for _, attrs in page.tags if "http-equiv" in attrs)
    assert policy.startswith("default-src 'none'")


def test_what_the_records_hold_is_escaped(page, html):
    assert "<b>苍岭" not in html
    assert "b" not in {tag for tag, _ in page.tags}
    assert "<b>苍岭</b>&镇" in "".join(page.text)


def test_no_household_is_on_it(html, content):
    assert not [household for household in content.risk["household_id"] if household in html]


def test_counts_by_population_sum_to_the_total(chinese, content):
    rows = chinese.table_under("去向")[1:]
    counts = [int(row[-1].replace(",", "")) for row in rows]
    assert counts[-1] == content.risk.height == sum(counts[:-1])
    assert ["无法评分", "no_income"] in [row[:2] for row in rows]  # a code without a wording shows itself


def test_counts_by_tier_and_of_risk_are_those_of_the_cohort(chinese, content):
    tiers = {row[0]: row[1] for row in chinese.table_under("级别")[1:]}
    assert tiers == {
        "红色": "15",
        "橙色": "15",
        "黄色": "30",
        "未列入": f"{content.at_risk.height - 60:,}",
        "合计": f"{content.at_risk.height:,}",
    }
    spread = chinese.table_under("概率")[1:]
    assert sum(int(row[2].replace(",", "")) for row in spread) == content.at_risk.height


def test_leading_reasons_have_their_shares_of_the_listed(chinese, content):
    rows = chinese.table_under("原因")[1:]
    assert sum(int(row[2]) for row in rows) == 60
    illness = int((content.listed["reason_1"] == "illness").sum())
    assert next(row for row in rows if row[0] == "因病")[2:4] == [str(illness), f"{illness / 60:.1%}"]
    assert [int(row[2]) for row in rows] == sorted((int(row[2]) for row in rows), reverse=True)


def test_areas_add_up(chinese, content):
    rows = chinese.table_under("乡镇")[1:]
    assert sum(int(row[1].replace(",", "")) for row in rows) == content.at_risk.height
    assert sum(int(row[5]) for row in rows) == 60


def test_areas_have_the_bounds_of_their_count(chinese, content):
    rows = {row[0]: row[3] for row in chinese.table_under("乡镇")[1:]}
    bounds = content.areas.filter(level="town", town="新村镇").select("lower", "upper").row(0)
    assert rows["新村镇"] == "{} – {}".format(*bounds)


def test_areas_of_unknown_bounds_have_none():
    known = make_content(200)
    unknown = replace(known, areas=known.areas.with_columns(lower=None, upper=None))
    rows = Page(render_page(unknown, lang="zh")).table_under("乡镇")[1:]
    assert {row[3] for row in rows} == {""}


def test_small_areas_are_counted_together():
    small = make_content(60, capacity=20)
    page = Page(render_page(small, lang="zh"))
    rows = page.table_under("村")[1:]
    assert rows[-1][0] == "户数较少的村合计"
    assert all(int(row[1]) >= 5 for row in rows)
    assert sum(int(row[1]) for row in rows) == small.at_risk.height


def test_every_model_that_was_tried_is_beside_the_one_in_use(chinese):
    rows = chinese.table_under("模型")[1:]
    assert [row[0] for row in rows] == ["按原因相加的模型", "现行规则", "仅看收入", "逻辑回归", "LightGBM 树模型"]
    assert rows[1][1:3] == ["0.1532", "+0.0253 (+0.0221, +0.0287)"]
    assert rows[0][2] == ""


def test_every_row_read_is_accounted_for(chinese):
    assert chinese.table_under("文件")[-1] == ["合计", "", "", "34,343", "34,301", "42", "9"]


def test_warnings_come_first(chinese):
    text = "".join(chinese.text)
    assert text.index("请注意") < text.index("要点")
    assert "负债、因学" in text


def test_without_anything_to_warn_of_there_is_no_warning():
    assert "请注意" not in render_page(make_content(200, remarks=()), lang="zh")


def test_what_the_list_is_worth_is_said(chinese, content):
    text = "".join(chinese.text)
    assert f"约有 {round(content.expected):,} 户返贫" in text
    assert f"（{content.expected_listed / content.expected:.1%}）" in text


def test_of_assumed_probabilities_no_number_of_relapses_is_told(lang):
    content = make_assumed()
    html = render_page(content, lang=lang)
    numbers = {
        "zh": ("评估范围内预计返贫", "户返贫", "平均概率", "预计包含"),
        "en": ("expected to relapse", "Mean risk", "Expected"),
    }
    assert not [one for one in numbers[lang] if one in html]
    assert f"{content.at_risk.height:,}" in html
    whole = render_page(make_content(), lang=lang)
    assert all(one in whole for one in numbers[lang])
    areas = Page(html).table_under({"zh": "乡镇", "en": "Town"}[lang])
    assert {len(row) for row in areas} == {6}
    assert sum(int(row[2]) for row in areas[1:]) == 60


@pytest.mark.parametrize(("n", "capacity"), [(0, 0), (40, 0), (40, 1), (40, 100)])
def test_the_smallest_and_largest_lists_make_a_page(n, capacity):
    page = Page(render_page(make_content(n, capacity=capacity), lang="zh"))
    assert page.table_under("级别")[-1][0] == "合计"


def test_every_rule_is_on_it_with_how_many_meet_it(chinese):
    rows = chinese.table_under("规则")[1:]
    assert rows[0] == ["已录入返贫", "红色", "1", "1", "0", "0"]
    assert rows[2] == ["有人未参保", "仅提示", "3", "0", "0", "0"]
    assert rows[3] == ["未解决安全饮用水", "黄色", "–", "–", "–", "–"]


def test_it_says_how_many_by_risk_and_how_many_by_rule(chinese):
    text = "".join(chinese.text)
    assert "名单共 60 户：按风险 60 户，另因必访情形 0 户" in text
    assert "60 户：按风险 60 户，因必访情形 0 户" in text
