"""One household: nothing of later days, the same risk as a score of the day, its alerts and their steps."""

from datetime import date

import docx
import openpyxl
import polars as pl
import pytest

from relapse_risk.cycle import describe_household
from relapse_risk.errors import InputError
from relapse_risk.policy import Texts, read_policy
from relapse_risk.records import Records
from relapse_risk.reports import household_document, write_household
from relapse_risk.scoring import score

DAY, EARLIER = "2019-03-31", "2019-01-31"
POLICY = read_policy()


@pytest.fixture(scope="module")
def roster(records, bundle):
    return score(records, bundle, as_of=DAY, capacity=40)


@pytest.fixture(scope="module")
def household(roster):
    return roster.content.by_risk["household_id"][0]


@pytest.fixture(scope="module")
def report(records, bundle, household):
    return describe_household(records, bundle, household, as_of=[EARLIER, DAY])


def act(ledger, household, kind, on, note=None):
    row = {"household_id": household, "kind": kind, "on": on, "by": "walker", "note": note}
    frame = pl.DataFrame([row], schema={**dict.fromkeys(row, pl.String)})
    return ledger.act(frame.with_columns(pl.col("on").str.to_date()))


def test_its_risk_is_that_of_the_score_of_each_day(records, bundle, report, roster, household):
    earlier = score(records, bundle, as_of=EARLIER).frame
    for day, frame in ((-1, roster.frame), (0, earlier)):
        point, scored = (
            report.course.row(day, named=True),
            frame.row(by_predicate=pl.col("household_id") == household, named=True),
        )
        assert {name: point[name] for name in ("population", "probability", "lower", "upper", "rank")} == {
            name: scored[name] for name in ("population", "probability", "lower", "upper", "rank")
        }
    assert report.reasons["reason"].to_list() == [
        code
        for code in roster.frame.filter(household_id=household).select("reason_1", "reason_2", "reason_3").row(0)
        if code
    ]


def test_nothing_recorded_later_has_a_part_in_it(records, bundle, report, household):
    by_then = {
        name: frame.filter(pl.col("recorded_on") <= date(2019, 3, 31)) if "recorded_on" in frame.columns else frame
        for name, frame in records.tables.items()
    }
    again = describe_household(Records(by_then), bundle, household, as_of=[EARLIER, DAY])
    assert again.course.equals(report.course)
    assert again.reasons.equals(report.reasons)


def test_of_one_day_the_month_ends_before_are_told_too(records, bundle, household):
    days = describe_household(records, bundle, household, as_of="2019-03-15").course["as_of"].cast(pl.String).to_list()
    assert days[-3:] == ["2019-01-31", "2019-02-28", "2019-03-15"]
    assert len(days) <= 13


def test_a_household_that_was_not_known_yet_is_unknown_then(records, bundle, household):
    own = pl.col("household_id") == household
    homes = records.tables["households"].with_columns(
        recorded_on=pl.when(own).then(pl.lit(date(2019, 2, 15))).otherwise("recorded_on")
    )
    late = Records({**records.tables, "households": homes})
    course = describe_household(late, bundle, household, as_of=[EARLIER, DAY]).course
    assert course["population"].is_null().to_list() == [True, False]


def test_an_unknown_household_is_refused_and_no_other_is_named(records, bundle, household):
    with pytest.raises(InputError) as refused:
        describe_household(records, bundle, household[:-1], as_of=DAY)
    assert refused.value.code == "household_unknown"
    assert household not in str(refused.value)


def test_alerts_steps_and_visits_by_the_day_without_remarks(run_month, ledger, records, bundle):
    month = run_month(EARLIER)
    household = month.alerts.filter("open")["household_id"][0]
    act(ledger, household, "visited", "2019-02-10", note="李四家")
    act(ledger, household, "visited", "2019-04-10")
    report = describe_household(records, bundle, household, as_of=[EARLIER, DAY], ledger=ledger)
    assert report.alerts["household_id"].to_list() == [household]
    assert report.entries["kind"].to_list() == ["opened", "visited"]
    for lang in ("zh", "en"):
        said = str(household_document(report, policy=POLICY, lang=lang))
        assert "2019-02-10" in said
        assert "2019-04-10" not in said
        assert "李四" not in said


def test_what_was_withdrawn_is_not_told(run_month, ledger, records, bundle):
    household = run_month(EARLIER).alerts["household_id"][0]
    ledger.withdraw_month(EARLIER, by="office", reason="wrong capacity")
    report = describe_household(records, bundle, household, as_of=[EARLIER, DAY], ledger=ledger)
    assert report.entries.is_empty()
    assert report.alerts.is_empty()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_workbook_and_document_say_the_same(report, tmp_path, lang):
    said = household_document(report, policy=POLICY, lang=lang)
    for suffix in (".html", ".xlsx", ".docx"):
        for name in ("a", "b"):
            write_household(report, tmp_path / f"{name}{suffix}", policy=POLICY, lang=lang)
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    cells = {cell.value for row in sheet.iter_rows() for cell in row}
    document = docx.Document(str(tmp_path / "a.docx"))
    written = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    for section in said.sections:
        assert section.title in cells
        assert section.title in page
        shown = [cell for table in section.tables for row in table.rows for cell in row if cell]
        assert set(shown) <= cells
        assert set(shown) <= written
    assert Texts(lang)("household", "private") in page


def test_another_kind_of_file_is_refused(report, tmp_path):
    with pytest.raises(InputError) as refused:
        write_household(report, tmp_path / "a.pdf", policy=POLICY)
    assert refused.value.code == "document_kind"
