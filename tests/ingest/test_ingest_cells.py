from datetime import date, datetime, time, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.ingest import masked
from relapse_risk.ingest.cells import (
    Reader,
    Reading,
    plain,
    read_cells,
    read_date,
    read_identifier,
    read_number,
    read_text,
    read_year,
    whole,
)
from relapse_risk.ingest.masking import shown_header

FULL_WIDTH = str.maketrans("0123456789.-/", "０１２３４５６７８９．－／")
UNITS = {"元": Decimal(1), "万元": Decimal(10000)}

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
    assert read_date(form(day)) == Reading(day)


def test_serial_numbers_of_old_birthdays_are_read_and_years_are_not_taken_for_days():
    assert read_date(9000.0) == Reading(date(1924, 8, 21))
    assert read_date(1931.0).rule == "unreadable"
    assert read_date("9000").rule == "unreadable"


@pytest.mark.parametrize(
    "cell", ["2019年2月", "2019-02", "2019/2", "201902", 201902.0, "２０１９年２月", "2019 年 2 月"]
)
def test_a_month_is_its_last_day_with_a_remark(cell):
    assert read_date(cell) == Reading(date(2019, 2, 28), "month_as_last_day")


@pytest.mark.parametrize(
    "cell", ["2016-02-30", "2016-13-01", "1955-00-00", "20161131", "2016年13月", "0001-01-01", date(1800, 1, 1)]
)
def test_a_day_that_never_was_is_told_apart(cell):
    assert read_date(cell) == Reading(rule="impossible_date")


@pytest.mark.parametrize(
    "cell", ["3/5/2019", "19-3-5", "去年", "2019", True, 3.0, time(3, 0), timedelta(days=3), "2019-03-05等"]
)
def test_what_is_no_day_is_not_guessed(cell):
    assert read_date(cell) == Reading(rule="unreadable")


@given(st.decimals(min_value=-99999999, max_value=99999999, places=2))
def test_an_amount_is_read_the_same_in_every_form(amount):
    read = read_number(UNITS)
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
    assert {read(form).value for form in forms} == {float(amount)}


def test_a_unit_in_the_cell_wins_over_that_of_the_header():
    read = read_number(UNITS, factor=Decimal(10000))
    assert [read(cell).value for cell in ("5.5", 5.5, "5.5元", "5.5万元")] == [55000.0, 55000.0, 5.5, 55000.0]


@pytest.mark.parametrize(
    "cell", ["1,23", "约300", "300斤", "1-2", "--", "元", "1.2.3", "e5", True, date(2019, 3, 5), float("inf")]
)
def test_what_is_no_amount_is_not_guessed(cell):
    assert read_number(UNITS)(cell) == Reading(rule="unreadable")


def test_numbers_of_persons_are_whole():
    read = whole(read_number({"人": Decimal(1)}))
    assert [read(cell) for cell in ("4", 4.0, "４人", "4.5")] == [
        Reading(4),
        Reading(4),
        Reading(4),
        Reading(rule="unreadable"),
    ]


@pytest.mark.parametrize("cell", [2.0**53, -1.7014120374287884e38, 9.223372036854776e18, "1e19"])
def test_a_whole_number_too_large_to_be_sure_of_is_not_guessed(cell):
    reader = Reader(read=whole(read_number({})), dtype=pl.Int64())
    assert read_cells([cell, 4.0], reader).values.to_list() == [None, 4]


@pytest.mark.parametrize("cell", ["2016", 2016.0, "２０１６", "2016年", "2016年度", " 2016 "])
def test_a_year_is_read(cell):
    assert read_year(cell) == Reading(2016)


@pytest.mark.parametrize("cell", ["16", "20166", 0.0, "去年", "0"])
def test_what_is_no_year_is_not_guessed(cell):
    assert read_year(cell) == Reading(rule="unreadable")


@given(st.from_regex(r"[1-9][0-9]{15,17}", fullmatch=True))
def test_a_long_identifier_survives_as_text_and_is_refused_as_a_number(digits):
    assert {
        read_identifier(form).value for form in (digits, f"'{digits}", f"{digits} ", digits.translate(FULL_WIDTH))
    } == {digits}
    for ruined in (float(digits), f"{float(digits):.5E}", f"{digits}.0"):
        assert read_identifier(ruined) == Reading(rule="identifier_as_number")


def test_a_short_or_whole_number_is_still_an_identifier():
    assert read_identifier(532311102205.0) == Reading("532311102205")
    assert read_identifier(532311101201000101) == Reading("532311101201000101")
    assert read_identifier(12.5).rule == "identifier_as_number"


def test_stray_spaces_between_chinese_signs_go_and_those_between_words_stay():
    assert plain(" 云\u3000南 省") == "云南省"
    assert plain("1\u30000组") == "10组"
    assert read_text("New  Village").value == "New Village"


def test_signs_lost_in_a_wrong_encoding_say_nothing():
    assert read_text("涓婃渤鏉\ufffd") == Reading(rule="garbled")


def test_equal_cells_of_other_types_are_read_apart():
    column = read_cells([1.0, True, "1", None], Reader(read=read_number({}), dtype=pl.Float64()))
    assert column.values.to_list() == [1.0, None, 1.0, None]
    assert column.told.select("at", "rule").rows() == [(1, "unreadable")]


@given(st.text(max_size=40))
def test_a_mask_shows_the_shape_and_no_sign_of_a_name_or_number(text):
    assert not {sign for sign in masked(text) if sign.isalnum()} - {"9", "X", "汉"}
    assert len(masked(text)) <= 25


def test_a_number_that_slipped_into_a_header_is_masked():
    assert shown_header("999999196305020009") == "999999999999999999"
    assert shown_header("牲畜\n头数") == "牲畜 头数"
