import re
from datetime import date
from decimal import Decimal

import pytest

from relapse_risk.errors import InputError
from relapse_risk.ingest import ExportDictionary, columns_of, read_records
from relapse_risk.policy import REASONS, HeaderAlias, Texts, read_policy
from relapse_risk.records import TABLES


def column_of(dictionary: ExportDictionary, table: str, header: str) -> str | None:
    alias = dictionary.aliases.understood(header, table)
    return None if alias is None else alias.column


def code_of(dictionary: ExportDictionary, table: str, column: str, cell: object) -> object:
    return dictionary.reader(table, column, TABLES[table].columns[column]).read(cell).value


@pytest.mark.parametrize(
    ("table", "header", "column"),
    [
        ("households", "户类型", "household_type"),
        ("households", "贫困户属性", "registered_type"),
        ("households", "脱贫属性", "household_type"),
        ("households", "是否存在危房", "dangerous_house"),
        ("households", "饮水是否安全", "safe_water"),
        ("households", "县", "county"),
        ("households", "县(市)", "county"),
        ("households", "县（市、区、旗）", "county"),
        ("households", "乡（镇）", "town"),
        ("households", " *户编号\n", "household_id"),
        ("households", "耕地面积（亩）", "farmland_mu"),
        ("households", "易返贫致贫户（监测对象）类型", "monitoring_type"),
        ("members", "务工时间（月）", "work_months"),
        ("incomes", "人均纯收入（元）", "net_income_per_capita"),
        ("households", "household_id", "household_id"),
        ("households", "户类型吗", None),
        ("households", "工资性收入", None),
    ],
)
def test_headers_are_understood_whole_or_not_at_all(dictionary, table, header, column):
    assert column_of(dictionary, table, header) == column


def test_a_unit_in_the_header_multiplies(dictionary):
    principal = HeaderAlias(column="principal", factor=Decimal(10000))
    assert dictionary.aliases.understood("贷款金额（万元）", "loans") == principal
    assert dictionary.aliases.understood("贷款金额(吨)", "loans") is None


def test_the_header_row_is_found_wherever_it_stands(write_workbook, tmp_path):
    for above in ([], [["户信息"]], [["表"], [], ["单位：某县", "", "户主"], [""]]):
        rows = [*above, ["户编号", "户主姓名", "户类型"], ["1", "户主", "脱贫户"]]
        found = read_records(write_workbook(tmp_path / "county.xlsx", {"户信息": rows})).rows["households"]
        assert found.select("household_id", "household_type", "_row").rows() == [("1", "exited", len(above) + 2)]


def test_headers_in_two_rows_are_understood_by_themselves_or_behind_their_group(write_workbook, tmp_path):
    upper = ["户编号", "人编号", "残疾", "", "办证日期"]
    lower = ["", "", "类别", "等级", ""]
    rows = [["表"], upper, lower, ["h1", "p1", "肢体", "四级", "2018-01-02"]]
    found = read_records(write_workbook(tmp_path / "county.xlsx", {"残疾": rows})).rows["disabilities"]
    certified = found.select("household_id", "person_id", "category", "grade", "certified_on", "_row").rows()
    assert certified == [("h1", "p1", "physical", 4, date(2018, 1, 2), 4)]


def test_a_sheet_is_known_behind_the_name_of_an_office(dictionary):
    assert dictionary.aliases.tables_of("扶贫办_帮扶措施") == ("assistance",)


@pytest.mark.parametrize(
    "row", [["单位：某县", "导出日期：2020年12月31日"], ["导出时间", "2020-12-31 08:00"], ["", "导出日期:20201231"]]
)
def test_the_export_date_above_the_headers_is_found(write_workbook, tmp_path, row):
    rows = [["表"], row, ["户编号", "户类型"], ["h1", "脱贫户"]]
    intake = read_records(write_workbook(tmp_path / "county.xlsx", {"户信息": rows}))
    assert str(intake.records.exported_on) == "2020-12-31"


