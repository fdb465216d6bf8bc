import openpyxl
import polars as pl
import pytest

from relapse_risk.reports import write_audit_workbook, write_visit_workbook, write_workbook
from tests.reports.invented_audits import make_audit
from tests.reports.invented_rosters import ACCOUNTS, make_content
from tests.reports.invented_visits import invented_policy, make_visits, make_waiting
from tests.reports.printed import glyph_sizes, printed_points, visible

LEAST = 9.0
CARRIED = {
    "head_name": "欧阳某某",
    "head_id_number": "999999199001011234",
    "phone": "13800000000",
    "address": "东华镇第1村民委员会第3村民小组靠山屯路117号",
}


def carried_of(places):
    return places.select("household_id", **{name: pl.lit(text) for name, text in CARRIED.items()})


def roster(path, lang, carry, _):
    content = make_content(400, capacity=40)
    carried = carried_of(content.places) if carry else None
    write_workbook(content, path, lang=lang, carried=carried, split_by="town", accounts=ACCOUNTS)


def visits(path, lang, carry, policy):
    waiting, places = make_waiting(4)
    month = make_visits(8)
    month = type(month)(
        as_of=month.as_of,
        lines=month.lines,
        places=pl.concat([month.places, places], how="diagonal_relaxed"),
        waiting=waiting,
    )
    carried = carried_of(month.places) if carry else None
    write_visit_workbook(month, path, policy=policy, lang=lang, carried=carried)


def audit(path, lang, _, __):
    write_audit_workbook(make_audit(), path, lang=lang)


@pytest.fixture(scope="module")
def policy(tmp_path_factory):
    return invented_policy(tmp_path_factory.mktemp("policy"))


BOOKS = pytest.mark.parametrize(
    ("write", "carry"), [(roster, False), (roster, True), (visits, False), (visits, True), (audit, False)]
)


@BOOKS
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_sheet_is_printed_in_letters_of_nine_points_or_more(write, carry, lang, policy, tmp_path):
    write(tmp_path / "book.xlsx", lang, carry, policy)
    sheets = visible(openpyxl.load_workbook(tmp_path / "book.xlsx"))
    small = {one.title: round(printed_points(one), 2) for one in sheets if printed_points(one) < LEAST}
    assert len(sheets) > 2
    assert not small


@pytest.mark.slow
@BOOKS
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_spreadsheet_prints_no_smaller_letters(write, carry, lang, policy, tmp_path, save_as):
    write(tmp_path / "book.xlsx", lang, carry, policy)
    save_as(tmp_path / "book.xlsx", "pdf", tmp_path)
    sizes = glyph_sizes((tmp_path / "book.pdf").read_bytes())
    assert len(sizes) > 1
    assert min(sizes) >= LEAST
