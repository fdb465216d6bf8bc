"""Places of work given by name: compared with the household's own province and county."""

import pytest

from relapse_risk.ingest import read_records

HOUSE = ["户编号", "户主姓名", "省", "市", "县", "户类型"]
PERSON = ["户编号", "人编号", "姓名", "与户主关系", "务工所在地"]


@pytest.mark.parametrize(
    ("place", "region"),
    [
        ("江苏省苏州市昆山市", "outside"),
        ("广东", "outside"),
        ("云南省楚雄州甲县", "county"),
        ("云南省昆明市五华区", "province"),
        ("云南省楚雄州乙县", "province"),
        ("云南省", None),  # the own county, or another
        ("海南州", None),  # not in Hainan
        ("深圳市", None),
        ("省外", "outside"),
    ],
)
def test_a_place_of_work_is_a_region_by_the_households_own_place(write_workbook, tmp_path, place, region):
    homes = [HOUSE, ["h1", "某", "云南省", "楚雄彝族自治州", "甲县", "脱贫户"]]
    people = [PERSON, ["h1", "p1", "某", "户主", place]]
    found = read_records(write_workbook(tmp_path / "county.xlsx", {"户信息": homes, "家庭成员": people}))
    assert found.records.table("members")["work_region"].to_list() == [region]
    rows = found.blanked.select("column", "rule").rows()
    assert rows == ([] if region else [("work_region", "unknown_code")])
    assert not found.blanked["value_masked"].str.contains("省").any()


def test_where_the_own_province_is_unknown_a_place_is_not_guessed(write_workbook, tmp_path):
    homes = [["户编号", "户主姓名", "县", "户类型"], ["h1", "某", "甲县", "脱贫户"]]
    people = [PERSON, ["h1", "p1", "某", "户主", "江苏省苏州市"]]
    found = read_records(write_workbook(tmp_path / "county.xlsx", {"户信息": homes, "家庭成员": people}))
    assert found.records.table("members")["work_region"].to_list() == [None]
    assert found.rows["members"]["work_region"].to_list() == [None]
    assert found.blanked["rule"].to_list() == ["unknown_code"]


def test_a_place_of_nobody_known_is_listed(write_workbook, tmp_path):
    rows = [["姓名", "身份证号", "工作地点", "单位", "月收入", "务工开始", "务工结束"]]
    rows += [["某", "533399197001010136", "江苏省苏州市", "某厂", "3500", "2024-03-01", ""]]
    found = read_records(write_workbook(tmp_path / "务工信息.xlsx", {"务工信息": rows}))
    assert found.rows["employment"]["region"].to_list() == [None]
    assert "@" not in str(found.rows["employment"].to_dicts())
