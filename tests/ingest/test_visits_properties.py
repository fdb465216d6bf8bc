"""Whatever is filled into a visit workbook, every row is accounted for."""

from datetime import date

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from relapse_risk.ingest import read_visits
from relapse_risk.policy import read_policy
from relapse_risk.policy.mechanism import VISIT_MARK

pytestmark = pytest.mark.slow

HEADERS = ("预警编号", "户编号", "走访日期", "走访结果", "已采取措施", "走访人", "备注", "名单日期")
MEASURES = """
[measures.measure.job]
zh = "务工就业"
en = "a job"
"""
lines = st.tuples(
    st.sampled_from([None, 1, 2, 3, 77, "x", 2.0]),
    st.sampled_from([None, "a", "b", "c", "z"]),
    st.sampled_from(
        [None, "2020年3月9日", "2020-02-30", "某日", 43900, 44000.5, "2031-01-01", "2019-12-31", " ", "2020-03"]
    ),
    st.sampled_from([None, "生活稳定", "Risk gone", "未见到人", "还行", "无此风险", "记录 有误", "-"]),
    st.sampled_from([None, "务工就业", "发红包", "无"]),
    st.sampled_from([None, "李四", "王五"]),
    st.sampled_from([None, "情况属实", "无"]),
    st.sampled_from([None, "2020-02-29", "2020年2月"]),
)
blank = st.just((None,) * len(HEADERS))
sheets = st.lists(st.lists(st.one_of(lines, lines, blank, st.just(HEADERS)), max_size=6), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Write sheets of rows as a workbook, and read it back."""
    folder = tmp_path_factory.mktemp("visits")
    mine = folder / "mechanism.toml"
    mine.write_text(MEASURES, encoding="utf-8")
    policy = read_policy(mechanism=mine)

    def back(parts, codes):
        path = write(folder / "filled.xlsx", parts, codes)
        return read_visits(path, policy, today=date(2020, 12, 31))

    return back


def write(path, parts, codes):
    with xlsxwriter.Workbook(path) as book:
        for rows in parts:
            sheet = book.add_worksheet()
            for at, row in enumerate([("走访表",), HEADERS, *rows]):
                sheet.write_row(at, 0, row)
        if codes:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, [VISIT_MARK])
            for at, pair in enumerate(((1, "a"), (2, "b"), (3, "c")), start=1):
                sheet.write_row(at, 0, pair)
    return path


def says(row):
    return row != HEADERS and any(cell is not None and str(cell).strip() for cell in row)


@settings(max_examples=30)
@given(sheets, st.booleans())
def test_rows_in_are_kept_refused_or_not_filled(read, parts, codes):
    intake = read(parts, codes)
    filled = [sum(map(says, rows)) for rows in parts]
    assert intake.accounts["read"].to_list() == filled
    sums = intake.accounts.select(pl.col("kept") + pl.col("refused") + pl.col("not_filled")).to_series()
    assert sums.to_list() == filled
    refused = intake.rejected.select("sheet", "row").unique()
    assert intake.accounts["kept"].sum() == intake.visits.height
    assert intake.accounts["refused"].sum() == refused.height
    assert intake.visits.join(refused, on=["sheet", "row"], how="semi").is_empty()
    assert intake.acts.join(intake.visits, on=["sheet", "row"], how="anti").is_empty()
    assert not intake.acts.select("alert_id", "household_id", "kind", "measure").is_duplicated().any()


@settings(max_examples=20)
@given(st.lists(lines, min_size=2, max_size=6), st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_rows_changes_nothing_but_where_they_stand(read, rows, draw, codes):
    first, second = (read([some], codes) for some in (rows, draw.sample(rows, len(rows))))
    acts = [one.acts.drop("source", "sheet", "row").sort(pl.all()) for one in (first, second)]
    assert acts[0].equals(acts[1])
    assert first.accounts.equals(second.accounts)
