"""Words of coded columns that nobody listed: named once a column, never a name; codes that lost their zero."""

import polars as pl
import pytest

from relapse_risk.ingest import read_records
from relapse_risk.policy import Texts
from relapse_risk.synthetic import synthesise

HOUSES = ["户编号", "户类型", "致贫原因", "填报日期"]
MEMBERS = [
    "户编号",
    "人员编号",
    "与户主关系",
    "劳动能力",
    "健康状况",
    "文化程度",
    "是否参加城乡居民基本医疗保险",
    "填报日期",
]
DAY = "2020-03-05"


def named(intake, code="words_unknown"):
    return {(details["table"], details["column"]): details for found, details in intake.notes if found == code}


def test_every_coded_column_names_its_words_once_over_all_sheets(tmp_path, write_workbook):
    for place in range(2):
        houses = [[f"h{place}{n}", "脱贫户", "因重残致困", DAY] for n in range(2)]
        people = [
            [f"h{place}0", f"p{place}{n}", "户主", "半劳动力人员", "健康健康", "初中初中", "是否", DAY]
            for n in range(3)
        ]
        write_workbook(tmp_path / f"{place}.xlsx", {"户信息": [HOUSES, *houses], "家庭成员": [MEMBERS, *people]})
    found = named(read_records(tmp_path))
    assert {column for _, column in found} >= {"labour_capacity", "health_status", "medical_insured"}
    assert found["members", "health_status"]["words"] == "健康健康 (6)"
    assert found["members", "health_status"]["cells"] == 6
    for lang in ("zh", "en"):
        assert "健康健康 (6)" in Texts(lang)("intake_notes", "words_unknown", **found["members", "health_status"])


def test_of_many_words_the_commonest_are_named_and_the_rest_is_counted(tmp_path, write_workbook):
    words = [
        word
        for n, word in enumerate(("健康甲", "健康乙", "健康丙健康", "患病健康", "健康患病", "健康健康", "健康患病健康"))
        for _ in range(n + 1)
    ]
    people = [["h1", f"p{n}", "户主", "", word, "", "", DAY] for n, word in enumerate(words)]
    write_workbook(tmp_path / "a.xlsx", {"户信息": [HOUSES, ["h1", "脱贫户", "", DAY]], "家庭成员": [MEMBERS, *people]})
    details = named(read_records(tmp_path))["members", "health_status"]
    assert details["words"].count("(") == 5
    assert details["words"].endswith("…")
    assert details["cells"] == len(words)


@pytest.mark.parametrize(
    "lost",
    ["王某某", "李健康", "张安全", "安全福", "欧阳小明", "13812345678", "110101197202020027", "因王小明住院治疗"],
)
def test_what_may_be_somebody_is_never_shown(tmp_path, write_workbook, lost):
    people = [MEMBERS, ["h1", "p1", "户主", lost, lost, lost, lost, DAY]]
    write_workbook(tmp_path / "a.xlsx", {"户信息": [HOUSES, ["h1", "脱贫户", lost, DAY]], "家庭成员": people})
    intake = read_records(tmp_path)
    assert named(intake)
    assert lost not in "".join(details["words"] for details in named(intake).values())
    assert lost not in "".join(intake.blanked["value_masked"].drop_nulls())


def test_a_word_made_of_known_words_is_shown_and_no_other(dictionary):
    words = {"半劳动力": "半劳动力", "劳动安全": "劳动安全", "王劳动": "汉汉汉", "王某某": "汉汉汉", "7": "7"}
    assert {word: dictionary.codebook.shown(word) for word in words} == words


def test_frames_name_their_words_too_those_left_blank_and_those_kept():
    frames = {
        "households": pl.DataFrame(
            {
                "household_id": ["h1", "h2", "h3"],
                "household_type": ["脱贫户", "脱贫户", "exited"],
                "safe_water": ["是", "true", None],
                "poverty_cause": ["因病致贫", "illness", "因病致贫"],
            }
        )
    }
    intake = read_records(frames)
    assert named(intake)["households", "household_type"]["words"] == "脱贫户 (2)"
    assert named(intake)["households", "safe_water"]["cells"] == 1
    kept = named(intake, "words_kept")["households", "poverty_cause"]
    assert (kept["words"], kept["cells"]) == ("因病致贫 (2)", 2)
    assert intake.records.table("households")["poverty_cause"].to_list() == ["因病致贫", "illness", "因病致贫"]


def test_a_register_in_our_own_codes_has_no_word_to_name():
    intake = read_records(synthesise(households=40, seed=3).tables)
    assert not named(intake)
    assert not named(intake, "words_kept")


def read_causes(tmp_path, causes):
    lines = "\n".join(
        [
            "户编号,监测对象类别,识别日期,风险类型",
            *(f"h{n},边缘易致贫户,{DAY},{cause}" for n, cause in enumerate(causes)),
        ]
    )
    (tmp_path / "监测对象.csv").write_text(lines, encoding="utf-8")
    houses = "\n".join(["户编号,户类型,填报日期", *(f"h{n},一般农户,{DAY}" for n in range(len(causes)))])
    (tmp_path / "户信息.csv").write_text(houses, encoding="utf-8")
    return read_records(tmp_path, exported_on="2025-12-31")


def test_a_code_that_lost_its_zero_is_restored_and_counted_where_the_column_shows_whose_list_it_is(tmp_path):
    intake = read_causes(tmp_path, ["1", "201", "3", "99", "7"])
    assert intake.records.table("monitoring").sort("household_id")["risk"].to_list() == [
        *("illness", "disaster", "disability", "other", "employment")
    ]
    assert [details["count"] for code, details in intake.notes if code == "leading_zero_restored"] == [4]
    assert not named(intake)


def test_numbers_that_may_be_a_countys_own_are_named_and_not_guessed(tmp_path):
    intake = read_causes(tmp_path, ["1", "1", "3"])
    assert intake.records.table("monitoring")["risk"].null_count() == 3
    assert named(intake)["monitoring", "risk"]["words"] == "1 (2), 3 (1)"


@pytest.mark.parametrize("causes", [["1", "2", "201"], ["1", "88", "03"]])
def test_one_number_that_is_no_code_makes_the_column_doubtful(tmp_path, causes):
    intake = read_causes(tmp_path, causes)
    assert "leading_zero_restored" not in {code for code, _ in intake.notes}
    assert intake.records.table("monitoring").filter(household_id="h0")["risk"].to_list() == [None]
