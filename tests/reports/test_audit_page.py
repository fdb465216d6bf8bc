import re

import polars as pl
import pytest

from relapse_risk.audit.anomalies import AnomalyResult
from relapse_risk.policy import read_policy
from relapse_risk.reports import render_audit_page
from tests.reports.invented_audits import ANOMALIES, FOUND, RULES, SOURCE, make_audit, make_clean
from tests.reports.parsed_pages import Page


@pytest.fixture(scope="module", params=["zh", "en"])
def lang(request):
    return request.param


@pytest.fixture(scope="module")
def html(lang):
    return render_audit_page(make_audit(), lang=lang)


@pytest.fixture(scope="module")
def chinese():
    return Page(render_audit_page(make_audit()))


def counts(row):
    return [int(text.replace(",", "")) for text in row if re.fullmatch(r"[\d,]+", text)]


def test_it_is_one_well_formed_page_that_fetches_and_runs_nothing(html, lang):
    page = Page(html)
    assert ("html", {"lang": {"zh": "zh-CN", "en": "en"}[lang]}) in page.tags
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    assert not {name for _, attrs in page.tags for name in attrs} & {"src", "href", "action", "style", "srcset"}
    assert not re.search(r"url\(|@import|https?:", html)


def test_no_household_or_person_is_on_it(html):
    codes = {code for name in ("household_id", "person_id") for code in FOUND[name].drop_nulls()} | {
        *ANOMALIES.rows["household_id"]
    }
    assert codes
    assert not [code for code in codes if code in html]


def test_what_the_records_hold_is_escaped(html):
    assert "<b>" not in html
    assert SOURCE in "".join(Page(html).text)


def test_in_english_only_the_records_own_words_are_chinese():
    text = "".join(Page(render_audit_page(make_audit(), lang="en")).text)
    for own in (SOURCE, "小额信贷", "户信息", "附件"):
        text = text.replace(own, "")
    assert not re.findall("[一-鿿]+", text)


def test_what_matters_most_comes_first(chinese):
    text = "".join(chinese.text)
    assert text.index("请注意") < text.index("要点") < text.index("发现的问题")
    for needed in (
        "读取 1,212 行：采用 1,210 行，未采用 2 行",
        "9 行中共有 9 处问题：未采用 2 处，有误 4 处，提示 3 处",
        "检查了 6 条规则，其中 5 条发现问题；3 条",
        "1,048 个单元格",
        "2 种比对，共 5 项：一致 3，不一致 1，仅台账有 1，仅部门有 0",
        "统计检验 3 处，标出 1 处",
        "已改正 1 条，本次未报送 2 条，未改正 2 条，新发现 7 条",
    ):
        assert needed in text, needed


def test_findings_add_up_by_severity_family_and_rule(chinese):
    severities = chinese.table_under("问题等级")[1:]
    families = chinese.table_under("类别")[1:]
    rules = next(table for table in chinese.tables if table[0][:2] == ["规则", "类别"])[1:]
    assert [counts(row)[0] for row in severities] == [2, 4, 3]
    assert [sum(int(row[place]) for row in families) for place in (3, 4, 5)] == [2, 4, 3]
    assert [sum(int(row[place] or 0) for row in rules) for place in (2, 3, 4)] == [2, 4, 3]
    assert ["证件号码校验码不对", "证件号码", "", "1", "", "400", "12"] in rules


def test_families_without_findings_say_how_many_rules_were_run(chinese):
    assert ["编号与引用", "1", "0", "0", "0", "0"] in chinese.table_under("类别")


def test_every_row_read_is_accounted_for(chinese):
    assert chinese.table_under("文件")[-1] == ["合计", "", "", "1,212", "1,210", "2", "5", "5"]


def test_closing_is_totalled(chinese):
    table = next(table for table in chinese.tables if table[0][:2] == ["规则", "已改正"])
    assert table[0] == ["规则", "已改正", "本次未报送", "未改正", "新发现"]
    assert table[-1] == ["合计", "1", "2", "2", "7"]
    assert "本次未报送的 2 条出自" in "".join(chinese.text)


def test_a_flag_is_said_to_be_no_accusation(html, lang):
    assert {"zh": "更不是指责", "en": "never an accusation"}[lang] in html


def test_many_flagged_tests_are_cut_and_the_smallest_p_values_stay():
    first = ANOMALIES.tests.head(1)
    many = [first.with_columns(unit=pl.lit(f"v{i:03d}"), adjusted=pl.lit(i / 10_000)) for i in range(60)]
    anomalies = AnomalyResult(rows=ANOMALIES.rows, tests=pl.concat(many[::-1]), missing=())
    page = Page(render_audit_page(make_audit(anomalies=anomalies)))
    units = [row[0].split("（")[0] for row in page.table_under("范围")[1:]]
    assert units == [f"v{i:03d}" for i in range(20)]
    assert "共标出 60 处" in "".join(page.text)


def test_tests_of_which_none_was_flagged_are_told_of():
    anomalies = AnomalyResult(rows=ANOMALIES.rows.clear(), tests=ANOMALIES.tests.filter(~pl.col("flagged")), missing=())
    text = "".join(Page(render_audit_page(make_audit(anomalies=anomalies))).text)
    assert "检验了 2 处，没有标出任何一处" in text


def test_an_audit_that_found_nothing_says_so(lang):
    page = Page(render_audit_page(make_clean(), lang=lang))
    text = "".join(page.text)
    assert {"zh": "没有发现问题", "en": "Nothing was found"}[lang] in text
    absent = {
        "zh": ("请注意", "没有检查的规则", "部门数据比对", "数据异常检验"),
        "en": ("Please note", "not run", "Departments"),
    }
    assert not [words for words in absent[lang] if f"{words}</h2>" in render_audit_page(make_clean(), lang=lang)]


def test_many_notes_of_reading_are_cut_with_their_number():
    notes = tuple(("sheet_empty", {"source": "a.xlsx", "sheet": f"s{i}"}) for i in range(50))
    text = "".join(Page(render_audit_page(make_audit(notes=notes))).text)
    assert "“s19”" in text
    assert "“s20”" not in text
    assert "另有 30 条" in text


def test_every_rule_of_the_content_has_a_wording():
    assert {*RULES["rule"]} <= {*read_policy().audit.rules}
