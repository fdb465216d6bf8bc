"""Headers and cells that no list names, understood by their parts, or not at all."""

import pytest

from relapse_risk.policy import read_policy
from tests.ingest.test_ingest_dictionary import code_of, column_of


@pytest.mark.parametrize(
    ("table", "header", "column"),
    [
        ("households", "户主公民身份证号", "head_id_number"),
        ("households", "所属乡镇", "town"),
        ("households", "行政村名称", "village"),
        ("households", "年末家庭人口总数(人)", "size"),
        ("households", "是否属于易地扶贫搬迁户", "relocated"),
        ("members", "参加新农合情况", "medical_insured"),
        ("members", "在校生状态", "student_status"),
        ("members", "劳动技能情况(必填)", "labour_capacity"),
        ("incomes", "全年家庭经营性收入小计(元)", "business"),
        ("incomes", "生产经营费用总支出(元)", "production_cost"),
        ("employment", "外出务工开始时间(年月)", "started_on"),
        ("loans", "小额信贷发放日", "started_on"),
        ("assistance", "救助结束年月", "ended_on"),
    ],
)
def test_a_header_with_more_that_changes_nothing_is_understood(dictionary, table, header, column):
    assert column_of(dictionary, table, header) == column


@pytest.mark.parametrize(
    ("table", "header"),
    [
        ("incomes", "上年度工资性收入"),  # of another year
        ("incomes", "家庭经营净收入"),  # less its cost
        ("incomes", "人均工资性收入"),  # of one person
        ("incomes", "年收入"),  # before cost
        ("members", "帮扶人身份证号"),
        ("members", "监护人证件号码"),
        ("members", "是否参加大病保险"),
        ("members", "务工日期"),  # 务工时间 is a number of months
        ("employment", "务工所在省份"),  # not the household's
        ("households", "劳动力人数"),
        ("households", "监测对象"),  # a kind, or yes or no
        ("loans", "贷款余额"),
        ("loans", "贷款起止日期"),
        ("relapses", "识别日期"),  # of a risk
    ],
)
def test_a_header_with_more_that_changes_the_meaning_is_not(dictionary, table, header):
    assert column_of(dictionary, table, header) is None


def test_insurance_with_an_employer_is_not_that_of_residents(dictionary):
    assert column_of(dictionary, "members", "是否参加职工医保") == "employee_medical"


def test_negation_and_unit_of_a_header_understood_by_its_parts_hold(dictionary):
    assert dictionary.aliases.understood("饮水是否困难", "households").negated
    assert dictionary.aliases.understood("贷款发放金额（万元）", "loans").factor == 10_000


def test_a_header_that_equals_two_columns_is_not_understood(dictionary):
    aliases = dictionary.aliases
    listed = aliases.listed["members"]
    assert all(aliases.headers["members"][header].column for header in listed.values())
    assert aliases.understood("死亡年月日", "members").column == "died_on"


@pytest.mark.parametrize(
    ("table", "column", "cell", "code"),
    [
        ("members", "sex", "1-男性", "male"),
        ("members", "education", "高中（含职业高中、技校）", "senior"),
        ("members", "education", "小学毕业", "primary"),
        ("members", "student_status", "高职高专三年级", "college"),
        ("members", "health_status", "患大病、慢性疾病", "chronic+serious"),
        ("members", "labour_capacity", "部分丧失劳动能力", "weak"),
        ("members", "work_region", "乡（镇）内务工", "county"),
        ("members", "relation", "户主之父", "parent"),
        ("households", "house_grade", "危房D类", "D"),
        ("disabilities", "grade", "肢体Ⅱ级", 2),
        ("assistance", "kind", "雨露计划补助", "education"),
        ("monitoring", "monitoring_type", "边缘易致贫人口", "near_poor"),
        ("monitoring", "risk", "因病致贫", "illness"),
    ],
)
def test_a_cell_with_more_that_changes_nothing_is_understood(dictionary, table, column, cell, code):
    assert code_of(dictionary, table, column, cell) == code


@pytest.mark.parametrize(
    ("table", "column", "cell"),
    [
        ("members", "education", "初中肄业"),
        ("members", "education", "高中及以上"),
        ("members", "health_status", "非健康"),
        ("members", "labour_capacity", "非劳动力"),
        ("members", "work_region", "县外务工"),
        ("households", "house_grade", "C/D级"),
        ("households", "household_type", "低保户"),
        ("disabilities", "grade", "1-2级"),
        ("disabilities", "grade", "一、二级"),
        ("assistance", "kind", "养老保险补贴"),
        ("loans", "status", "未结清"),
    ],
)
def test_a_cell_with_more_that_changes_the_meaning_is_not(dictionary, table, column, cell):
    assert code_of(dictionary, table, column, cell) is None


def test_every_listed_header_stands_for_its_own_column(dictionary):
    for table, written in read_policy().aliases.headers.items():
        for header, alias in written.items() if table != "any" else ():
            assert column_of(dictionary, table, header) == alias.column
