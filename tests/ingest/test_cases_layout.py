"""Cases of public templates: sheets of any layout and name, read whole, and told where they cannot be."""

import pytest

from relapse_risk.ingest import describe_source, read_records


@pytest.fixture(scope="module")
def case(shared, require):
    require(shared / "cases", "the cases among the sample exports")
    return lambda *parts: shared.joinpath("cases", *parts)


def lines(found):
    """Return by sheet what it is read as, or why it is not."""
    sheets = found.filter(found["header"].is_null())
    return {
        sheet: table if status == "read" else reason
        for sheet, table, status, reason in sheets.select("sheet", "table", "status", "reason").rows()
    }


@pytest.mark.parametrize("folder", ["in", "in2", "in3", "in4"])
def test_a_sheet_of_a_row_a_person_feeds_households_members_and_with_a_year_incomes(case, folder):
    intake = read_records(case("02-one-flat-sheet", folder))
    sizes = {name: frame.height for name, frame in intake.records.tables.items()}
    assert sizes == {"households": 5, "members": 15} | ({"incomes": 5} if folder == "in4" else {})
    assert (intake.accounts["read"] + intake.accounts["skipped"]).unique().to_list() == [15]
    assert intake.records.table("households")["household_type"].null_count() == 0
    details = [details for code, details in intake.notes if code == "headers_elsewhere"]
    if folder == "in4":
        assert details == []
        assert intake.records.table("incomes")["wage"].null_count() == 0
    else:
        (incomes,) = details
        assert incomes["tables"] == "incomes" and "工资性收入" in incomes["headers"] and "年度" in incomes["missing"]


def test_the_person_beside_a_household_is_not_taken_for_its_head(case):
    intake = read_records(case("02-one-flat-sheet", "in4"), carry=["head_name"])
    assert intake.carried.height == 5
    heads = intake.records.table("members").filter(relation="head")
    assert heads.height == 5 and heads["household_id"].is_unique().all()


def test_lists_of_a_village_system_are_read_whichever_words_their_keys_have(case):
    source = case("04-village-system", "in")
    assert lines(describe_source(source)) == {"家庭成员管理": "members", "家庭户基本信息": "households, monitoring"}
    records = read_records(source).records
    assert records.table("members")["household_id"].n_unique() == 3
    assert records.table("households")["household_id"].n_unique() == 3
    assert records.table("monitoring").height == 1


@pytest.mark.parametrize("folder", ["in", "in2"])
def test_the_ledgers_of_a_village_are_read_but_for_those_that_lack_a_key(case, folder):
    source = case("06-village-ledgers", folder)
    found = describe_source(source)
    read = {"脱贫户": "households", "残疾人": "disabilities", "务工信息": "employment", "城乡医保": "members"}
    assert {sheet: said for sheet, said in lines(found).items() if sheet in read} == read
    intake = read_records(source, exported_on="2025-12-31")
    assert intake.records.table("households").height == 3
    assert intake.records.table("disabilities").height == 1
    assert intake.records.table("employment").height == 1
    insured = intake.records.known_by("2025-12-31").require("members").sort("household_id")
    assert insured["medical_insured"].to_list() == [True, False, True]
    assert lines(found)["低保户"] == "sheet_without_key"
    if folder == "in":
        assert lines(found)["监测户"] == "sheet_without_key"
        (details,) = [
            details for code, details in intake.notes if code == "sheet_without_key" and details["sheet"] == "监测户"
        ]
        assert details["missing"].startswith("identified_on") and details["headers"] == "状态"


@pytest.mark.parametrize("folder", ["in", "in2"])
def test_the_name_of_a_file_says_what_its_only_sheet_lists(case, folder):
    source = case("07-special-group-lists", folder)
    assert lines(describe_source(source)) == {"Sheet1": "households", "监测对象信息": "monitoring"}
    intake = read_records(source)
    assert set(intake.sheets["status"]) == {"read"}
    assert intake.records.table("households")["exit_year"].drop_nulls().to_list()


def test_an_export_of_the_monitored_in_one_sheet_feeds_all_it_holds(case):
    for folder in ("nat2023", "nat2023b"):
        records = read_records(case("17-one-sheet-monitoring", folder)).records
        heights = {name: frame.height for name, frame in records.tables.items()}
        # Each household's list of measures (产业帮扶、就业帮扶) is help of two kinds.
        assert heights == {"households": 60, "members": 60, "incomes": 60, "monitoring": 23, "assistance": 120}


def test_sheets_without_names_feed_what_they_do_with_names(case):
    said = lines(describe_source(case("18-default-sheet-names", "默认表名.xlsx")))
    assert list(said.values()) == [
        *("households", "members", "incomes", "illness", "disabilities", "disasters", "employment", "loans"),
        *("assistance", "monitoring, relapses"),
    ]
