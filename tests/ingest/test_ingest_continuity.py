"""One number for a household over the years, decided on reading: persons told by the hash of their identity number."""

import polars as pl
import pytest

from relapse_risk.ingest import read_records
from relapse_risk.policy import Texts

pytestmark = pytest.mark.slow

HOUSEHOLDS = ["户编号", "户主姓名", "户类型", "录入时间"]
MEMBERS = ["户编号", "人编号", "证件号码", "与户主关系", "录入时间"]
BILLS = ["户编号", "人编号", "就诊日期", "自付费用"]


def whole(first17):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first17 + "10X98765432"[sum(int(d) * w for d, w in zip(first17, weights, strict=True)) % 11]


FAMILY = [whole(f"999999{born}001") for born in ("19630502", "19640405", "19900101")]


def household(number, year, head="赵甲"):
    return [number, head, "脱贫户", f"{year}-12-01"]


def members(number, year, persons):
    relations = ("户主", "配偶", "之子")
    return [[number, f"{number}{at}", person, relations[at], f"{year}-12-01"] for at, person in enumerate(persons)]


@pytest.fixture
def renumbered(read_sheets):
    def read(**options):
        sheets = {
            "户信息": [HOUSEHOLDS, household("h1", 2018), household("h2", 2019, "赵乙")],
            "家庭成员": [MEMBERS, *members("h1", 2018, FAMILY), *members("h2", 2019, FAMILY)],
            "医疗": [BILLS, ["h1", "h12", "2018-05-01", "100"]],
        }
        return read_sheets(sheets, **options)

    return read


def test_a_household_that_was_given_another_number_is_read_as_one(renumbered):
    intake = renumbered()
    assert intake.continuity.changes.select("household_id", "became", "why", "persons_shared").rows() == [
        ("h1", "h2", "renumbered", 3)
    ]
    for frame in intake.records.tables.values():
        assert frame["household_id"].unique().to_list() == ["h2"]
    assert intake.records.table("illness")["person_id"].to_list() == ["h22"]
    known = intake.records.known_by("2020-12-31")
    assert known.table("households").height == 1 and known.table("members").height == 3
    assert ("households_renumbered", {"households": 1}) in intake.notes


def test_rows_stay_as_they_were_read(renumbered):
    assert renumbered().rows["households"]["household_id"].to_list() == ["h1", "h2"]


def test_what_is_carried_goes_by_the_later_number(renumbered):
    carried = renumbered(carry=["head_name"]).carried
    assert carried.rows() == [("h2", "赵乙")]


def test_a_number_that_is_not_whole_tells_nobody(read_sheets):
    ruined = [number[:17] + ("0" if number[17] != "0" else "1") for number in FAMILY]
    sheets = {
        "户信息": [HOUSEHOLDS, household("h1", 2018), household("h2", 2019)],
        "家庭成员": [MEMBERS, *members("h1", 2018, ruined), *members("h2", 2019, ruined)],
    }
    assert read_sheets(sheets).continuity.changes.height == 0


def test_doubts_are_told_by_kind(read_sheets):
    sheets = {
        "户信息": [HOUSEHOLDS, household("h1", 2018), household("h1", 2019), household("h2", 2019)],
        "家庭成员": [
            MEMBERS,
            *members("h1", 2018, FAMILY),
            *members("h1", 2019, FAMILY[:1]),
            *members("h2", 2019, FAMILY[1:]),
        ],
    }
    intake = read_sheets(sheets)
    assert intake.continuity.doubts.select("household_id", "other_household_id", "kind").rows() == [
        ("h2", "h1", "split")
    ]
    assert ("doubt_split", {"households": 1}) in intake.notes


@pytest.mark.parametrize("code", ["households_renumbered", "doubt_split", "doubt_merge", "doubt_tenants"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_note_has_its_wording(code, lang):
    assert "7" in Texts(lang)("intake_notes", code, households=7)


def test_members_without_a_day_leave_nothing_to_compare():
    members = pl.DataFrame({"household_id": ["h1"], "person_id": ["p1"]})
    intake = read_records({"members": members}, exported_on="2020-12-31")
    assert intake.continuity is None


@pytest.mark.parametrize("dialect", ["registry", "departments"])
def test_the_samples_have_one_number_for_each_household_and_no_doubts(read_sample, dialect):
    same = read_sample(dialect).continuity
    assert (same.changes.height, same.doubts.height, same.movers) == (0, 0, 0)
