"""Lists of departments, keyed by identity number, joined to the register."""

from datetime import date

import polars as pl
import pytest

from relapse_risk.ingest import read_records


def whole(first17):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first17 + "10X98765432"[sum(int(d) * w for d, w in zip(first17, weights, strict=True)) % 11]


MOTHER, CHILD, STRANGER = map(whole, ("99999919630502000", "99999919940405001", "99999919800101001"))


@pytest.fixture
def read_lists(tmp_path):
    """Read a folder of lists in GB18030, each a list of rows under its headers."""

    def read(lists, **options):
        for name, rows in lists.items():
            text = "\r\n".join(",".join(str(cell) for cell in row) for row in rows)
            (tmp_path / f"{name}.csv").write_bytes(text.encode("gb18030"))
        return read_records(tmp_path, **options)

    return read


REGISTER = {
    "扶贫办_农户": [["户编码", "户主姓名", "户主身份证号", "农户属性"], ["h1", "赵甲", MOTHER, "脱贫户"]],
    "扶贫办_家庭成员": [
        ["户编码", "姓名", "公民身份号码", "与户主关系"],
        ["h1", "赵甲", MOTHER, "户主"],
        ["h1", "赵乙", CHILD, "之子"],
    ],
}
BILLS = [
    ["结算流水号", "证件号码", "入院（就诊）日期", "个人负担"],
    ["m1", CHILD, "2019-03-05", "100"],
    ["m2", STRANGER, "2019-03-05", "200"],
    ["m3", "", "2019-03-05", "300"],
]


def test_a_list_keyed_by_identity_number_finds_household_and_person(read_lists):
    intake = read_lists({**REGISTER, "医保局": BILLS})
    bills = intake.records.table("illness")
    assert bills.select("household_id", "self_paid").rows() == [("h1", 100.0)]
    persons = intake.records.table("members")
    child = persons.filter(pl.col("relation") == "child")["person_id"].item()
    assert bills["person_id"].to_list() == [child]


def test_who_stands_nowhere_in_the_register_is_kept_and_listed_and_who_has_no_number_is_refused(read_lists):
    intake = read_lists({**REGISTER, "医保局": BILLS})
    account = intake.accounts.filter(pl.col("table") == "illness").row(0, named=True)
    assert [account[name] for name in ("read", "kept", "refused", "unlinked")] == [3, 2, 1, 1]
    assert intake.unlinked.select("source", "row", "column", "rule").rows() == [
        ("医保局.csv", 3, "id_number", "no_partner")
    ]
    assert intake.rejected.select("row", "column", "rule").rows() == [(4, "id_number", "missing")]


def test_a_disaster_of_a_stranger_is_not_taken_for_one_of_the_village(read_lists):
    losses = [
        ["报灾编号", "证件号码", "行政区划代码", "受灾日期", "直接经济损失（万元）"],
        ["d1", STRANGER, "532311102205", "2019-03-05", "0.5"],
        ["d2", MOTHER, "532311102205", "2019-03-05", "0.5"],
    ]
    intake = read_lists({**REGISTER, "应急局": losses})
    assert intake.records.table("disasters").select("household_id", "loss").rows() == [("h1", 5000.0)]
    assert intake.unlinked["row"].to_list() == [2]


def test_the_household_is_that_of_the_day_the_row_speaks_of(read_lists):
    moved = [
        ["户编码", "公民身份号码", "统计年度", "填报日期"],
        ["h1", CHILD, 2017, "2017-12-01"],
        ["h2", CHILD, 2019, "2019-12-01"],
    ]
    bills = [
        ["结算流水号", "证件号码", "入院（就诊）日期", "个人负担"],
        *([f"m{year}", CHILD, f"{year}-12-31", year] for year in (2016, 2017, 2018, 2019)),
    ]
    households = [["户编码", "农户属性", "填报日期"], ["h1", "脱贫户", "2017-12-01"], ["h2", "脱贫户", "2017-12-01"]]
    intake = read_lists({"农户": households, "成员信息": moved, "医保局": bills})
    found = intake.records.table("illness").sort("occurred_on")["household_id"].to_list()
    assert found == ["h1", "h1", "h1", "h2"]
    # The bill of 2016 is of somebody whom the register first saw in December 2017: before, nobody knew whose it is.
    for day, known in (("2017-12-01", 1), ("2018-12-31", 3)):
        assert intake.records.known_by(day).table("illness").height == known
    assert intake.records.table("illness").sort("occurred_on")["recorded_on"].to_list()[0] == date(2017, 12, 1)


