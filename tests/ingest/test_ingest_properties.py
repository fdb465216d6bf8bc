"""Whatever the order of columns and the habits of cells: the same records, and every row accounted for."""

import csv
import io
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from relapse_risk.ingest import read_records

pytestmark = pytest.mark.slow

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
DAYS = st.dates(date(2014, 1, 1), date(2020, 12, 31))
NO_DAYS = st.sampled_from(["2016-02-30", "去年", "2016-13-01"])

as_day = st.sampled_from(
    [
        lambda d: d,
        lambda d: d.isoformat(),
        lambda d: f"{d.year}/{d.month}/{d.day}",
        lambda d: f"{d:%Y%m%d}",
        lambda d: f"{d.year}年{d.month}月{d.day}日",
        lambda d: (d - date(1899, 12, 30)).days,
        lambda d: f"\u3000{d.isoformat()}".translate(FULL_WIDTH),
    ]
)
as_amount = st.sampled_from(
    [lambda a: a, str, lambda a: f"{a:,}.00元", lambda a: f"{a / 10000}万元", lambda a: f"'{a}".translate(FULL_WIDTH)]
)
as_flag = st.sampled_from(
    [{True: "是", False: "否"}, {True: "有", False: " 无"}, {True: 1, False: 0}, {True: "１", False: "０"}]
)
as_text = st.sampled_from([lambda t: t, lambda t: f"{t} ", lambda t: f"\u3000{t[:1]}\u3000{t[1:]}", lambda t: f"'{t}"])

HEADERS = ["户编号", "户类型", "是否解决安全饮用水", "家庭人口数", "年度", "工资性收入", "填报日期"]


@st.composite
def households(draw):
    return {
        "id": str(draw(st.integers(10**15, 10**16 - 1))),
        "type": draw(st.sampled_from(["脱贫户", "未脱贫户", "一般农户"])),
        "water": draw(st.booleans()),
        "size": draw(st.integers(1, 9)),
        "year": draw(st.integers(2014, 2020)),
        "wage": draw(st.integers(0, 99999)),
        "day": draw(DAYS),
    }


def plainly(household):
    return list({**household, "water": "是" if household["water"] else "否"}.values())


@st.composite
def written(draw, household):
    """The cells of a household as an export's habits may have them."""
    text = draw(as_text)
    return [
        text(household["id"]),
        text(household["type"]),
        draw(as_flag)[household["water"]],
        draw(
            st.sampled_from([household["size"], f"{household['size']}人", str(household["size"]).translate(FULL_WIDTH)])
        ),
        draw(st.sampled_from([household["year"], f"{household['year']}年度", str(household["year"])])),
        draw(as_amount)(household["wage"]),
        draw(as_day)(household["day"]),
    ]


@st.composite
def sheets(draw):
    """Records, and a sheet of them: any order of columns, any habit in any cell, rows that are no records between."""
    records = draw(st.lists(households(), min_size=1, max_size=5))
    rows = [draw(written(record)) for record in records]
    for place in sorted(draw(st.lists(st.integers(0, len(rows)), max_size=3)), reverse=True):
        rows.insert(
            place,
            draw(st.sampled_from([["", " ", "\u3000", "", "", "", ""], ["合计", "", "", 9, "", 1, ""]])),
        )
    order = draw(st.permutations(range(7)))
    title = draw(st.integers(0, 3))
    # A total is known by its first cell: there it stays.
    order = [0, *(place for place in order if place)] if any(row[0] == "合计" for row in rows) else order
    shuffled = [[row[place] for place in order] for row in [HEADERS, *rows]]
    return records, [["导出表"]] * title + shuffled, len(rows) - len(records)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sheets())