def test_a_line_of_a_users_file_adds_a_wording(tmp_path):
    aliases, codes = tmp_path / "aliases.toml", tmp_path / "codes.toml"
    aliases.write_text(
        '[headers.households]\n"农户性质" = "household_type"\n[sheets]\n"农户底册" = "households"', encoding="utf-8"
    )
    codes.write_text('[household_type]\n"重点户" = "near_poor"', encoding="utf-8")
    dictionary = ExportDictionary.of(read_policy(aliases=aliases, codes=codes))
    assert column_of(dictionary, "households", "农户性质") == "household_type"
    assert column_of(dictionary, "households", "户类型") == "household_type"
    assert dictionary.aliases.tables_of("农户底册") == ("households",)
    assert code_of(dictionary, "households", "household_type", "重点户") == "near_poor"
    assert code_of(dictionary, "households", "household_type", "脱贫户") == "exited"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[headers.households]\n"农户性质" = { column = "household_type", times = 2 }', "data_key_unknown"),
        ('[units]\n"斤" = "半"', "data_value"),
    ],
)
def test_an_aliases_file_that_cannot_mean_anything_is_refused(tmp_path, text, code):
    (tmp_path / "aliases.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        ExportDictionary.of(read_policy(aliases=tmp_path / "aliases.toml"))
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("text", "key", "like"),
    [
        ('[headers.households]\n"农户性质" = "household_kind"', "headers.households.农户性质", "household_type"),
        ('[headers.any]\n"村组码" = "vilage_code"', "headers.any.村组码", "village_code"),
        ('[headers.incomes]\n"工资" = { column = "wages" }', "headers.incomes.工资", "wage"),
        ('[headers.house]\n"农户性质" = "household_type"', "headers.house", "households"),
        ('[sheets]\n"农户底册" = ["members", "household"]', "sheets.农户底册", "households"),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_name_in_an_aliases_file_that_there_is_not_is_refused_with_file_key_and_near_names(
    tmp_path, text, key, like, lang
):
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        ExportDictionary.of(read_policy(aliases=tmp_path / "own.toml"))
    line = raised.value.in_language(lang)
    assert raised.value.code.startswith("alias_of_unknown_")
    assert str(tmp_path / "own.toml") in line and key in line and like in line
    assert "\n" not in line


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_code_in_a_codes_file_that_there_is_not_is_refused_with_file_key_and_what_is_allowed(tmp_path, lang):
    (tmp_path / "own.toml").write_text('[household_type]\n"重点 户" = "key"\n"其他" = ""', encoding="utf-8")
    with pytest.raises(InputError) as raised:
        ExportDictionary.of(read_policy(codes=tmp_path / "own.toml"))
    line = raised.value.in_language(lang)
    assert raised.value.code == "code_unknown"
    for part in (str(tmp_path / "own.toml"), "[household_type]", "重点 户 = key", "near_poor"):
        assert part in line


@pytest.mark.parametrize(
    ("text", "code"),
    [("[blank]\nanywhere = 3", "data_value")],
)
def test_a_codes_file_that_cannot_mean_anything_is_refused(tmp_path, text, code):
    (tmp_path / "codes.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        ExportDictionary.of(read_policy(codes=tmp_path / "codes.toml"))
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("table", "column", "cell", "code"),
    [
        ("households", "household_type", "返贫户", "poor"),
        ("households", "household_type", "exited", "exited"),
        ("households", "house_grade", "D级", "D"),
        ("households", "safe_water", "有", True),
        ("households", "safe_water", 0.0, False),
        ("households", "safe_water", "１", True),
        ("households", "monitoring_type", "脱贫\u3000不稳定户", "unstable"),
        ("members", "education", "大专及以上", "college"),
        ("members", "education", "本科及以上", "college"),
        ("members", "education", "none", "none"),
        ("members", "labour_capacity", "弱劳动力或半劳动力", "weak"),
        ("members", "health_status", "残疾，长期慢性病", "chronic+disabled"),
        ("members", "health_status", "长期慢性病、残疾", "chronic+disabled"),
        ("members", "health_status", "患有大病,长期慢性病,残疾", "chronic+serious+disabled"),
        ("disabilities", "grade", "一级", 1),
        ("employment", "region", "省内县外", "province"),
        ("employment", "channel", "公益性岗位", "public_post"),
        ("monitoring", "risk", "因产业发展失败", "industry"),
        ("relapses", "cause", "务工收入骤减", "employment"),
        ("members", "health_status", "健康,较差", None),
        ("members", "labour_capacity", "半个劳力", None),
        ("households", "household_type", "其它", None),
    ],
)
def test_cells_of_codes_are_understood_whole_or_not_at_all(dictionary, table, column, cell, code):
    assert code_of(dictionary, table, column, cell) == code


def test_every_cause_the_register_words_is_read_as_its_reason(dictionary):
    for reason in REASONS.values():
        for wording in reason.cause:
            assert code_of(dictionary, "relapses", "cause", wording) == reason.code


def test_every_dictionary_belongs_to_a_column(dictionary):
    columns = {name for table in TABLES for name in columns_of(table)}
    besides = {"flag", "illness_kind_of_disease", "province_of_work", "relation_word_sex"}
    used = set(dictionary.codebook.topic_of.values()) | columns | besides
    topics = {re.sub(r"_since_\d{4}$|_qualifier$", "", topic) for topic in dictionary.codebook.topics}
    implied = {topic for topic in topics if set(topic.split("_of_")) <= used}
    assert topics - implied <= used


@pytest.mark.parametrize(
    "rule", ["missing", "unreadable", "impossible_date", "unknown_code", "garbled", "identifier_as_number"]
)
def test_every_rule_has_a_wording(rule):
    assert Texts("zh")("intake_rules", rule) and Texts("en")("intake_rules", rule)