def test_what_one_list_tells_of_a_person_completes_what_another_tells_of_each_year(read_lists):
    years = [["公民身份号码", "统计年度", "健康情况", "填报日期"], [CHILD, 2018, "健康", "2018-12-01"]]
    homes = [["户编码", "统计年度", "农户属性", "填报日期"], ["h1", 2018, "脱贫户", "2018-12-01"]]
    lists = {**REGISTER, "扶贫办_成员年度": years, "扶贫办_年度户情": homes}
    intake = read_lists(lists, exported_on="2020-12-31")
    then = intake.records.known_by("2018-12-31").table("members")
    assert then.select("household_id", "health_status", "birth_date", "sex").rows() == [
        ("h1", "healthy", date(1994, 4, 5), "male")
    ]
    assert then["relation"].to_list() == [None]  # the list that says it bears no day: known from the export on
    now = intake.records.known_by("2020-12-31").table("members")
    assert now.filter(pl.col("relation") == "child").select("health_status", "relation").rows() == [
        ("healthy", "child")
    ]


def test_the_tail_of_a_disability_certificate_says_category_and_grade(read_lists):
    listed = [["残疾证号", "首次办证日期", "入库时间"], [f"{CHILD}42", "2018-01-01", "2018-02-01"]]
    records = read_lists({**REGISTER, "残联": listed}).records
    assert records.table("disabilities").select("household_id", "category", "grade").rows() == [("h1", "physical", 2)]


def test_no_number_and_no_name_is_left_in_what_comes_out(read_lists):
    intake = read_lists({**REGISTER, "医保局": BILLS})
    secrets = {MOTHER, CHILD, STRANGER, "赵甲", "赵乙"}
    frames = [*intake.records.tables.values(), *intake.rows.values(), intake.rejected, intake.blanked, intake.unlinked]
    for frame in frames:
        for column in frame:
            if column.dtype == pl.String:
                assert secrets.isdisjoint(column.drop_nulls())


def test_the_same_input_gives_the_same_hashes_and_a_key_gives_others(read_lists):
    named = [read_lists(REGISTER, **options).records.table("members") for options in ({}, {}, {"key": b"secret"})]
    assert named[0].equals(named[1])
    assert set(named[0]["person_id"]).isdisjoint(named[2]["person_id"])


def test_ruined_numbers_of_a_list_of_persons_refuse_the_row_with_the_advice(read_lists):
    lists = {**REGISTER, "扶贫办_家庭成员": [*REGISTER["扶贫办_家庭成员"], ["h1", "赵丙", "9.99999E+17", "之女"]]}
    intake = read_lists(lists)
    assert intake.rejected.select("row", "column", "rule").rows() == [(4, "id_number", "identifier_as_number")]
    assert intake.records.table("members").height == 2


@pytest.mark.parametrize(
    ("number", "check"),
    [
        (MOTHER, "ok"),
        (MOTHER[:17] + ("0" if MOTHER[17] != "0" else "1"), "check_digit"),
        (whole("99999919630231000"), "birth_date"),
        ("532311630502001", "shape"),
        (None, None),
    ],
)
def test_a_number_says_whether_it_is_whole(read_lists, number, check):
    headers, head, *others = REGISTER["扶贫办_家庭成员"]
    lists = {**REGISTER, "扶贫办_家庭成员": [headers, head, ["h1", "赵丙", number or "", "之女"], *others]}
    said = read_lists(lists).rows["members"].filter(pl.col("relation") == "child").row(0, named=True)
    assert said["_id_check"] == check
    assert (said["_id_birth_date"] is not None) == (check == "ok")


def test_a_key_longer_than_the_hash_takes_is_used_whole(read_lists):
    long = [read_lists(REGISTER, key=b"k" * 64 + tail).records.table("members")["person_id"] for tail in (b"a", b"b")]
    assert set(long[0]).isdisjoint(long[1])


def test_a_list_of_households_without_their_numbers_finds_them_by_that_of_their_heads(tmp_path, write_workbook):
    numbers = ["533399196001010035", "533399196001010051", "533399196001010078"]
    register = [["户编号", "户主证件号码", "家庭人口数"], *([f"h{at}", one, 3] for at, one in enumerate(numbers[:2]))]
    types = [["户主姓名", "户主证件号码", "户类型", "脱贫年度"], *(["某某", one, "脱贫户", 2017] for one in numbers)]
    write_workbook(tmp_path / "a.xlsx", {"户信息": register})
    write_workbook(tmp_path / "脱贫户名单.xlsx", {"Sheet1": types})
    intake = read_records(tmp_path)
    known = intake.records.table("households").drop_nulls("household_type")
    assert set(known.select("household_id", "household_type").rows()) == {("h0", "exited"), ("h1", "exited")}
    assert intake.accounts.filter(source="脱贫户名单.xlsx").select("read", "kept", "unlinked").rows() == [(3, 3, 1)]
