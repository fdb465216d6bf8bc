import re
from collections import Counter

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relapse_risk.errors import InputError
from relapse_risk.policy import Texts, read_policy
from relapse_risk.reports import render_bulletin
from relapse_risk.reports.bulletin import fold_small
from tests.reports.invented_bulletins import HOUSEHOLDS, OPTIONAL, make_bulletin, some_missing
from tests.reports.parsed_pages import Page

POLICY = read_policy()


@pytest.fixture(scope="module", params=["zh", "en"])
def lang(request):
    return request.param


@pytest.fixture(scope="module")
def html(lang):
    return render_bulletin(make_bulletin(), policy=POLICY, lang=lang)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


@pytest.fixture(scope="module")
def chinese():
    return Page(render_bulletin(make_bulletin(), policy=POLICY))


def test_it_is_one_page_that_fetches_nothing_and_runs_nothing(page, html, lang):
    assert ("html", {"lang": {"zh": "zh-CN", "en": "en"}[lang]}) in page.tags
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    assert not {name for _, attrs in page.tags for name in attrs} & {"src", "href", "action", "style", "srcset"}
    assert not re.search(r"url\(|@import|https?:", html)


def test_what_the_records_hold_is_escaped(page, html):
    assert not {"b", "i", "x"} & {tag for tag, _ in page.tags}
    assert "<b>苍岭" not in html
    text = "".join(page.text)
    assert all(shown in text for shown in ("<b>苍岭</b>&镇", "<i>x</i>", "9f86d0<x>"))


def test_no_household_is_on_it(html):
    assert not [code for code in HOUSEHOLDS if code in html]


def test_every_section_stands_in_the_order_of_the_cycle(chinese):
    text = "".join(chinese.text)
    places = [
        text.index(part)
        for part in ("分析：总体", "分析：与上月比", "研判：以往", "研判：数据", "调度：预警", "调度：逐级")
    ]
    assert places == sorted(places)


def test_the_listed_are_counted_by_risk_by_rule_and_at_random(chinese):
    assert chinese.table_under("类别")[1:] == [
        ["风险排序", "30", "10", "10", "10", "0"],
        ["因必访情形", "6", "2", "2", "2", "0"],
        ["随机抽查", "2", "0", "0", "0", "2"],
        ["合计", "38", "12", "12", "12", "2"],
    ]
    assert "38 户：风险排序 30 户，因必访情形 6 户，随机抽查 2 户" in "".join(chinese.text)


def test_rules_are_counted_as_they_are_everywhere(chinese):
    rules = next(table for table in chinese.tables if table[0][:3] == ["规则", "级别", "符合户数"])
    assert [row[0] for row in rules[1:]] == ["住D级危房"]  # nobody meets the other one
    assert [int(cell) for cell in rules[1][2:]] == [9, 5, 2, 3]


def test_changes_are_counted_with_the_reasons_that_moved(chinese):
    assert chinese.table_under("状态")[1:] == [
        *(["新列入", "10"], ["风险上升", "7"], ["风险下降", "5"]),
        *(["基本持平", "16"], ["不再列入", "4"], ["本月数据中没有", "0"]),
    ]
    reasons = chinese.table_under("原因")
    assert reasons[0] == ["原因", "新列入", "风险上升", "风险下降", "基本持平", "不再列入", "本月数据中没有"]
    assert sum(int(cell) for row in reasons[1:] for cell in row[1:]) == 26
    text = "".join(chinese.text)
    assert "+0.125" in text
    assert "1 户本月已不在系统数据中" in text


def test_areas_have_tiers_and_bounds_and_the_small_are_counted_together(chinese):
    tables = [table for table in chinese.tables if table[0][:2] == ["地区", "参评户"]]
    towns, villages = tables  # of the one county there is no table
    assert {row[0] for row in towns[1:]} == {"东华镇", "<b>苍岭</b>&镇", "=SUM(1,2)", "小镇"}
    assert [row[-1] for row in towns if row[0] == "东华镇"] == ["10 – 20"]
    assert villages[-1][0] == "户数较少的合计"
    assert villages[-1][-1] == ""
    assert all(int(row[1]) >= 5 for row in villages[1:])
    for table in tables:
        assert sum(int(row[1]) for row in table[1:]) == 360


def test_alerts_are_counted_by_state_tier_and_town(chinese):
    tiers = chinese.table_under("级别")
    assert tiers[-1] == ["合计", "27", "3"]
    assert sum(int(row[1]) for row in tiers[1:-1]) == 27
    towns = chinese.table_under("乡镇")
    assert "小镇" not in {row[0] for row in towns}
    assert [sum(int(row[at]) for row in towns[1:]) for at in (1, 2, 3, 4)] == [27, 3, 9, 4]
    text = "".join(chinese.text)
    assert "未销号 27 户，其中超期 3 户" in text