def test_no_order_and_no_habit_changes_what_is_read(tmp_path, write_workbook, drawn):
    records, rows, beside = drawn
    plain = [HEADERS, *(plainly(record) for record in records)]
    habits = read_records(write_workbook(tmp_path / "habits.xlsx", {"户信息": rows}))
    expected = read_records(write_workbook(tmp_path / "plain.xlsx", {"户信息": plain}))
    assert habits.blanked.is_empty() and habits.rejected.is_empty()
    for name in ("households", "incomes"):
        assert_frame_equal(habits.records.table(name), expected.records.table(name))
    assert habits.records.table("households")["recorded_on"].to_list() == [record["day"] for record in records]
    assert habits.accounts["skipped"].to_list() == [beside, 0]


ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sheets(), ENCODINGS, st.sampled_from(",;\t"))
def test_no_encoding_no_order_and_no_habit_of_a_list_changes_what_is_read(
    tmp_path, write_workbook, drawn, encoding, separator
):
    records, rows, _ = drawn
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    (tmp_path / "户信息.csv").write_bytes(text.getvalue().encode(encoding))
    habits = read_records(tmp_path / "户信息.csv")
    plain = [HEADERS, *(plainly(record) for record in records)]
    expected = read_records(write_workbook(tmp_path / "plain.xlsx", {"户信息": plain}))
    assert habits.blanked.is_empty() and habits.rejected.is_empty()
    for name in ("households", "incomes"):
        assert_frame_equal(habits.records.table(name), expected.records.table(name))
    assert habits.accounts["read"].to_list() == [len(records)] * 2


CELL = st.one_of(
    st.none(),
    st.sampled_from(
        ["", "h1", "p1", "脱贫户", "户主", "合计", "是", "2019-03-05", "1,234.50元", "-", "备注：无", "\ufffd"]
    ),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.integers(-(10**18), 10**18),
    st.booleans(),
    DAYS,
    NO_DAYS,
    st.text(max_size=8).filter(lambda text: text.isprintable()),
)
KEYED = {
    "户信息": (["户编号", "户类型", "填报日期", "行政村"], 1),
    "收入": (["户编号", "年度", "家庭人口数", "工资性收入", "录入日期"], 1),
    "监测对象": (["户编号", "识别日期", "监测对象类别", "是否返贫(致贫)", "返贫(致贫)日期", "录入日期"], 2),
    "灾害": (["户编号", "行政区划代码", "受灾日期", "损失金额"], 1),
    "务工": (["户编号", "人编号", "开始日期", "结束日期", "录入日期", "离岗录入日期"], 1),
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(KEYED)).flatmap(
        lambda name: st.tuples(
            st.just(name),
            st.lists(st.lists(CELL, min_size=len(KEYED[name][0]), max_size=len(KEYED[name][0])), max_size=8),
        )
    )
)
def test_every_row_of_any_sheet_is_kept_or_refused_or_passed_over(tmp_path, write_workbook, drawn):
    name, rows = drawn
    headers, tables = KEYED[name]
    good = {"户编号": "h9", "人编号": "p9", "年度": 2019, "家庭人口数": 3, "工资性收入": 5, "识别日期": "2019-01-01"}
    good |= {"受灾日期": "2019-01-01", "开始日期": "2019-01-01", "户类型": "脱贫户"}
    sure = [good.get(header, "") for header in headers]
    intake = read_records(write_workbook(tmp_path / "any.xlsx", {name: [headers, *rows, sure]}))
    accounts = intake.accounts
    assert (accounts["read"] == accounts["kept"] + accounts["refused"]).all()
    refused = intake.rejected.group_by("table").agg(pl.col("row").n_unique()).rows()
    assert dict(refused) == dict(accounts.filter(accounts["refused"] > 0).select("table", "refused").rows())
    spoken = accounts["read"].sum() + accounts["skipped"].sum()
    assert spoken == len(rows) + 1 if tables == 1 else spoken >= len(rows) + 1
    assert set(intake.rejected["row"]) <= set(range(2, len(rows) + 3))
    for table, frame in intake.records.tables.items():
        assert frame.height >= accounts.filter(accounts["table"] == table)["kept"].sum()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(households(), min_size=2, max_size=6), st.randoms())
def test_the_state_of_any_day_does_not_depend_on_the_order_of_rows_and_files(tmp_path, write_workbook, records, random):
    rows = [plainly(record) for record in records]
    one = read_records(write_workbook(tmp_path / "one.xlsx", {"户信息": [HEADERS, *rows]}))
    random.shuffle(rows)
    folder = tmp_path / "many"
    folder.mkdir(exist_ok=True)
    for name, half in (("a", rows[::2]), ("b", rows[1::2])):
        write_workbook(folder / f"{name}.xlsx", {"户信息": [HEADERS, *half]})
    many = read_records(folder)
    last = max(record["day"] for record in records) + timedelta(days=400)
    for name in ("households", "incomes"):
        assert_frame_equal(one.records.known_by(last).table(name), many.records.known_by(last).table(name))
