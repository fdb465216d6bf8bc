"""What we write, opened by the programs people open it with."""

import csv
import html
import re
import subprocess
from datetime import date

import openpyxl
import pytest

from relapse_risk.ingest import read_visits
from relapse_risk.policy import read_policy
from relapse_risk.reports import (
    render_audit_page,
    render_bulletin,
    render_page,
    write_audit_workbook,
    write_visit_workbook,
    write_workbook,
)
from tests.reports.invented_audits import FOUND, make_audit
from tests.reports.invented_bulletins import make_bulletin
from tests.reports.invented_rosters import ACCOUNTS, make_content
from tests.reports.invented_visits import invented_policy, make_visits

pytestmark = pytest.mark.slow

CSV_OF_ALL_SHEETS = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"

HARNESS = """<!DOCTYPE html><meta charset="utf-8"><body>
<iframe width="{width}" height="900" srcdoc="{page}"></iframe>
<script>
const frame = document.querySelector("iframe");
frame.addEventListener("load", () => {{
  const page = frame.contentDocument, root = page.documentElement;
  const bars = [...page.querySelectorAll("svg rect")].map(bar => bar.getBoundingClientRect().width);
  document.title = [root.scrollWidth, page.querySelectorAll("table").length, Math.max(0, ...bars)].join(" ");
}});
</script>
"""


@pytest.fixture(scope="module")
def content():
    return make_content()


@pytest.fixture
def browse(program, tmp_path):
    """Run the browser without a window, with a profile of its own, and return what it printed."""
    browser = program("chromium", "chromium-browser", "google-chrome")
    run = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    return lambda *settings: subprocess.run([*run, *settings], capture_output=True, text=True, timeout=120, check=True)


@pytest.fixture(params=[(report, lang) for report in ("roster", "audit", "bulletin") for lang in ("zh", "en")])
def page(request, content):
    report, lang = request.param
    if report == "audit":
        return render_audit_page(make_audit(), lang=lang)
    if report == "bulletin":
        return render_bulletin(make_bulletin(), policy=read_policy(), lang=lang)
    return render_page(content, lang=lang, accounts=ACCOUNTS)


@pytest.mark.parametrize("width", [360, 1000])
def test_the_page_fits_a_telephone_and_a_desk(page, browse, tmp_path, width):
    harness = tmp_path / "harness.html"
    harness.write_text(HARNESS.format(width=width, page=html.escape(page)), encoding="utf-8")
    dom = browse("--dump-dom", "--virtual-time-budget=5000", harness.as_uri()).stdout
    scrolled, tables, longest_bar = map(float, re.search("<title>(.*)</title>", dom).group(1).split())
    assert scrolled <= width
    assert tables == page.count("<table")
    assert longest_bar > 40 or "<svg" not in page


def test_the_browser_has_nothing_to_complain_of(page, browse, tmp_path):
    report = tmp_path / "report.html"
    report.write_text(page, encoding="utf-8")
    process = browse("--enable-logging=stderr", "--dump-dom", report.as_uri())
    assert "CONSOLE" not in process.stderr
    assert process.stdout.count("<section") == page.count("<section")


def test_the_page_prints(page, browse, tmp_path):
    report, printed = tmp_path / "report.html", tmp_path / "report.pdf"
    report.write_text(page, encoding="utf-8")
    browse(f"--print-to-pdf={printed}", report.as_uri())
    assert printed.read_bytes().startswith(b"%PDF")
    assert printed.stat().st_size > 20_000


@pytest.fixture
def rows_of_sheet(save_as):
    """Return the cells of a sheet as a spreadsheet understands them."""

    def rows(book, sheet):
        save_as(book, CSV_OF_ALL_SHEETS, book.parent)
        with book.with_name(f"{book.stem}-{sheet}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    return rows


def test_the_workbook_opens_in_a_spreadsheet_with_its_texts_unharmed(tmp_path, rows_of_sheet):
    content = make_content(60, capacity=60)
    write_workbook(content, tmp_path / "roster.xlsx")
    rows = rows_of_sheet(tmp_path / "roster.xlsx", "名单")
    assert [row[3] for row in rows[5:]] == content.listed["household_id"].to_list()


def test_the_audit_opens_in_a_spreadsheet_with_its_texts_unharmed(tmp_path, rows_of_sheet):
    write_audit_workbook(make_audit(), tmp_path / "audit.xlsx")
    rows = rows_of_sheet(tmp_path / "audit.xlsx", "贷款金额超过小额信贷上限")
    found = FOUND.filter(rule="loan_over_ceiling").select("source", "sheet", "row", "household_id")
    assert [row[:4] for row in rows[5:]] == [[str(cell) for cell in row] for row in found.rows()]


def test_visits_filled_in_and_saved_by_a_spreadsheet_are_read_back(tmp_path, save_as):
    policy = invented_policy(tmp_path)
    write_visit_workbook(make_visits(), tmp_path / "visits.xlsx", policy=policy)
    book = openpyxl.load_workbook(tmp_path / "visits.xlsx")
    sheet = book["东华镇 上村"]
    headers = [cell.value for cell in sheet[5]]
    cells = {"走访日期": date(2020, 3, 5), "走访结果": "风险消除", "已采取措施": "临时救助", "走访人": "李四"}
    for header, cell in cells.items():
        sheet.cell(7, headers.index(header) + 1).value = cell
    book.save(tmp_path / "visits.xlsx")
    kinds = {}
    for suffix in ("ods", "xls", "xlsx"):
        folder = tmp_path / suffix
        save_as(tmp_path / "visits.xlsx", suffix, folder)
        intake = read_visits(folder / f"visits.{suffix}", policy, today=date(2020, 4, 15))
        kinds[suffix] = intake.acts.select("alert_id", "kind", "on", "measure").rows()
        assert intake.accounts.select("read", "kept", "refused", "not_filled").sum().row(0) == (23, 1, 0, 22)
    day = date(2020, 3, 5)
    acts = [(1006, "visited", day, None), (1006, "measure", day, "temporary_relief"), (1006, "proposed", day, None)]
    assert kinds == dict.fromkeys(("ods", "xls", "xlsx"), acts)
