"""The register as lists of departments: encoding, keys, units and numbers."""

import csv
import io
from datetime import date

import polars as pl
import pytest

from relapse_risk.synthetic import synthesise, write_population


@pytest.fixture(scope="module")
def population():
    return synthesise(households=500, seed=21)


@pytest.fixture(scope="module")
def folder(population, tmp_path_factory):
    folder = tmp_path_factory.mktemp("departments")
    write_population(population, folder, dialect="departments", faults=0)
    return folder


@pytest.fixture(scope="module")
def lists(folder):
    """Every list by its name, all cells as text."""
    found = {}
    for path in folder.glob("*.csv"):
        header, *rows = csv.reader(io.StringIO(path.read_bytes().decode("gb18030"), newline=""))
        found[path.stem] = pl.DataFrame(rows, schema=header, orient="row")
    return found


@pytest.fixture(scope="module")
def people(population):
    """Everybody as last stated."""
    return population.tables["members"].sort("recorded_on").unique("person_id", keep="last")


def amounts(column):
    return column.cast(pl.Float64).sort()


def test_lists_are_gb18030_with_windows_line_ends(folder):
    names = {path.stem for path in folder.glob("*.csv")}
    assert names == {
        *("扶贫办_农户", "扶贫办_年度户情", "扶贫办_家庭成员", "扶贫办_成员年度", "扶贫办_收入台账"),
        *("扶贫办_帮扶措施", "扶贫办_监测对象", "扶贫办_返贫致贫"),
        *("民政局", "医保局", "残联", "人社局", "银行", "应急局", "应急局_村级灾情"),
    }
    for path in folder.glob("*.csv"):
        content = path.read_bytes()
        assert content.count(b"\n") == content.count(b"\r\n") > 1
        with pytest.raises(UnicodeDecodeError):
            content.decode()


def test_no_code_is_left_unworded(lists):
    for name, frame in lists.items():
        for column in frame:
            assert not column.str.contains("^[a-z_]+$").any(), f"{name} {column.name}"


def test_every_household_and_person_stands_in_the_base_register(lists, population, people):
    homes = set(population.tables["households"]["household_id"])
    assert set(lists["扶贫办_农户"]["户编码"]) == homes
    assert len(lists["扶贫办_农户"]) == len(homes)
    pairs = lists["扶贫办_家庭成员"].select("户编码", "公民身份号码", "姓名")
    assert set(pairs.rows()) == set(people.select("household_id", "id_number", "name").rows())


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("医保局", "证件号码"),
        ("残联", "公民身份号码"),
        ("人社局", "身份证号"),
        ("扶贫办_成员年度", "公民身份号码"),
        ("银行", "借款人证件号码"),
        ("民政局", "证件号码"),
        ("应急局", "证件号码"),
        ("扶贫办_帮扶措施", "户主证件号码"),
    ],
)
def test_lists_of_persons_are_keyed_by_identity_numbers_of_the_register(lists, people, name, number):
    assert len(lists[name]) > 5
    assert lists[name][number].is_in(people["id_number"].to_list()).all()


def test_every_bill_job_and_measure_is_in_a_list(lists, population):
    count = {name: frame["event_id"].n_unique() for name, frame in population.tables.items() if "event_id" in frame}
    assert len(lists["医保局"]) == count["illness"]
    assert len(lists["应急局"]) + len(lists["应急局_村级灾情"]) == count["disasters"]
    assert len(lists["扶贫办_返贫致贫"]) == count["relapses"]
    jobs = population.tables["employment"].n_unique(["person_id", "started_on"])
    assert len(lists["人社局"]) == jobs
    measures = population.tables["assistance"].n_unique(["household_id", "kind", "started_on"])
    assert len(lists["民政局"]) + len(lists["扶贫办_帮扶措施"]) == measures
    assert set(lists["民政局"]["救助类型"]) == {"低保", "临时救助"}


def test_loans_and_losses_are_in_ten_thousands(lists, population):
    principal = population.tables["loans"].unique("loan_id")["principal"].sort()
    assert (amounts(lists["银行"]["贷款金额（万元）"]) * 10_000 - principal).abs().max() < 0.005
    loss = population.tables["disasters"].drop_nulls("household_id").unique("event_id")["loss"].sort()
    assert (amounts(lists["应急局"]["直接经济损失（万元）"]) * 10_000 - loss).abs().max() < 0.005


def test_certificates_bear_the_number_the_category_and_the_grade(lists):
    categories = {"视力": 1, "听力": 2, "言语": 3, "肢体": 4, "智力": 5, "精神": 6, "多重": 7}
    grades = {"一级": 1, "二级": 2, "三级": 3, "四级": 4}
    for row in lists["残联"].rows(named=True):
        tail = f"{categories[row['残疾类别'].removesuffix('残疾')]}{grades[row['残疾等级']]}"
        assert row["残疾证号"] == row["公民身份号码"] + tail


@pytest.mark.parametrize(
    ("name", "column", "pattern"),
    [
        ("人社局", "就业起始", r"^\d{4}/\d{2}/\d{2}$"),
        ("扶贫办_家庭成员", "出生年月日", r"^\d{8}$"),
        ("医保局", "入院（就诊）日期", r"^\d{4}-\d{2}-\d{2}$"),
    ],
)
def test_every_list_writes_days_in_its_own_way(lists, name, column, pattern):
    assert lists[name][column].str.contains(pattern).all()


def test_who_was_on_the_register_falls_back_and_others_fall(lists, population):
    registered = population.tables["households"].filter(pl.col("poverty_cause").is_not_null())["household_id"]
    fell = lists["扶贫办_返贫致贫"]
    assert set(fell["类型"]) == {"返贫", "致贫"}
    assert ((fell["类型"] == "返贫") == fell["户编码"].is_in(registered.unique().to_list())).all()


def test_nothing_is_said_before_it_was_known(lists, population):
    stated = lists["扶贫办_年度户情"].with_columns(day=pl.col("填报日期").str.to_date())
    known = population.tables["households"].select("household_id", "recorded_on", "size", "household_type")
    pairs = stated.sort("day").join_asof(
        known.sort("recorded_on"),
        left_on="day",
        right_on="recorded_on",
        by_left="户编码",
        by_right="household_id",
        check_sortedness=False,
    )
    assert (pairs["人口"].cast(pl.Int64) == pairs["size"]).all()
    assert (pairs["day"] <= date(2020, 12, 31)).all()


def test_the_same_seed_gives_the_same_bytes_and_the_truth(folder, population, tmp_path):
    write_population(population, tmp_path, dialect="departments", faults=0)
    for path in folder.rglob("*.*"):
        assert path.read_bytes() == (tmp_path / path.relative_to(folder)).read_bytes(), path
    assert {path.name for path in (folder / "truth").iterdir()} == {
        "planted_rows.csv",
        "relapses.parquet",
        "risk.parquet",
    }