def test_visits_due_are_told_by_town_and_village_and_small_ones_together(chinese):
    tables = [table for table in chinese.tables if "已走访" in table[0]]
    assert [table[0] for table in tables] == [
        [level, "应走访", "已走访", "未走访", "其中超期", "另行处理"] for level in ("乡镇", "村")
    ]
    # The town with two visits is counted together with the next larger one, here that of unknown town.
    assert tables[0][1:] == [
        ["东华镇", "12", "7", "4", "2", "1"],
        ["<b>苍岭</b>&镇", "9", "9", "0", "0", "0"],
        ["户数较少的合计", "8", "1", "7", "6", "0"],
    ]
    assert [row[1:] for row in tables[1][1:]] == [row[1:] for row in tables[0][1:]]
    assert "上期名单走访完成情况" in "".join(chinese.text)


def test_clearing_is_told_level_by_level(chinese):
    rows = chinese.table_under("层级")[1:]
    assert rows[0] == ["组", "2", "1", "1", "3", "2", "1"]
    assert [row[0] for row in rows] == ["组", "村", "乡镇", "县"]


def test_earlier_lists_are_judged_once_their_horizon_is_over(chinese):
    table = next(table for table in chinese.tables if table[0][:3] == ["名单日期", "结果已知", "未知"])
    assert table[1:] == [
        ["2019-01-31", "340", "10", "3.6%", "4.1% (2.0–6.0%)", "14", "5 (35.7%)", "27 (75.0%)", "4"],
    ]
    assert "未满期的名单：1 期" in "".join(chinese.text)


def test_what_was_drawn_stands_beside_what_records_alone_say(chinese):
    table = next(table for table in chinese.tables if table[0][:2] == ["名单日期", "抽查且期满回访"])
    assert table[1:] == [
        ["2019-01-31", "12", "3", "40.0% (20.0–70.0%)", "64.0%", "4.0% (1.0–10.0%)", "1.0%", "2.0% (1.0–5.0%)"],
        ["合计", "24", "7", "50.0% (30.0–80.0%)", "64.0%", "3.0% (1.0–8.0%)", "1.0%", "2.0% (1.0–5.0%)"],
    ]
    assert "抽查户中返贫不足 25 户，不推算名单覆盖率" in "".join(chinese.text)


def test_what_is_expected_is_told_in_its_own_kind_of_number(chinese):
    table = next(table for table in chinese.tables if table[0][0] == "指标")
    assert [row[1:] for row in table[1:]] == [["9.0", "4.0 – 15"], ["25.0%", "10.0% – 40.0%"], ["0.810", ""]]


def test_drift_names_what_is_flagged_the_gravest_first(chinese):
    table = chinese.table_under("项目")
    assert [(row[0], *row[3:]) for row in table[1:]] == [
        *(("size", "1.0%", "31.0%", "+0.300"), ("评分", "–", "–", "+0.310")),
    ]


def test_focus_lists_name_no_area_of_a_few_households(chinese):
    table = next(table for table in chinese.tables if table[0] == ["名单", "地区", "指标", "数值"])
    assert [(row[1], row[3]) for row in table[1:]] == [("楚雄市 <b>苍岭</b>&镇 第0村", "11.3%")]
    text = "".join(chinese.text)
    assert "很小的村" not in text
    assert "另有 1 项" in text
    assert "1 项因情况不明" in text


@settings(max_examples=15)
@given(some_missing, st.sampled_from(["zh", "en"]))
def test_whatever_was_not_available_is_said(missing, lang):
    page = Page(render_bulletin(make_bulletin(**dict.fromkeys(missing)), policy=POLICY, lang=lang))
    texts = Texts(lang)
    why = {part: texts("bulletin.absent", part) for part in missing if texts.has("bulletin.absent", part)}
    said = Counter(why.get(part, texts("bulletin.texts", "not_available")) for part in missing)
    assert all("".join(page.text).count(text) == count for text, count in said.items())


def test_a_section_that_is_all_tables_is_on_the_page():
    focus = make_bulletin().focus.filter(state="on").with_columns(households=pl.lit(60))
    page = Page(render_bulletin(make_bulletin(focus=focus), policy=POLICY))
    assert "挂牌督战" in "".join(page.text)
    assert len(next(table for table in page.tables if table[0] == ["名单", "地区", "指标", "数值"])) == 1 + focus.height


def test_where_no_area_has_an_interval_there_is_no_column_of_them():
    areas = make_bulletin().areas.with_columns(pl.lit(None, dtype=pl.Int64).alias(name) for name in ("lower", "upper"))
    page = Page(render_bulletin(make_bulletin(areas=areas), policy=POLICY))
    tables = [table for table in page.tables if table[0][:2] == ["地区", "参评户"]]
    assert tables
    assert all(table[0][-1] == "预计返贫" for table in tables)
    assert "预测区间；" not in "".join(page.text)


def test_a_column_of_the_model_is_called_what_it_is():
    drift = make_bulletin().drift.with_columns(name=pl.lit("income_over_line_log"))
    page = Page(render_bulletin(make_bulletin(drift=drift), policy=POLICY))
    assert "人均纯收入与贫困线之比（对数）" in {row[0] for row in page.table_under("项目")}


