from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.ingest import ExportDictionary, masked, read_records
from relapse_risk.policy import read_policy
from relapse_risk.records import TABLES

WORDINGS = ExportDictionary.of(read_policy())


def reads(table, name, factor=Decimal(1)):
    """Return what reads one cell of a column: what it says, and the rule by which it says nothing, or a remark."""
    return WORDINGS.reader(table, name, TABLES[table].columns[name], factor).read


read_date = reads("illness", "occurred_on")
read_number = reads("incomes", "wage")
read_year = reads("households", "exit_year")
read_size = reads("incomes", "household_size")
read_identifier = reads("households", "household_id")
read_text = reads("households", "village")

FULL_WIDTH = str.maketrans("0123456789.-/", "０１２３４５６７８９．－／")

DAY_FORMS = (
    lambda d: d,
    lambda d: datetime(d.year, d.month, d.day, 13, 5),
    lambda d: d.isoformat(),
    lambda d: f"{d.isoformat()} 00:00:00",
    lambda d: f"{d.isoformat()}T08:30:00",
    lambda d: f"{d.year}/{d.month}/{d.day}",
    lambda d: f"{d.year}/{d.month}/{d.day} 9:05",
    lambda d: f"{d.year}.{d.month}.{d.day}",
    lambda d: f"{d:%Y%m%d}",
    lambda d: float(f"{d:%Y%m%d}"),
    lambda d: f"{d.year}年{d.month}月{d.day}日",
    lambda d: f" {d.year} 年 {d.month} 月 {d.day} 日\u3000",
    lambda d: f"'{d.isoformat()}",
    lambda d: d.isoformat().translate(FULL_WIDTH),
    lambda d: float((d - date(1899, 12, 30)).days),
    lambda d: str((d - date(1899, 12, 30)).days),
)


# Serial numbers of days before 1927-05-18 have four digits; as text they could be years.
@given(st.dates(date(1927, 5, 18), date(2100, 12, 31)), st.sampled_from(DAY_FORMS))
def test_a_day_is_read_the_same_in_every_form(day, form):
    assert read_date(form(day)) == (day, None)


def test_serial_numbers_of_old_birthdays_are_read_and_years_are_not_taken_for_days():
    assert read_date(9000.0) == (date(1924, 8, 21), None)
    assert read_date(1931.0).rule == "unreadable"
    assert read_date("9000").rule == "unreadable"


@pytest.mark.parametrize(
    "cell", ["2019年2月", "2019-02", "2019/2", "201902", 201902.0, "２０１９年２月", "2019 年 2 月"]
)
def test_a_month_is_its_last_day_with_a_remark(cell):
    assert read_date(cell) == (date(2019, 2, 28), "month_as_last_day")


@pytest.mark.parametrize(
    "cell", ["2016-02-30", "2016-13-01", "1955-00-00", "20161131", "2016年13月", "0001-01-01", date(1800, 1, 1)]
)
def test_a_day_that_never_was_is_told_apart(cell):
    assert read_date(cell) == (None, "impossible_date")


@pytest.mark.parametrize(
    "cell", ["3/5/2019", "19-3-5", "去年", "2019", True, 3.0, time(3, 0), timedelta(days=3), "2019-03-05等"]
)
def test_what_is_no_day_is_not_guessed(cell):
    assert read_date(cell) == (None, "unreadable")


@given(st.decimals(min_value=-99999999, max_value=99999999, places=2))
def test_an_amount_is_read_the_same_in_every_form(amount):
    forms = [
        float(amount),
        str(amount),
        f"{amount:,}",
        f"{amount:,}元",
        f"{amount / 10000:f}万元",
        f"{amount:.2f}".translate(FULL_WIDTH),
        f"\u3000{amount} ",
        f"'{amount}",
    ]
    assert {read_number(form).value for form in forms} == {float(amount)}


def test_a_unit_in_the_cell_wins_over_that_of_the_header():
    read = reads("incomes", "wage", factor=Decimal(10000))
    assert [read(cell).value for cell in ("5.5", 5.5, "5.5元", "5.5万元")] == [55000.0, 55000.0, 5.5, 55000.0]


@pytest.mark.parametrize(
    "cell", ["1,23", "约300", "300斤", "1-2", "--", "元", "1.2.3", "e5", True, date(2019, 3, 5), float("inf")]
)
def test_what_is_no_amount_is_not_guessed(cell):
    assert read_number(cell) == (None, "unreadable")


def test_numbers_of_persons_are_whole():
    assert [read_size(cell) for cell in ("4", 4.0, "４人", "4.5")] == [
        (4, None),
        (4, None),
        (4, None),
        (None, "unreadable"),
    ]


@pytest.mark.parametrize("cell", [2.0**53, -1.7014120374287884e38, 9.223372036854776e18, "1e19"])
def test_a_whole_number_too_large_to_be_sure_of_is_not_guessed(cell):
    assert read_size(cell) == (None, "unreadable")


