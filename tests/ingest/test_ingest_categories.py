"""What registers call households since 2021, understood by parts and by date; what is not understood is named."""

import pytest

from relapse_risk.ingest import read_records
from relapse_risk.labels import find_cohort
from relapse_risk.policy import Texts
from relapse_risk.records import AsOfView

HEADERS = ("户编号", "户主姓名", "户类型", "填报日期")


@pytest.fixture
def read(tmp_path):
    """Read a list of households: one row a (wording, day)."""

    def reading(*rows):
        lines = [f"5333990{place:03},某某,{word},{day}" for place, (word, day) in enumerate(rows)]
        (tmp_path / "户信息.csv").write_text("\n".join([",".join(HEADERS), *lines]), encoding="utf-8")
        return read_records(tmp_path, exported_on="2025-12-31")

    return reading


def called(intake, column="household_type"):
    table = intake.records.table("households").sort("household_id")
    return table[column].to_list() if column in table.columns else [None] * table.height


@pytest.mark.parametrize(
    ("word", "kind", "watched", "monitored"),
    [
        ("脱贫人口", "exited", None, None),
        ("脱贫户（继续享受政策）", "exited", None, None),
        ("已脱贫(不再享受政策)", "exited", None, None),
        ("脱贫不稳定户", "exited", "unstable", None),
        ("脱贫不稳定户（风险未消除）", "exited", "unstable", None),
        ("边缘易致贫户", "near_poor", "near_poor", None),
        ("突发严重困难户", "general", "sudden", None),
        ("监测对象", None, None, True),
        ("一般户", "general", None, None),
        ("返贫户", "poor", None, None),
    ],
)
def test_words_since_2021_say_what_a_household_is_and_as_what_it_is_watched(read, word, kind, watched, monitored):
    intake = read((word, "2023-12-01"), ("脱贫户", "2023-12-01"))
    assert called(intake)[0] == kind
    assert called(intake, "monitoring_type")[0] == watched
    assert called(intake, "monitored")[0] == monitored
    assert intake.blanked.is_empty()
    assert find_cohort(AsOfView.of(intake.records, "2025-12-31"))["exclusion_reason"][0] == (
        "poor" if kind == "poor" else None
    )


def test_a_word_that_meant_another_thing_earlier_is_not_guessed_then(read):
    intake = read(("一般户", "2019-12-01"), ("一般户", "2021-12-01"), ("边缘易致贫户", "2019-12-01"))
    assert called(intake) == [None, "general", "near_poor"]
    assert called(intake, "monitoring_type") == [None] * 3
    assert intake.blanked.select("column", "rule", "value_masked").rows() == [
        ("household_type", "unknown_code", "一般户")
    ]


def test_what_is_not_understood_is_named_once_with_the_households_it_costs(read):
    day = "2023-12-01"
    intake = read(
        ("整户兜底保障户", day), ("整户兜底保障户", day), ("重点关注户", day), ("王某某", day), ("脱贫户", day)
    )
    found = [details for code, details in intake.notes if code == "words_unknown"]
    assert [details["words"] for details in found] == ["整户兜底保障户 (2), 汉汉汉 (1), 重点关注户 (1)"]
    for lang in ("zh", "en"):
        assert "整户兜底保障户 (2)" in Texts(lang)("intake_notes", "words_unknown", **found[0])


def test_codes_of_risks_and_kinds_of_disaster_are_causes(tmp_path):
    rows = ["01", "0203", "0299", "03", "07", "因自然灾害（洪涝灾害）", "缺劳力"]
    lines = [f"5333990{place:03},边缘易致贫户,2023-01-05,{cause}" for place, cause in enumerate(rows)]
    text = "\n".join(["户编号,监测对象类别,识别日期,风险类型", *lines])
    (tmp_path / "监测对象.csv").write_text(text, encoding="utf-8")
    households = "\n".join(
        ["户编号,户类型,填报日期", *(f"5333990{n:03},一般农户,2023-01-05" for n in range(len(rows)))]
    )
    (tmp_path / "户信息.csv").write_text(households, encoding="utf-8")
    table = read_records(tmp_path, exported_on="2025-12-31").records.table("monitoring").sort("household_id")
    assert table["risk"].to_list() == [
        *("illness", "disaster", "disaster", "disability", "employment", "disaster", "labour")
    ]


def test_a_register_of_2025_is_understood_whole(shared):
    intake = read_records(shared / "cases" / "16-types-after-2020")
    cohort = find_cohort(AsOfView.of(intake.records, "2025-12-31"))
    assert cohort.height == 98
    assert cohort.filter(exclusion_reason="type_missing").is_empty()
    assert "household_type" not in intake.blanked["column"]