def test_a_month_in_which_nothing_happened_makes_a_page():
    whole = make_bulletin()
    empty = {name: getattr(whole, name).clear() for name in (*OPTIONAL, "risk", "listings")}
    page = Page(render_bulletin(make_bulletin(**empty, previous=None, remarks=(), run=()), policy=POLICY))
    text = "".join(page.text)
    assert "上期 无" in text
    assert "没有。" in text
    assert "请注意" not in text


def test_every_english_word_is_english(html, lang):
    if lang == "en":
        names = "东华镇|苍岭|镇|小|第|村|楚雄市|模型包"
        assert not re.findall("[一-鿿]+", re.sub(names, "", html))


def test_a_word_of_an_office_takes_the_place_of_ours(tmp_path):
    path = tmp_path / "mechanism.toml"
    path.write_text('[bulletin.texts.title]\nzh = "县里的月报"\n', encoding="utf-8")
    assert "县里的月报" in render_bulletin(make_bulletin(), policy=read_policy(mechanism=path))


def test_a_language_without_words_is_refused():
    with pytest.raises(InputError) as caught:
        render_bulletin(make_bulletin(), policy=POLICY, lang="fr")
    assert caught.value.code == "lang_unknown"


@given(st.lists(st.integers(0, 12), min_size=1, max_size=12), st.integers(0, 10))
def test_folding_loses_nobody_and_leaves_no_small_area(sizes, least):
    areas = pl.DataFrame(
        {"town": [f"{i}" for i in range(len(sizes))], "at_risk": sizes}, schema_overrides={"at_risk": pl.Int64}
    )
    folded = fold_small(areas, ["town"], size="at_risk", summed=["at_risk"], least=least, texts=Texts("en"))
    assert folded["at_risk"].sum() == sum(sizes)
    if sum(sizes) >= least:
        assert folded["at_risk"].min() >= least or least == 0


def test_the_curve_of_visits_is_on_the_page_where_there_is_one():
    point = {"level": "all", "share": 0.05, "visits": 18, "found": 4.2, "lower": 1, "upper": 8, "found_share": 0.21}
    page = Page(render_bulletin(make_bulletin(curve=pl.DataFrame([point])), policy=POLICY, lang="en"))
    assert next(table for table in page.tables if table[0][0] == "Visits")[1] == ["18 (5%)", "4.2", "1 – 8", "21.0%"]
    assert "no curve can be given" in "".join(Page(render_bulletin(make_bulletin(), policy=POLICY, lang="en")).text)


def test_towns_have_their_curve_and_the_small_stand_together():
    at_risk = {"东镇": 100, "西镇": 80, "小镇": 3, None: 4}
    points = [
        {"level": "town", "county": "甲县", "town": town, "share": share, "at_risk": size, "visits": visits}
        | {"expected": size / 10, "found": visits / 4, "lower": None, "upper": None, "found_share": None}
        for town, size in at_risk.items()
        for share, visits in ((0.05, -(-size // 20)), (0.1, -(-size // 10)), (None, size // 8))
    ]
    whole = {"level": "all", "share": 0.05, "visits": 10, "found": 4.2, "lower": 1, "upper": 8, "found_share": 0.21}
    curve = pl.concat([pl.DataFrame([whole]), pl.DataFrame(points)], how="diagonal_relaxed")
    page = Page(render_bulletin(make_bulletin(curve=curve), policy=POLICY, lang="en"))
    table = next(table for table in page.tables if table[0][-1] == "Capacity given")
    assert table == [
        ["Area", "At risk", "Expected", "5%", "10%", "Capacity given"],
        ["东镇", "100", "10", "5 → 1.2", "10 → 2.5", "12 → 3.0"],
        ["西镇", "80", "8.0", "4 → 1.0", "8 → 2.0", "10 → 2.5"],
        ["small ones combined", "7", "0.7", "2 → 0.5", "2 → 0.5", "0 → 0.0"],
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_where_probabilities_are_assumed_no_number_of_relapses_is_told(lang):
    policy = read_policy()
    sure = make_bulletin()
    assumed = make_bulletin(remarks=(*sure.remarks, ("rule_alone", {"risk": 0.02})), curve=None, performance=None)
    pages = [render_bulletin(one, policy=policy, lang=lang) for one in (sure, assumed)]
    header, label = (
        Texts(lang, mechanism=policy.mechanism)(f"bulletin.{one}", "expected") for one in ("headers", "labels")
    )
    heads = [[head for table in Page(page).tables for head in table[0]] for page in pages]
    assert header in heads[0]
    assert header not in heads[1]
    assert label in pages[0]
    assert label not in pages[1]
    about = re.compile(r"预计约|about [\d.,]+ of them are expected")
    assert about.search(pages[0])
    assert not about.search(pages[1])