@pytest.mark.parametrize("cell", ["2016", 2016.0, "２０１６", "2016年", "2016年度", " 2016 "])
def test_a_year_is_read(cell):
    assert read_year(cell) == (2016, None)


@pytest.mark.parametrize("cell", ["16", "20166", 0.0, "去年", "0"])
def test_what_is_no_year_is_not_guessed(cell):
    assert read_year(cell) == (None, "unreadable")


@given(st.from_regex(r"[1-9][0-9]{15,17}", fullmatch=True))
def test_a_long_identifier_survives_as_text_and_is_refused_as_a_number(digits):
    assert {
        read_identifier(form).value for form in (digits, f"'{digits}", f"{digits} ", digits.translate(FULL_WIDTH))
    } == {digits}
    for ruined in (float(digits), f"{float(digits):.5E}", f"{digits}.0"):
        assert read_identifier(ruined) == (None, "identifier_as_number")


def test_a_short_or_whole_number_is_still_an_identifier():
    assert read_identifier(532311102205.0) == ("532311102205", None)
    assert read_identifier(532311101201000101) == ("532311101201000101", None)
    assert read_identifier(12.5).rule == "identifier_as_number"


def test_stray_spaces_between_chinese_signs_go_and_those_between_words_stay():
    assert read_text(" 云\u3000南 省").value == "云南省"
    assert read_text("1\u30000组").value == "10组"
    assert read_text("New  Village").value == "New Village"


def test_signs_lost_in_a_wrong_encoding_say_nothing():
    assert read_text("涓婃渤鏉\ufffd") == (None, "garbled")


def test_equal_cells_of_other_types_are_read_apart(read_sheets):
    rows = [[f"h{place}", 2019, 3, cell] for place, cell in enumerate([1.0, True, "1", None])]
    intake = read_sheets({"收入": [["户编号", "年度", "家庭人口", "工资性收入"], *rows]})
    assert intake.rows["incomes"]["wage"].to_list() == [1.0, None, 1.0, None]
    assert intake.blanked.select("row", "column", "rule").rows() == [(5, "wage", "unreadable")]


@given(st.text(max_size=40))
def test_a_mask_shows_the_shape_and_no_sign_of_a_name_or_number(text):
    assert not {sign for sign in masked(text) if sign.isalnum()} - {"9", "X", "汉"}
    assert len(masked(text)) <= 25


def test_a_number_that_slipped_into_a_header_is_masked(read_sheets):
    headers = ["户编号", "年度", "家庭人口", "工资性收入", "999999196305020009", "牲畜\n头数"]
    text = str(read_sheets({"收入": [headers, ["h1", 2019, 3, 3.0, "x", "y"]]}).notes)
    assert "999999196305020009" not in text
    assert "999999999999999999" in text
    assert "牲畜 头数" in text


FORMS = ['="{}"', "'{}", " {}", "{}\t", "\ufeff{}", "\u3000{}", '= "{}" ', "=“{}”", "{}"]


@given(st.from_regex(r"[1-9][0-9]{3,17}[0-9XB]", fullmatch=True), st.sampled_from(FORMS), st.booleans())
def test_an_identifier_in_any_form_is_the_same_identifier(number, form, wide):
    written = form.format("".join(chr(ord(sign) + 0xFEE0) for sign in number) if wide else number)
    assert read_identifier(written).value == number


IN_ANY_FORM = st.one_of(
    st.floats(),
    st.booleans(),
    st.integers(),
    st.dates(),
    st.from_regex(r"[0-9]{1,20}", fullmatch=True),
    st.from_regex(r"\d{1,20}", fullmatch=True),
    st.text(max_size=5),
)


@given(IN_ANY_FORM, st.sampled_from([Decimal(1), Decimal(10_000)]))
def test_a_cell_taken_at_a_glance_for_its_value_is_what_reading_makes_of_it(cell, factor):
    for table in TABLES.values():
        for name, column in table.columns.items():
            reader = WORDINGS.reader(table.name, name, column, factor)
            if reader.is_value is not None and reader.is_value(cell):
                assert reader.read(cell) == (cell, None)


def test_digits_that_say_nothing_are_no_identifier(tmp_path):
    (tmp_path / "codes.toml").write_text('[blank]\nanywhere = ["0000"]', encoding="utf-8")
    (tmp_path / "户信息.csv").write_text("户编号,户类型\n0001,脱贫户\n0000,脱贫户\n", encoding="utf-8")
    intake = read_records(tmp_path / "户信息.csv", codes=tmp_path / "codes.toml")
    assert intake.records.table("households")["household_id"].to_list() == ["0001"]
    assert intake.rejected.select("row", "column", "rule").rows() == [(3, "household_id", "missing")]
